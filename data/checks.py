"""Checks of the ground: when it was looked at, what was counted, and each fault that was found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.bulk import insert_many
from data.schema import Ltree, id_column, metadata, moment, new_id, one_of, statement


class CheckStatus(StrEnum):
    """How a check stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


ground_check = Table(
    "ground_check",
    metadata,
    id_column(),
    moment("started"),
    moment("ended", required=False),
    Column("status", Text, nullable=False),
    Column("asked_by", ForeignKey("account.id")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("seen", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("reason", Text),
    CheckConstraint(one_of("status", CheckStatus), name="status"),
    CheckConstraint("(status = 'running') = (ended IS NULL)", name="running_until_ended"),
)
"""`counts`: faults by kind; `seen`: how much was looked at; `reason`: why it failed."""

ground_fault = Table(
    "ground_fault",
    metadata,
    id_column(),
    Column("check_id", ForeignKey("ground_check.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("layer", Text, ForeignKey("grid_layer.code")),
    Column("level", Text, ForeignKey("area_level.code")),
    Column("code", Text),
    Column("other", Text),
    Column("amount", Double),
    Column("unit", Text),
    Column("place", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("shape", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
    Column("household_id", ForeignKey("household.id", ondelete="SET NULL"), index=True),
    Column("area_path", Ltree, ForeignKey("area.path", onupdate="CASCADE")),
    CheckConstraint("kind ~ '^[a-z][a-z0-9_]{0,63}$'", name="kind"),
    Index("ground_fault_check_id_kind_idx", "check_id", "kind", "id"),
)
"""`code` and `other`: the areas it is about; `amount` of `unit`: how bad; `area_path`: where in the tree it is seen from."""

KEPT_CHECKS = 10
"""Checks that are kept with their faults; older ones are dropped when another is done."""
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('wangge ground check', 0))")
BEGIN = text("""
    INSERT INTO ground_check (id, started, status, asked_by) VALUES (:id, clock_timestamp(), 'running', :asked_by)
""")
GIVE_UP_OLD = text("""
    UPDATE ground_check SET status = 'stopped', ended = clock_timestamp(), reason = 'gone'
    WHERE status = 'running' AND started < clock_timestamp() - CAST(:longest AS interval)
""")
RUNNING = text("SELECT id FROM ground_check WHERE status = 'running' LIMIT 1")
END = text("""
    UPDATE ground_check SET status = :status, ended = clock_timestamp(), reason = :reason,
           counts = CAST(:counts AS jsonb), seen = CAST(:seen AS jsonb)
    WHERE id = :id AND status = 'running'
""")
FORGET = text("""
    DELETE FROM ground_check WHERE id NOT IN (SELECT id FROM ground_check ORDER BY id DESC LIMIT :kept)
""")
LATEST = text(statement("latest_checks"))
COUNTS = text("SELECT kind, count(*) AS faults FROM ground_fault WHERE check_id = :id GROUP BY kind")
FAULTS = text(statement("ground_faults"))
THERE = text("SELECT id FROM ground_check WHERE id = :id")


@dataclass(frozen=True, slots=True)
class WantedFaults:
    """Which faults a page shall hold: of one kind or of all; `after` is the id the last page ended with."""

    kind: str | None = None
    after: UUID | None = None
    limit: int = 100


class Checks:
    """Statements on checks of the ground."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, asked_by: UUID | None, longest: timedelta) -> UUID | None:
        """Begin a check and return its id; None while another runs that began less than `longest` ago."""
        await self._connection.execute(HOLD)
        await self._connection.execute(GIVE_UP_OLD, {"longest": longest})
        if (await self._connection.execute(RUNNING)).first() is not None:
            return None
        id_ = new_id()
        await self._connection.execute(BEGIN, {"id": id_, "asked_by": asked_by})
        return id_

    async def end(
        self,
        id_: UUID,
        status: CheckStatus,
        reason: str | None = None,
        counts: Mapping[str, int] | None = None,
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """End a check that is still running; any other is left as it is."""
        bound = {"id": id_, "status": status, "reason": reason}
        await self._connection.execute(
            END, bound | {"counts": json.dumps(dict(counts or {})), "seen": json.dumps(dict(seen or {}))}
        )
        await self._connection.execute(FORGET, {"kept": KEPT_CHECKS})

    async def write(self, id_: UUID, faults: Sequence[Mapping[str, Any]]) -> None:
        """Write what a check found, columns as in `ground_fault`; their order is kept."""
        await insert_many(
            self._connection, ground_fault, [{"id": new_id(), "check_id": id_} | dict(one) for one in faults]
        )

    async def latest(self) -> list[dict[str, Any]]:
        """Read the last check and, where that one is not done, the last that was."""
        return [dict(row._mapping) for row in await self._connection.execute(LATEST)]

    async def counted(self, id_: UUID) -> dict[str, int]:
        """Count, by kind, the faults of a check that may be seen."""
        return {row.kind: row.faults for row in await self._connection.execute(COUNTS, {"id": id_})}

    async def there_is(self, id_: UUID) -> bool:
        """Say whether there is such a check."""
        return (await self._connection.execute(THERE, {"id": id_})).first() is not None

    async def faults(self, id_: UUID, wanted: WantedFaults) -> tuple[list[str], UUID | None]:
        """Return one page of faults as JSON text, by kind and the largest first, and the id after which the next starts."""
        bound = {"check_id": id_, "kind": wanted.kind, "after": wanted.after, "limit": wanted.limit + 1}
        rows = list(await self._connection.execute(FAULTS, bound))
        page = rows[: wanted.limit]
        return [row.row for row in page], page[-1].id if len(rows) > wanted.limit else None
