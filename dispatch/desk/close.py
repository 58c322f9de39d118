"""Close: the command centre ends what was handled, or what nobody could take, and says what came of it."""

from uuid import UUID

from data.book import Book
from data.incidents import Disposition, Event, Status
from data.tokens import Actor
from dispatch.errors import UnknownIncidentError
from dispatch.workflow import check_move


async def close(incident_id: UUID, disposition: Disposition, actor: Actor, book: Book) -> None:
    """Close an incident that is handled, or that waits and was settled in another way.

    Raises
    ------
    UnknownIncidentError
        If there is no such incident.
    MoveNotAllowedError
        If somebody is still at it, or it is closed already.
    """
    incident = await book.incidents.lock(incident_id)
    if incident is None:
        raise UnknownIncidentError(id=incident_id)
    check_move(incident.status, Status.CLOSED)
    now = await book.now()
    await book.incidents.close(incident_id, disposition, now)
    facts = {"disposition": disposition}
    line = Event(incident_id, now, "closed", str(actor), incident.status, Status.CLOSED, facts=facts)
    await book.incidents.append(line)
