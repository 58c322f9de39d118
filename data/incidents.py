"""Incidents and their appended history."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.categories import Urgency
from data.receipts import Receipt, key_of
from data.schema import area_path_column, id_column, metadata, moment, one_of, point_columns, statement
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
    Column("duplicate_of", ForeignKey("incident.id"), index=True),
    moment("scene_due_at", required=False),
    Column("stars", SmallInteger),
    Column("solved", Boolean),
    moment("accepted_at", required=False),
    moment("scene_at", required=False),
    moment("handled_at", required=False),
    Column("reworks", SmallInteger, nullable=False, server_default=text("0")),
    Column("reopenings", SmallInteger, nullable=False, server_default=text("0")),
    Column("handler_id", ForeignKey("worker.id")),
    Column("department_id", ForeignKey("worker.id")),
    CheckConstraint(one_of("status", Status), name="status"),
    CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name="urgency"),
    CheckConstraint("given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name="given_datum"),
    CheckConstraint("(status = 'closed') = (disposition IS NOT NULL)", name="closed_has_disposition"),
    CheckConstraint("(status = 'duplicate') = (duplicate_of IS NOT NULL)", name="duplicate_has_original"),
    CheckConstraint("duplicate_of <> id", name="not_of_itself"),
    CheckConstraint("(stars IS NULL) = (solved IS NULL) AND stars BETWEEN 1 AND 5", name="judged"),
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

FACTS = ("accepted_at", "scene_at", "handled_at", "reworks", "reopenings", "handler_id", "department_id")
SAVED = (
    *("id", "status", "closed_at", "disposition", "duplicate_of", "deadline_at", "scene_due_at", "category", "layer"),
    *("urgency", "grid_id", "nearest_grid_id", "area_path", "filed_at", *FACTS),
)
INSERT = text(statement("insert_incident"))
SAVE = text(statement("save_incident"))
COLUMNS = statement("incidents")
PLACES = text("SELECT id, layer, ltree2text(area_path) FROM incident WHERE id = ANY(:ids)")
LOCK = text(COLUMNS + "WHERE i.id = :id FOR UPDATE OF i")
ONE = text(COLUMNS + "WHERE i.id = :id")
DUPLICATES = text("SELECT id FROM incident WHERE duplicate_of = :id LIMIT 1")
IF_FREE = text(COLUMNS + "WHERE i.id = :id FOR UPDATE OF i SKIP LOCKED")
WAITING = text(
    COLUMNS  # noqa: S608 - our own words
    + """WHERE i.id IN (SELECT incident_id FROM need WHERE state = 'open')
      AND i.status IN ('filed', 'returned', 'dispatched', 'handling', 'verifying', 'extension_requested')
      AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
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
    """One incident. `point` is WGS 84; `tried` the workers it was offered to lately; `scene_due_at`: somebody must be there.

    `grid_id` is the version of the grid that held it then; `area_id` that grid's area, which outlives a redraw, and
    `area_path` the area's place in the tree: who may see the incident. Both are None where no grid held it.

    From `accepted_at` on they are facts for the figures (`dispatch/facts.py`).
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
    closed_at: datetime | None = None
    disposition: Disposition | None = None
    duplicate_of: UUID | None = None
    scene_due_at: datetime | None = None
    accepted_at: datetime | None = None
    scene_at: datetime | None = None
    handled_at: datetime | None = None
    reworks: int = 0
    reopenings: int = 0
    handler_id: UUID | None = None
    department_id: UUID | None = None


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
        closed_at=row.closed_at,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        duplicate_of=row.duplicate_of,
        scene_due_at=row.scene_due_at,
        **{name: getattr(row, name) for name in FACTS},
    )


class Incidents:
    """Statements on incidents."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def insert(self, new: Incident, receipt: Receipt) -> None:
        """Write a new incident, with the receipt its reporter is given."""
        bound = {
            "receipt_id": receipt.id,
            "receipt_hash": key_of(receipt.code),
            "receipt_holder": receipt.holder,
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
            "scene_due_at": new.scene_due_at,
        }
        await self._connection.execute(INSERT, bound)

    async def save(self, changed: Incident) -> None:
        """Write where an incident that is locked stands now, and under which rule and in which grid."""
        await self._connection.execute(SAVE, {name: getattr(changed, name) for name in SAVED})

    async def places(self, ids: Collection[UUID]) -> dict[UUID, tuple[str, str | None]]:
        """Read layer and place in the tree of each of these incidents that there is."""
        rows = await self._connection.execute(PLACES, {"ids": list(ids)})
        return {row[0]: (row[1], row[2]) for row in rows}

    async def one(self, id_: UUID) -> Incident | None:
        """Read an incident without holding it."""
        row = (await self._connection.execute(ONE, {"id": id_})).one_or_none()
        return None if row is None else _incident(row)

    async def lock(self, id_: UUID) -> Incident | None:
        """Read an incident and hold it until the book closes."""
        row = (await self._connection.execute(LOCK, {"id": id_})).one_or_none()
        return None if row is None else _incident(row)

    async def lock_if_free(self, id_: UUID) -> Incident | None:
        """Hold an incident that no other process holds; None when one does."""
        row = (await self._connection.execute(IF_FREE, {"id": id_})).one_or_none()
        return None if row is None else _incident(row)

    async def has_duplicates(self, id_: UUID) -> bool:
        """Say whether an incident is the original of another."""
        return (await self._connection.execute(DUPLICATES, {"id": id_})).first() is not None

    async def waiting(self, after: UUID | None, limit: int) -> list[Incident]:
        """Read one page of those with a place that waits for somebody, the oldest first, beginning after an id."""
        rows = await self._connection.execute(WAITING, {"after": after, "limit": limit})
        return [_incident(row) for row in rows]
