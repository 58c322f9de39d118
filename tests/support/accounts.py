"""Administrators at their desk, and accounts as they are seen from there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from data.tokens import TokenKind
from dispatch.desk.accounts import RoleWanted, appoint
from dispatch.desk.sign_in import sign_in
from dispatch.errors import WrongSignInError
from tests.support.client import Client, bearing
from tests.support.place import Place


@dataclass
class Offices:
    """A served place with a system administrator and a security administrator, by their headers."""

    place: Place
    client: Client
    system: dict[str, str]
    security: dict[str, str]

    @classmethod
    async def of(cls, place: Place, client: Client) -> "Offices":
        """Appoint both in a town of one community with a grid, and one beside it."""
        await place.add_block(1, 1)
        await place.add_area("C2")
        system, security = await place.token("system_admin"), await place.token("security_admin")
        return cls(place, client, bearing(system), bearing(security))

    async def add(self, login: str = "wang", **given: Any) -> Any:
        """Add an account and return the answer."""
        body = {"login": login, "name": "王小明"} | given
        return await self.client.post("/api/accounts", json=body, headers=self.system)

    async def give(self, account: Any, role: str = "dispatcher", by: Any = None, **where: Any) -> Any:
        """Give a role and return the answer."""
        return await self.client.post(
            f"/api/accounts/{account}/roles", json={"role": role} | where, headers=by or self.security
        )

    async def appoint(self, account: Any, role: str, **where: Any) -> str | None:
        """Give a role as who holds the machine does, and return the password that was drawn."""
        async with self.client.app.state.process.store.books.open() as book:
            return await appoint(UUID(str(account)), RoleWanted(role, **where), book)

    async def take(self, account: Any, role_id: Any, by: Any = None) -> Any:
        """Take a role and return the answer."""
        return await self.client.delete(f"/api/accounts/{account}/roles/{role_id}", headers=by or self.security)

    async def say(self, account: Any, what: str, by: Any = None) -> Any:
        """Lock, unlock or reset an account and return the answer."""
        return await self.client.post(f"/api/accounts/{account}/{what}", headers=by or self.system)

    async def row(self, account: Any) -> Any:
        """Return an account as it is listed."""
        items = (await self.client.get("/api/accounts", headers=self.system)).json()["items"]
        return next(one for one in items if one["id"] == str(account))

    async def opens(self, login: str, password: str) -> bool:
        """Say whether a login and a password begin a session."""
        try:
            await sign_in(login, password, None, self.client.app.state.process.store.books)
        except WrongSignInError:
            return False
        return True

    async def key(self, account: UUID, kind: TokenKind = TokenKind.PROGRAM) -> dict[str, str]:
        """Return the headers of a new token of an account."""
        return bearing(await self.place.token_of(account, kind))

    async def noted(self) -> list[Any]:
        """Return what the audit holds, the oldest first."""
        return await self.place.run("SELECT * FROM audit ORDER BY id")


ADMINISTRATORS = ("auditor", "security_admin", "system_admin")


async def me_of(offices: Offices, headers: Any) -> Any:
    """Return the id of the account that asks with these headers."""
    return (await offices.client.get("/api/me", headers=headers)).json()["account"]["id"]


def told(answer: Any) -> tuple[int, str | None]:
    """Return an answer's status and code."""
    return answer.status_code, answer.json().get("code")
