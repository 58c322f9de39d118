"""Households: an address and a point, in a building and in the area of a grid."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import area_path_column, id_column, in_the_tree, metadata, point_columns

household = Table(
    "household",
    metadata,
    id_column(),
    Column("building_id", ForeignKey("building.id"), index=True),
    Column("address", Text, nullable=False),
    *point_columns(),
    Column("area_id", Uuid, index=True),
    area_path_column(),
    UniqueConstraint("address"),
    in_the_tree("area_id"),
    Index("household_point_gist", "point", postgresql_using="gist"),
    Index("household_cell_idx", "cell"),
)

OF_GRID = text("""
    SELECT h.id, h.address, st_x(h.point) AS lng, st_y(h.point) AS lat
    FROM household h
    WHERE h.area_id = (SELECT id FROM area WHERE code = :grid) AND (CAST(:after AS uuid) IS NULL OR h.id > :after)
    ORDER BY h.id LIMIT :limit
""")
ONE = text("""
    SELECT h.id, h.address, st_x(h.point) AS lng, st_y(h.point) AS lat, a.code AS grid, b.code AS building
    FROM household h LEFT JOIN area a ON a.id = h.area_id LEFT JOIN building b ON b.id = h.building_id
    WHERE h.id = :id
""")
SETTLE = text("SELECT settle_households()")


class Households:
    """Statements on households."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, grid: str, after: UUID | None, limit: int) -> tuple[list[dict[str, Any]], UUID | None]:
        """Return one page of a grid's households by id, WGS 84, and the id after which the next page starts."""
        bound = {"grid": grid, "after": after, "limit": limit + 1}
        rows = [dict(row._mapping) for row in await self._connection.execute(OF_GRID, bound)]
        page = rows[:limit]
        return page, page[-1]["id"] if len(rows) > limit else None

    async def one(self, id_: UUID) -> dict[str, Any] | None:
        """Return one household, WGS 84, with the codes of its grid and building."""
        row = (await self._connection.execute(ONE, {"id": id_})).one_or_none()
        return None if row is None else dict(row._mapping)

    async def settle(self) -> None:
        """Put every household into the area of the governance grid that covers it now; of several the lowest code."""
        await self._connection.execute(SETTLE)
