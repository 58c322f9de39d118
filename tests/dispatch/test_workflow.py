"""Which step may follow which: the table says it, and nothing else happens."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.incidents import Status
from data.tasks import ACTIVE, Task, TaskStatus
from dispatch.errors import MoveNotAllowedError, OfferExpiredError
from dispatch.workflow import INCIDENT_FOLLOWS, check_move, move_task
from tests.support.city import NOON

STEPS = {
    ("filed", "dispatched"),
    ("filed", "closed"),
    ("dispatched", "filed"),
    ("dispatched", "handling"),
    ("dispatched", "handled"),
    ("handling", "filed"),
    ("handling", "dispatched"),
    ("handling", "handled"),
    ("handled", "closed"),
}
TASK_STEPS = {
    ("offered", "accepted"),
    ("offered", "declined"),
    ("offered", "expired"),
    ("accepted", "on_scene"),
    ("accepted", "done"),
    ("accepted", "failed"),
    ("on_scene", "done"),
    ("on_scene", "failed"),
}


def offered(status: TaskStatus = TaskStatus.OFFERED, lasts: timedelta = timedelta(minutes=2)) -> Task:
    ended = None if status in ACTIVE else NOON
    return Task(uuid4(), uuid4(), uuid4(), status, 1, False, 10.0, NOON, NOON + lasts, ended_at=ended)


@pytest.mark.parametrize("now", Status)
@pytest.mark.parametrize("to", Status)
def test_an_incident_takes_the_steps_of_the_table_and_no_other(now: Status, to: Status) -> None:
    if (now.value, to.value) in STEPS:
        assert check_move(now, to) is to
    else:
        with pytest.raises(MoveNotAllowedError) as refused:
            check_move(now, to)
        assert refused.value.facts == {"stands": now, "to": to}


@pytest.mark.parametrize("now", TaskStatus)
@pytest.mark.parametrize("to", TaskStatus)
@given(st.integers(-300, 300))
@example(119)
@example(120)
def test_a_task_takes_the_steps_of_the_table_and_an_offer_is_accepted_only_in_time(
    to: TaskStatus, now: TaskStatus, seconds: int
) -> None:
    task, at = offered(now), NOON + timedelta(seconds=seconds)
    late_accept = to is TaskStatus.ACCEPTED and (
        now is TaskStatus.EXPIRED or (now is TaskStatus.OFFERED and seconds >= 120)
    )
    if late_accept:
        with pytest.raises(OfferExpiredError):
            move_task(task, to, at)
    elif (now.value, to.value) not in TASK_STEPS:
        with pytest.raises(MoveNotAllowedError):
            move_task(task, to, at)
    else:
        moved = move_task(task, to, at)
        assert moved.status is to
        stamped = {"accepted": "accepted_at", "on_scene": "on_scene_at"}.get(to.value, "ended_at")
        for stamp in ("accepted_at", "on_scene_at", "ended_at"):
            assert getattr(moved, stamp) == (at if stamp == stamped else None)
        assert (moved.ended_at is None) == (moved.status in ACTIVE)


@pytest.mark.parametrize("step", sorted(TASK_STEPS))
def test_every_step_of_a_task_leaves_its_incident_where_the_table_lets_it_go(step: tuple[str, str]) -> None:
    """An incident with an offered or accepted task is dispatched, one with somebody on scene is being handled."""
    before = {"offered": Status.DISPATCHED, "accepted": Status.DISPATCHED, "on_scene": Status.HANDLING}[step[0]]
    after = INCIDENT_FOLLOWS[TaskStatus(step[1])]
    assert after is before or check_move(before, after) is after
