"""What whoever holds the machine asks of the desk."""

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable

from pydantic import ValidationError

from api.cli.database import fail, logins
from api.i18n import said
from api.settings import Settings
from data.accounts import Account, Accounts
from data.engine import Role
from data.store import Store
from dispatch.errors import RefusedError, UnknownAccountError

LANGUAGE = "en"


def at_the_desk[Done](work: Callable[[Store], Awaitable[Done]]) -> Done:
    """Carry out work on the town's database; what is refused is said in one line."""
    with logins(Settings()) as urls:
        try:
            return asyncio.run(_carried_out(urls.server, work))
        except RefusedError as refusal:
            raise fail(said(LANGUAGE, refusal.code, refusal.facts)) from None


def checked[Given](make: Callable[[], Given]) -> Given:
    """Make a request of what was typed, as the API does; what it may not be is said in one line, without it."""
    try:
        return make()
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()]
        raise fail(f"This cannot be taken: {', '.join(wrong)}.") from None


async def account_of(login: str, accounts: Accounts) -> Account:
    """Read the account with a login.

    Raises
    ------
    UnknownAccountError
        If there is none.
    """
    found = await accounts.by_login(login) if login.isprintable() else None
    if found is None:
        raise UnknownAccountError
    return found


async def _carried_out[Done](url: str, work: Callable[[Store], Awaitable[Done]]) -> Done:
    from data import migrate

    if await migrate.pending(url, Role.APP):
        raise fail("The database lacks migrations: run `wangge db upgrade` first.")
    store = Store(url, pool_size=1, noted_with=_operator())
    try:
        return await work(store)
    finally:
        await store.close()


def _operator() -> dict[str, str]:
    """Name the operating system's user, where it has a name for who runs this."""
    try:
        return {"os_user": pwd.getpwuid(os.getuid()).pw_name}
    except KeyError:
        return {}
