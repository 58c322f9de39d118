"""Export: what leaves the house in one piece is noted before it leaves."""

from collections.abc import Mapping
from typing import Any

from data.audit import noted
from data.book import Books
from data.tokens import Actor


async def note_export(wanted: Mapping[str, Any], actor: Actor, books: Books) -> None:
    """Note that incidents are exported, and which were asked for."""
    async with books.open(actor) as book:
        await book.audit.note(noted(actor, "incidents_exported", **wanted))
