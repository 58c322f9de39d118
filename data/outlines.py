"""Outlines of grids and areas for small scales, kept beside their shapes: what tiles draw up to zoom 14."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.outbox import Outbox
from geo.outlines import Drawn, Outlines

BANDS = {"far": 30.0, "middle": 10.0, "near": 2.5}
"""Band: tolerance in metres of Web Mercator, about half a pixel of a tile of 512 at its last zoom: 10, 12, 14."""

SHAPES = text("""
    SELECT sheet, kept_in, id, shape FROM (
        SELECT 'area ' || level AS sheet, 'area' AS kept_in, id, code, st_asbinary(shape_3857) AS shape
        FROM area WHERE shape IS NOT NULL
        UNION ALL
        SELECT 'grid ' || layer || CASE WHEN lower(valid) > now() THEN ' planned' ELSE '' END, 'grid', id, code,
               st_asbinary(shape_3857)
        FROM grid WHERE valid && tstzrange(now(), NULL)
    ) AS drawn ORDER BY sheet, code, id
""")
POINTS = text("SELECT st_asbinary(st_collect(st_transform(point, 3857))) FROM household GROUP BY area_id")
KEEP = """
    UPDATE {table} SET outline_far = st_multi(st_geomfromwkb(n.far, 3857)),
        outline_middle = st_multi(st_geomfromwkb(n.middle, 3857)), outline_near = st_multi(st_geomfromwkb(n.near, 3857))
    FROM unnest(CAST(:ids AS uuid[]), CAST(:far AS bytea[]), CAST(:middle AS bytea[]), CAST(:near AS bytea[]))
        AS n (id, far, middle, near)
    WHERE {table}.id = n.id
"""
KEEPS = {table: text(KEEP.format(table=table)) for table in ("area", "grid")}


@dataclass(frozen=True, slots=True)
class Outlined:
    """What was drawn: areas and grids, from how many common pieces; how many pieces each band had to ease or leave."""

    shapes: int
    pieces: int
    eased: dict[str, int]
    exact: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One level, or one layer's grids now or planned: (n,) ids and shapes in order of code."""

    table: str
    ids: list[UUID]
    shapes: NDArray[np.object_]


async def redraw_outlines(connection: AsyncConnection) -> Outlined:
    """Draw anew the outlines of all areas, and of all grids in force or planned, in the caller's transaction.

    Needs to see all households: by the rules or as the tables' owner. Says in the outbox that the ground changed.
    """
    sheets = _sheets(list(await connection.execute(SHAPES)))
    collected = (await connection.execute(POINTS)).scalars().all()
    pieces, bands = await asyncio.to_thread(_drawn, sheets, collected)
    for at, sheet in enumerate(sheets):
        columns = {name: shapely.to_wkb(drawn.shapes[at]).tolist() for name, drawn in bands.items()}
        await connection.execute(KEEPS[sheet.table], {"ids": sheet.ids, **columns})
    await Outbox(connection).put("ground")
    return Outlined(
        sum(len(sheet.ids) for sheet in sheets),
        pieces,
        {name: drawn.eased for name, drawn in bands.items()},
        {name: drawn.exact for name, drawn in bands.items()},
    )


def _sheets(rows: Sequence[Row[Any]]) -> list[_Sheet]:
    sheets = []
    for _, some in groupby(rows, key=lambda row: row.sheet):
        few = list(some)
        shapes = np.array(shapely.from_wkb([row.shape for row in few]), dtype=np.object_)
        sheets.append(_Sheet(few[0].kept_in, [row.id for row in few], shapes))
    return sheets


def _drawn(sheets: Sequence[_Sheet], collected: Sequence[bytes]) -> tuple[int, dict[str, Drawn]]:
    points = shapely.get_coordinates(shapely.from_wkb(collected))
    ground = Outlines([sheet.shapes for sheet in sheets], np.unique(points, axis=0))
    return ground.pieces, {name: ground.draw(tolerance) for name, tolerance in BANDS.items()}
