"""Credentials: what is compared when somebody signs in."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

OF = "SELECT id, password_hash, locked_at IS NOT NULL AS locked FROM account WHERE login = :login"
READ, HOLD = text(OF), text(f"{OF} FOR NO KEY UPDATE")
SET = text("UPDATE account SET password_hash = :hash WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Credential:
    """An account as the sign-in sees it."""

    id: UUID
    password_hash: str | None = field(repr=False)
    locked: bool


class Credentials:
    """Statements on what accounts sign in with."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, login: str, *, hold: bool = False) -> Credential | None:
        """Read an account by its login; `hold` keeps it from changing until the transaction ends."""
        row = (await self._connection.execute(HOLD if hold else READ, {"login": login})).one_or_none()
        return None if row is None else Credential(row.id, row.password_hash, row.locked)

    async def set(self, account_id: UUID, password_hash: str) -> None:
        """Keep another hash."""
        await self._connection.execute(SET, {"id": account_id, "hash": password_hash})
