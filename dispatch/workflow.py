"""The table of moves: which step may follow which, for an incident and for a task."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from data.incidents import Status
from data.tasks import Task, TaskStatus
from dispatch.errors import MoveNotAllowedError, OfferExpiredError

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.FILED: frozenset({Status.DISPATCHED, Status.CLOSED}),
    Status.DISPATCHED: frozenset({Status.FILED, Status.HANDLING, Status.HANDLED}),
    Status.HANDLING: frozenset({Status.FILED, Status.DISPATCHED, Status.HANDLED}),
    Status.HANDLED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}
"""Steps that are taken today; a status that is not named here leads nowhere."""

TASK_MOVES: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OFFERED: frozenset({TaskStatus.ACCEPTED, TaskStatus.DECLINED, TaskStatus.EXPIRED}),
    TaskStatus.ACCEPTED: frozenset({TaskStatus.ON_SCENE, TaskStatus.DONE, TaskStatus.FAILED}),
    TaskStatus.ON_SCENE: frozenset({TaskStatus.DONE, TaskStatus.FAILED}),
}

INCIDENT_FOLLOWS: Mapping[TaskStatus, Status] = {
    TaskStatus.OFFERED: Status.DISPATCHED,
    TaskStatus.ACCEPTED: Status.DISPATCHED,
    TaskStatus.ON_SCENE: Status.HANDLING,
    TaskStatus.DONE: Status.HANDLED,
    TaskStatus.DECLINED: Status.FILED,
    TaskStatus.EXPIRED: Status.FILED,
    TaskStatus.FAILED: Status.FILED,
}
"""Where a task's step leaves its incident; `filed` waits for the next worker."""

STAMP: Mapping[TaskStatus, str] = {TaskStatus.ACCEPTED: "accepted_at", TaskStatus.ON_SCENE: "on_scene_at"}


def check_move(now: Status, to: Status) -> Status:
    """Return `to` when an incident may go there, else raise MoveNotAllowedError."""
    if to not in MOVES.get(now, frozenset()):
        raise MoveNotAllowedError(stands=now, to=to)
    return to


def move_task(task: Task, to: TaskStatus, at: datetime) -> Task:
    """Take a task one step further.

    Raises
    ------
    MoveNotAllowedError
        If the step does not follow from where the task stands.
    OfferExpiredError
        If an offer is accepted after it ran out, even when no sweep has noticed yet.
    """
    if to is TaskStatus.ACCEPTED and task.status is TaskStatus.EXPIRED:
        raise OfferExpiredError(offer_expires_at=task.offer_expires_at)
    if to not in TASK_MOVES.get(task.status, frozenset()):
        raise MoveNotAllowedError(stands=task.status, to=to)
    if to is TaskStatus.ACCEPTED and at >= task.offer_expires_at:
        raise OfferExpiredError(offer_expires_at=task.offer_expires_at)
    stamp = STAMP.get(to, "ended_at")
    return replace(
        task,
        status=to,
        accepted_at=at if stamp == "accepted_at" else task.accepted_at,
        on_scene_at=at if stamp == "on_scene_at" else task.on_scene_at,
        ended_at=at if stamp == "ended_at" else None,
    )
