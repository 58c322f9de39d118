"""What the simulated people of a demo town are busy with."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import statement

DOINGS = text(statement("doings"))
HANDLED = text("""
    SELECT i.id FROM incident i
    WHERE i.status = 'handled'
      AND (SELECT max(t.ended_at) FROM task t WHERE t.incident_id = i.id) < now() - make_interval(secs => :seconds)
    ORDER BY i.id LIMIT 20
""")

SEATS = text("""
    SELECT DISTINCT a.worker_id FROM access_token t JOIN account a ON a.id = t.account_id
    WHERE a.worker_id IS NOT NULL AND t.expires_at > now() AND t.revoked_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Doing:
    """A task in a simulated worker's hands; `seconds` since its last step; the place in WGS 84 degrees."""

    task_id: UUID
    worker_id: UUID
    status: str
    seconds: float
    place: tuple[float, float]


async def doings(connection: AsyncConnection) -> list[Doing]:
    """Read the active tasks of all workers for whom nobody has signed in."""
    rows = await connection.execute(DOINGS)
    return [Doing(row.id, row.worker_id, row.status, row.seconds, (row.lng, row.lat)) for row in rows]


async def handled_since(connection: AsyncConnection, seconds: float) -> list[UUID]:
    """Read the incidents that have waited for so long to be closed."""
    return list((await connection.execute(HANDLED, {"seconds": seconds})).scalars())


async def seats_taken(connection: AsyncConnection) -> set[UUID]:
    """Read the workers whose part a person has taken."""
    return set((await connection.execute(SEATS)).scalars())
