"""Checks of the ground: when it was looked at, what was counted, and each fault that was found."""

from enum import StrEnum

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema import Ltree, id_column, metadata, moment, one_of


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
