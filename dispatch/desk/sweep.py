"""Sweep: places that wait are offered again as soon as somebody could go. Any process may sweep at any time."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from itertools import batched, groupby
from uuid import UUID

from data.book import Books
from data.categories import Urgency
from data.ladders import Whom
from data.needs import Need, NeedState
from dispatch.city import City
from dispatch.competing import Place, Waiting, Wish, pairs, wishes_of
from dispatch.desk.case import RULES, lay_open
from dispatch.desk.offer import fill
from dispatch.ladder import rung_of
from dispatch.ranking import rank

log = logging.getLogger(__name__)

Led = Mapping[Place, UUID]
"""Who is asked first."""
NOBODY: Led = {}
PAGE = 200
MATCH_S = 0.05
"""For a page, which takes longer to be offered, one transaction for each of its incidents (docs/matching.md)."""


async def sweep(city: City, books: Books) -> int:
    """Offer what waits and could go now; return how many tasks were made.

    What is more urgent goes first, then what was filed first. Of one urgency a page is matched at a time: places that want
    the same people ask those first with whom the way in all is the least.

    Each incident is one transaction under its row lock, so several processes share the work and a process that dies
    in the middle leaves nothing half done. What waits is found by its row alone: nothing is kept in memory. One
    incident that fails is named in the log and holds nobody else up.
    """
    hopeful = await _hopeful(city, books)
    hopeful.sort(key=lambda one: (_urgency(one), one.incident.filed_at, one.incident.id))
    made = 0
    for _, alike in groupby(hopeful, _urgency):
        for page in batched(alike, PAGE):
            led = await _matched(page, city)
            made += sum([await _offer_again(one.incident.id, led, city, books) for one in page])
    return made


def _urgency(waiting: Waiting) -> int:
    return list(Urgency).index(waiting.incident.urgency)


async def _matched(page: Sequence[Waiting], city: City) -> Led:
    """Say whom the places of a page ask first; nobody is named where the order of the page is as good or time is over."""
    places, crew = sum(len(one.open) for one in page), city.crew
    if places < 2 or not city.kernels:
        return NOBODY
    wishes: list[Wish] = []
    for one in page:
        wishes += wishes_of(one, city, places)
        await asyncio.sleep(0)
    if city.crew is not crew:  # somebody new has come meanwhile, and rows are other people's
        return NOBODY
    led = await asyncio.to_thread(pairs, wishes, asyncio.get_running_loop().time, MATCH_S)
    if led is None:
        log.warning("%s places could not be matched in time: first come, first served", len(wishes))
        return NOBODY
    return {place: crew.workers[row].id for place, row in led.items()}


async def _hopeful(city: City, books: Books) -> list[Waiting]:
    """Read all that waits, a page at a time, and keep what somebody seems free for."""
    found: list[Waiting] = []
    after: UUID | None = None
    while True:
        async with books.open() as book:
            now = await book.now()
            page = await book.incidents.waiting(after, PAGE)
            needs = await book.needs.of([incident.id for incident in page])
        for incident in page:
            asked = tuple(one for one in needs[incident.id].values() if one.state is NeedState.OPEN)
            if any(rank(incident, need, _whom(need, city), city, now).anybody_free() for need in asked):
                found.append(Waiting(incident, asked, now))
        if len(page) < PAGE:
            return found
        after = page[-1].id
        await asyncio.sleep(0)


def _whom(need: Need, city: City) -> Whom:
    return rung_of(need, city.ladder(need.ladder)).whom


async def _offer_again(incident_id: UUID, led: Led, city: City, books: Books) -> int:
    made = 0
    try:
        async with books.open() as book:
            incident = await book.incidents.lock_if_free(incident_id)
            if incident is None:
                return 0
            case = await lay_open(incident, RULES, book)
            before = len(case.tasks)
            for slot in case.waiting():
                await fill(case, slot, city, book, led.get((incident_id, slot)))
            made = len(case.tasks) - before
            await case.put_down(book, city)
    except Exception:
        log.exception("incident %s could not be offered", incident_id)
        return 0
    if made:
        log.info("waiting incident %s offered, %s tasks", incident_id, made)
    return made
