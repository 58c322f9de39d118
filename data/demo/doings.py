"""What the simulated people of a demo town are busy with, and what lies on the simulated duty officer's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.incidents import Status
from data.schema import statement
from data.workers import Kind

DOINGS = text(statement("doings"))
ON_THE_DESK = text(statement("on_the_desk"))
SEATS = text("""
    SELECT DISTINCT a.worker_id FROM access_token t JOIN account a ON a.id = t.account_id
    WHERE a.worker_id IS NOT NULL AND t.expires_at > now() AND t.revoked_at IS NULL
""")
SOMEBODY_AT_THE_DESK = text("""
    SELECT EXISTS (
        SELECT FROM access_token t
        JOIN account_role ar ON ar.account_id = t.account_id
        JOIN role_permission rp ON rp.role = ar.role AND rp.permission = 'incident.sort'
        WHERE t.kind = 'session' AND t.revoked_at IS NULL AND t.expires_at > now()
          AND t.used_at > now() - interval '15 minutes')
""")
HEARD = text("""
    UPDATE worker_position SET heard_at = clock_timestamp(), still = true, changed = pg_current_xact_id()
    WHERE worker_id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class Doing:
    """A task in a simulated worker's hands; `seconds` since its last step; the place in WGS 84 degrees.

    `member` answers for a unit, `until` is the deadline or now, whichever is later.
    """

    task_id: UUID
    worker_id: UUID
    kind: Kind
    member: UUID | None
    status: str
    seconds: float
    incident_id: UUID
    category: str
    incident_status: Status
    until: datetime
    metres: float | None
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Standing:
    """An open incident; `seconds` since the last line of its history, whose `kinds` of line there are.

    `asked` is until when more time was asked for, `held` a place that waits for the centre's hand, `waits`: another
    waits for somebody to be free; `twin` an earlier incident that seems to be the same.
    """

    id: UUID
    status: Status
    category: str
    layer: str
    place: tuple[float, float]
    seconds: float
    late: bool
    kinds: frozenset[str]
    asked: datetime | None
    held: str | None
    waits: bool
    twin: UUID | None


async def doings(connection: AsyncConnection) -> list[Doing]:
    """Read the active tasks of all workers for whom nobody has signed in, and of units for none of whose members."""
    return [
        Doing(
            task_id=row.id,
            worker_id=row.worker_id,
            kind=Kind(row.kind),
            member=row.member,
            status=row.status,
            seconds=row.seconds,
            incident_id=row.incident_id,
            category=row.category,
            incident_status=Status(row.incident_status),
            until=row.deadline_at,
            metres=row.metres,
            place=(row.lng, row.lat),
        )
        for row in await connection.execute(DOINGS)
    ]


async def on_the_desk(connection: AsyncConnection) -> list[Standing]:
    """Read the open incidents, what stood there longest first."""
    return [
        Standing(
            id=row.id,
            status=Status(row.status),
            category=row.category,
            layer=row.layer,
            place=(row.lng, row.lat),
            seconds=row.seconds,
            late=row.late,
            kinds=frozenset(row.kinds),
            asked=row.until,
            held=row.held,
            waits=row.waits,
            twin=row.twin,
        )
        for row in await connection.execute(ON_THE_DESK)
    ]


async def seats_taken(connection: AsyncConnection) -> set[UUID]:
    """Read the workers whose part a person has taken."""
    return set((await connection.execute(SEATS)).scalars())


async def somebody_at_the_desk(connection: AsyncConnection) -> bool:
    """Say whether a person who may sort and file has lately been at the command centre."""
    found: bool = (await connection.execute(SOMEBODY_AT_THE_DESK)).scalar_one()
    return found


async def hear_from(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Keep that the phones of some workers live and lie still."""
    await connection.execute(HEARD, {"ids": list(ids)})
