"""Grids: the versioned footprints of grid areas, in layers that cover the same ground."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2 import Geometry
from shapely import MultiPolygon
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import func

from data.areas import area
from data.schema import area_path_column, id_column, in_the_tree, metadata, one_of, outline_columns, shape_columns


class Purpose(StrEnum):
    """What a dedicated grid is cut out of the residential ones for."""

    MALL = "mall"
    TOWER = "tower"
    CAMPUS = "campus"
    STREET = "street"
    PARK = "park"
    OTHER = "other"


grid_layer = Table(
    "grid_layer",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("least_households", Integer),
    Column("most_households", Integer),
    CheckConstraint("least_households >= 0 AND most_households >= 0", name="households"),
    CheckConstraint("least_households <= most_households", name="least_and_most"),
    CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_]{0,63}$'", name="code"),
)

grid = Table(
    "grid",
    metadata,
    id_column(),
    Column("layer", Text, ForeignKey("grid_layer.code"), nullable=False),
    Column("area_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="basic"),
    *shape_columns("MULTIPOLYGON"),
    Column("valid", TSTZRANGE, nullable=False, server_default=func.tstzrange(func.now(), None)),
    area_path_column(required=True),
    Column("purpose", Text),
    *outline_columns(),
    Column("drawn", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    ForeignKeyConstraint(["area_id", "code"], ["area.id", "area.code"]),
    in_the_tree("area_id"),
    CheckConstraint("kind IN ('basic', 'dedicated')", name="kind"),
    CheckConstraint(one_of("purpose", Purpose), name="purpose"),
    CheckConstraint("(kind = 'dedicated') = (purpose IS NOT NULL)", name="dedicated_to_something"),
    CheckConstraint("NOT isempty(valid)", name="valid_not_empty"),
    ExcludeConstraint(("layer", "="), ("code", "="), ("valid", "&&"), name="grid_one_version_at_a_time"),
    Index("grid_area_id_idx", "area_id"),
    Index("grid_shape_gist", "shape", postgresql_using="gist"),
    Index("grid_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)
"""`drawn`: the shape before dedicated grids were cut out of it; none: nothing was."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One version of a grid. `shape` is WGS 84; `area_id` and `area_path` its place in the tree.

    `parent_id` is the area above.
    """

    id: UUID
    layer: str
    area_id: UUID
    area_path: str
    parent_id: UUID | None
    code: str
    name: str
    shape: MultiPolygon


NEXT_CHANGE = text("""
    SELECT min(t) FROM grid, unnest(ARRAY[lower(valid), upper(valid)]) AS t WHERE t > clock_timestamp()
""")

LAYERS = text("SELECT code, name, name_en FROM grid_layer ORDER BY code")


class Grids:
    """Statements on grids."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_change(self) -> datetime | None:
        """Read when the next grid begins or ends to be in force; None when nothing is planned."""
        found: datetime | None = (await self._connection.execute(NEXT_CHANGE)).scalar_one()
        return found

    async def in_force(self) -> list[Grid]:
        """Read every layer's grids as they stand now, by layer and code."""
        rows = await self._connection.execute(
            select(
                grid.c.id,
                grid.c.layer,
                grid.c.area_id,
                func.ltree2text(grid.c.area_path),
                area.c.parent_id,
                grid.c.code,
                grid.c.name,
                func.st_asbinary(grid.c.shape).label("wkb"),
            )
            .join(area, area.c.id == grid.c.area_id)
            .where(grid.c.valid.op("@>")(func.clock_timestamp()))
            .order_by(grid.c.layer, grid.c.code)
        )
        return [Grid(*row[:-1], shape=shapely.from_wkb(row.wkb)) for row in rows]

    async def layers(self) -> list[dict[str, Any]]:
        """Read code and names of every grid layer, by code."""
        return [dict(row._mapping) for row in await self._connection.execute(LAYERS)]
