"""`wangge user`."""

import json
from typing import Annotated, Any
from uuid import UUID

import typer

from api.cli.database import fail, say
from api.cli.desk import account_of, at_the_desk, checked
from api.schemas.accounts import NewAccountIn, PasswordIn, RoleIn
from data.store import Store
from dispatch.desk import accounts as desk
from dispatch.errors import UnknownRoleHeldError

AT_ONCE = 500
Login = Annotated[str, typer.Argument(help="The account's login.")]
Area = Annotated[str | None, typer.Option(help="Code of the area; none: the whole town.")]
Layer = Annotated[str | None, typer.Option(help="Grid layer; none: all of them.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password's line instead of drawing one.")]


def add(  # noqa: PLR0913 - a command's options
    login: Annotated[str, typer.Argument(help="Letters, figures and . _ - of ASCII; kept in lower case.")],
    role: Annotated[str | None, typer.Option(help="A role to give at once.")] = None,
    area: Area = None,
    layer: Layer = None,
    name: Annotated[str | None, typer.Option(help="Name; none: the login.")] = None,
    worker: Annotated[str | None, typer.Option(help="Code of the worker whose account it is.")] = None,
    password_stdin: FromStdin = False,
) -> None:
    """Add an account and print its password once."""
    wanted = checked(lambda: NewAccountIn(login=login, name=name or login, worker_code=worker)).wanted()
    first = checked(lambda: RoleIn(role=role, area_code=area, layer=layer)).wanted() if role is not None else None
    if first is None and (area or layer):
        raise fail("--area and --layer say where a --role is held.")
    password = _read_password() if password_stdin else None
    new = desk.NewAccount(wanted.login, wanted.name, wanted.worker_code, password)

    async def work(store: Store) -> str:
        async with store.books.open() as book:
            id_, drawn = await desk.add_account(new, None, book)
            if first is not None:
                await desk.give_role(id_, first, None, book)
            return drawn

    _show(at_the_desk(work), password_stdin)


def listed(search: Annotated[str | None, typer.Argument(help="Part of a login or a name.")] = None) -> None:
    """List the accounts by login: login, name, worker, state, roles; tabs between them."""

    async def work(store: Store) -> None:
        after: UUID | None = None
        while True:
            async with store.books.open() as book:
                rows, after = await book.accounts.page(search, after, AT_ONCE)
            for row in rows:
                typer.echo(_line(json.loads(row)))
            if after is None:
                return

    at_the_desk(work)


def lock(login: Login) -> None:
    """Let nobody in by an account; what is open by it ends."""

    async def work(store: Store) -> None:
        async with store.books.open() as book:
            await desk.lock_account((await account_of(login, book.accounts)).id, None, book)

    at_the_desk(work)
    say("✓ locked")


def unlock(login: Login) -> None:
    """Let an account's owner in again."""

    async def work(store: Store) -> None:
        async with store.books.open() as book:
            await desk.unlock_account((await account_of(login, book.accounts)).id, None, book)

    at_the_desk(work)
    say("✓ unlocked")


def password(login: Login, password_stdin: FromStdin = False) -> None:
    """Give an account another password and print it once; its sessions end."""
    given = _read_password() if password_stdin else None

    async def work(store: Store) -> str:
        async with store.books.open() as book:
            return await desk.reset_password((await account_of(login, book.accounts)).id, None, book, given)

    _show(at_the_desk(work), password_stdin)


def role(
    login: Login,
    role: Annotated[str, typer.Argument(help="The role's code.")],
    area: Area = None,
    layer: Layer = None,
    take: Annotated[bool, typer.Option("--take", help="Take it away instead.")] = False,
) -> None:
    """Give an account a role, or take it away."""
    wanted = checked(lambda: RoleIn(role=role, area_code=area, layer=layer)).wanted()

    async def work(store: Store) -> str | None:
        async with store.books.open() as book:
            id_ = (await account_of(login, book.accounts)).id
            if not take:
                return await desk.appoint(id_, wanted, book)
            for held in await book.accounts.held(id_):
                if (held.role, held.area_code, held.layer) == (wanted.role, wanted.area_code, wanted.layer):
                    await desk.take_role(id_, held.id, None, book)
                    return None
            raise UnknownRoleHeldError

    drawn = at_the_desk(work)
    say("✓ taken" if take else "✓ given")
    if drawn is not None:
        say("✓ what was open by the account has ended, and it has another password, shown this once:")
        typer.echo(drawn)


def _read_password() -> str:
    """Read one line; the terminal or the pipe it comes from keeps it out of the list of processes."""
    line = typer.get_text_stream("stdin").readline().rstrip("\r\n")
    if not line:
        raise fail("No password came by standard input.")
    return checked(lambda: PasswordIn(current="", new=line)).new


def _show(password: str, was_given: bool) -> None:
    if was_given:
        say("✓ the password you gave is in force")
        return
    say("✓ the password, shown this once:")
    typer.echo(password)


def _line(account: dict[str, Any]) -> str:
    state = "locked" if account["locked_at"] else "open" if account["has_password"] else "no password"
    roles = ", ".join(_held(one) for one in account["roles"])
    parts = (account["login"], account["name"], account["worker"] or "–", state, roles or "–")
    return "\t".join(" ".join(part.split()) for part in parts)


def _held(held: dict[str, Any]) -> str:
    where = [held[kind]["code"] for kind in ("area", "layer") if held[kind]]
    return f"{held['role']}@{'/'.join(where)}" if where else str(held["role"])
