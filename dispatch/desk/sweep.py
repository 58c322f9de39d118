"""Sweep: offers that ran out go on, and waiting incidents are offered again. Any process may sweep at any time."""

import asyncio
import logging
from uuid import UUID

from data.book import Books
from data.categories import Urgency
from data.incidents import Incident
from dispatch.city import City
from dispatch.desk.answer import expire_one
from dispatch.desk.offer import offer
from dispatch.ranking import rank

log = logging.getLogger(__name__)

PAGE = 200


async def sweep(city: City, books: Books) -> int:
    """End every offer that has run out, then offer what waits and could go now; return how many tasks were made.

    Each incident is one transaction under its row lock, so several processes share the work and a process that dies
    in the middle leaves nothing half done. Whoever waits is found by status alone: nothing is kept in memory.
    """
    while await _expire(city, books):
        pass
    hopeful = await _hopeful(city, books)
    hopeful.sort(key=lambda incident: (list(Urgency).index(incident.urgency), incident.filed_at, incident.id))
    return sum([await _offer_again(incident.id, city, books) for incident in hopeful])


async def _expire(city: City, books: Books) -> bool:
    async with books.open() as book:
        return await expire_one(city, book)


async def _hopeful(city: City, books: Books) -> list[Incident]:
    """Read all that waits, a page at a time, and keep what somebody seems free for."""
    found: list[Incident] = []
    after: UUID | None = None
    while True:
        async with books.open() as book:
            now = await book.now()
            page = await book.incidents.waiting(after, PAGE)
        known = (i for i in page if i.category in city.rules and i.layer in city.layers)
        found += [incident for incident in known if rank(incident, city, now).anybody_free()]
        if len(page) < PAGE:
            return found
        after = page[-1].id
        await asyncio.sleep(0)


async def _offer_again(incident_id: UUID, city: City, books: Books) -> int:
    async with books.open() as book:
        incident = await book.incidents.lock_waiting(incident_id)
        if incident is None:
            return 0
        now = await book.now()
        offered = await offer(incident, rank(incident, city, now), book, now)
    if offered.task is not None:
        log.info("waiting incident %s offered as task %s", incident_id, offered.task.id)
    return int(offered.task is not None)
