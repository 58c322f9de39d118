"""Keep: load the city from the database and keep it true by what the feed tells."""

import asyncio

from data.book import Book, Books
from data.feed import Change
from data.grids import Grid
from dispatch.city import City
from dispatch.crew import Crew
from dispatch.layer import Layer


async def keep(change: Change, city: City, books: Books) -> None:
    """Bring the city up to a change. Whoever reads meanwhile sees the old ground or the new, never half."""
    if change.fresh or change.ground or change.rules:
        async with books.open() as book:
            await load_city(city, book)
    city.renew(change.workers)


async def renew_ground(city: City, books: Books) -> None:
    """Load the city anew when a grid's validity has begun or ended by time alone."""
    if city.ground_until is None:
        return
    async with books.open() as book:
        if await book.now() >= city.ground_until:
            await load_city(city, book)


async def load_city(city: City, book: Book) -> None:
    """Read town, rules, ground and crew anew; the index is built off the event loop."""
    grids = await book.grids.in_force()
    paths = await book.areas.paths([grid.area_id for grid in grids])
    rules, workers = await book.categories.all(), await book.workers.all()
    town, until = await book.towns.the(), await book.grids.next_change()
    layers = await asyncio.to_thread(_layers, grids)
    city.town, city.rules, city.layers, city.paths, city.ground_until = town, rules, layers, paths, until
    city.crew = Crew(workers)


def _layers(grids: list[Grid]) -> dict[str, Layer]:
    codes = dict.fromkeys(grid.layer for grid in grids)
    return {code: Layer([grid for grid in grids if grid.layer == code]) for code in codes}
