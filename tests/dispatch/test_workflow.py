"""Which step may follow which and who may take it: against a table written by hand from the glossary, and by brute force."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.incidents import Status
from data.needs import Need, NeedState
from data.tasks import ACTIVE, Task, TaskStatus
from dispatch.errors import MoveNotAllowedError, OfferExpiredError, OfferWithdrawnError
from dispatch.workflow import MOVES, Act, check, leads_to, move_task, standing
from tests.support.city import NOON, need, rule

AT_WORK = "filed returned dispatched handling extension_requested"
STILL_OPEN = f"reported received verifying {AT_WORK} shelved handled inspecting rework"
TABLE = (
    ("receive", "reported", "received", "incident.sort", "received"),
    ("verify", "reported received", "verifying", "incident.sort", "verifying"),
    ("file", "reported received verifying", "filed", "incident.sort", "filed"),
    ("reject", "reported received verifying", "rejected", "incident.sort", "rejected"),
    ("dispatch", AT_WORK, None, "incident.dispatch", "dispatched"),
    ("withdraw", "dispatched handling extension_requested", None, "incident.dispatch", "withdrawn"),
    ("add", AT_WORK, None, "incident.dispatch", "added"),
    ("merge", STILL_OPEN, "duplicate", "incident.dispatch", "duplicate"),
    ("return", "filed dispatched handling extension_requested", "returned", "incident.dispatch", "returned"),
    ("shelve", AT_WORK, "shelved", "incident.dispatch", "shelved"),
    ("resume", "shelved", "filed", "incident.dispatch", "resumed"),
    ("await", AT_WORK, None, "incident.dispatch", "awaiting"),
    ("go_on", AT_WORK, None, "incident.dispatch", "went_on"),
    ("whistle", AT_WORK, None, "incident.dispatch", "whistled"),
    (
        "ask_extension",
        "filed returned dispatched handling",
        "extension_requested",
        "task.answer",
        "extension_requested",
    ),
    ("extend", AT_WORK, None, "incident.supervise", "extended"),
    ("refuse_extension", "extension_requested", None, "incident.supervise", "extension_refused"),
    ("supervise", STILL_OPEN, None, "incident.supervise", "supervised"),
    ("remind", STILL_OPEN, None, "incident.dispatch", "reminded"),
    ("inspect", "handled", "inspecting", "incident.close", "inspecting"),
    ("rework", "handled inspecting", "rework", "incident.close", "rework"),
    ("close", "filed returned handled inspecting", "closed", "incident.close", "closed"),
    ("void", STILL_OPEN, "void", "incident.supervise", "void"),
    ("reopen", "closed rejected void duplicate", "filed", "incident.supervise", "reopened"),
)
"""Act, from where, where to, who may, the line it leaves."""
ALLOWED = {(act, stands): (to, who, line) for act, froms, to, who, line in TABLE for stands in froms.split()}
TASK_STEPS = {
    "offered": "accepted declined expired withdrawn",
    "accepted": "on_scene done failed withdrawn",
    "on_scene": "done failed withdrawn",
}
SMALL = [combination for n in range(4) for combination in product(NeedState, repeat=n)]
WHOSE = [combination for n in range(3) for combination in product(TaskStatus, repeat=n)]


def task(status: TaskStatus = TaskStatus.OFFERED, lasts: timedelta = timedelta(minutes=2)) -> Task:
    ended = None if status in ACTIVE else NOON
    return Task(uuid4(), uuid4(), uuid4(), status, 1, False, 10.0, NOON, NOON + lasts, ended_at=ended)


TASKS = {status: task(status) for status in TaskStatus}


def places(states: Iterable[NeedState]) -> list[Need]:
    return [replace(need(rule()), slot=f"added_{at}", state=state) for at, state in enumerate(states)]


def test_the_table_by_hand_names_every_act_once() -> None:
    assert sorted(row[0] for row in TABLE) == sorted(Act) == sorted(MOVES)
    assert len(Status) == 16


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("stands", Status)
def test_an_act_is_done_from_where_the_table_says_and_from_nowhere_else(act: Act, stands: Status) -> None:
    if (act.value, stands.value) in ALLOWED:
        move = check(act, stands)
        assert (move.to, move.permission, move.line) == ALLOWED[act.value, stands.value]
    else:
        with pytest.raises(MoveNotAllowedError) as refused:
            check(act, stands)
        to = next(row[2] for row in TABLE if row[0] == act)
        assert refused.value.facts == {"stands": stands, "to": to or act}


def stands_at(states: tuple[NeedState, ...], statuses: tuple[TaskStatus, ...]) -> str:
    """Say it in the field's words: who is there, who is on the way, what is missing, what is done."""
    if "on_scene" in statuses:
        return "handling"
    if "offered" in statuses or "accepted" in statuses:
        return "dispatched"
    if all(state in ("done", "dropped") for state in states) and "done" in states:
        return "handled"
    return "filed"


