"""Own: what everybody does about the own account — another password, tokens for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from data.audit import noted
from data.book import Book, Books
from data.rights import Permission
from data.tokens import Actor, Token, TokenKind
from dispatch.desk.accounts import note, strong
from dispatch.errors import (
    SessionNeededError,
    ThrottledError,
    TooManyRightsError,
    TooManyTokensError,
    UnknownAccountError,
    UnknownTokenError,
    WrongPasswordError,
)
from dispatch.passwords import matches

MOST_TOKENS = 50


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """A program's token as it is asked for; without permissions it may do all that its account may."""

    label: str | None
    days: int
    permissions: Sequence[Permission] | None = None


async def change_password(current: str, new: str, by: Actor, books: Books) -> None:
    """Put a new password in the place of the present one and end all else that is open by the account.

    Tries count as tries to sign in do: a session that somebody else got hold of is no place to guess.

    Raises
    ------
    SessionNeededError
        If a program asks.
    ThrottledError, WrongPasswordError, WeakPasswordError, BusyError
        If too many tries failed lately, the present password is another, or the new one is no good.
    """
    _is_a_person(by)
    async with books.open() as book:
        account = await book.accounts.one(by.account_id)
        if account is None:
            raise UnknownAccountError(id=by.account_id)
        refusal = await book.attempts.reserve(account.login, by.address)
        if refusal is not None and refusal.first:
            held_back = noted(by, "sign_in_throttled", f"account:{account.id}", retry_after_s=refusal.retry_after_s)
            await book.audit.note(replace(held_back, result="refused", code=ThrottledError.code))
    if refusal is not None:
        raise ThrottledError(retry_after=refusal.retry_after_s)
    if not await matches(current, account.password_hash):
        raise WrongPasswordError
    async with books.open() as book:
        await book.attempts.clear(account.login)
    fresh = await strong(new, account.login)
    async with books.open(by) as book:
        if not await book.accounts.replace_password(account.id, account.password_hash, fresh):
            raise WrongPasswordError
        await book.tokens.revoke_all(account.id, but=by.token_id)
        await book.outbox.put("rights", account.id)
        await note(book, by, "password_changed", account.id)


async def make_own_token(wanted: TokenWanted, by: Actor, book: Book) -> tuple[str, Token]:
    """Make a program's token for the caller, who must have signed in as a person.

    Raises
    ------
    SessionNeededError
        If a program asks: a token that leaked must not make others that outlive it.
    TooManyRightsError
        If the account does not hold what the token shall allow.
    """
    _is_a_person(by)
    return await make_token(by.account_id, wanted, by, book)


async def make_token(account_id: UUID, wanted: TokenWanted, by: Actor | None, book: Book) -> tuple[str, Token]:
    """Make a program's token and return it with what can be read of it later: the token itself cannot.

    Raises
    ------
    TooManyRightsError
        If the account does not hold what the token shall allow: it may narrow, never widen.
    TooManyTokensError
        If the account has `MOST_TOKENS` of them.
    """
    if sum(one.kind is TokenKind.PROGRAM for one in await book.tokens.of(account_id)) >= MOST_TOKENS:
        raise TooManyTokensError(most=MOST_TOKENS)
    missing = set(wanted.permissions or ()) - await book.accounts.permissions(account_id)
    if missing:
        raise TooManyRightsError(permissions=sorted(missing))
    token, id_ = await book.tokens.issue(account_id, TokenKind.PROGRAM, wanted.days, wanted.label, wanted.permissions)
    narrowed = None if wanted.permissions is None else sorted(wanted.permissions)
    made = next(one for one in await book.tokens.of(account_id) if one.id == id_)
    await note(book, by, "token_made", account_id, token=str(id_), days=wanted.days, permissions=narrowed)
    return token, made


async def end_own_token(token_id: UUID, by: Actor, book: Book) -> None:
    """End one of the caller's sessions or tokens; a program ends no other than its own.

    Raises
    ------
    SessionNeededError, UnknownTokenError
        If a program asks for another, or there is no such token.
    """
    if token_id != by.token_id:
        _is_a_person(by)
    await end_token(by.account_id, token_id, by, book)


async def end_token(account_id: UUID, token_id: UUID, by: Actor | None, book: Book) -> None:
    """Let a token of an account open nothing any more.

    Raises
    ------
    UnknownTokenError
        If the account has no such token that is good.
    """
    if not await book.tokens.revoke_id(account_id, token_id):
        raise UnknownTokenError(id=token_id)
    await book.outbox.put("rights", account_id)
    await note(book, by, "token_revoked", account_id, token=str(token_id))


def _is_a_person(by: Actor) -> None:
    """Refuse a program: what leaked must not lock its owner out, nor make what outlives it."""
    if by.program:
        raise SessionNeededError
