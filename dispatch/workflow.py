"""The tables of moves: what may be done to an incident and a task from where they stand, and who may do it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from data.incidents import ENDED, Status
from data.needs import Need, NeedState
from data.rights import Permission
from data.tasks import ACTIVE, Task, TaskStatus
from dispatch.errors import MoveNotAllowedError, OfferExpiredError, OfferWithdrawnError


class Act(StrEnum):
    """What the command centre does to an incident."""

    RECEIVE = "receive"
    VERIFY = "verify"
    FILE = "file"
    REJECT = "reject"
    DISPATCH = "dispatch"
    WITHDRAW = "withdraw"
    ADD = "add"
    MERGE = "merge"
    RETURN = "return"
    SHELVE = "shelve"
    RESUME = "resume"
    AWAIT = "await"
    GO_ON = "go_on"
    WHISTLE = "whistle"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse_extension"
    SUPERVISE = "supervise"
    REMIND = "remind"
    INSPECT = "inspect"
    REWORK = "rework"
    CLOSE = "close"
    VOID = "void"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Move:
    """From where an act may be done, where it leads, by whom, and the line it leaves in the history.

    `to` None: where the incident then stands follows from its needs and tasks, or it is an event that moves nothing.
    """

    out_of: frozenset[Status]
    to: Status | None
    permission: Permission
    line: str


OPEN = frozenset(Status) - ENDED
UNSORTED = frozenset({Status.REPORTED, Status.RECEIVED, Status.VERIFYING})
WITH_SOMEBODY = frozenset({Status.DISPATCHED, Status.HANDLING, Status.EXTENSION_REQUESTED})
AT_WORK = frozenset({Status.FILED, Status.RETURNED}) | WITH_SOMEBODY
SORT, SEND = Permission.INCIDENT_SORT, Permission.INCIDENT_DISPATCH
SUPERVISE, CLOSE = Permission.INCIDENT_SUPERVISE, Permission.INCIDENT_CLOSE

MOVES: Mapping[Act, Move] = {
    Act.RECEIVE: Move(frozenset({Status.REPORTED}), Status.RECEIVED, SORT, "received"),
    Act.VERIFY: Move(frozenset({Status.REPORTED, Status.RECEIVED}), Status.VERIFYING, SORT, "verifying"),
    Act.FILE: Move(UNSORTED, Status.FILED, SORT, "filed"),
    Act.REJECT: Move(UNSORTED, Status.REJECTED, SORT, "rejected"),
    Act.DISPATCH: Move(AT_WORK, None, SEND, "dispatched"),
    Act.WITHDRAW: Move(WITH_SOMEBODY, None, SEND, "withdrawn"),
    Act.ADD: Move(AT_WORK, None, SEND, "added"),
    Act.MERGE: Move(OPEN, Status.DUPLICATE, SEND, "duplicate"),
    Act.RETURN: Move(AT_WORK - {Status.RETURNED}, Status.RETURNED, SEND, "returned"),
    Act.SHELVE: Move(AT_WORK, Status.SHELVED, SEND, "shelved"),
    Act.RESUME: Move(frozenset({Status.SHELVED}), Status.FILED, SEND, "resumed"),
    Act.AWAIT: Move(AT_WORK, None, SEND, "awaiting"),
    Act.GO_ON: Move(AT_WORK, None, SEND, "went_on"),
    Act.WHISTLE: Move(AT_WORK, None, SEND, "whistled"),
    Act.ASK_EXTENSION: Move(
        AT_WORK - {Status.EXTENSION_REQUESTED},
        Status.EXTENSION_REQUESTED,
        Permission.TASK_ANSWER,
        "extension_requested",
    ),
    Act.EXTEND: Move(AT_WORK, None, SUPERVISE, "extended"),
    Act.REFUSE_EXTENSION: Move(frozenset({Status.EXTENSION_REQUESTED}), None, SUPERVISE, "extension_refused"),
    Act.SUPERVISE: Move(OPEN, None, SUPERVISE, "supervised"),
    Act.REMIND: Move(OPEN, None, SEND, "reminded"),
    Act.INSPECT: Move(frozenset({Status.HANDLED}), Status.INSPECTING, CLOSE, "inspecting"),
    Act.REWORK: Move(frozenset({Status.HANDLED, Status.INSPECTING}), Status.REWORK, CLOSE, "rework"),
    Act.CLOSE: Move(
        frozenset({Status.FILED, Status.RETURNED, Status.HANDLED, Status.INSPECTING}), Status.CLOSED, CLOSE, "closed"
    ),
    Act.VOID: Move(OPEN, Status.VOID, SUPERVISE, "void"),
    Act.REOPEN: Move(ENDED, Status.FILED, SUPERVISE, "reopened"),
}
"""All acts. The steps of workers and timers move an incident by what its needs and tasks then are: `standing`."""

TASK_MOVES: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OFFERED: frozenset(
        {TaskStatus.ACCEPTED, TaskStatus.DECLINED, TaskStatus.EXPIRED, TaskStatus.WITHDRAWN}
    ),
    TaskStatus.ACCEPTED: frozenset({TaskStatus.ON_SCENE, TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.WITHDRAWN}),
    TaskStatus.ON_SCENE: frozenset({TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.WITHDRAWN}),
}

STAMP: Mapping[TaskStatus, str] = {TaskStatus.ACCEPTED: "accepted_at", TaskStatus.ON_SCENE: "on_scene_at"}


def check(act: Act, status: Status) -> Move:
    """Return the move of an act that an incident may take from where it stands, else raise MoveNotAllowedError."""
    move = MOVES[act]
    if status not in move.out_of:
        raise MoveNotAllowedError(stands=status, to=move.to or act)
    return move


def standing(needs: Collection[Need], tasks: Collection[Task]) -> Status:
    """Say where needs and tasks leave an incident that is being worked on.

    Somebody on scene: `handling`; somebody asked or on the way: `dispatched`; a place unfilled: `filed`, it waits;
    every place done or dropped: `handled`; nothing done at all: `filed`.
    """
    active = {task.status for task in tasks if task.status in ACTIVE}
    states = {need.state for need in needs}
    if TaskStatus.ON_SCENE in active:
        return Status.HANDLING
    if active:
        return Status.DISPATCHED
    if states & {NeedState.OPEN, NeedState.HELD} or NeedState.DONE not in states:
        return Status.FILED
    return Status.HANDLED


def leads_to(now: Status, needs: Collection[Need], tasks: Collection[Task]) -> Status:
    """Say where a step of a task or a need leaves an incident.

    An asked extension is decided by the command centre unless the work is done before; who only looks hands back to
    the desk; what was returned waits for the centre until somebody has it.
    """
    stands = standing(needs, tasks)
    if now is Status.VERIFYING:
        looking = any(task.status in ACTIVE for task in tasks) or any(need.state is NeedState.OPEN for need in needs)
        return Status.VERIFYING if looking else Status.RECEIVED
    if now is Status.EXTENSION_REQUESTED and stands is not Status.HANDLED:
        return now
    return now if now is Status.RETURNED and stands is Status.FILED else stands


def move_task(task: Task, to: TaskStatus, at: datetime) -> Task:
    """Take a task one step further.

    Raises
    ------
    MoveNotAllowedError
        If the step does not follow from where the task stands.
    OfferExpiredError
        If an offer is accepted after it ran out, even when no timer has fired yet.
    OfferWithdrawnError
        If an offer is answered that was taken back.
    """
    if to is TaskStatus.ACCEPTED and task.status is TaskStatus.EXPIRED:
        raise OfferExpiredError(offer_expires_at=task.offer_expires_at)
    if task.status is TaskStatus.WITHDRAWN:
        raise OfferWithdrawnError(withdrawn_at=task.ended_at)
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
