"""Who goes, in which order and why the others do not: against an oracle in plain Python that shares no code."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import Category, RankBy
from data.workers import Worker
from dispatch.ranking import Ranking, rank
from tests.support.city import NOON, block, city, matter, named, rule, somebody
from tests.support.place import SOUTH, STEP, WEST, middle

COLUMNS, ROWS = 4, 3
SKILLS = ("fire", "patrol")
INCIDENTS = (middle(1, 1), middle(0.31, 2.1), middle(-1.2, 0.4))
"""Two inside, the last in no grid."""
SPOTS = [
    (round(WEST + 0.0137 * k % (COLUMNS * STEP), 6), round(SOUTH + 0.00617 * k * k % (ROWS * STEP), 6))
    for k in range(1, 31)
]
"""Where workers stand: no two of them are equally far from one incident, so only who stands together is tied."""


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure along the great circle by the angle between two vectors; PostGIS's sphere."""
    a, b = (
        (
            math.cos(math.radians(y)) * math.cos(math.radians(x)),
            math.cos(math.radians(y)) * math.sin(math.radians(x)),
            math.sin(math.radians(y)),
        )
        for x, y in (one, other)
    )
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return 6_371_008.771415 * math.atan2(math.hypot(*cross), sum(p * q for p, q in zip(a, b, strict=True)))


def test_no_two_spots_are_equally_far_from_an_incident() -> None:
    for incident in INCIDENTS:
        away = sorted(metres_between(incident, spot) for spot in SPOTS)
        assert min(b - a for a, b in pairwise(away)) > 0.001


def minutes_of(starts: time, ends: time) -> Iterator[int]:
    """Walk round the clock from the start of a shift to its end; a shift that ends where it starts never ends."""
    minute, last = starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute
    while True:
        yield minute
        minute = (minute + 1) % 1440
        if minute == last:
            return