def exists(states: tuple[NeedState, ...], statuses: tuple[TaskStatus, ...]) -> bool:
    """Say whether there can be such a case: as many places are taken as tasks are active."""
    return states.count(NeedState.TAKEN) == sum(status in ("offered", "accepted", "on_scene") for status in statuses)


CASES = [(states, statuses) for states in SMALL for statuses in WHOSE if exists(states, statuses)]


def test_needs_and_tasks_say_where_an_incident_stands() -> None:
    assert len(CASES) > 3000
    for states, statuses in CASES:
        found = standing(places(states), [TASKS[status] for status in statuses])
        assert found == stands_at(states, statuses), (states, statuses)


def leads(now: str, states: tuple[NeedState, ...], statuses: tuple[TaskStatus, ...]) -> str:
    there = stands_at(states, statuses)
    if now == "verifying":
        return "verifying" if there in ("dispatched", "handling") or "open" in states else "received"
    if now == "extension_requested":
        return "handled" if there == "handled" else now
    if now == "returned":
        return now if there == "filed" else there
    return there


@pytest.mark.parametrize("now", Status)
def test_a_step_leads_on_from_where_the_incident_stood(now: Status) -> None:
    for states, statuses in CASES:
        found = leads_to(now, places(states), [TASKS[status] for status in statuses])
        assert found == leads(now, states, statuses), (states, statuses)


def test_every_status_is_reached_from_a_report_and_every_open_one_is_left() -> None:
    """Steps of tasks are taken where somebody can have one: while it is looked at, worked on or done again."""
    by_step = {
        now: {leads(now, states, statuses) for states, statuses in CASES}
        for now in ("verifying", "rework", *AT_WORK.split())
    }
    onward = {
        now: {to for (_, stands), (to, _, _) in ALLOWED.items() if stands == now and to} | by_step.get(now, set())
        for now in Status
    }
    reached, fresh = {"reported"}, {"reported"}
    while fresh:
        fresh = {to for now in fresh for to in onward[Status(now)]} - reached
        reached |= fresh
    assert reached == set(Status)
    given_up = {"void", "duplicate", "rejected"}
    for now in STILL_OPEN.split():
        assert onward[Status(now)] - given_up - {now}, now


@pytest.mark.parametrize("now", TaskStatus)
@pytest.mark.parametrize("to", TaskStatus)
@given(st.integers(-300, 300))
@example(119)
@example(120)
def test_a_task_takes_the_steps_of_the_table_and_an_offer_is_accepted_only_in_time(
    to: TaskStatus, now: TaskStatus, seconds: int
) -> None:
    given, at = task(now), NOON + timedelta(seconds=seconds)
    late = to is TaskStatus.ACCEPTED and (now is TaskStatus.EXPIRED or (now is TaskStatus.OFFERED and seconds >= 120))
    if now is TaskStatus.WITHDRAWN:
        with pytest.raises(OfferWithdrawnError) as refused:
            move_task(given, to, at)
        assert refused.value.facts == {"withdrawn_at": NOON}
    elif late:
        with pytest.raises(OfferExpiredError):
            move_task(given, to, at)
    elif to not in TASK_STEPS.get(now, "").split():
        with pytest.raises(MoveNotAllowedError):
            move_task(given, to, at)
    else:
        moved = move_task(given, to, at)
        assert moved.status is to
        stamped = {"accepted": "accepted_at", "on_scene": "on_scene_at"}.get(to.value, "ended_at")
        for stamp in ("accepted_at", "on_scene_at", "ended_at"):
            assert getattr(moved, stamp) == (at if stamp == stamped else None)
        assert (moved.ended_at is None) == (moved.status in ACTIVE)


def test_a_task_keeps_when_it_was_accepted_and_reached_to_its_end() -> None:
    minute = timedelta(minutes=1)
    accepted = move_task(task(), TaskStatus.ACCEPTED, NOON + minute)
    there = move_task(accepted, TaskStatus.ON_SCENE, NOON + 5 * minute)
    done = move_task(there, TaskStatus.DONE, NOON + 9 * minute)
    stamps = (done.accepted_at, done.on_scene_at, done.ended_at)
    assert stamps == (NOON + minute, NOON + 5 * minute, NOON + 9 * minute)
