"""Who goes, told in the field's words: one thing a test."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from data.categories import RankBy
from data.ladders import Whom
from data.workers import Employment, Kind, Worker
from dispatch.ranking import Ranking
from tests.support.city import NOON, named, rule, somebody
from tests.support.place import middle
from tests.support.ranks import Oracle, at_home

HERE = middle(1, 1)
OWN, BELOW_OWN, BESIDE, SAME_COMMUNITY, FAR = "C1.G11", "C1.G11.B1.H2", "C2.G21", "C1.G13", "C3.G32"


def asked(*crew: Worker, whom: Whom = Whom.RANKED, at: tuple[float, float] = HERE, **of_rule: object) -> Ranking:
    return Oracle(at, rule(**of_rule), NOON, whom).ranked(list(crew))


def codes(found: Ranking) -> list[str]:
    return [found.crew.workers[row].code for row in found.in_order()]


def told(found: Ranking, goes: str | None) -> dict[str, str | None]:
    candidates = found.candidates(goes and named("worker", goes))
    return {one.code: one.reason or one.shortfall for one in candidates}


def test_a_fire_goes_to_the_nearest_worker_who_handles_fire() -> None:
    crew = (
        somebody("W1", middle(1.0, 1.1)),
        somebody("W2", middle(1.4, 1), skills=("fire",)),
        somebody("W3", middle(1.2, 1), skills=("fire",), capacity=1, active_tasks=1),
    )
    found = asked(*crew, skill="fire", exclusive=True)
    assert told(found, "W2") == {"W1": "no_skill", "W2": "nearest", "W3": "exclusive"}


def test_who_is_full_is_told_so_beside_who_goes_nearer_or_farther() -> None:
    crew = (
        somebody("W1", middle(1.1, 1), active_tasks=1),
        somebody("W2", middle(1.2, 1)),
        somebody("W3", middle(1.3, 1), active_tasks=1),
        somebody("W4", middle(1.4, 1)),
    )
    assert told(asked(*crew), "W2") == {"W1": "full", "W2": "nearest", "W3": "full", "W4": "farther"}


def test_those_who_stand_beside_the_last_who_is_shown_are_the_nearest_too() -> None:
    crew = [somebody(f"W{n:02}", middle(1, 1), skills=() if n < 6 else ("fire",)) for n in range(12)]
    assert list(told(asked(*crew, skill="fire"), None)) == [f"W{n:02}" for n in range(12)]


def test_a_lamp_goes_to_the_grid_s_own_worker_though_another_is_nearer() -> None:
    found = asked(
        somebody("W1", middle(1.1, 1), **at_home("C0.G01")),
        somebody("W2", middle(3, 2), **at_home(OWN)),
        ranking=RankBy.OWN_GRID_FIRST,
    )
    assert told(found, "W2") == {"W2": "own_grid", "W1": "other_grid"}


def test_who_lives_in_a_building_of_the_grid_is_of_the_grid() -> None:
    crew = [somebody(f"W{n}", HERE, **at_home(home)) for n, home in enumerate((FAR, BESIDE, BELOW_OWN, "C1.G110"))]
    assert codes(asked(*crew, ranking=RankBy.OWN_GRID_FIRST)) == ["W2", "W1", "W0", "W3"]


def test_a_night_shift_counts_in_the_town_s_own_time() -> None:
    """21:59 UTC is 05:59 in Shanghai, the last minute of a shift from 22:00 to 06:00."""
    last = datetime(2026, 11, 20, 21, 59, 59, tzinfo=UTC)
    for now, goes in (
        (last, True),
        (last + timedelta(seconds=1), False),
        (datetime(2026, 11, 20, 14, tzinfo=UTC), True),
    ):
        oracle = Oracle(HERE, rule(), now, shifts={"W1": (time(22), time(6))})
        assert oracle.ranked([somebody("W1", HERE, now)]).anybody_free() is goes


def test_nobody_scheduled_is_nobody_on_duty() -> None:
    found = Oracle(HERE, rule(), NOON, shifts={"W1": None}).ranked([somebody("W1", HERE)])
    assert told(found, None) == {"W1": "off_shift"}


def test_without_a_grid_nobody_of_any_grid_is_proposed_and_nobody_is_called_full() -> None:
    found = asked(somebody("W1", middle(0, 1), **at_home("C0.G01")), at=middle(-1, 1), ranking=RankBy.OWN_GRID_FIRST)
    assert codes(found) == []
    assert told(found, None) == {"W1": "other_grid"}


def test_a_team_is_asked_where_a_team_is_needed_and_only_there() -> None:
    crew = somebody("P1", HERE), somebody("T1", HERE, kind=Kind.TEAM), somebody("S1", HERE, kind=Kind.STATION)
    assert codes(asked(*crew, responder=Kind.TEAM)) == ["T1"]
    assert codes(asked(*crew)) == ["P1"]
    assert told(asked(*crew, responder=Kind.STATION), "S1") == {"S1": "nearest", "P1": "not_asked", "T1": "not_asked"}


def test_a_team_stands_where_it_stands_and_needs_a_place_to_stand() -> None:
    long_ago = NOON - timedelta(days=400)
    found = asked(
        somebody("T1", HERE, long_ago, kind=Kind.TEAM),
        somebody("T2", kind=Kind.TEAM),
        somebody("P1", HERE, long_ago),
        responder=Kind.TEAM,
    )
    assert codes(found) == ["T1"]
    assert [found.shortfall_of(named("worker", code)) for code in ("T1", "T2")] == [None, "no_position"]


def test_a_phone_that_lies_still_and_is_heard_of_has_no_old_fix() -> None:
    still = somebody("W1", HERE, fixed_at=NOON - timedelta(hours=3), seen_at=NOON - timedelta(minutes=5))
    silent = replace(somebody("W2", HERE), seen_at=NOON - timedelta(minutes=5, seconds=1))
    assert told(asked(still, silent), "W1") == {"W1": "nearest", "W2": "stale_fix"}


def test_a_rider_is_asked_where_the_category_suits_riders() -> None:
    rider, own = somebody("R1", HERE, employment=Employment.MOBILE), somebody("W1", middle(2, 1))
    assert told(asked(rider, own), "W1") == {"R1": "not_suited", "W1": "nearest"}
    assert told(asked(rider, own, mobile=True), "R1") == {"R1": "nearest", "W1": "farther"}


def test_who_is_spoken_for_is_not_asked_but_for_what_the_time_is_kept_for() -> None:
    soon, later = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)
    for times, wanted in (
        ((NOON, later, False), "reserved"),
        ((NOON, later, True), None),
        ((soon, later, False), None),
        ((NOON - timedelta(hours=1), NOON, False), None),
    ):
        found = Oracle(HERE, rule(), NOON, reserved={"W1": times}).ranked([somebody("W1", HERE)])
        assert found.shortfall_of(named("worker", "W1")) == wanted


def test_who_rests_is_asked_after_all_others_wherever_they_are_at_home() -> None:
    tired = NOON + timedelta(minutes=1)
    crew = (
        somebody("W1", HERE, rest_until=tired, **at_home(OWN)),
        somebody("W2", middle(3, 2), **at_home(FAR)),
        somebody("W3", middle(2, 1), rest_until=NOON, **at_home(FAR)),
    )
    assert codes(asked(*crew)) == ["W3", "W2", "W1"]
    assert codes(asked(*crew, ranking=RankBy.OWN_GRID_FIRST)) == ["W3", "W2", "W1"]
    assert told(asked(*crew), "W3") == {"W3": "nearest", "W1": "resting", "W2": "farther"}
    assert told(asked(crew[0]), "W1") == {"W1": "nearest"}


@pytest.mark.parametrize("role", ["building_head", "hub_household", "grid_leader", "duty_chief"])
def test_those_in_charge_are_asked_as_far_as_their_ground_reaches_seen_or_not(role: str) -> None:
    homes = {"A": BELOW_OWN, "B": OWN, "C": BESIDE, "D": SAME_COMMUNITY, "E": FAR, "F": None}
    crew = [somebody(code, role=role, **at_home(home)) for code, home in homes.items()]
    crew += [somebody("G", HERE, role="grid_worker", **at_home(OWN))]
    reach = {"grid_leader": ["A", "B", "C"], "duty_chief": list("ABCDEF")}.get(role, ["A", "B"])
    found = asked(*crew, whom=Whom(role), skill="fire", responder=Kind.TEAM)
    assert codes(found) == reach
    assert told(found, "B") == {"B": "own_grid", "G": "not_asked"} | dict.fromkeys(
        (code for code in reach if code != "B"), "other_grid"
    ) | {"A": "full"}


def test_the_leaders_of_the_same_community_are_asked_after_the_neighbours() -> None:
    homes = {"A": "C1.G10", "B": "C1.G12", "C": "C0.G01", "D": "C2.G22", "E": OWN}
    at = middle(1, 0)
    crew = [somebody(code, role="grid_leader", **at_home(home)) for code, home in homes.items()]
    assert codes(asked(*crew, whom=Whom.GRID_LEADER, at=at)) == ["A", "E", "B"]


def test_those_in_charge_are_not_asked_off_duty_when_spoken_for_or_once_more() -> None:
    crew = [somebody(code, role="grid_leader", **at_home(OWN)) for code in "ABCD"]
    oracle = Oracle(
        HERE,
        rule(),
        NOON,
        Whom.GRID_LEADER,
        frozenset("A"),
        shifts={"B": None},
        reserved={"C": (NOON, NOON + timedelta(hours=1), False)},
    )
    found = oracle.ranked(crew)
    assert codes(found) == ["D"]
    assert [found.shortfall_of(who.id) for who in crew] == ["declined_before", "off_shift", "reserved", None]


def test_without_a_grid_only_the_duty_chief_is_asked_of_those_in_charge() -> None:
    for role in ("building_head", "hub_household", "grid_leader", "duty_chief"):
        found = asked(somebody("A", role=role, **at_home(OWN)), whom=Whom(role), at=middle(-1, 1))
        assert codes(found) == (["A"] if role == "duty_chief" else [])


def test_the_duty_chief_is_never_sent_as_one_of_the_ranked() -> None:
    crew = somebody("A", HERE, role="duty_chief"), somebody("B", middle(3, 2))
    for whom in (Whom.RANKED, Whom.CENTRE):
        assert told(asked(*crew, whom=whom), "B") == {"B": "nearest", "A": "not_asked"}


def test_on_the_rung_of_the_departments_nobody_is_ranked() -> None:
    crew = [somebody(kind, HERE, kind=kind) for kind in Kind]
    assert codes(asked(*crew, whom=Whom.DEPARTMENTS)) == []
