"""Seat: in a demo town anybody may sit down as the command centre or a worker; who gets up leaves no key behind."""

from data.book import Book
from data.tokens import Actor, ActorKind

DAYS = 7
SEATS = {"demo-dispatcher": ActorKind.DISPATCHER, "demo-worker": ActorKind.WORKER}


async def take_demo_seat(key: str, book: Book) -> tuple[str, Actor] | None:
    """Return a fresh token for a seat of a demo town; None for any other key, or where the town is no demo."""
    town = await book.towns.the()
    kind = SEATS.get(key)
    if town is None or not town.demo or kind is None:
        return None
    worker = await book.tokens.demo_worker() if kind is ActorKind.WORKER else None
    if kind is ActorKind.WORKER and worker is None:
        return None
    token = await book.tokens.issue(kind, worker, DAYS)
    actor = await book.tokens.who(token)
    return None if actor is None else (token, actor)


async def leave_seat(token: str, book: Book) -> None:
    """Sign out: the token opens nothing any more, wherever else it was copied to."""
    await book.tokens.revoke(token)
