"""Tell: what is due is claimed for a while, sent outside of any transaction, and how it went is noted."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from data.book import Books
from data.receivers import Due, Reached
from data.tokens import Actor
from dispatch.desk.receivers import manages_notices, note_on_receiver
from dispatch.errors import UnknownReceiverError
from dispatch.notices import PATIENCE, wait_after

LEASE = timedelta(seconds=60)
"""Much longer than an errand takes. Whoever claimed and died leaves the delivery to others when it ends."""


async def claim(limit: int, books: Books) -> list[Due]:
    """Claim what is due, at most one of each receiver; any process may do so at any time."""
    async with books.open() as book:
        return await book.deliveries.claim(limit, LEASE)


async def noted_as(trouble: str | None, due: Due, books: Books) -> None:
    """Note how a try went; what failed waits longer each time and is given up in the end."""
    async with books.open() as book:
        if trouble is None:
            await book.deliveries.delivered(due)
        else:
            await book.deliveries.failed(due, trouble, wait_after(due.tries), PATIENCE)


async def try_out(
    receiver_id: UUID, by: Actor | None, books: Books, send: Callable[[Reached, datetime], Awaitable[str | None]]
) -> str | None:
    """Tell a receiver that this is a test and return the code of what went wrong, None when nothing did.

    What failed before and waits is tried at once when the receiver is well again.

    Raises
    ------
    UnknownReceiverError, OutOfScopeError
        If there is no such receiver, or it is not the caller's to try.
    """
    manages_notices(by)
    async with books.open() as book:
        receiver = await book.receivers.one(receiver_id)
        if receiver is None:
            raise UnknownReceiverError(id=receiver_id)
        now = await book.now()
        await note_on_receiver(book, by, "receiver_tested", receiver_id)
    trouble = await send(receiver, now)
    if trouble is None:
        async with books.open() as book:
            await book.deliveries.hurry(receiver_id)
    return trouble