@dataclass(frozen=True)
class Oracle:
    """The glossary's words, one worker at a time."""

    at: tuple[float, float]
    rule: Category
    now: datetime
    tried: frozenset[str]

    def grid(self) -> tuple[int, int] | None:
        column, row = int((self.at[0] - WEST) // STEP), int((self.at[1] - SOUTH) // STEP)
        return (column, row) if 0 <= column < COLUMNS and 0 <= row < ROWS else None

    def shortfall(self, who: Worker) -> str | None:
        local = self.now + timedelta(hours=8)
        if self.rule.skill is not None and self.rule.skill not in who.skills:
            return "no_skill"
        if local.hour * 60 + local.minute not in set(minutes_of(who.shift_starts, who.shift_ends)):
            return "off_shift"
        if who.fixed_at is None:
            return "no_position"
        if self.now - who.fixed_at > timedelta(minutes=30):
            return "lost_fix"
        if self.now - who.fixed_at > timedelta(minutes=5):
            return "stale_fix"
        return "declined_before" if who.code in self.tried else None

    def ring(self, who: Worker) -> int:
        """Own grid 0, a grid that shares a side 1, the same column (community) 2, elsewhere 3."""
        grid = self.grid()
        if grid is None or who.home_area_id is None:
            return 3
        for column in range(COLUMNS):
            for row in range(ROWS):
                if who.home_area_id == named("area", f"G{column}{row}"):
                    steps = abs(column - grid[0]) + abs(row - grid[1])
                    return steps if steps < 2 else 2 if column == grid[0] else 3
        return 3

    def away(self, who: Worker) -> float:
        return math.inf if who.lng is None or who.lat is None else metres_between(self.at, (who.lng, who.lat))

    def order(self, crew: list[Worker]) -> list[Worker]:
        able = [who for who in crew if self.shortfall(who) is None]
        if self.rule.ranking is RankBy.NEAREST:
            return sorted(able, key=lambda who: (round(self.away(who), 4), who.code))
        if self.grid() is None:
            return []
        return sorted(able, key=lambda who: (self.ring(who), round(self.away(who), 4), who.code))

    def free(self, who: Worker) -> bool:
        most = 1 if self.rule.exclusive else who.capacity
        return who.active_tasks < most and not who.holds_exclusive

    def told(self, who: Worker, goes: Worker | None, order: list[Worker]) -> str:
        """Return the reason of whoever goes, the shortfall of another."""
        if goes is not None and who.code == goes.code:
            rings = ("own_grid", "neighbour_grid", "same_area", "elsewhere")
            return "nearest" if self.rule.ranking is RankBy.NEAREST else rings[self.ring(who)]
        lacking = self.shortfall(who)
        if lacking is not None:
            return lacking
        if who not in order:
            return "other_grid"
        if goes is None or order.index(who) < order.index(goes) or not self.free(who):
            return "exclusive" if who.holds_exclusive or self.rule.exclusive else "full"
        if self.rule.ranking is RankBy.OWN_GRID_FIRST and (
            self.ring(who) > self.ring(goes) or self.away(who) < self.away(goes)
        ):
            return "other_grid"
        return "farther"


@st.composite
def workers(draw: st.DrawFn) -> list[Worker]:
    crew = []
    homes = [None, *(named("area", f"G{column}{row}") for column in range(COLUMNS) for row in range(ROWS))]
    clock = st.sampled_from([time(h, m) for h in (0, 4, 8, 12, 17, 20, 23) for m in (0, 30)])
    ages = st.sampled_from([0, 60, 299, 300, 301, 1000, 1800, 1801, 90_000])
    for number in draw(st.permutations(range(draw(st.integers(0, 16))))):
        capacity = draw(st.integers(1, 3))
        held = draw(st.integers(0, 5)) == 0
        crew.append(
            somebody(
                f"W{number:02}",
                draw(st.one_of(st.none(), *[st.sampled_from(SPOTS)] * 6)),
                NOON - timedelta(seconds=draw(ages)),
                skills=tuple(skill for skill in SKILLS if draw(st.booleans())),
                home_area_id=draw(st.sampled_from(homes)),
                capacity=capacity,
                active_tasks=1 if held else draw(st.integers(0, capacity)),
                holds_exclusive=held,
                shift_starts=draw(clock),
                shift_ends=draw(clock),
            )
        )
    return crew


rules = st.builds(
    rule,
    skill=st.sampled_from([None, *SKILLS]),
    ranking=st.sampled_from(RankBy),
    exclusive=st.booleans(),
)


def ranked(crew: list[Worker], oracle: Oracle) -> Ranking:
    town = city(block(COLUMNS, ROWS), crew, [oracle.rule])
    tried = tuple(who.id for who in crew if who.code in oracle.tried)
    return rank(town.place(matter(oracle.at, tried=tried)), town, oracle.now)


@settings(max_examples=300, deadline=None)
@given(
    crew=workers(),
    asked=rules,
    at=st.sampled_from(INCIDENTS),
    hours=st.integers(0, 23),
    tried=st.frozensets(st.sampled_from(["W00", "W01", "W05"])),
)
def test_order_reasons_and_shortfalls_are_those_of_the_oracle(
    crew: list[Worker], asked: Category, at: tuple[float, float], hours: int, tried: frozenset[str]
) -> None:
    now = NOON + timedelta(hours=hours)
    crew = [replace(who, fixed_at=who.fixed_at and who.fixed_at + timedelta(hours=hours)) for who in crew]
    oracle = Oracle(at, asked, now, tried)
    found, wanted = ranked(crew, oracle), oracle.order(crew)

    assert [found.crew.workers[row].code for row in found.order] == [who.code for who in wanted]
    assert found.anybody_free() == any(oracle.free(who) for who in wanted)

    goes = next((who for who in wanted if oracle.free(who)), None)
    by_code = {who.code: who for who in crew}
    candidates = found.candidates(goes and goes.id)
    for one in candidates:
        assert (one.reason or one.shortfall) == oracle.told(by_code[one.code], goes, wanted), one
        assert (one.reason is None) == (goes is None or one.code != goes.code)
        away = oracle.away(by_code[one.code])
        assert one.metres is None or abs(one.metres - away) < 1e-4
    assert len(candidates) <= 12
    seen = sorted(
        (who for who in crew if who.lng is not None), key=lambda who: (round(oracle.away(who), 4), who.code)
    )
    shown = {who.code for who in [*wanted[:6], *seen[:6]]} | ({goes.code} if goes else set())
    assert {one.code for one in candidates} == shown
    if goes:
        assert candidates[0].code == goes.code


def test_a_fire_goes_to_the_nearest_worker_who_handles_fire() -> None:
    crew = [
        somebody("W1", middle(1.0, 1.1)),
        somebody("W2", middle(1.4, 1), skills=("fire",)),
        somebody("W3", middle(1.2, 1), skills=("fire",), capacity=1, active_tasks=1),
    ]
    found = ranked(crew, Oracle(middle(1, 1), rule(skill="fire", exclusive=True), NOON, frozenset()))
    told = {one.code: one.reason or one.shortfall for one in found.candidates(named("worker", "W2"))}
    assert told == {"W1": "no_skill", "W2": "nearest", "W3": "exclusive"}


def test_a_lamp_goes_to_the_grid_s_own_worker_though_another_is_nearer() -> None:
    crew = [
        somebody("W1", middle(1.1, 1), home_area_id=named("area", "G01")),
        somebody("W2", middle(3, 2), home_area_id=named("area", "G11")),
    ]
    asked = rule(ranking=RankBy.OWN_GRID_FIRST)
    found = ranked(crew, Oracle(middle(1, 1), asked, NOON, frozenset()))
    assert [(one.code, one.reason or one.shortfall) for one in found.candidates(found.ids()[0])] == [
        ("W2", "own_grid"),
        ("W1", "other_grid"),
    ]


def test_equally_near_workers_are_asked_in_the_order_of_their_codes() -> None:
    crew = [somebody(code, middle(1, 1)) for code in ("W9", "W10", "W2")]
    found = ranked(crew, Oracle(middle(1.5, 1), rule(), NOON, frozenset()))
    assert [one.code for one in found.candidates(None)] == ["W10", "W2", "W9"]


def test_a_night_shift_counts_in_the_town_s_own_time() -> None:
    """21:59 UTC is 05:59 in Shanghai, the last minute of a shift from 22:00 to 06:00."""
    crew = [somebody("W1", middle(1, 1), shift_starts=time(22), shift_ends=time(6))]
    last = datetime(2026, 11, 20, 21, 59, 59, tzinfo=UTC)
    for now, goes in (
        (last, True),
        (last + timedelta(seconds=1), False),
        (datetime(2026, 11, 20, 14, tzinfo=UTC), True),
    ):
        on_time = [replace(who, fixed_at=now) for who in crew]
        assert bool(ranked(on_time, Oracle(middle(1, 1), rule(), now, frozenset())).ids()) is goes


def test_without_a_grid_nobody_of_any_grid_is_proposed_and_nobody_is_called_full() -> None:
    crew = [somebody("W1", middle(0, 1), home_area_id=named("area", "G01"))]
    found = ranked(crew, Oracle(middle(-1, 1), rule(ranking=RankBy.OWN_GRID_FIRST), NOON, frozenset()))
    assert found.ids() == []
    assert [one.shortfall for one in found.candidates(None)] == ["other_grid"]
