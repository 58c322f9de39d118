"""The crew's columns follow the workers, and say who is shown how."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.workers import Worker
from dispatch.crew import Crew
from dispatch.ranking import rank
from dispatch.states import states
from tests.support.city import NOON, block, city, matter, named, rule, somebody
from tests.support.place import middle

people = st.builds(
    somebody,
    st.sampled_from([f"W{n}" for n in range(12)]),
    at=st.one_of(st.none(), st.sampled_from([middle(0, 0), middle(1, 1)])),
    seen=st.sampled_from([NOON, NOON - timedelta(hours=1)]),
    skills=st.sampled_from([(), ("fire",), ("fire", "care"), ("care",)]),
    home_area_id=st.sampled_from([None, named("area", "G00"), named("area", "G11")]),
    capacity=st.just(3),
    active_tasks=st.integers(0, 3),
    shift_starts=st.sampled_from([time(8), time(20)]),
)


def latest(*versions: list[Worker]) -> list[Worker]:
    return list({worker.id: worker for version in versions for worker in version}.values())


@given(st.lists(people, max_size=8), st.lists(st.lists(people, max_size=4), max_size=4))
def test_a_crew_that_followed_changes_equals_a_crew_made_anew(
    before: list[Worker], changes: list[list[Worker]]
) -> None:
    followed = Crew(before)
    for changed in changes:
        followed = followed.apply(changed)
    anew = Crew(latest(before, *changes))

    assert followed.workers == anew.workers
    assert followed.row_of == anew.row_of
    for column in ("lng", "lat", "fixed_at", "capacity", "active", "holds_exclusive", "starts", "ends"):
        np.testing.assert_array_equal(getattr(followed, column), getattr(anew, column), column)
    for skill in (None, "fire", "care", "gas"):
        np.testing.assert_array_equal(followed.has(skill), anew.has(skill))
    for home in ("G00", "G11", "G01"):
        np.testing.assert_array_equal(
            followed.at_home_in([named("area", home)]), anew.at_home_in([named("area", home)])
        )
    for second in (0, 8 * 3600, 20 * 3600 - 1, 20 * 3600):
        np.testing.assert_array_equal(followed.on_shift(second), anew.on_shift(second))


def test_somebody_new_does_not_move_the_rows_of_a_ranking_under_way() -> None:
    town = city(block(2, 2), [somebody("W5", middle(0, 0)), somebody("W7", middle(1, 1))])
    under_way = rank(town.place(matter(middle(0, 0))), town, NOON)
    first = under_way.ids()[0]

    town.renew([somebody("W1", middle(1, 0))])

    assert [worker.code for worker in town.crew.workers] == ["W1", "W5", "W7"]
    assert [one.code for one in under_way.candidates(first)] == ["W5", "W7"]
    assert under_way.metres_to(first) == 0


def test_a_worker_whose_code_changes_is_sorted_anew() -> None:
    crew = Crew([somebody("W1", middle(0, 0)), somebody("W2", middle(0, 0))])
    renamed = replace(crew.workers[0], code="W3")
    assert [worker.code for worker in crew.apply([renamed]).workers] == ["W2", "W3"]


def shown(now: datetime = NOON, **given: object) -> str:
    at = given.pop("at", middle(0, 0))
    who = somebody("W1", at, **given)  # type: ignore[arg-type]
    return str(states(city(block(1, 1), [who], [rule()]), now)[0])


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
    assert shown(shift_starts=time(13), shift_ends=time(20)) == "off"
    assert shown(shift_starts=time(13), shift_ends=time(20), at=None) == "off"
