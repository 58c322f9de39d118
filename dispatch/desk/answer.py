"""Answer: what a worker says to a task — accept, decline, arrive, finish — and where that leaves the incident."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from data.book import Book
from data.incidents import Event, Status
from data.tasks import ACTIVE, Task, TaskStatus
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.offer import offer
from dispatch.errors import UnknownIncidentError, UnknownTaskError
from dispatch.ranking import rank
from dispatch.workflow import INCIDENT_FOLLOWS, check_move, move_task


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


async def answer(task_id: UUID, said: Said, actor: Actor, city: City, book: Book) -> Task:
    """Take the worker's own task one step further; what is declined or failed goes to the next in order.

    Raises
    ------
    UnknownTaskError
        If there is no such task or it is somebody else's.
    MoveNotAllowedError, OfferExpiredError
        If the step does not follow from where the task stands, or comes too late.
    """
    task = await book.tasks.lock(task_id)
    if task is None or task.worker_id != actor.worker_id:
        raise UnknownTaskError(id=task_id)
    return await step(task, said, str(actor), city, book)


async def step(task: Task, said: Said, actor: str, city: City, book: Book) -> Task:
    """Take a locked task one step further and its incident with it."""
    now = await book.now()
    moved = replace(move_task(task, said.to, now), reason=said.reason, result=said.result)
    incident = await book.incidents.lock(task.incident_id)
    if incident is None:
        raise UnknownIncidentError(id=task.incident_id)
    status = INCIDENT_FOLLOWS[moved.status]
    if status is not incident.status:
        check_move(incident.status, status)
    await book.tasks.save(moved)
    if moved.status not in ACTIVE:
        await book.workers.release(moved.worker_id)
    facts = {"reason": said.reason} if said.reason else {}
    line = Event(incident.id, now, moved.status, actor, incident.status, status, task.id, facts)
    await book.incidents.append(line)
    if status is not incident.status:
        await book.incidents.set_status(incident.id, status)
    if status is Status.FILED:
        waiting = replace(incident, status=status)
        await offer(waiting, rank(waiting, city, now), book, now)
    return moved
