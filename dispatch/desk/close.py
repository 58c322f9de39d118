"""Close: the command centre looks at what was handled, sends it back, ends it and says what came of it, or opens it again."""

from dataclasses import replace
from uuid import UUID

from data.book import Book
from data.incidents import ENDED, Disposition, Status
from data.needs import NeedState
from data.rights import Permission
from data.tasks import Task, TaskStatus
from data.timers import TimerKind
from dispatch.city import City
from dispatch.desk.case import By, Case, pick_up_for
from dispatch.desk.offer import fill
from dispatch.desk.receive import send_out
from dispatch.desk.send import refill
from dispatch.desk.sort import drop_all
from dispatch.errors import NotTheOriginalError, UnknownIncidentError
from dispatch.facts import LOOKING
from dispatch.ladder import from_the_foot
from dispatch.workflow import Act

CLOCKS = tuple(TimerKind(kind) for kind in TimerKind if kind is not TimerKind.RESERVED)
"""What ends with an incident; a time for which somebody is reserved outlives it, as the reservation does."""


async def inspect(incident_id: UUID, note: str | None, by: By, book: Book) -> Case:
    """Look at what was handled before it is closed."""
    case = await pick_up_for(Act.INSPECT, incident_id, by, book)
    case.line("inspecting", Status.INSPECTING, note=note)
    await case.put_down(book)
    return case


async def rework(incident_id: UUID, reason: str, by: By, city: City, book: Book) -> Case:
    """Send back what was not handled well: first to whoever did it, else to the next in order."""
    case = await pick_up_for(Act.REWORK, incident_id, by, book)
    case.line("rework", Status.REWORK, reason=reason)
    done = [slot for slot, need in case.needs.items() if need.state is NeedState.DONE]
    await refill(case, [task for task in case.tasks.values() if task.slot == done[0]][-1], city, book)
    await case.put_down(book, city)
    return case


async def close(incident_id: UUID, disposition: Disposition, by: By, city: City, book: Book) -> Case:
    """Close an incident that is handled, or that waits and was settled in another way.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident.
    MoveNotAllowedError
        If somebody is still at it, or it is closed already.
    """
    case = await pick_up_for(Act.CLOSE, incident_id, by, book)
    await drop_all(case, book)
    case.incident = replace(case.incident, closed_at=case.now, disposition=disposition)
    case.line("closed", Status.CLOSED, disposition=disposition, before=case.before)
    await case.put_down(book, city)
    await book.timers.drop(incident_id, *CLOCKS)
    return case


async def void(incident_id: UUID, reason: str, by: By, city: City, book: Book) -> Case:
    """Declare an incident void: it should never have been filed. Whoever was sent is called back."""
    case = await pick_up_for(Act.VOID, incident_id, by, book)
    await drop_all(case, book)
    case.line("void", Status.VOID, reason=reason, before=case.before)
    await case.put_down(book, city)
    await book.timers.drop(incident_id, *CLOCKS)
    return case


async def merge(incident_id: UUID, original_id: UUID, reason: str | None, by: By, city: City, book: Book) -> Case:
    """Make an incident the duplicate of another, which goes on; whoever was sent to the duplicate is called back.

    Raises
    ------
    NotTheOriginalError
        If it is the same one, unknown to the actor, or has ended; or if this one is the original of others.
    """
    first, second = sorted((incident_id, original_id))  # two who merge the same pair do not wait for each other
    await book.incidents.lock(first)
    await book.incidents.lock(second)
    case = await pick_up_for(Act.MERGE, incident_id, by, book)
    original = None if original_id == incident_id else await book.incidents.lock(original_id)
    if original is None or original.status in ENDED or not _sees(original.layer, original.area_path, by):
        raise NotTheOriginalError
    if await book.incidents.has_duplicates(incident_id):
        raise NotTheOriginalError
    await drop_all(case, book)
    case.incident = replace(case.incident, duplicate_of=original_id)
    case.line("duplicate", Status.DUPLICATE, reason=reason, original=str(original_id), before=case.before)
    await case.put_down(book, city)
    await book.timers.drop(incident_id, *CLOCKS)
    await book.history.append(case.said_of(original, "merged", duplicate=str(incident_id)))
    return case


def _sees(layer: str, path: str | None, by: By) -> bool:
    return by.actor.rights.covers(Permission.INCIDENT_DISPATCH, layer, path)


async def reopen(incident_id: UUID, reason: str, by: By, city: City, book: Book) -> Case:
    """Open again what had ended; its places are offered anew and it is to be done within its category's time from now.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident.
    """
    case = await pick_up_for(Act.REOPEN, incident_id, by, book)
    await begin_again(case, reason, city, book)
    await case.put_down(book, city)
    return case


async def begin_again(case: Case, reason: str | None, city: City, book: Book, first_to_handler: bool = False) -> None:
    """Open again what had ended, as `reopen` does, or as work sent back: first to whoever handled it.

    Raises
    ------
    UnknownIncidentError
        If its category is unknown.
    """
    if case.incident.category not in city.rules:
        raise UnknownIncidentError(id=case.incident.id)
    wanted = await _wanted(case, book)
    case.incident = replace(case.incident, closed_at=None, disposition=None, duplicate_of=None)
    case.line("reopened", Status.FILED, reason=reason)
    handled = _last_done(case) if first_to_handler else None
    if handled is not None:
        await refill(case, handled, city, book)
        return
    for slot in wanted:
        case.put(from_the_foot(case.needs[slot], case.now))
        await fill(case, slot, city, book)
    if not wanted:
        await send_out(case, city, book)


def _last_done(case: Case) -> Task | None:
    """Return the last task by which the first of the places that are done was done; None: nothing was."""
    done = next((slot for slot, need in case.needs.items() if need.state is NeedState.DONE), None)
    found = [task for task in case.tasks.values() if task.slot == done and task.status is TaskStatus.DONE]
    return found[-1] if found else None


async def _wanted(case: Case, book: Book) -> list[str]:
    """Return the places that an incident had when it ended, but those of departments and of who only looked."""
    lines = await book.history.last(case.incident.id)
    before: dict[str, str] | None = next((line.facts["before"] for line in lines if "before" in line.facts), None)
    had = case.needs if before is None else [slot for slot, state in before.items() if state != NeedState.DROPPED]
    return [slot for slot, one in case.needs.items() if slot in had and one.worker_id is None and slot != LOOKING]
