"""Send: the dispatcher's hand — a chosen one over the rules' head, somebody else instead, one more, or nobody any more."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from data.book import Book
from data.categories import RankBy, Slot
from data.ladders import Whom
from data.needs import Need, NeedState, need_of
from data.rights import Permission
from data.tasks import Task, TaskStatus
from data.tokens import Actor
from data.workers import Kind
from dispatch.city import City
from dispatch.desk.call_in import departments_of
from dispatch.desk.case import By, Case, pick_up_for
from dispatch.desk.offer import fill, usual_offer
from dispatch.errors import (
    AlreadyOnItError,
    NobodyToAddError,
    UnknownSlotError,
    UnknownTaskError,
    UnknownWorkerError,
    WorkerNotFreeError,
)
from dispatch.ladder import from_the_foot
from dispatch.ranking import rank
from dispatch.workflow import AT_WORK, Act

LOOKS_AT_A_LOCKED_ROW, BETWEEN_LOOKS_S = 5, 0.02


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the dispatcher sends, for which place (None: the first that is not filled), and why."""

    worker_id: UUID
    reason: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose task is taken back, and why; `hold` keeps the place for the dispatcher's hand."""

    task_id: UUID
    reason: str
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """One more responder: a certain one, or whoever the rules find of a kind and with a skill."""

    responder: Kind
    reason: str
    skill: str | None = None
    worker_id: UUID | None = None


async def dispatch(incident_id: UUID, chosen: Chosen, by: By, city: City, book: Book) -> Case:
    """Send the chosen one, over the rules' head; whoever has the place is called back.

    Raises
    ------
    UnknownSlotError, UnknownWorkerError, AlreadyOnItError, WorkerNotFreeError
        If there is no such place, no such worker in the actor's area, or the worker cannot carry it.
    """
    case = await pick_up_for(Act.DISPATCH, incident_id, by, book)
    fitting = _fitting([*case.unfilled(), *case.needs], chosen.worker_id, case)
    slot = chosen.slot or next(iter(fitting), None)
    if slot is None or slot not in fitting:
        raise UnknownSlotError
    instead = case.active_in(slot)
    if instead is not None:
        _is_not_on_it(case, chosen.worker_id)
        await case.end([instead], TaskStatus.WITHDRAWN, book, chosen.reason)
    kind = "dispatched" if instead is None else "reassigned"
    task = await give(case, slot, chosen.worker_id, by.actor, city, book)
    lack = _overruled(case, case.needs[slot], chosen.worker_id, city)
    said = {"instead_of": instead and str(instead.worker_id), "overruled": lack, "before": case.before}
    case.line(kind, case.leads_to(), task, reason=chosen.reason, **said)
    await case.put_down(book, city)
    return case


async def withdraw(incident_id: UUID, taken: Taken, by: By, city: City, book: Book) -> Case:
    """Call somebody back; the place goes to the next in order, or with `hold` waits for the dispatcher's hand.

    Raises
    ------
    UnknownTaskError
        If the incident has no such task that is still going on.
    """
    case = await pick_up_for(Act.WITHDRAW, incident_id, by, book)
    task = next((one for one in case.active() if one.id == taken.task_id), None)
    if task is None:
        raise UnknownTaskError(id=taken.task_id)
    [ended] = await case.end([task], TaskStatus.WITHDRAWN, book, taken.reason)
    called = task.whom is Whom.DEPARTMENTS
    state = NeedState.DROPPED if called else NeedState.HELD if taken.hold else NeedState.OPEN
    case.put(replace(case.needs[task.slot], state=state))
    case.line("withdrawn", case.leads_to(), ended, reason=taken.reason)
    if state is NeedState.OPEN:
        await fill(case, task.slot, city, book)
    await case.put_down(book, city)
    return case


