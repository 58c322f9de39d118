"""Proposals: shapes of grids drawn by a repair or a first drawing, taken over or not by somebody who may."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2 import Geometry
from shapely import MultiPolygon
from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.bulk import insert_many
from data.schema import id_column, metadata, moment, new_id, one_of, statement


class ProposalKind(StrEnum):
    """What a proposal is for."""

    REPAIR = "repair"
    FIRST_GRIDS = "first_grids"


class ProposalStatus(StrEnum):
    """How a proposal stands."""

    RUNNING = "running"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"


proposal = Table(
    "proposal",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("layer", Text, ForeignKey("grid_layer.code"), nullable=False),
    Column("level", Text, ForeignKey("area_level.code"), nullable=False),
    moment("made"),
    Column("made_by", ForeignKey("account.id")),
    Column("status", Text, nullable=False),
    moment("decided", required=False),
    Column("decided_by", ForeignKey("account.id")),
    Column("summary", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("reason", Text),
    CheckConstraint(one_of("kind", ProposalKind), name="kind"),
    CheckConstraint(one_of("status", ProposalStatus), name="status"),
    CheckConstraint("(status IN ('accepted', 'rejected')) = (decided IS NOT NULL)", name="decided"),
)
"""`reason`: why it failed or was rejected."""

proposal_shape = Table(
    "proposal_shape",
    metadata,
    Column("proposal_id", ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("area.id")),
    Column("shape", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("was", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    Column("moved_m2", Double, nullable=False),
    Column("households", Integer),
    CheckConstraint("code ~ '^[A-Za-z0-9_]{1,64}$'", name="code"),
    CheckConstraint("NOT st_isempty(shape)", name="shape_not_empty"),
    CheckConstraint("moved_m2 >= 0 AND households >= 0", name="counted"),
)
"""`was`: the shape in force when it was drawn; `moved_m2`: how much ground changes hands; `households`: in the new shape."""

HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('wangge proposal', 0))")
BEGIN = text("""
    INSERT INTO proposal (id, kind, layer, level, made, made_by, status)
    SELECT :id, :kind, :layer, a.level, clock_timestamp(), :made_by, 'running'
    FROM grid g JOIN area a ON a.id = g.area_id WHERE g.layer = :layer AND g.valid @> clock_timestamp() LIMIT 1
    RETURNING id
""")
GIVE_UP_OLD = text("""
    UPDATE proposal SET status = 'failed', reason = 'gone'
    WHERE status = 'running' AND made < clock_timestamp() - CAST(:longest AS interval)
""")
RUNNING = text("SELECT id FROM proposal WHERE status = 'running' LIMIT 1")
SET = text("""
    UPDATE proposal SET status = :status, reason = :reason, summary = summary || CAST(:summary AS jsonb)
    WHERE id = :id AND status = 'running'
""")
DECIDE = text("""
    UPDATE proposal SET status = :status, reason = :reason, decided = clock_timestamp(), decided_by = :decided_by
    WHERE id = :id AND status = 'proposed' RETURNING id
""")
ONE = text("SELECT id, kind, layer, level, status FROM proposal WHERE id = :id FOR UPDATE")
SHAPES = text("""
    SELECT code, name, st_asbinary(shape) AS shape, st_asbinary(was) AS was FROM proposal_shape
    WHERE proposal_id = :id ORDER BY code
""")
IN_FORCE = text("""
    SELECT code, st_asbinary(shape) AS shape FROM grid WHERE layer = :layer AND valid @> clock_timestamp() FOR UPDATE
""")
DIVIDED = text("""
    SELECT s.code FROM proposal_shape s JOIN proposal p ON p.id = s.proposal_id
    WHERE s.proposal_id = :id AND EXISTS (
        SELECT FROM grid g WHERE g.layer = p.layer AND g.kind = 'basic'
        AND (upper_inf(g.valid) OR upper(g.valid) > clock_timestamp())
        AND g.shape && s.shape AND st_covers(g.shape, st_pointonsurface(s.shape)))
    ORDER BY s.code LIMIT :limit
