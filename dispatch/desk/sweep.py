"""Sweep: offers that ran out go on, and waiting incidents are offered again. Any process may sweep at any time."""

import asyncio
import logging
from uuid import UUID

from data.book import Books
from data.categories import Urgency
from data.incidents import Incident
from data.tasks import TaskStatus
from dispatch.city import City
from dispatch.desk.answer import Said, step
from dispatch.desk.offer import RULES, offer
from dispatch.ranking import rank

log = logging.getLogger(__name__)

PAGE = 200


async def sweep(city: City, books: Books) -> int:
    """End every offer that has run out, then offer what waits and could go now; return how many tasks were made.

    Each incident is one transaction under its row lock, so several processes share the work and a process that dies
    in the middle leaves nothing half done. Whoever waits is found by status alone: nothing is kept in memory. One
    incident that fails is named in the log and holds nobody else up.
    """
    await _expire_all(city, books)
    hopeful = await _hopeful(city, books)
    hopeful.sort(key=lambda incident: (list(Urgency).index(incident.urgency), incident.filed_at, incident.id))
    return sum([await _offer_again(incident.id, city, books) for incident in hopeful])


async def _expire_all(city: City, books: Books) -> None:
    failed: list[UUID] = []
    while True:
        async with books.open() as book:
            task = await book.tasks.lock_expired(failed)
            if task is None:
                return
            try:
                async with book.step():
                    await step(task, Said(TaskStatus.EXPIRED), RULES, city, book)
            except Exception:
                log.exception("task %s could not expire", task.id)
                failed.append(task.id)


async def _hopeful(city: City, books: Books) -> list[Incident]:
    """Read all that waits, a page at a time, and keep what somebody seems free for."""
    found: list[Incident] = []
    after: UUID | None = None
    while True:
        async with books.open() as book:
            now = await book.now()
            page = await book.incidents.waiting(after, PAGE)
        found += [incident for incident in page if rank(incident, city, now).anybody_free()]
        if len(page) < PAGE:
            return found
        after = page[-1].id
        await asyncio.sleep(0)


async def _offer_again(incident_id: UUID, city: City, books: Books) -> int:
    try:
        async with books.open() as book:
            incident = await book.incidents.lock_waiting(incident_id)
            if incident is None:
                return 0
            now = await book.now()
            offered = await offer(incident, rank(incident, city, now), book, now)
    except Exception:
        log.exception("incident %s could not be offered", incident_id)
        return 0
    if offered.task is not None:
        log.info("waiting incident %s offered as task %s", incident_id, offered.task.id)
    return int(offered.task is not None)