async def add(incident_id: UUID, added: Added, by: By, city: City, book: Book) -> Case:
    """Send one more responder beside those who go already.

    Raises
    ------
    NobodyToAddError, UnknownWorkerError, AlreadyOnItError, WorkerNotFreeError
        If it is not said whom, there is no such worker in the actor's area, or the worker cannot carry it.
    """
    if added.worker_id is None and added.skill is None and added.responder is Kind.PERSON:
        raise NobodyToAddError
    case = await pick_up_for(Act.ADD, incident_id, by, book)
    slot = f"added_{sum(name.startswith('added_') for name in case.needs) + 1}"
    rule = Slot(slot, added.responder, added.skill, RankBy.NEAREST, False, case.incident.urgency.value)
    case.put(need_of(rule, case.now))
    if added.worker_id is None:
        facts = {"skill": added.skill, "responder": added.responder, "reason": added.reason}
        case.line("added", None, None, slot=slot, **facts, before=case.before)
        await fill(case, slot, city, book)
    else:
        task = await give(case, slot, added.worker_id, by.actor, city, book)
        case.line("added", case.leads_to(), task, slot=slot, reason=added.reason, before=case.before)
    await case.put_down(book, city)
    return case


async def give(case: Case, slot: str, worker_id: UUID, actor: Actor | None, city: City, book: Book) -> Task:
    """Offer a place to a certain worker; only what cannot be helped speaks against it: the load one may carry."""
    row = city.crew.row_of.get(worker_id)
    known = None if row is None else city.crew.workers[row]
    if known is None or not (actor is None or actor.rights.covers(Permission.WORKER_VIEW, None, known.area_path)):
        raise UnknownWorkerError(id=worker_id)
    _is_not_on_it(case, worker_id)
    need = case.needs[slot]
    if not await _claimed(worker_id, need, book):
        raise WorkerNotFreeError(worker=known.code)
    case.put(replace(need, state=NeedState.TAKEN, tries=need.tries + 1))
    metres = rank(case.incident, need, Whom.RANKED, city, case.now).metres_to(worker_id)
    called = need.worker_id is not None
    whom = Whom.DEPARTMENTS if called else Whom.RANKED
    stands = departments_of(case, city, [worker_id])[worker_id] if called else usual_offer(case, city)
    task = replace(case.offered_to(worker_id, need, metres, stands), by_hand=True, whom=whom)
    case.offer(task)
    return task


async def offer_to_the_reserved(case: Case, city: City, book: Book) -> None:
    """Offer the first place that is not filled to whoever was reserved for this incident and this time."""
    waits = case.incident.status in AT_WORK
    reserved = await book.rosters.reserved_for(case.incident.id, case.now) if waits else []
    for worker_id in reserved:
        slot = next(iter(_fitting(case.unfilled(), worker_id, case)), None)
        if slot is None:
            continue
        try:
            task = await give(case, slot, worker_id, None, city, book)
        except (UnknownWorkerError, AlreadyOnItError, WorkerNotFreeError):
            continue
        case.line("dispatched", case.leads_to(), task, reserved=True)


async def _claimed(worker_id: UUID, need: Need, book: Book) -> bool:
    """Claim one worker; a row that somebody holds for a moment is looked at again: no one waits in a lock."""
    for look in range(LOOKS_AT_A_LOCKED_ROW):
        if await book.workers.claim([worker_id], exclusive=need.exclusive) is not None:
            return True
        await asyncio.sleep(BETWEEN_LOOKS_S * (look < LOOKS_AT_A_LOCKED_ROW - 1))
    return False


def _overruled(case: Case, need: Need, worker_id: UUID, city: City) -> str | None:
    """Name what the rules had against the chosen one; None when nothing."""
    ranking = rank(case.incident, need, Whom.RANKED, city, case.now)
    return ranking.shortfall_of(worker_id)


def _fitting(slots: Iterable[str], worker_id: UUID, case: Case) -> list[str]:
    """Return those of some places that this worker may have: a department's is nobody else's."""
    return [slot for slot in slots if case.needs[slot].worker_id in (None, worker_id)]


def _is_not_on_it(case: Case, worker_id: UUID) -> None:
    if any(task.worker_id == worker_id for task in case.active()):
        raise AlreadyOnItError


async def refill(case: Case, last: Task, city: City, book: Book) -> None:
    """Open the place of a task anew, offered first to whoever had the task, then as its ladder says."""
    case.put(from_the_foot(case.needs[last.slot], case.now))
    try:
        task = await give(case, last.slot, last.worker_id, None, city, book)
    except (UnknownWorkerError, AlreadyOnItError, WorkerNotFreeError):
        await fill(case, last.slot, city, book)
    else:
        case.line("offered", case.leads_to(), task, by_hand=True)
