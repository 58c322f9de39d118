"""View: whoever looks at households is noted before they are shown."""

from typing import Any
from uuid import UUID

from data.audit import noted
from data.book import Books
from data.store import Reader
from data.tokens import Actor
from dispatch.errors import UnknownHouseholdError


async def look_at_household(id_: UUID, actor: Actor, reader: Reader, books: Books) -> dict[str, Any]:
    """Return one household (WGS 84) with the codes of its grid and building.

    Raises
    ------
    UnknownHouseholdError
        If there is none, or it is not the actor's to see.
    """
    row = await reader.households.one(id_)
    if row is None:
        raise UnknownHouseholdError(id=id_)
    async with books.open(actor) as book:
        await book.audit.note(noted(actor, "household_viewed", f"household:{id_}"))
    return row


async def list_households(
    grid: str, after: UUID | None, limit: int, actor: Actor, reader: Reader, books: Books
) -> dict[str, Any]:
    """Return a page of a grid's households (WGS 84) by id, and the id after which the next page starts."""
    rows, onward = await reader.households.page(grid, after, limit)
    async with books.open(actor) as book:
        known = await book.areas.of_code(grid)
        await book.audit.note(noted(actor, "households_listed", known and f"grid:{grid}", count=len(rows)))
    return {"items": rows, "next": onward}
