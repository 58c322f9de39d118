"""Seats of a demo town: accounts that anybody at the machine may sit down at, one for each role."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SEAT = text("""
    SELECT coalesce((
        SELECT other.id FROM account other
        JOIN account_role held ON held.account_id = other.id AND held.role = r.code
        LEFT JOIN task t ON t.ended_at IS NULL AND (t.worker_id = other.worker_id
            OR t.worker_id IN (SELECT m.unit_id FROM membership m WHERE m.worker_id = other.worker_id))
        WHERE seat.worker_id IS NOT NULL AND other.worker_id IS NOT NULL AND other.locked_at IS NULL
        ORDER BY t.status = 'offered' DESC NULLS LAST, t.offered_at DESC NULLS LAST, other.id = seat.id DESC LIMIT 1
    ), seat.id)
    FROM account seat JOIN role r ON r.code = seat.login JOIN town ON town.demo
    WHERE seat.login = :login AND seat.locked_at IS NULL
""")
LOGINS = text("""
    SELECT a.login FROM account a JOIN role r ON r.code = a.login JOIN town ON town.demo
    WHERE a.locked_at IS NULL ORDER BY r.administrator, a.login
""")


class Seats:
    """Statements on the seats of a demo town; in any other town there are none."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def account_of(self, login: str) -> UUID | None:
        """Read whose place a seat offers: of those at work the one with the newest offer, also to a unit, else its own."""
        found: UUID | None = (await self._connection.execute(SEAT, {"login": login})).scalar_one_or_none()
        return found

    async def logins(self) -> list[str]:
        """Read the seats there are, administrators last."""
        return list((await self._connection.execute(LOGINS)).scalars())
