"""Sort: the intake clerk receives a report, has it looked at, files it under its category, or rejects it."""

from dataclasses import dataclass, replace
from uuid import UUID

from data.book import Book
from data.categories import RankBy, Slot
from data.incidents import Status
from data.needs import NeedState, need_of
from data.rights import Permission
from data.tasks import PUT_ASIDE, TaskStatus
from data.workers import Kind
from dispatch.city import City
from dispatch.desk.case import By, Case, pick_up_for
from dispatch.desk.receive import send_out
from dispatch.desk.send import give
from dispatch.errors import OutOfScopeError, UnknownCategoryError
from dispatch.facts import LOOKING
from dispatch.workflow import Act

"""Why a task was withdrawn that was not the worker's doing: the worker may be asked again."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who is sent to look (None: nobody), and what for."""

    worker_id: UUID | None
    note: str | None


async def receive_report(incident_id: UUID, note: str | None, by: By, city: City, book: Book) -> Case:
    """Take a report in: somebody at the command centre has it before the eyes."""
    case = await pick_up_for(Act.RECEIVE, incident_id, by, book)
    case.line("received", Status.RECEIVED, note=note)
    await case.put_down(book, city)
    return case


async def verify(incident_id: UUID, sight: Sight, by: By, city: City, book: Book) -> Case:
    """Have a report looked at before it is filed; with a worker, that one is sent to look.

    Raises
    ------
    UnknownWorkerError, WorkerNotFreeError
        If there is no such worker in the actor's area, or the worker carries all that one may.
    """
    case = await pick_up_for(Act.VERIFY, incident_id, by, book)
    case.line("verifying", Status.VERIFYING, note=sight.note)
    if sight.worker_id is not None:
        ladder = case.incident.urgency.value
        case.put(need_of(Slot(LOOKING, Kind.PERSON, None, RankBy.NEAREST, False, ladder), case.now))
        await give(case, LOOKING, sight.worker_id, by.actor, city, book)
    await case.put_down(book, city)
    return case


async def file(incident_id: UUID, category: str | None, by: By, city: City, book: Book) -> Case:
    """File a report, under another category where the first was wrong, and send out whom it needs.

    Raises
    ------
    UnknownCategoryError, NoGroundError, OutOfScopeError
        If there is no such category, its layer has no grids, or what it becomes is not the actor's to file.
    """
    case = await pick_up_for(Act.FILE, incident_id, by, book)
    rule = city.rules.get(category or case.incident.category)
    if rule is None:
        raise UnknownCategoryError
    was = case.incident
    reported = was.reported_at
    refiled = replace(
        was,
        category=rule.code,
        layer=rule.layer,
        urgency=rule.urgency,
        deadline_at=reported + rule.deadline,
        scene_due_at=None if rule.scene is None else reported + rule.scene,
        grid_id=None,
        area_id=None,
        area_path=None,
        nearest_grid_id=None,
    )
    case.incident = replace(was if rule.code == was.category else city.place(refiled), filed_at=case.now)
    if not by.actor.rights.covers(Permission.INCIDENT_SORT, case.incident.layer, case.incident.area_path):
        raise OutOfScopeError
    await set_aside(case, book)
    for need in list(case.needs.values()):
        case.put(replace(need, state=NeedState.DROPPED))
    case.line("filed", Status.FILED, category=category and rule.code)
    await send_out(case, city, book)
    await case.put_down(book, city)
    return case


async def reject(incident_id: UUID, reason: str, by: By, city: City, book: Book) -> Case:
    """Decide that a report is no matter for the grids; whoever was sent to look is called back."""
    case = await pick_up_for(Act.REJECT, incident_id, by, book)
    await drop_all(case, book)
    case.line("rejected", Status.REJECTED, reason=reason, before=case.before)
    await case.put_down(book, city)
    return case


async def set_aside(case: Case, book: Book, reason: str = PUT_ASIDE) -> None:
    """Take back every task somebody has: none of them is to blame."""
    await case.end(case.active(), TaskStatus.WITHDRAWN, book, reason)


async def drop_all(case: Case, book: Book) -> None:
    """Take back every task and need nobody any more."""
    await set_aside(case, book)
    for need in list(case.needs.values()):
        if need.state is not NeedState.DONE:
            case.put(replace(need, state=NeedState.DROPPED))
