"""Proposals: shapes of grids drawn by a repair or a first drawing, taken over or not by somebody who may."""

from enum import StrEnum

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema import id_column, metadata, moment, one_of


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
