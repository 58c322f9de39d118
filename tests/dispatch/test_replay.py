"""A replay of a noon of three matters and two workers, with one thing changed at a time: times reckoned by hand."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import RankBy
from data.record import Record
from data.tasks import TaskStatus
from dispatch.replay.course import Course
from dispatch.replay.difference import Setting, as_it_is, difference
from dispatch.replay.drawn import drawn
from dispatch.replay.loop import Loop
from dispatch.replay.models import NothingToLearnError, models_of
from dispatch.replay.replaying import replay, replay_made_up
from dispatch.replay.setting import side_of
from dispatch.replay.world import stories_of
from tests.support.city import named
from tests.support.replays import EAST, GRIDS, NEAR_WEST, RULE, A, B, at, away_m, noon, record_of, worker

SECOND = timedelta(seconds=1)
ROOT = Path(__file__).resolve().parents[2]


def gone(record: Record, setting: Setting | None = None) -> dict[str, Course]:
    """Replay a record under a setting and return its incidents by their names here."""
    was = as_it_is(record)
    now, stories = setting or was, stories_of(record)
    here = side_of(now, record, difference(was, now))
    told = Loop(here, side_of(was, record), models_of(record, stories), record.as_of).run(stories, record.others)
    names = {named("incident", name): name for name in ("one", "two", "three")}
    return {names[one.story.incident.id]: one for one in told.courses}


def offers(course: Course) -> list[tuple[UUID, datetime, TaskStatus]]:
    """Return whom an incident was offered to, when, and what became of it."""
    return [(task.worker_id, task.offered_at, task.status) for task in course.case.tasks.values()]


def assert_near(moment: datetime | None, wanted: datetime) -> None:
    assert moment is not None
    assert abs(moment - wanted) < 0.02 * SECOND


def without_b(setting: Setting) -> Setting:
    return replace(setting, patterns=tuple(one for one in setting.patterns if one.worker_id == A.id))


def test_with_nothing_changed_everything_goes_as_it_went() -> None:
    record = noon()
    courses = gone(record)
    for course, was in zip(courses.values(), record.filed, strict=True):
        assert course.follows
        assert tuple(course.case.tasks.values()) == was.tasks
        facts = ("status", "accepted_at", "scene_at", "handled_at", "closed_at", "handler_id", "area_path")
        assert [getattr(course.case.incident, name) for name in facts] == [
            getattr(was.incident, name) for name in facts
        ]
    told = replay(record, as_it_is(record))
    assert told["settings"]["as_it_is"] == told["settings"]["changed"]
    assert told["record"]["rules_on_the_record"] == {"same_without_candidates": 3}


def test_without_the_second_worker_the_first_does_it_all_in_the_order_of_reports() -> None:
    courses = gone(noon(), without_b(as_it_is(noon())))
    assert courses["one"].follows
    two, three = courses["two"].case.incident, courses["three"].case.incident
    assert offers(courses["two"]) == [(A.id, at(15.5), TaskStatus.DONE)]
    there = at(16) + away_m(NEAR_WEST, EAST) * SECOND  # from where A was last
    assert two.accepted_at == at(16)
    assert_near(two.scene_at, there)
    assert_near(two.handled_at, there + timedelta(minutes=20))
    assert_near(two.closed_at, there + timedelta(minutes=30))
    assert two.handled_at is not None
    assert three.accepted_at == two.handled_at + 30 * SECOND  # as soon as the only one there is is free again
    assert_near(three.scene_at, three.accepted_at + timedelta(minutes=2))  # A's own way there, as in the record
    assert_near(three.handled_at, three.accepted_at + timedelta(minutes=7))
    assert [courses[name].modelled for name in ("one", "two", "three")] == [0, 1, 0]


def test_an_offer_too_short_for_anybody_goes_from_one_to_the_next_and_then_waits() -> None:
    short = replace(as_it_is(noon()), rules={RULE.code: replace(RULE, offer=20 * SECOND)})
    one = gone(noon(), short)["one"]
    assert offers(one)[:2] == [(A.id, at(0), TaskStatus.EXPIRED), (B.id, at(0) + 20 * SECOND, TaskStatus.EXPIRED)]
    assert one.case.tasks[next(iter(one.case.tasks))].ended_at == at(0) + 20 * SECOND
    again = offers(one)[2]
    assert again[:2] == (A.id, at(30) + 20 * SECOND)  # half an hour after having let it pass
    assert one.case.incident.accepted_at is None


def test_where_grids_change_hands_whoever_is_at_home_there_now_goes() -> None:
    own = replace(RULE, ranking=RankBy.OWN_GRID_FIRST)
    record = noon(own)
    west, east = GRIDS
    swapped = (replace(west, shape=east.shape), replace(east, shape=west.shape))
    one = gone(record, replace(as_it_is(record), grids=swapped))["one"]
    assert offers(one)[0][:2] == (B.id, at(0))
    assert one.case.incident.area_path == east.area_path
    assert one.case.incident.accepted_at == at(0.5)
    assert_near(one.case.incident.scene_at, at(0.5) + away_m(EAST, NEAR_WEST) * SECOND)


def test_one_more_on_duty_takes_what_waited_as_soon_as_it_was_reported() -> None:
    third = worker("C", 0)
    record = record_of(noon().filed, (A, B, third))
    off = tuple(one for one in record.kept.patterns if one.worker_id != third.id)
    record = replace(record, kept=replace(record.kept, patterns=off))
    daily = tuple(replace(one, id=named("c", one.weekday.__str__()), worker_id=third.id) for one in off[:7])
    three = gone(record, replace(as_it_is(record), patterns=(*off, *daily)))["three"]
    assert offers(three) == [(third.id, at(5), TaskStatus.DONE)]
    assert three.cause == "sooner"


@pytest.mark.parametrize("by_hand", [False, True])
def test_nobody_is_at_two_places_at_once_whoever_sent_them(by_hand: bool) -> None:
    record = noon()
    *others, last = record.filed
    sent = replace(last, tasks=tuple(replace(task, by_hand=by_hand) for task in last.tasks))
    record = replace(record, filed=(*others, sent))
    courses = gone(record, without_b(as_it_is(record)))
    tasks = [task for one in courses.values() for task in one.case.tasks.values()]
    spans = sorted((task.offered_at, task.ended_at or record.as_of) for task in tasks)
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans))
    assert courses["three"].cause == ("busy" if by_hand else "choice")


def test_who_carries_how_much_and_whom_it_hits() -> None:
    told = replay(noon(), without_b(as_it_is(noon())))
    assert told["settings"]["as_it_is"]["workers"]["B"] == {"tasks": 1, "hours": round(24 / 60, 2)}
    assert told["settings"]["changed"]["workers"].keys() == {"A"}
    assert {one["code"] for one in told["hit"]["workers"]} == {"A", "B"}
    assert told["record"]["another_way"] == {"choice": 2}
    assert told["changed"]["workers_with_another_roster"] == 1


def test_a_deadline_alone_moves_nobody_and_counts_anew() -> None:
    strict = replace(as_it_is(noon()), rules={RULE.code: replace(RULE, deadline=timedelta(minutes=17))})
    told = replay(noon(), strict)
    assert told["record"]["as_recorded"] == 3
    on_time = told["settings"]["changed"]["figures"]["on_time_handle"]
    assert (on_time["n"], on_time["of"]) == (1, 3)  # 15.5 minutes; not 24.5, not 18


def test_a_period_in_which_nobody_accepted_anything_teaches_nothing() -> None:
    empty = record_of((), (A, B))
    with pytest.raises(NothingToLearnError):
        replay(empty, as_it_is(empty))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 12), st.integers(0, 999))
def test_more_people_on_duty_never_leave_more_unanswered(count: int, seed: int) -> None:
    record = record_of(noon().filed, (A, B, worker("C", 1)))
    stories = stories_of(record)
    made, models = drawn(stories, record, count, seed), models_of(record, stories)
    answered = []
    for people in range(4):
        some = {one.id for one in record.workers[:people]}
        on = tuple(one for one in record.kept.patterns if one.worker_id in some)
        here = side_of(replace(as_it_is(record), patterns=on), record)
        told = Loop(here, None, models, record.until).run(made)
        assert len(told.courses) == count
        answered.append(sum(one.case.incident.accepted_at is not None for one in told.courses))
    assert answered[0] == 0
    assert answered == sorted(answered)


def test_what_is_made_up_is_like_the_record_and_the_same_for_both_settings() -> None:
    told = replay_made_up(noon(), without_b(as_it_is(noon())), 9, 4)
    assert [one["figures"]["filed"]["value"] for one in told["settings"].values()] == [9, 9]
    assert told["settings"]["changed"]["workers"].keys() == {"A"}
    made = drawn(stories_of(noon()), noon(), 9, 4)
    assert {one.incident.point for one in made} <= {one.incident.point for one in noon().filed}
    assert {one.incident.reported_at.hour for one in made} == {4}  # noon in the town's zone
    assert made == drawn(stories_of(noon()), noon(), 9, 4) != drawn(stories_of(noon()), noon(), 9, 5)


ANSWER = """
def answer():
    from datetime import timedelta
    from dataclasses import replace
    from api.replayed import as_json
    from dispatch.replay.difference import as_it_is
    from dispatch.replay.replaying import replay, replay_made_up
    from tests.support.replays import RULE, noon
    record = noon()
    short = replace(as_it_is(record), rules={RULE.code: replace(RULE, offer=timedelta(seconds=20))})
    return as_json(replay(record, short), "zh") + as_json(replay_made_up(record, short, 9, 4), "zh")
"""


def test_the_same_question_has_the_same_answer_byte_for_byte_in_another_process() -> None:
    here: dict[str, Any] = {}
    exec(ANSWER, here)
    hashed = str((int(os.environ.get("PYTHONHASHSEED", "0").replace("random", "0")) + 1) % 4096)
    environment = {**os.environ, "PYTHONHASHSEED": hashed, "PYTHONPATH": str(ROOT)}
    told = [sys.executable, "-c", ANSWER + "print(answer(), end='')"]
    other = subprocess.run(told, env=environment, capture_output=True, check=True, cwd=ROOT, text=True).stdout
    assert len(other) > 5_000
    assert here["answer"]() == other
