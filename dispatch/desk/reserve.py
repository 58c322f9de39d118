"""Reserve: somebody is spoken for during a time, for a matter of its own or for an incident."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from data.audit import noted
from data.book import Book
from data.incidents import ENDED
from data.rights import Permission
from data.rosters import Reservation
from data.schema import new_id
from data.timers import Timer, TimerKind
from data.tokens import Actor
from dispatch.errors import (
    MoveNotAllowedError,
    ReservedAlreadyError,
    TimePastError,
    UnknownIncidentError,
    UnknownReservationError,
    UnknownWorkerError,
)

EITHER = (Permission.ROSTER_MANAGE, Permission.INCIDENT_DISPATCH)


@dataclass(frozen=True, slots=True)
class ReservationWanted:
    """A reservation as it is asked for: from `starts` on, until before `ends`."""

    starts: datetime
    ends: datetime
    purpose: str
    incident_id: UUID | None = None


async def reserve(worker_id: UUID, wanted: ReservationWanted, by: Actor, book: Book) -> Reservation:
    """Let a worker be spoken for; when the time of an incident's own reservation comes, the worker is offered it.

    Raises
    ------
    UnknownWorkerError, UnknownIncidentError
        If there is no such worker or incident within what the actor commands.
    MoveNotAllowedError, TimePastError
        If the incident has ended, or the time is over.
    ReservedAlreadyError
        If the worker is spoken for during a part of that time.
    """
    may = await _permission(worker_id, by, book)
    if may is None:
        raise UnknownWorkerError(id=worker_id)
    await book.command(may)
    if wanted.incident_id is not None:
        await _refuse_incident(wanted.incident_id, may, by, book)
    if wanted.ends <= await book.now():
        raise TimePastError
    new = Reservation(new_id(), worker_id, wanted.starts, wanted.ends, wanted.incident_id, wanted.purpose)
    if not await book.rosters.reserve(new, str(by)):
        raise ReservedAlreadyError
    if new.incident_id is not None:
        await book.timers.set(Timer(TimerKind.RESERVED, new.incident_id, None, None, new.starts))
    await book.outbox.put("roster")
    facts = {"reservation": str(new.id), "from": new.starts, "until": new.ends, "incident": new.incident_id}
    await book.audit.note(noted(by, "worker_reserved", f"worker:{worker_id}", **facts))
    return new


async def release(reservation_id: UUID, by: Actor, book: Book) -> None:
    """Let nobody be spoken for by a reservation any more.

    Raises
    ------
    UnknownReservationError
        If there is none, or its worker is not within what the actor commands.
    """
    found = await book.rosters.reservation(reservation_id)
    may = None if found is None else await _permission(found.worker_id, by, book)
    if found is None or may is None:
        raise UnknownReservationError(id=reservation_id)
    await book.command(may)
    await book.rosters.drop_reservation(reservation_id)
    await book.outbox.put("roster")
    facts = {"reservation": str(reservation_id)}
    await book.audit.note(noted(by, "reservation_dropped", f"worker:{found.worker_id}", **facts))


async def _permission(worker_id: UUID, by: Actor, book: Book) -> Permission | None:
    """Return by which permission the actor may reserve a worker; None when there is no such worker for the actor."""
    place = await book.workers.place(worker_id)
    if place is None:
        return None
    return next((one for one in EITHER if by.rights.covers(one, None, place.area_path)), None)


async def _refuse_incident(incident_id: UUID, may: Permission, by: Actor, book: Book) -> None:
    """Refuse an incident that the actor does not command or that has ended."""
    place = (await book.incidents.places([incident_id])).get(incident_id)
    if place is None or not by.rights.covers(may, *place):
        raise UnknownIncidentError(id=incident_id)
    incident = await book.incidents.lock(incident_id)
    if incident is None or incident.status in ENDED:
        raise MoveNotAllowedError
