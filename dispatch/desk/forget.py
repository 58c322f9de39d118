"""Forget: what was only kept for a while — lines of the outbox, answers to repeated requests, dead tokens, old tries, old
deliveries."""

from data.book import Books

ANSWERS_KEPT_HOURS = 72
DEAD_TOKENS_KEPT_DAYS = 30
DELIVERIES_KEPT_DAYS = 30


async def forget(books: Books) -> None:
    """Drop what has served its time; any process may do so at any time."""
    async with books.open() as book:
        await book.outbox.forget()
        await book.answers.forget(ANSWERS_KEPT_HOURS)
        await book.attempts.forget()
        await book.tokens.forget(DEAD_TOKENS_KEPT_DAYS)
        await book.deliveries.forget(DELIVERIES_KEPT_DAYS)
