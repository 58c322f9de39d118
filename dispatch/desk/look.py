"""Look: who could go, before the dispatcher's hand decides."""

from typing import Any
from uuid import UUID

from data.book import Book
from data.ladders import Whom
from data.rights import Permission
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.case import pick_up
from dispatch.errors import UnknownSlotError
from dispatch.ranking import rank

LISTED = 30


async def who_could_go(incident_id: UUID, slot: str | None, actor: Actor, city: City, book: Book) -> dict[str, Any]:
    """Return who could fill a place, in order, with what speaks against the others; of them whom the actor may see.

    Raises
    ------
    UnknownIncidentError, UnknownSlotError
        If there is no such incident where the actor dispatches, or no such place.
    """
    case = await pick_up(incident_id, str(actor), book)
    slot = slot or next(iter([*case.unfilled(), *case.needs]), None)
    if slot is None or slot not in case.needs:
        raise UnknownSlotError
    ranking = rank(case.incident, case.needs[slot], Whom.RANKED, city, case.now)
    crew = city.crew
    free = crew.free(exclusive=ranking.need.exclusive)
    first = next((id_ for id_ in ranking.ids() if free[crew.row_of[id_]]), None)
    items = [
        one.as_json() | {"free": bool(free[crew.row_of[one.worker_id]])}
        for one in ranking.candidates(first, LISTED)
        if actor.rights.covers(Permission.WORKER_VIEW, None, crew.workers[crew.row_of[one.worker_id]].area_path)
    ]
    return {"slot": slot, "items": items}
