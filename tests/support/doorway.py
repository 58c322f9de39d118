"""The doorway: accounts of all kinds, and tries to sign in."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from data.store import Store
from dispatch.desk.sign_in import SignedIn, sign_in
from dispatch.errors import BusyError, ThrottledError, WrongSignInError
from tests.support.place import Place

PASSWORD = "correct horse battery"
HERE = "192.0.2.7"
ADDRESSES = (f"198.51.100.{number % 250}" for number in count())


@dataclass
class Doorway:
    """A town with accounts, and its book of the audit."""

    place: Place
    store: Store
    ids: dict[str, UUID]

    async def comes(self, login: str, password: str = PASSWORD, address: str | None = HERE) -> SignedIn | str:
        """Try to sign in; return what begins, or the code of the refusal."""
        try:
            return await sign_in(login, password, address, self.store.books)
        except (WrongSignInError, ThrottledError, BusyError) as refused:
            return refused.code

    async def noted(self, action: str) -> list[Any]:
        """Return what the audit holds of an action, the oldest first."""
        rows = "SELECT actor, account_id, subject, result, code, address, facts::text AS facts FROM audit"
        return await self.place.run(f"{rows} WHERE action = :action ORDER BY id", action=action)

    async def whole_audit(self) -> str:
        """Return every row of the audit as text."""
        return "\n".join(row[0] for row in await self.place.run("SELECT audit::text FROM audit ORDER BY id"))

    async def later(self, minutes: int) -> None:
        """Let what was tried lie back by some minutes more."""
        await self.place.run("UPDATE sign_in_attempt SET at = at - make_interval(mins => :m)", m=minutes)


async def begun(door: Doorway, login: str = "wei", **given: Any) -> SignedIn:
    found = await door.comes(login, **given)
    assert isinstance(found, SignedIn), found
    return found
