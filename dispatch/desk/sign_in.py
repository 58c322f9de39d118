"""Sign in and out: a login and its password become a session; whoever fails learns nothing of why."""

import re
from dataclasses import dataclass, field, replace

from data.attempts import Refusal
from data.audit import Note, noted
from data.book import Book, Books
from data.credentials import Credential, Credentials
from data.tokens import Actor, TokenKind
from dispatch.errors import ThrottledError, WrongSignInError
from dispatch.passwords import hashed, matches, outdated, place

SESSION_DAYS = 7
LOGIN = re.compile(r"[^\W_][\w.-]{0,63}")
NO_LOGIN = ""
NOBODY_YET = "stranger"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun; the token cannot be read again."""

    token: str = field(repr=False)
    actor: Actor


async def sign_in(
    login: str, password: str, address: str | None, books: Books, instead_of: str | None = None
) -> SignedIn:
    """Begin a session for who brings the right password, and end the one whose token the same browser had.

    Raises
    ------
    WrongSignInError
        No such login, another password, no password, or a locked account: the same answer after the same work.
    ThrottledError
        Too many tries failed, by this login or from this address; `retry_after` says for how many seconds.
    BusyError
        Too many passwords wait to be checked.
    """
    with place():
        name = login.strip().lower()
        known = name if LOGIN.fullmatch(name) else NO_LOGIN
        async with books.open() as book:
            kept = await Credentials(book.connection).of(known)
            refusal = await book.attempts.reserve(name, address)
            if refusal is not None and refusal.first:
                await book.audit.note(_throttled(kept, address, refusal))
        if refusal is not None:
            raise ThrottledError(retry_after=refusal.retry_after_s)
        return await _checked(known, kept, password, address, books, instead_of)


async def sign_out(token: str, address: str | None, books: Books) -> None:
    """End a session: its token opens nothing any more, wherever else it was copied to; one of nobody's is let be."""
    async with books.open() as book:
        await end_session(token, address, book)


async def end_session(token: str, address: str | None, book: Book) -> None:
    """End a session and the streams that are open by it, and note that its owner signed out."""
    actor = await book.tokens.who(token)
    account_id = await book.tokens.revoke(token)
    if actor is None or account_id is None:
        return
    await book.outbox.put("rights", account_id)
    await book.audit.note(noted(replace(actor, address=address), "signed_out"))


async def _checked(
    login: str, kept: Credential | None, password: str, address: str | None, books: Books, instead_of: str | None
) -> SignedIn:
    right = await matches(password, kept.password_hash if kept else None)
    if kept is not None and right and not kept.locked:
        signed_in = await _begin(login, kept, password, address, books, instead_of)
        if signed_in is not None:
            return signed_in
    async with books.open() as book:
        await book.audit.note(_failed(kept, right, address))
    raise WrongSignInError


async def _begin(
    login: str, checked: Credential, password: str, address: str | None, books: Books, instead_of: str | None
) -> SignedIn | None:
    """Issue the token, unless the account was changed while its password was being checked."""
    fresh = await hashed(password) if outdated(checked.password_hash or "") else None
    async with books.open() as book:
        credentials = Credentials(book.connection)
        if await credentials.of(login, hold=True) != checked:
            return None
        if fresh is not None:
            await credentials.set(checked.id, fresh)
        await book.attempts.clear(login)
        token, _ = await book.tokens.issue(checked.id, TokenKind.SESSION, SESSION_DAYS)
        actor = await book.tokens.who(token)
        assert actor is not None, "a token just issued to an account that is not locked"
        actor = replace(actor, address=address)
        if instead_of is not None:
            await end_session(instead_of, address, book)
        await book.audit.note(noted(actor, "signed_in"))
    return SignedIn(token, actor)


def _throttled(kept: Credential | None, address: str | None, refusal: Refusal) -> Note:
    return Note(
        "sign_in_throttled",
        NOBODY_YET,
        subject=_subject(kept),
        result="refused",
        code=ThrottledError.code,
        address=address,
        facts={"retry_after_s": refusal.retry_after_s},
    )


def _failed(kept: Credential | None, right: bool, address: str | None) -> Note:
    why = "unknown" if kept is None else "locked" if kept.locked else "changed" if right else "wrong"
    return Note(
        "sign_in_failed",
        NOBODY_YET,
        subject=_subject(kept),
        result="failed",
        code=WrongSignInError.code,
        address=address,
        facts={"why": "no_password" if kept and kept.password_hash is None else why},
    )


def _subject(kept: Credential | None) -> str | None:
    return None if kept is None else f"account:{kept.id}"
