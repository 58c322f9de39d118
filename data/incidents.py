"""Incidents and their appended history."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.categories import Urgency
from data.outbox import Outbox
from data.schema import area_path_column, id_column, metadata, moment, point_columns, statement
from geo.cells import cell_of
from geo.point import Point


class Status(StrEnum):
    """The steps of an incident, in the order of the glossary."""

    REPORTED = "reported"
    RECEIVED = "received"
    VERIFYING = "verifying"
    FILED = "filed"
    REJECTED = "rejected"
    VOID = "void"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    INSPECTING = "inspecting"
    REWORK = "rework"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    RETURNED = "returned"
    EXTENSION_REQUESTED = "extension_requested"
    SHELVED = "shelved"


class Disposition(StrEnum):
    """What closing meant: closed is not the same as solved."""

    RESOLVED = "resolved"
    MEDIATED = "mediated"
    TRANSFERRED = "transferred"
    NO_ACTION = "no_action"


ENDED = frozenset({Status.CLOSED, Status.REJECTED, Status.VOID, Status.DUPLICATE})


def one_of(column: str, values: type[StrEnum]) -> str:
    """Write the CHECK that keeps a text column to an enum."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


incident = Table(
    "incident",
    metadata,
    id_column(),
    Column("category", ForeignKey("category.code"), nullable=False),
    Column("layer", ForeignKey("grid_layer.code"), nullable=False),
    Column("urgency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("address", Text),
    *point_columns(),
    Column("given_lng", Float, nullable=False),
    Column("given_lat", Float, nullable=False),
    Column("given_datum", Text, nullable=False),
    Column("grid_id", ForeignKey("grid.id"), index=True),
    Column("nearest_grid_id", ForeignKey("grid.id")),
    Column("reporter", Text, nullable=False),
    moment("reported_at"),
    moment("filed_at"),
    moment("deadline_at"),
    moment("closed_at", required=False),
    Column("disposition", Text),
    area_path_column(),
    CheckConstraint(one_of("status", Status), name="status"),
    CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name="urgency"),
    CheckConstraint("given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name="given_datum"),
    CheckConstraint("(status = 'closed') = (disposition IS NOT NULL)", name="closed_has_disposition"),
    CheckConstraint("grid_id IS NULL OR nearest_grid_id IS NULL", name="nearest_only_outside"),
    ForeignKeyConstraint(["area_path"], ["area.path"], onupdate="CASCADE"),
    Index("incident_area_path_idx", "area_path"),
    Index("incident_reporter_idx", "reporter", "id"),
    CheckConstraint("char_length(description) <= 4000 AND char_length(address) <= 300", name="lengths"),
    Index(
        "incident_open_idx",
        "id",
        postgresql_where=text("status NOT IN ('closed', 'rejected', 'void', 'duplicate')"),
    ),
    Index("incident_waiting_idx", "id", postgresql_where=text("status = 'filed'")),
    Index("incident_filed_at_idx", "filed_at"),
    Index("incident_closed_at_idx", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    Index("incident_point_gist", "point", postgresql_using="gist"),
)

incident_event = Table(
    "incident_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id")),
    moment("at"),
    Column("kind", Text, nullable=False),
    Column("status_from", Text),
    Column("status_to", Text),
    Column("actor", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
)

INSERT = text(statement("insert_incident"))
APPEND = text(statement("append_events"))
SET_STATUS = text("UPDATE incident SET status = :status WHERE id = :id")
CLOSE = text("""
    UPDATE incident SET status = 'closed', closed_at = :at, disposition = :disposition WHERE id = :id
""")
COLUMNS = statement("incidents")
PLACES = text("SELECT id, layer, ltree2text(area_path) FROM incident WHERE id = ANY(:ids)")
LOCK = text(COLUMNS + "WHERE i.id = :id FOR UPDATE OF i")
LOCK_WAITING = text(COLUMNS + "WHERE i.id = :id AND i.status = 'filed' FOR UPDATE OF i SKIP LOCKED")
WAITING = text(
    COLUMNS
    + """WHERE i.status = 'filed' AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
    ORDER BY i.id LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Given:
    """A position as it was handed in, before its datum was taken off."""

    lng: float
    lat: float
    datum: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `point` is WGS 84; `tried` the workers it was offered to before.

    `grid_id` is the version of the grid that held it then; `area_id` that grid's area, which outlives a redraw, and
    `area_path` the area's place in the tree: who may see the incident. Both are None where no grid held it.
    """

    id: UUID
    category: str
    layer: str
    urgency: Urgency
    status: Status
    point: Point
    given: Given
    grid_id: UUID | None
    area_id: UUID | None
    nearest_grid_id: UUID | None
    reporter: str
    reported_at: datetime
    filed_at: datetime
    deadline_at: datetime
    description: str = field(repr=False)
    address: str | None = field(repr=False, default=None)
    tried: tuple[UUID, ...] = ()
    area_path: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an incident's history."""

    incident_id: UUID
    at: datetime
    kind: str
    actor: str
    status_from: Status | None = None
    status_to: Status | None = None
    task_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def _incident(row: Any) -> Incident:
    return Incident(
        id=row.id,
        category=row.category,
        layer=row.layer,
        urgency=Urgency(row.urgency),
        status=Status(row.status),
        point=Point(row.lng, row.lat),
        given=Given(row.given_lng, row.given_lat, row.given_datum),
        grid_id=row.grid_id,
        area_id=row.area_id,
        nearest_grid_id=row.nearest_grid_id,
        reporter=row.reporter,
        reported_at=row.reported_at,
        filed_at=row.filed_at,
        deadline_at=row.deadline_at,
        description=row.description,
        address=row.address,
        tried=tuple(row.tried),
        area_path=row.area_path,
    )


class Incidents:
    """Statements on incidents."""

    def __init__(self, connection: AsyncConnection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def insert(self, new: Incident) -> None:
        """Write a new incident."""
        bound = {
            "id": new.id,
            "category": new.category,
            "layer": new.layer,
            "urgency": new.urgency,
            "status": new.status,
            "description": new.description,
            "address": new.address,
            "lng": new.point.lng,
            "lat": new.point.lat,
            "cell": cell_of(new.point),
            "given_lng": new.given.lng,
            "given_lat": new.given.lat,
            "given_datum": new.given.datum,
            "grid_id": new.grid_id,
            "nearest_grid_id": new.nearest_grid_id,
            "area_path": new.area_path,
            "reporter": new.reporter,
            "reported_at": new.reported_at,
            "filed_at": new.filed_at,
            "deadline_at": new.deadline_at,
        }
        await self._connection.execute(INSERT, bound)

    async def append(self, *events: Event) -> None:
        """Append to the history and put the incident into the outbox."""
        self._outbox.stir()
        bound = {
            "incident_ids": [event.incident_id for event in events],
            "task_ids": [event.task_id for event in events],
            "ats": [event.at for event in events],
            "kinds": [event.kind for event in events],
            "froms": [event.status_from for event in events],
            "tos": [event.status_to for event in events],
            "actors": [event.actor for event in events],
            "facts": [json.dumps(event.facts) for event in events],
        }
        await self._connection.execute(APPEND, bound)

    async def set_status(self, id_: UUID, status: Status) -> None:
        """Move an incident that is locked."""
        await self._connection.execute(SET_STATUS, {"id": id_, "status": status})

    async def close(self, id_: UUID, disposition: Disposition, at: datetime) -> None:
        """Close an incident that is locked."""
        await self._connection.execute(CLOSE, {"id": id_, "disposition": disposition, "at": at})

    async def places(self, ids: Collection[UUID]) -> dict[UUID, tuple[str, str | None]]:
        """Read layer and place in the tree of each of these incidents that there is."""
        rows = await self._connection.execute(PLACES, {"ids": list(ids)})
        return {row[0]: (row[1], row[2]) for row in rows}

    async def lock(self, id_: UUID) -> Incident | None:
        """Read an incident and hold it until the book closes."""
        row = (await self._connection.execute(LOCK, {"id": id_})).one_or_none()
        return None if row is None else _incident(row)

    async def lock_waiting(self, id_: UUID) -> Incident | None:
        """Hold an incident that still waits for a worker; None when it does not or another process has it."""
        row = (await self._connection.execute(LOCK_WAITING, {"id": id_})).one_or_none()
        return None if row is None else _incident(row)

    async def waiting(self, after: UUID | None, limit: int) -> list[Incident]:
        """Read one page of those that wait for a worker, the oldest first, beginning after an id."""
        rows = await self._connection.execute(WAITING, {"after": after, "limit": limit})
        return [_incident(row) for row in rows]
