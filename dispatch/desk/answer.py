"""Answer: what a worker says to a task — accept, decline, arrive, finish — and where that leaves the incident."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from data.book import Book
from data.ladders import Whom
from data.needs import NeedState
from data.tasks import ACTIVE, Task, TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.call_in import call_again
from dispatch.desk.case import NO_REST, Case, pick_up
from dispatch.desk.offer import fill
from dispatch.errors import UnknownIncidentError, UnknownTaskError
from dispatch.workflow import move_task


class DeclineReason(StrEnum):
    """Why a worker says no."""

    TOO_FAR = "too_far"
    BUSY = "busy"
    NOT_MINE = "not_mine"
    UNSAFE = "unsafe"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """A worker's answer: the step it takes, a reason for a refusal, a note on the result."""

    to: TaskStatus
    reason: str | None = None
    result: str | None = None


NEED_AFTER = {
    TaskStatus.DONE: NeedState.DONE,
    TaskStatus.DECLINED: NeedState.OPEN,
    TaskStatus.EXPIRED: NeedState.OPEN,
    TaskStatus.FAILED: NeedState.OPEN,
}


async def answer(task_id: UUID, said: Said, actor: Actor, city: City, book: Book) -> Task:
    """Take the worker's own task, or one of a unit it belongs to, a step further; what is declined goes to the next.

    Raises
    ------
    UnknownTaskError
        If there is no such task or it is somebody else's.
    MoveNotAllowedError, OfferExpiredError, OfferWithdrawnError
        If the step does not follow from where the task stands, or comes too late.
    """
    case = await own_case(task_id, actor, book)
    moved = await step(case, case.tasks[task_id], said, city, book)
    await case.put_down(book, city)
    return moved


async def own_case(task_id: UUID, actor: Actor, book: Book) -> Case:
    """Pick up the incident of a task that is the actor's own or its unit's.

    Raises
    ------
    UnknownTaskError
        If there is no such task, it is somebody else's, or it ended long ago.
    """
    whose = await book.tasks.whose(task_id)
    if whose is None or whose.worker_id not in actor.responders:
        raise UnknownTaskError(id=task_id)
    try:
        return await pick_up(whose.incident_id, str(actor), book)
    except UnknownIncidentError:
        raise UnknownTaskError(id=task_id) from None


async def step(case: Case, task: Task, said: Said, city: City, book: Book) -> Task:
    """Take a task of a case one step further, and its place with it."""
    moved = replace(move_task(task, said.to, case.now), reason=said.reason, result=said.result)
    rule, need = city.rules.get(case.incident.category), case.needs[task.slot]
    case.tasks[task.id] = moved
    if moved.status not in ACTIVE:
        case.put(replace(need, state=NEED_AFTER[moved.status]))
        rest = rule.rest if rule and moved.status is TaskStatus.DONE else NO_REST
        await book.workers.release([moved.worker_id], rest)
    await book.tasks.save(moved)
    called = moved.whom is Whom.DEPARTMENTS
    if called and moved.status in (TaskStatus.DECLINED, TaskStatus.FAILED, TaskStatus.EXPIRED):
        case.put(replace(case.needs[task.slot], state=NeedState.HELD))
    kind = "reported_in" if called and moved.status is TaskStatus.ACCEPTED else moved.status.value
    case.line(kind, case.leads_to(), moved, reason=said.reason)
    if called and moved.status is TaskStatus.EXPIRED:
        await call_again(case, moved, city, book)
    elif case.needs[task.slot].state is NeedState.OPEN:
        await fill(case, task.slot, city, book)
    return moved
