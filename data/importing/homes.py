"""Where homes are, as far as the town knows: its households, or an estimate that says what it was made from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

from data.schema import statement
from geo.blocks import LANE, MAIN, PATH, SECONDARY, WATER, Homes, Lines

M2_OF_HOME = 120.0  # ours: floor, walls and stairs of one home
LEAST_M2 = 40.0  # ours: a smaller building is a shed or a garage
STREET_M_OF_HOME = 20.0  # ours: along a lane, both sides together
LEAST_WIDE_M = 5.0  # ours: water narrower than this parts nobody
KINDS = {"water": WATER, "main": MAIN, "secondary": SECONDARY, "lane": LANE, "path": PATH}


def _of_areas(name: str) -> TextClause:
    return text(statement(name)).bindparams(bindparam("areas"))


COUNTED: Mapping[str, tuple[TextClause, Mapping[str, float]]] = {
    "households": (_of_areas("homes_by_households"), {}),
    "buildings": (_of_areas("homes_by_buildings"), {"m2_of_home": M2_OF_HOME, "least_m2": LEAST_M2}),
    "addresses": (_of_areas("homes_by_addresses"), {}),
}
UNDIVIDED = text(statement("undivided_areas"))
LINES = _of_areas("lines_to_cut_along")


@dataclass(frozen=True, slots=True)
class Undivided:
    """An area that may be divided into grids; `counted_by` is the best that tells of its homes."""

    id: UUID
    code: str
    name: str
    shape: Any
    divided: bool
    counted_by: str


async def read_undivided(connection: AsyncConnection, layer: str, rank: int, within: str | None) -> list[Undivided]:
    """Read the lowest areas above the grids, those below `within` only, by path; divided ones too."""
    bound = {"layer": layer, "rank": rank, "within": within}
    rows = await connection.execute(UNDIVIDED, bound)
    return [
        Undivided(row.id, row.code, row.name, shapely.from_wkb(row.shape), row.divided, row.counted_by)
        for row in rows
    ]


async def read_homes(connection: AsyncConnection, areas: Sequence[Undivided]) -> Homes:
    """Read the homes of every area by what it is counted by; none of those counted by streets."""
    by: dict[str, list[UUID]] = defaultdict(list)
    for area in areas:
        by[area.counted_by].append(area.id)
    rows: list[Any] = []
    for name, (counted, numbers) in COUNTED.items():
        if by[name]:
            rows += await connection.execute(counted, {"areas": by[name], **numbers})
    places = np.array([(row.lng, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)
    return Homes(places, np.array([row.homes for row in rows], dtype=np.int64))


async def read_lines(connection: AsyncConnection, areas: Sequence[Undivided]) -> Lines:
    """Read the streets, and the banks of water, that borders may run along."""
    bound = {"areas": [area.id for area in areas], "least_wide_m": LEAST_WIDE_M}
    rows = (await connection.execute(LINES, bound)).all()
    lines = np.asarray(shapely.from_wkb([row.line for row in rows]), dtype=np.object_)
    return Lines(lines, np.array([KINDS[row.kind] for row in rows], dtype=np.int64))
