"""Recount: after limits or a calendar changed, every clock they touch is counted anew; what it used stays used."""

from uuid import UUID

from data.book import Book, Books
from data.limits import Step
from dispatch.city import City
from dispatch.deadlines import recompute
from dispatch.desk.case import RULES, pick_up
from dispatch.desk.keep import read_clockwork


async def recount(books: Books, *, working: bool) -> int:
    """Count anew the clocks that have not ended (`working`: in working time) or lack a year; return the incidents changed.

    Each incident is one transaction under its lock. Who is stopped in the middle does it again.
    """
    async with books.open() as book:
        city = City(rules=await book.categories.all(), clockwork=await read_clockwork(book))
        ids = await book.clocks.unsettled(working=working)
    return sum([await _recount(id_, city, books) for id_ in ids])


async def _recount(incident_id: UUID, city: City, books: Books) -> bool:
    async with books.open() as book:
        return await _anew(incident_id, city, book)


async def _anew(incident_id: UUID, city: City, book: Book) -> bool:
    case = await pick_up(incident_id, RULES, book)
    incident, clockwork = case.incident, city.clockwork
    for clock in case.clocks:
        if clock.ended_at is not None and clock.missing_year is None:
            continue
        open_ = clock.ended_at is None
        limit = clockwork.limit(clock.step, city.rules.get(incident.category), incident.area_path) if open_ else None
        anew = recompute(clock, limit or clock.limit, case.now, clockwork.calendar)
        if anew != clock:
            case.set_clock(anew)
        if anew.due_at != clock.due_at:
            step = None if clock.step is Step.HANDLE else clock.step
            case.line("recounted", step=step, was=clock.due_at.isoformat(), due=anew.due_at.isoformat())
    changed = case.clocks != case.found_clocks
    await case.put_down(book, city)
    return changed
