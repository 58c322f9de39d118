"""Seat: in a demo town anybody at the machine itself may sit down at an account of each role."""

from dataclasses import replace

from data.audit import noted
from data.book import Book
from data.tokens import TokenKind
from dispatch.desk.sign_in import LOGIN, SignedIn, end_session

DAYS = 7


async def take_demo_seat(
    login: str, address: str | None, book: Book, instead_of: str | None = None
) -> SignedIn | None:
    """Begin a session at a seat of a demo town and end the one whose token the same browser had.

    None where there is no such seat, or the town is no demo.
    """
    account_id = await book.seats.account_of(login) if LOGIN.fullmatch(login) else None
    if account_id is None:
        return None
    token, _ = await book.tokens.issue(account_id, TokenKind.SESSION, DAYS)
    actor = await book.tokens.who(token)
    assert actor is not None, "a token just issued to an account that is not locked"
    actor = replace(actor, address=address)
    if instead_of is not None:
        await end_session(instead_of, address, book)
    await book.audit.note(noted(actor, "signed_in", seat=login))
    return SignedIn(token, actor)
