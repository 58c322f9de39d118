"""`wangge token`."""

from typing import Annotated
from uuid import UUID

import typer

from api.cli.database import fail, say
from api.cli.desk import account_of, at_the_desk, checked
from api.schemas.accounts import TokenIn
from data.rights import Permission
from data.store import Store
from dispatch.desk.own import end_token, make_token


def token(
    login: Annotated[str, typer.Argument(help="Whose token.")],
    days: Annotated[int, typer.Option(help="How long it is good for.", min=1, max=3650)] = 30,
    label: Annotated[str, typer.Option(help="What it is for.")] = "wangge token",
    permission: Annotated[
        list[Permission] | None, typer.Option(help="Narrow it to these; none: all that the account may do.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the account's tokens and sessions instead.")] = False,
    revoke: Annotated[UUID | None, typer.Option(help="End the token with this id instead.")] = None,
) -> None:
    """Make a program's token for an account and print it once; only its hash is kept."""
    if listed:
        _list(login)
    elif revoke is not None:
        _end(login, revoke)
    else:
        _make(login, checked(lambda: TokenIn(label=label, days=days, permissions=permission or None)))


def _make(login: str, asked: TokenIn) -> None:
    async def work(store: Store) -> str:
        async with store.books.open() as book:
            account = await account_of(login, book.accounts)
            if account.locked:
                raise fail("The account is locked: a token would open nothing.")
            made, _ = await make_token(account.id, asked.wanted(), None, book)
            return made

    typer.echo(at_the_desk(work))


def _list(login: str) -> None:
    async def work(store: Store) -> None:
        async with store.books.open() as book:
            for one in await book.tokens.of((await account_of(login, book.accounts)).id):
                narrowed = "all" if one.permissions is None else " ".join(one.permissions)
                typer.echo(f"{one.id}\t{one.kind}\t{one.label or '–'}\tuntil {one.expires_at}\t{narrowed}")

    at_the_desk(work)


def _end(login: str, id_: UUID) -> None:
    async def work(store: Store) -> None:
        async with store.books.open() as book:
            await end_token((await account_of(login, book.accounts)).id, id_, None, book)

    at_the_desk(work)
    say("✓ ended")
