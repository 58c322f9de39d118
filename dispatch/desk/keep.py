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


async def load_city(city: City, book: Book) -> None:
    """Read town, rules, ground and crew anew; the index is built off the event loop."""
    grids = await book.grids.in_force()
    layers = await asyncio.to_thread(_layers, grids)
    city.paths = await book.areas.paths([grid.area_id for grid in grids])
    city.rules = await book.categories.all()
    city.crew = Crew(await book.workers.all())
    city.town = await book.towns.the()
    city.layers = layers


def _layers(grids: list[Grid]) -> dict[str, Layer]:
    codes = dict.fromkeys(grid.layer for grid in grids)
    return {code: Layer([grid for grid in grids if grid.layer == code]) for code in codes}
