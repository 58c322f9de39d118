"""The crew's columns follow the workers, and say who is shown how."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import RankBy
from data.ladders import Whom
from data.workers import Employment, Kind, Worker
from dispatch.crew import Crew
from dispatch.ranking import Ranking, rank
from dispatch.states import states
from tests.support.city import NOON, block, city, matter, named, need, rule, somebody
from tests.support.place import middle
from tests.support.ranks import at_home

PATHS = (None, "C0.G00", "C1.G11", "C1.G11.B1", "C0.G01.B2", "C1.G1")


@st.composite
def somebodies(draw: st.DrawFn) -> Worker:
    at = draw(st.sampled_from([None, middle(0, 0), middle(1, 1)]))
    return somebody(
        draw(st.sampled_from([f"W{n}" for n in range(12)])),
        at,
        draw(st.sampled_from([NOON, NOON - timedelta(hours=1)])),
        skills=draw(st.sampled_from([(), ("fire",), ("fire", "care"), ("care",)])),
        capacity=3,
        active_tasks=draw(st.integers(0, 3)),
        holds_exclusive=draw(st.booleans()),
        role=draw(st.sampled_from(["grid_worker", "grid_leader"])),
        kind=draw(st.sampled_from([*[Kind.PERSON] * 4, *Kind])),
        employment=draw(st.sampled_from([None, *Employment])),
        rest_until=draw(st.sampled_from([None, NOON, NOON + timedelta(hours=1)])),
        **at_home(draw(st.sampled_from(PATHS))),
    )


people = somebodies()


def latest(*versions: list[Worker]) -> list[Worker]:
    return list({worker.id: worker for version in versions for worker in version}.values())


def home_among(crew: Crew, homes: list[int]) -> list[str]:
    return [worker.code for row, worker in enumerate(crew.workers) if crew.home[row] in homes]


@given(st.lists(people, max_size=8), st.lists(st.lists(people, max_size=4), max_size=4))
def test_a_crew_that_followed_changes_equals_a_crew_made_anew(
    before: list[Worker], changes: list[list[Worker]]
) -> None:
    followed = Crew(before)
    for changed in changes:
        followed.homes_under("C1.G11")
        followed = followed.apply(changed)
    anew = Crew(latest(before, *changes))

    assert followed.workers == anew.workers
    assert followed.row_of == anew.row_of
    for column in ("lng", "lat", "toward", "seen_at", "rest_until", "capacity", "active", "holds_exclusive"):
        np.testing.assert_array_equal(getattr(followed, column), getattr(anew, column), column)
    for crew in (followed, anew):
        for row, worker in enumerate(crew.workers):
            for skill in ("fire", "care", "gas"):
                assert crew.has(skill)[row] == (skill in worker.skills)
            assert crew.has(None)[row]
            assert [crew.of_kind(kind)[row] for kind in Kind] == [worker.kind is kind for kind in Kind]
            assert crew.of_role("grid_leader")[row] == (worker.role == "grid_leader")
            assert crew.mobile()[row] == (worker.employment is Employment.MOBILE)
        for path in ("C0.G00", "C1.G11", "C1.G1", "C0", "C1", "C9"):
            own = named("area", path.rpartition(".")[2])
            at_it = [worker.code for worker in crew.workers if worker.home_area_id == own]
            below = [worker.code for worker in crew.workers if f"{worker.area_path}.".startswith(f"{path}.")]
            assert home_among(crew, crew.homes_in([own])) == at_it
            assert home_among(crew, crew.homes_under(path)) == below


def test_an_area_that_was_moved_in_the_tree_takes_those_at_home_in_it_along() -> None:
    crew = Crew([somebody("W1", **at_home("C0.G00.B1")), somebody("W2", **at_home("C0.G00"))])
    assert home_among(crew, crew.homes_under("C0.G00")) == ["W1", "W2"]
    moved = crew.apply([replace(crew.workers[0], area_path="C1.G11.B1")])
    assert home_among(moved, moved.homes_under("C0.G00")) == ["W2"]
    assert home_among(moved, moved.homes_under("C1.G11")) == ["W1"]


def told(ranking: Ranking, crew: list[Worker]) -> list[object]:
    rows = list(ranking.in_order())
    return [rows, [(ranking.shortfall_of(who.id), ranking.metres_to(who.id)) for who in crew]]


@settings(deadline=None)
@given(
    st.lists(people, min_size=1, max_size=12),
    st.lists(people, max_size=12),
    st.sampled_from(RankBy),
    st.booleans(),
    st.sampled_from([Whom.RANKED, Whom.GRID_LEADER]),
)
def test_a_ranking_under_way_stays_as_it_was_when_workers_change(
    before: list[Worker], changed: list[Worker], ranking: RankBy, mobile: bool, whom: Whom
) -> None:
    before = latest(before)
    asked = rule(ranking=ranking, mobile=mobile, skill="fire")
    town = city(block(2, 2), before, [asked])
    incident = town.place(matter(middle(0, 1)))
    at_once, under_way = (rank(incident, need(asked), whom, town, NOON) for _ in range(2))
    stood = told(at_once, before)

    known = {who.id for who in before}
    town.renew([who for who in changed if who.id in known])
    assert town.crew is under_way.crew
    assert told(under_way, before) == stood


def test_what_spoke_against_a_rider_is_still_told_when_the_rider_is_hired_meanwhile() -> None:
    rider = somebody("W1", middle(0, 0), employment=Employment.MOBILE)
    town = city(block(2, 2), [rider])
    under_way = rank(town.place(matter(middle(0, 0))), need(rule()), Whom.RANKED, town, NOON)
    town.renew([replace(rider, employment=Employment.FULL_TIME)])
    assert [one.shortfall for one in under_way.candidates(None)] == ["not_suited"]


def test_somebody_new_does_not_move_the_rows_of_a_ranking_under_way() -> None:
    town = city(block(2, 2), [somebody("W5", middle(0, 0)), somebody("W7", middle(1, 1))])
    under_way = rank(town.place(matter(middle(0, 0))), need(rule()), Whom.RANKED, town, NOON)
    first = next(under_way.ids())

    town.renew([somebody("W1", middle(1, 0))])

    assert [worker.code for worker in town.crew.workers] == ["W1", "W5", "W7"]
    assert [one.code for one in under_way.candidates(first)] == ["W5", "W7"]
    assert under_way.metres_to(first) == 0


def test_a_worker_whose_code_changes_is_sorted_anew() -> None:
    crew = Crew([somebody("W1", middle(0, 0)), somebody("W2", middle(0, 0))])
    renamed = replace(crew.workers[0], code="W3")
    assert [worker.code for worker in crew.apply([renamed]).workers] == ["W2", "W3"]


def shown(now: datetime = NOON, shift: tuple[time, time] | None = (time(0), time(0)), **given: object) -> str:
    at = given.pop("at", middle(0, 0))
    who = somebody("W1", at, **given)
    return str(states(city(block(1, 1), [who], [rule()], shifts={"W1": shift}), now)[0])


def test_a_worker_is_shown_off_before_lost_before_stale_before_busy_before_free() -> None:
    assert shown() == "free"
    assert shown(active_tasks=1, capacity=2) == "free"
    assert shown(active_tasks=2, capacity=2) == "busy"
    assert shown(active_tasks=1, capacity=2, holds_exclusive=True) == "busy"
    assert shown(seen=NOON - timedelta(minutes=5)) == "free"
    assert shown(seen=NOON - timedelta(minutes=5, seconds=1), active_tasks=1) == "stale"
    assert shown(seen=NOON - timedelta(minutes=30)) == "stale"
    assert shown(seen=NOON - timedelta(minutes=30, seconds=1)) == "lost"
    assert shown(at=None) == "lost"
    assert shown(shift=(time(13), time(20))) == "off"
    assert shown(shift=(time(13), time(20)), at=None) == "off"
    assert shown(shift=None) == "off"


def test_a_unit_is_shown_where_it_stands_however_long_ago_that_was_said() -> None:
    long_ago = NOON - timedelta(days=90)
    assert shown(seen=long_ago, kind=Kind.TEAM) == "free"
    assert shown(seen=long_ago, kind=Kind.STATION, active_tasks=1) == "busy"
    assert shown(at=None, kind=Kind.TEAM) == "lost"


def test_a_phone_that_lies_still_is_shown_as_long_as_it_is_heard_of() -> None:
    assert shown(fixed_at=NOON - timedelta(hours=9), seen_at=NOON - timedelta(minutes=4)) == "free"
    assert shown(fixed_at=NOON - timedelta(hours=9), seen_at=NOON - timedelta(minutes=6)) == "stale"
