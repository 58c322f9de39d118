"""Sweep: places that wait are offered again as soon as somebody could go. Any process may sweep at any time."""

import asyncio
import logging
from uuid import UUID

from data.book import Books
from data.categories import Urgency
from data.incidents import Incident
from data.ladders import Whom
from data.needs import Need, NeedState
from dispatch.city import City
from dispatch.desk.case import RULES, lay_open
from dispatch.desk.offer import fill
from dispatch.ladder import rung_of
from dispatch.ranking import rank

log = logging.getLogger(__name__)

PAGE = 200


async def sweep(city: City, books: Books) -> int:
    """Offer what waits and could go now; return how many tasks were made.

    Each incident is one transaction under its row lock, so several processes share the work and a process that dies
    in the middle leaves nothing half done. What waits is found by its row alone: nothing is kept in memory. One
    incident that fails is named in the log and holds nobody else up.
    """
    hopeful = await _hopeful(city, books)
    hopeful.sort(key=lambda incident: (list(Urgency).index(incident.urgency), incident.filed_at, incident.id))
    return sum([await _offer_again(incident.id, city, books) for incident in hopeful])


async def _hopeful(city: City, books: Books) -> list[Incident]:
    """Read all that waits, a page at a time, and keep what somebody seems free for."""
    found: list[Incident] = []
    after: UUID | None = None
    while True:
        async with books.open() as book:
            now = await book.now()
            page = await book.incidents.waiting(after, PAGE)
            needs = await book.needs.of([incident.id for incident in page])
        for incident in page:
            asked = [(one, _whom(one, city)) for one in needs[incident.id].values() if one.state is NeedState.OPEN]
            if any(rank(incident, need, whom, city, now).anybody_free() for need, whom in asked):
                found.append(incident)
        if len(page) < PAGE:
            return found
        after = page[-1].id
        await asyncio.sleep(0)


def _whom(need: Need, city: City) -> Whom:
    return rung_of(need, city.ladder(need.ladder)).whom


async def _offer_again(incident_id: UUID, city: City, books: Books) -> int:
    made = 0
    try:
        async with books.open() as book:
            incident = await book.incidents.lock_if_free(incident_id)
            if incident is None:
                return 0
            case = await lay_open(incident, RULES, book)
            before = len(case.tasks)
            for slot in case.waiting():
                await fill(case, slot, city, book)
            made = len(case.tasks) - before
            await case.put_down(book, city)
    except Exception:
        log.exception("incident %s could not be offered", incident_id)
        return 0
    if made:
        log.info("waiting incident %s offered, %s tasks", incident_id, made)
    return made
