"""The area tree: district, street, community, section, grid, micro-grid … of any depth."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Row,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import Ltree, id_column, metadata, outline_columns, shape_columns, source_ref_column, statement

area_level = Table(
    "area_level",
    metadata,
    Column("code", Text, primary_key=True),
    Column("rank", SmallInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("digits", SmallInteger),
    CheckConstraint("digits BETWEEN 1 AND 64", name="digits"),
)
"""`digits`: how long the code of an area of the level is, all digits and its parent's code first; none: as one likes."""

area = Table(
    "area",
    metadata,
    id_column(),
    Column("level", Text, ForeignKey("area_level.code"), nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("area.id"), index=True),
    Column("path", Ltree, nullable=False, unique=True),
    *shape_columns("MULTIPOLYGON", required=False),
    source_ref_column(),
    *outline_columns(),
    UniqueConstraint("id", "code"),
    UniqueConstraint("id", "path"),
    CheckConstraint("code ~ '^[A-Za-z0-9_]{1,64}$'", name="code"),
    CheckConstraint("ltree2text(subpath(path, -1)) = code", name="path_ends_in_code"),
    Index("area_path_gist", "path", postgresql_using="gist"),
    Index("area_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)

PATHS = text("""
    SELECT leaf.id AS leaf, a.level, a.code, a.name
    FROM area leaf JOIN area a ON leaf.path <@ a.path
    WHERE leaf.id = ANY(:ids)
    ORDER BY leaf.id, nlevel(a.path)
""").bindparams(bindparam("ids"))

OF_CODE = text("SELECT id, ltree2text(path) AS path FROM area WHERE code = :code")
CHILDREN = text(statement("area_children"))
PAGE = text("""
    SELECT a.code, a.name, a.level, l.name AS level_name, l.name_en AS level_name_en, ltree2text(a.path) AS path
    FROM area a JOIN area_level l ON l.code = a.level
    WHERE CAST(:search AS text) IS NULL
       OR strpos(lower(a.code), lower(:search)) > 0 OR strpos(lower(a.name), lower(:search)) > 0
    ORDER BY a.path LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Area:
    """One step of a path down the tree."""

    level: str
    code: str
    name: str


def lies_in(path: str | None, within: str | None) -> bool:
    """Say whether an area's path is another's or below it; nowhere lies in nothing."""
    return path is not None and within is not None and f"{path}.".startswith(f"{within}.")


def area_path(rows: list[Row[Any]]) -> tuple[Area, ...]:
    """Shape the rows of one path."""
    return tuple(Area(row.level, row.code, row.name) for row in rows)


class Areas:
    """Statements on the tree."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def paths(self, leaves: list[UUID]) -> dict[UUID, tuple[Area, ...]]:
        """Read the way from the root down to each leaf, the leaf included."""
        found: dict[UUID, list[Row[Any]]] = {}
        for row in await self._connection.execute(PATHS, {"ids": leaves}):
            found.setdefault(row.leaf, []).append(row)
        return {leaf: area_path(rows) for leaf, rows in found.items()}

    async def of_code(self, code: str) -> tuple[UUID, str] | None:
        """Read the id and the path of the area with this code."""
        row = (await self._connection.execute(OF_CODE, {"code": code})).one_or_none()
        return None if row is None else (row.id, row.path)

    async def children(self, under: str) -> list[dict[str, Any]]:
        """Read the areas right under the one with a code (empty: the roots) and count what they hold, by code."""
        rows = await self._connection.execute(CHILDREN, {"under": under})
        return [dict(row._mapping) | {"grids": json.loads(row.grids)} for row in rows]

    async def page(self, search: str | None, limit: int) -> list[dict[str, Any]]:
        """Read the first areas by path; `search` is found in codes and names as it stands, in either case."""
        rows = await self._connection.execute(PAGE, {"search": search, "limit": limit})
        return [dict(row._mapping) for row in rows]
