"""Who goes, in which order and why the others do not: against an oracle in plain Python that shares no code."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import RankBy
from data.ladders import Whom
from data.workers import Employment, Kind, Worker
from tests.support.city import NOON, rule, somebody
from tests.support.place import SOUTH, STEP, WEST, middle
from tests.support.ranks import COLUMNS, ROWS, Oracle, Shift, at_home, metres_between

SKILLS = ("fire", "patrol")
INCIDENTS = (middle(1, 1), middle(0.31, 2.1), middle(-1.2, 0.4))
"""Two inside, the last in no grid."""
SPOTS = [
    (round(WEST + 0.0137 * k % (COLUMNS * STEP), 6), round(SOUTH + 0.00617 * k * k % (ROWS * STEP), 6))
    for k in range(1, 31)
]
"""Where workers stand: no two of them are equally far from one incident, so only who stands together is tied."""
GRIDS = [f"C{column}.G{column}{row}" for column in range(COLUMNS) for row in range(ROWS)]
HOMES = [None, *GRIDS, "C1", "C1.G11.B1", "C1.G11.B1.H2", "C0.G02.B7", "C1.G12.B3"]
"""Grids, a community, and buildings and a household below grids."""
AGES = st.sampled_from([0, 60, 299, 300, 301, 1000, 1800, 1801, 90_000])
CLOCK = st.sampled_from([time(h, m) for h in (0, 4, 8, 12, 17, 20, 23) for m in (0, 30)])
IN_CHARGE = ("building_head", "hub_household", "grid_leader", "duty_chief")
MOSTLY_PERSONS = st.sampled_from([Kind.PERSON] * 6 + [Kind.TEAM] * 2 + [Kind.STATION])
SECOND = timedelta(seconds=1)


def test_no_two_spots_are_equally_far_from_an_incident() -> None:
    for incident in INCIDENTS:
        away = sorted(metres_between(incident, spot) for spot in SPOTS)
        assert min(b - a for a, b in pairwise(away)) > 0.001


@st.composite
def crews(draw: st.DrawFn, now: datetime, able: bool) -> list[Worker]:
    """Draw up to 16 workers, most of them `able` or not; their fixes are old, what counts is when they were heard of."""
    crew = []
    few_roles = draw(st.sampled_from([("grid_worker",), ("grid_worker", *IN_CHARGE), ("grid_leader",)]))
    for number in draw(st.permutations(range(draw(st.integers(0, 16))))):
        kind, capacity = Kind.PERSON if able else draw(MOSTLY_PERSONS), draw(st.integers(1, 3))
        held = draw(st.integers(0, 5)) == 0
        heard = now - timedelta(seconds=300 if able else draw(AGES))
        at = draw(st.one_of(st.none(), *[st.sampled_from(SPOTS)] * 6))
        more = {
            "role": draw(st.sampled_from(few_roles)),
            "kind": kind,
            "employment": draw(st.sampled_from([None, *Employment])) if kind == "person" and not able else None,
            "rest_until": draw(st.sampled_from([None, None, now - SECOND, now, now + SECOND, now + 900 * SECOND])),
            "skills": tuple(skill for skill in SKILLS if able or draw(st.booleans())),
            "capacity": capacity,
            "active_tasks": 1 if held else draw(st.integers(0, capacity)),
            "holds_exclusive": held,
        } | at_home(draw(st.sampled_from(HOMES)))
        if at:
            more |= {"seen_at": heard, "fixed_at": heard - timedelta(seconds=draw(AGES))}
        crew.append(somebody(f"W{number:02}", at, **more))
    return crew


RULES = st.builds(
    rule,
    skill=st.sampled_from([None, *SKILLS]),
    ranking=st.sampled_from(RankBy),
    exclusive=st.booleans(),
    responder=MOSTLY_PERSONS,
    mobile=st.booleans(),
)
CODES = st.sampled_from([f"W{number:02}" for number in range(16)])
SHIFTS = st.dictionaries(CODES, st.none() | st.tuples(CLOCK, CLOCK), max_size=8)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Oracle, list[Worker]]:
    now = NOON + timedelta(hours=draw(st.integers(0, 23)))
    shifts: Mapping[str, Shift | None] = draw(SHIFTS)
    edges = st.sampled_from([now - 60 * SECOND, now - SECOND]), st.sampled_from([now, now + SECOND])
    whom = draw(st.sampled_from([Whom.RANKED] * 4 + list(Whom)))
    able = draw(st.booleans())
    asked = draw(RULES)
    oracle = Oracle(
        draw(st.sampled_from(INCIDENTS)),
        replace(asked, responder=Kind.PERSON) if able else asked,
        now,
        whom,
        draw(st.frozensets(CODES, max_size=3)),
        shifts,
        draw(st.dictionaries(CODES, st.tuples(*edges, st.booleans()), max_size=4)),
    )
    return oracle, draw(crews(now, able))


@settings(max_examples=300, deadline=None)
@given(questions(), st.sampled_from([1, 2, 5, 256]), st.sampled_from([12, 30, 4]))
def test_order_reasons_and_shortfalls_are_those_of_the_oracle(
    asked: tuple[Oracle, list[Worker]], at_once: int, most: int
) -> None:
    oracle, crew = asked
    wanted = oracle.order(crew)
    goes = next((who for who in wanted if oracle.free(who)), None)
    with patch("dispatch.ranking.SORTED_AT_ONCE", at_once):
        found = oracle.ranked(crew)
        first_asked = next(found.ids(), None)
        candidates = found.candidates(goes and goes.id, most)
        order = list(found.ids())

    assert order == [who.id for who in wanted]
    assert order[:1] == ([] if first_asked is None else [first_asked])
    assert [found.crew.workers[row].id for row in found.in_order()] == order
    assert found.anybody_free() == (goes is not None)

    by_code = {who.code: who for who in crew}
    shown = oracle.shown(crew, goes, wanted, most)
    assert [one.code for one in candidates] == [who.code for who in shown]
    for one in candidates:
        assert (one.reason or one.shortfall) == oracle.told(by_code[one.code], goes, wanted), one
        assert (one.reason is None) == (goes is None or one.code != goes.code)
    for who in crew:
        assert found.shortfall_of(who.id) == oracle.shortfall(who)
        metres = found.metres_to(who.id)
        assert (metres is None) == (who.lng is None)
        assert metres is None or abs(metres - oracle.away(who)) < 1e-4


@settings(max_examples=50, deadline=None)
@given(questions())
def test_with_nobody_chosen_thirty_are_shown_and_all_of_them_with_a_shortfall(
    asked: tuple[Oracle, list[Worker]],
) -> None:
    oracle, crew = asked
    wanted = oracle.order(crew)
    told = [(one.code, one.reason, one.shortfall) for one in oracle.ranked(crew).candidates(None, 30)]
    shown = oracle.shown(crew, None, wanted, 30)
    assert told == [(who.code, None, oracle.told(who, None, wanted)) for who in shown]


def test_equally_near_workers_are_asked_in_the_order_of_their_codes() -> None:
    crew = [somebody(code, middle(1, 1)) for code in ("W9", "W10", "W2")]
    found = Oracle(middle(1.5, 1), rule(), NOON).ranked(crew)
    assert [one.code for one in found.candidates(None)] == ["W10", "W2", "W9"]
