"""Follow: whoever reports the same as another follows that one instead, and is told by a receipt what comes of it."""

from uuid import UUID

from data.book import Book
from data.incidents import ENDED, Incident, Status
from data.receipts import Receipt, ReceiptKind, new_receipt
from data.rights import Permission
from data.tokens import Actor
from dispatch.city import City
from dispatch.errors import NotFollowableError, UnknownIncidentError


def holder_of(actor: Actor) -> str | None:
    """Return whose own a receipt is that the actor is given; None: programs and the centre act on others' behalf."""
    return None if actor.program or actor.may(Permission.INCIDENT_VIEW) else str(actor)


async def follow(incident_id: UUID, actor: Actor, city: City, book: Book) -> Receipt:
    """Give a receipt of an incident that is open, or of the one it was merged with.

    Of one's own report it is another receipt, also when that has ended: the first code opens no more.

    Raises
    ------
    UnknownIncidentError
        If there is none that the actor sees or may be told of.
    NotFollowableError
        If it has ended.
    """
    incident = await book.incidents.one(incident_id)
    if incident is None or not _may_know(incident, actor, city):
        raise UnknownIncidentError(id=incident_id)
    mine = incident.reporter == str(actor)
    if incident.status is Status.DUPLICATE and not mine:
        assert incident.duplicate_of is not None, "a check of the table"
        incident = await book.incidents.one(incident.duplicate_of)
        assert incident is not None, "a key of the table"
    if incident.status in ENDED and not mine:
        raise NotFollowableError(stands=incident.status)
    given = new_receipt(ReceiptKind.REPORT if mine else ReceiptKind.FOLLOW, holder_of(actor))
    await book.receipts.give(incident.id, given)
    await book.outbox.put("incident", incident.id)
    return given


def _may_know(incident: Incident, actor: Actor, city: City) -> bool:
    """Say whether the actor sees an incident, or may be told of it because it lies in public."""
    rule = city.rules.get(incident.category)
    sees = actor.rights.covers(Permission.INCIDENT_VIEW, incident.layer, incident.area_path)
    return sees or incident.reporter == str(actor) or (rule is not None and rule.shared)
