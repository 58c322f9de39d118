"""Keep: load the city from the database and keep it true by what the feed tells."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data.book import Book, Books
from data.feed import Change
from data.grids import Grid
from dispatch.calendar import Calendar
from dispatch.city import City, zone_of
from dispatch.clockwork import Clockwork
from dispatch.crew import Crew
from dispatch.layer import Layer
from dispatch.roster import Duty, Reserved, duty_of, reserved_of

ROSTER_DAYS = 1
RENEWED_AFTER = timedelta(hours=6)


async def keep(change: Change, city: City, books: Books) -> None:
    """Bring the city up to a change. Whoever reads meanwhile sees the old ground or the new, never half."""
    if change.fresh or change.ground or change.rules:
        async with books.open() as book:
            await load_city(city, book)
    elif change.roster:
        async with books.open() as book:
            await load_roster(city, book)
    city.renew(change.workers)
    city.crew.move(change.moved)


async def renew(city: City, books: Books) -> None:
    """Load anew what time alone has changed: a grid's validity that began or ended, a roster known for some days only."""
    async with books.open() as book:
        now = await book.now()
        if city.ground_until is not None and now >= city.ground_until:
            await begin_ground(city.ground_until, book)
            await load_city(city, book)
        elif city.roster_until is not None and now >= city.roster_until:
            await load_roster(city, book)


async def begin_ground(at: datetime, book: Book) -> None:
    """Put households where the grids are that began to be in force, unless another process has, and say so."""
    if not await book.outbox.said_since("ground", at):
        await book.households.settle()
        await book.outbox.put("ground")


async def load_city(city: City, book: Book) -> None:
    """Read town, rules, ground and crew anew; the index is built off the event loop."""
    grids = await book.grids.in_force()
    paths = await book.areas.paths([grid.area_id for grid in grids])
    rules, workers = await book.categories.all(), await book.workers.all()
    ladders, members = await book.ladders.all(), await book.units.members()
    town, until = await book.towns.the(), await book.grids.next_change()
    layers = await asyncio.to_thread(_layers, grids, city)
    roster, clockwork = await _roster(zone_of(town), book), await read_clockwork(book)
    city.town, city.rules, city.layers, city.paths, city.ground_until = town, rules, layers, paths, until
    city.ladders, city.members, city.crew = ladders, members, Crew(workers, kernels=city.kernels)
    city.duty, city.reserved, city.roster_until = roster
    city.clockwork = clockwork


async def read_clockwork(book: Book) -> Clockwork:
    """Read the limits and the calendar they are counted by."""
    town, years = await book.towns.the(), await book.calendars.all()
    hours = () if town is None else town.hours
    calendar = Calendar(zone_of(town), hours, {year: one.days for year, one in years.items()})
    return Clockwork.of(calendar, await book.limits.all())


async def load_roster(city: City, book: Book) -> None:
    """Read anew who is on duty and who is spoken for."""
    city.duty, city.reserved, city.roster_until = await _roster(city.zone, book)


async def _roster(zone: ZoneInfo, book: Book) -> tuple[Duty, Reserved, datetime]:
    """Read duty and reservations for yesterday's night and the next days, and until when they hold."""
    now = await book.now()
    today = now.astimezone(zone).date()
    first, last = today - timedelta(days=1), today + timedelta(days=ROSTER_DAYS)
    patterns, changes = await book.rosters.patterns(first, last), await book.rosters.changes(first, last)
    reserved = await book.rosters.reservations(now - timedelta(hours=1), now + timedelta(days=ROSTER_DAYS))
    duty = await asyncio.to_thread(duty_of, patterns, changes, first, last, zone)
    return duty, reserved_of(reserved), now + RENEWED_AFTER


def _layers(grids: list[Grid], city: City) -> dict[str, Layer]:
    """Index each layer's grids, those that were there before from what there was."""
    of_layer: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        of_layer[grid.layer].append(grid)
    return {code: Layer(some, city.layers.get(code), kernels=city.kernels) for code, some in of_layer.items()}
