"""Workers, where they were last seen, and how much they carry."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import (
    area_path_column,
    changed_column,
    id_column,
    in_the_tree,
    metadata,
    moment,
    one_of,
    point_columns,
    statement,
)
from geo.cells import cell_of, cells_of
from geo.point import Point

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """Who can be sent: a person, or a unit that answers together."""

    PERSON = "person"
    TEAM = "team"
    STATION = "station"
    DEPARTMENT = "department"


class Employment(StrEnum):
    """How a person works for the grid; mobile workers are couriers and riders."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    MOBILE = "mobile"


worker = Table(
    "worker",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("home_area_id", Uuid, index=True),
    Column("capacity", SmallInteger, nullable=False),
    Column("active_tasks", SmallInteger, nullable=False, server_default=text("0")),
    Column("holds_exclusive", Boolean, nullable=False, server_default=text("false")),
    changed_column(),
    area_path_column(),
    Column("kind", Text, nullable=False, server_default="person"),
    Column("employment", Text),
    Column("station_id", ForeignKey("worker.id"), index=True),
    moment("rest_until", required=False),
    in_the_tree("home_area_id"),
    CheckConstraint(one_of("kind", Kind), name="kind"),
    CheckConstraint(one_of("employment", Employment), name="employment"),
    CheckConstraint("employment IS NULL OR kind = 'person'", name="employed_persons"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("active_tasks BETWEEN 0 AND capacity", name="load"),
    CheckConstraint("NOT holds_exclusive OR active_tasks = 1", name="exclusive"),
    Index("worker_changed_idx", "changed"),
)

worker_position = Table(
    "worker_position",
    metadata,
    Column("worker_id", ForeignKey("worker.id"), primary_key=True),
    *point_columns(),
    Column("accuracy_m", Float),
    moment("fixed_at"),
    Column("given_datum", Text, nullable=False),
    changed_column(),
    moment("heard_at", required=False),
    Column("still", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name="given_datum"),
    Index("worker_position_changed_idx", "changed"),
)

ALL = text(statement("workers") + "ORDER BY w.code")
CHANGED = text(statement("workers") + "WHERE w.changed >= CAST(CAST(:since AS text) AS xid8) ORDER BY w.code")
PLACE = text("SELECT ltree2text(area_path) AS area_path FROM worker WHERE id = :id")
CLAIM = text(statement("claim_worker"))
RELEASE = text("""
    WITH held AS MATERIALIZED (
        SELECT id FROM worker WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE worker w
    SET active_tasks = active_tasks - 1, holds_exclusive = false, changed = pg_current_xact_id(),
        rest_until = CASE WHEN CAST(:rest AS interval) > interval '0'
                     THEN clock_timestamp() + CAST(:rest AS interval) ELSE rest_until END
    FROM held WHERE w.id = held.id
""")
MOVE = text(statement("move_worker"))
MOVE_ALL = text(statement("move_workers"))
HEAR = text("""
    UPDATE worker_position SET heard_at = clock_timestamp(), still = :still, changed = pg_current_xact_id()
    WHERE worker_id = :id RETURNING worker_id
""")


@dataclass(frozen=True, slots=True)
class Worker:
    """Whoever can be sent, as the rules see one: no name. Never seen: `lng` is None.

    `seen_at` is when the fix was last known to be true: its own time, or the last heartbeat of a phone that lies still.
    """

    id: UUID
    code: str
    role: str
    skills: tuple[str, ...]
    home_area_id: UUID | None
    capacity: int
    active_tasks: int
    holds_exclusive: bool
    lng: float | None
    lat: float | None
    fixed_at: datetime | None
    accuracy_m: float | None
    area_path: str | None = None
    kind: Kind = Kind.PERSON
    employment: Employment | None = None
    station_id: UUID | None = None
    rest_until: datetime | None = None
    seen_at: datetime | None = None

    def at(self, lng: float, lat: float, fixed_at: datetime, accuracy_m: float | None, seen_at: datetime) -> "Worker":
        """Return the same worker, seen elsewhere; field by field, at half the price of `replace`."""
        return Worker(
            self.id,
            self.code,
            self.role,
            self.skills,
            self.home_area_id,
            self.capacity,
            self.active_tasks,
            self.holds_exclusive,
            lng,
            lat,
            fixed_at,
            accuracy_m,
            self.area_path,
            self.kind,
            self.employment,
            self.station_id,
            self.rest_until,
            seen_at,
        )


@dataclass(frozen=True, slots=True)
class At:
    """A worker's place in the tree; None: nowhere in particular."""

    area_path: str | None


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a worker was, WGS 84, and how well that is known."""

    point: Point
    fixed_at: datetime
    accuracy_m: float | None
    given_datum: str


def _worker(row: Any) -> Worker:
    named = row._asdict()
    employment = row.employment and Employment(row.employment)
    return Worker(**named | {"skills": tuple(row.skills), "kind": Kind(row.kind), "employment": employment})


class Workers:
    """Statements on workers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> list[Worker]:
        """Read every worker with the last fix, by code."""
        return [_worker(row) for row in await self._connection.execute(ALL)]

    async def changed(self, since: int) -> list[Worker]:
        """Read the workers whose own row was touched by transaction `since` or a later one, with the last fix."""
        return [_worker(row) for row in await self._connection.execute(CHANGED, {"since": str(since)})]

    async def place(self, id_: UUID) -> At | None:
        """Read where in the tree a worker belongs; None when there is no such worker."""
        row = (await self._connection.execute(PLACE, {"id": id_})).one_or_none()
        return None if row is None else At(row.area_path)

    async def claim(self, ranked: Sequence[UUID], *, exclusive: bool) -> UUID | None:
        """Lock the first of `ranked` who is still free and count the task up, or return None.

        The load stands on the worker's own row and is decided under its lock: a count over tasks would see the
        snapshot from before the lock and book twice. Workers another transaction holds are passed over.
        """
        bound = {"ranked": list(ranked), "exclusive": exclusive}
        found: UUID | None = (await self._connection.execute(CLAIM, bound)).scalar_one_or_none()
        return found

    async def release(self, ids: Collection[UUID], rest: timedelta = timedelta(0)) -> None:
        """Count one task down for each and let them rest so long.

        Rows are locked in the order of ids, and in a transaction before anybody is claimed: no two wait for each other.
        """
        await self._connection.execute(RELEASE, {"ids": list(ids), "rest": rest})

    async def move(self, id_: UUID, fix: Fix) -> bool:
        """Keep a newer fix; return False when a newer one stood already."""
        bound = {
            "id": id_,
            "lng": fix.point.lng,
            "lat": fix.point.lat,
            "cell": cell_of(fix.point),
            "accuracy_m": fix.accuracy_m,
            "fixed_at": fix.fixed_at,
            "datum": fix.given_datum,
        }
        return (await self._connection.execute(MOVE, bound)).first() is not None

    async def hear(self, id_: UUID, *, still: bool) -> bool:
        """Keep that a phone lives and whether it lies still; False when it has never said where it is."""
        return (await self._connection.execute(HEAR, {"id": id_, "still": still})).first() is not None

    async def move_all(self, ids: Sequence[UUID], lng: Floats, lat: Floats, accuracy_m: Floats) -> None:
        """Keep fixes of many workers, all taken now; WGS 84 degrees, one each, float64 (n,)."""
        bound = {
            "ids": list(ids),
            "lng": lng.tolist(),
            "lat": lat.tolist(),
            "cells": cells_of(lng, lat).tolist(),
            "accuracy_m": accuracy_m.tolist(),
        }
        await self._connection.execute(MOVE_ALL, bound)