""")
ROWS = text(statement("proposal_rows"))
FEATURES = text(statement("proposal_features"))


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as the desk decides on it."""

    id: UUID
    kind: ProposalKind
    layer: str
    level: str
    status: ProposalStatus


@dataclass(frozen=True, slots=True)
class ProposedShape:
    """A shape of a proposal; `was` is what is in force, or was when it was drawn; None where there was none."""

    code: str
    name: str
    shape: MultiPolygon
    was: MultiPolygon | None


class Proposals:
    """Statements on proposals."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, kind: ProposalKind, layer: str, made_by: UUID | None, longest: timedelta) -> UUID | None:
        """Begin a proposal for a layer that has grids and return its id; None while another is being made."""
        await self._connection.execute(HOLD)
        await self._connection.execute(GIVE_UP_OLD, {"longest": longest})
        if (await self._connection.execute(RUNNING)).first() is not None:
            return None
        bound = {"id": new_id(), "kind": kind, "layer": layer, "made_by": made_by}
        id_: UUID | None = (await self._connection.execute(BEGIN, bound)).scalar_one_or_none()
        return id_

    async def put(self, id_: UUID, shapes: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> None:
        """Put shapes, columns as in `proposal_shape`, into a proposal that is being made; it may be decided on then."""
        await insert_many(self._connection, proposal_shape, [{"proposal_id": id_} | dict(one) for one in shapes])
        await self._end(id_, ProposalStatus.PROPOSED, None, summary)

    async def fail(self, id_: UUID, reason: str) -> None:
        """Say why a proposal that is being made comes to nothing; any other is left as it is."""
        await self._end(id_, ProposalStatus.FAILED, reason, {})

    async def _end(self, id_: UUID, status: ProposalStatus, reason: str | None, summary: Mapping[str, Any]) -> None:
        told = json.dumps(dict(summary))
        await self._connection.execute(SET, {"id": id_, "status": status, "reason": reason, "summary": told})

    async def one(self, id_: UUID) -> Proposed | None:
        """Lock and read a proposal; None when there is none."""
        row = (await self._connection.execute(ONE, {"id": id_})).one_or_none()
        if row is None:
            return None
        return Proposed(row.id, ProposalKind(row.kind), row.layer, row.level, ProposalStatus(row.status))

    async def shapes(self, id_: UUID) -> list[ProposedShape]:
        """Read the shapes of a proposal, by code."""
        return [
            ProposedShape(row.code, row.name, shapely.from_wkb(row.shape), row.was and shapely.from_wkb(row.was))
            for row in await self._connection.execute(SHAPES, {"id": id_})
        ]

    async def in_force(self, layer: str) -> dict[str, MultiPolygon]:
        """Lock and read the shapes that are in force in a layer now, by code."""
        rows = await self._connection.execute(IN_FORCE, {"layer": layer})
        return {row.code: shapely.from_wkb(row.shape) for row in rows}

    async def divided(self, id_: UUID, limit: int) -> list[str]:
        """Read the first codes of a proposal's shapes whose ground has a basic grid already, or will have."""
        found = await self._connection.execute(DIVIDED, {"id": id_, "limit": limit})
        return list(found.scalars())

    async def decide(self, id_: UUID, status: ProposalStatus, decided_by: UUID, reason: str | None = None) -> bool:
        """Accept or reject a proposal; False when it is not open for that."""
        bound = {"id": id_, "status": status, "decided_by": decided_by, "reason": reason}
        return (await self._connection.execute(DECIDE, bound)).first() is not None

    async def rows(self, id_: UUID | None = None, limit: int = 50) -> list[str]:
        """Read the last proposals, or one, as JSON text, the newest first."""
        found = await self._connection.execute(ROWS, {"id": id_, "limit": limit})
        return list(found.scalars())

    async def features(self, id_: UUID) -> list[str]:
        """Read the shapes of a proposal as GeoJSON features, by code: the new one, and the old one as a property."""
        found = await self._connection.execute(FEATURES, {"id": id_})
        return list(found.scalars())
