"""Vector tiles straight from PostGIS (MVT), of what the asking person may see.

A table is read through its function `<table>_in(box)`: under a row policy no spatial index would be used. `z` is a
tile's own zoom; the map draws its tiles 512 pixels wide, so that its zoom is one more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import EVERYWHERE, Permission, Rights

FIRST_ZOOM_OF_BUILDINGS = 14
FIRST_ZOOM_OF_LANES = 14
FIRST_ZOOM_OF_PATHS = 16
FIRST_ZOOM_BELOW_GRIDS = 15
FIRST_ZOOM_OF_ADDRESSES = 16
FIRST_ZOOM_OF_HOUSEHOLDS = 12
CELLS = 256
"""Households of one cell are one dot with their number: so many cells lie along a tile, each 2 pixels wide."""
LAST_ZOOMS = MappingProxyType({"far": 10, "middle": 12, "near": 14})
"""Band of outlines: its last zoom. From the next on shapes are drawn as they are."""


@dataclass(frozen=True, slots=True)
class Source:
    """One layer of tiles: its statement by band, from which zoom it has anything, and who sees more of it than others."""

    statements: Mapping[str | None, TextClause]
    first_zoom: int = 0
    permission: Permission | None = None
    """Whose scope decides what is drawn; None: everybody signed in sees the same."""


EXACT = """CASE WHEN st_isvalid({column}) THEN st_forcepolygonccw(st_snaptogrid(st_collectionextract(st_clipbybox2d(
        st_affine({column}, side, 0, 0, -side, -side * st_xmin(box), side * st_ymax(box)),
        st_makebox2d(st_point(-64, -64), st_point(4160, 4160))), 3), 1)) ELSE st_asmvtgeom({column}, {drawn}) END"""
"""A polygon's corners in whole steps of the tile, y downwards, each rounded by itself, so that what two polygons share
they still share. st_asmvtgeom simplifies and mends each polygon for itself, and neighbours part by a step."""
TILE = "SELECT st_asmvt(t, '{layer}', 4096, 'shape') FROM ({rows}) AS t WHERE NOT st_isempty(shape)"
GROUND = """
    SELECT st_asmvtgeom(shape_3857, {drawn}) AS shape, kind, name FROM ground_in({around})
    WHERE :z >= 15 OR st_area(shape_3857) >= {pixel} ORDER BY id
"""
STREETS = """
    SELECT st_asmvtgeom(line, {drawn}) AS shape, name, class FROM (
        SELECT st_linemerge(st_collect(line_3857 ORDER BY id)) AS line, name, class FROM street_in({around})
        WHERE CASE class WHEN 'path' THEN :z >= {paths} WHEN 'lane' THEN :z >= {lanes} ELSE true END
        GROUP BY class, name
    ) AS merged ORDER BY array_position(ARRAY['main', 'secondary', 'lane', 'path'], class), name
"""  # a street is one line wherever it can be, so that its name is written along all of it
BUILDINGS = """
    SELECT st_asmvtgeom(shape_3857, {drawn}) AS shape, kind, name, storeys FROM building_in({around})
    WHERE :z > {buildings} OR st_area(shape_3857) >= 4 * {pixel} ORDER BY id
"""
AREAS = """
    SELECT {exact} AS shape, level, level_name, level_name_en, place AS rank, seen.code, seen.name
    FROM area_in({around}) AS seen
    JOIN (SELECT code AS level, name AS level_name, name_en AS level_name_en, rank,
                 row_number() OVER (ORDER BY rank) AS place FROM area_level) AS levels
    USING (level), {steps}
    WHERE level <> 'grid' AND (:z >= {below_grids} OR rank < (SELECT rank FROM area_level WHERE code = 'grid'))
    ORDER BY place DESC, seen.id
"""
GRIDS = """
    SELECT {exact} AS shape, id::text AS id, code, name, kind, purpose
    FROM grid_in({around}) AS seen, {steps} WHERE layer = :shown AND valid @> now() ORDER BY id
"""
ADDRESSES = """
    SELECT st_asmvtgeom(st_transform(point, 3857), {drawn}) AS shape, number FROM address_in({around}) ORDER BY id
"""
HOUSEHOLDS = """
    SELECT st_makepoint((cx + 0.5) * 4096 / {cells}, (cy + 0.5) * 4096 / {cells}) AS shape, n,
           ltree2text(subpath(path, -1)) AS grid
    FROM household_cells(:z, :x, :y, {cells}) ORDER BY cy, cx, path
"""
WORDS = {
    "drawn": "st_tileenvelope(:z, :x, :y), 4096, 64, true",
    "around": "st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096)",
    "steps": "(SELECT box, 4096 / (st_xmax(box) - st_xmin(box)) AS side FROM st_tileenvelope(:z, :x, :y) AS box) AS steps",
    "pixel": "(40075016.68557849 / (512 * 2.0 ^ :z)) ^ 2",  # m² of Web Mercator
    "lanes": FIRST_ZOOM_OF_LANES,
    "paths": FIRST_ZOOM_OF_PATHS,
    "buildings": FIRST_ZOOM_OF_BUILDINGS,
    "below_grids": FIRST_ZOOM_BELOW_GRIDS,
    "cells": CELLS,
}
COLUMNS = {None: "shape_3857"} | {band: f"coalesce(outline_{band}, shape_3857)" for band in LAST_ZOOMS}
"""An outline's corners are some of its shape's, so that the index on shapes finds it."""


def _by_band(layer: str, rows: str) -> dict[str | None, TextClause]:
    return {
        band: text(TILE.format(layer=layer, rows=rows.format(exact=EXACT.format(column=column, **WORDS), **WORDS)))
        for band, column in COLUMNS.items()
    }


SOURCES = {
    "ground": Source(_by_band("ground", GROUND)),
    "streets": Source(_by_band("streets", STREETS)),
    "buildings": Source(_by_band("buildings", BUILDINGS), FIRST_ZOOM_OF_BUILDINGS),
    "addresses": Source(_by_band("addresses", ADDRESSES), FIRST_ZOOM_OF_ADDRESSES),
    "areas": Source(_by_band("areas", AREAS), permission=Permission.GROUND_VIEW),
    "grids": Source(_by_band("grids", GRIDS), permission=Permission.GROUND_VIEW),
    "households": Source(_by_band("households", HOUSEHOLDS), FIRST_ZOOM_OF_HOUSEHOLDS, Permission.HOUSEHOLD_VIEW),
}
"""A household is a dot that names nobody: looks at it are not noted."""

OWN_GRIDS = text("SELECT CAST(ARRAY(SELECT unnest(my_grids()) ORDER BY 1) AS text)")
NEXT_CHANGE = text("""
    SELECT min(t) FROM grid, unnest(ARRAY[lower(valid), upper(valid)]) AS t WHERE layer = :shown AND t > now()
""")

type At = tuple[int, int, int]


def band_of(z: int) -> str | None:
    """Return the band of outlines that a zoom draws; None: shapes as they are."""
    return next((band for band, last in LAST_ZOOMS.items() if z <= last), None)


def reach(layer: str, rights: Rights) -> tuple[str, ...]:
    """Return all that rights decide about a layer's tiles: who has equal reach is drawn equal ones.

    Save for grids, where one's own matters add some: see `has_own_grids`.
    """
    permission = SOURCES[layer].permission
    return () if permission is None else tuple(rights.held.get(permission, ()))


def has_own_grids(layer: str, rights: Rights) -> bool:
    """Say whether a person may be drawn grids that others of the same reach are not."""
    return layer == "grids" and EVERYWHERE not in reach(layer, rights)


async def tile(connection: AsyncConnection, layer: str, at: At, shown: str) -> bytes:
    """Draw one tile (z, x, y) of a layer of `SOURCES`, of grids those of the grid layer that is shown.

    Empty bytes when nothing lies there.
    """
    source, z = SOURCES[layer], at[0]
    if z < source.first_zoom:
        return b""
    bound = dict(zip("zxy", at, strict=True)) | ({"shown": shown} if layer == "grids" else {})
    drawn: bytes = (await connection.execute(source.statements[band_of(z)], bound)).scalar_one()
    return drawn


async def own_grids(connection: AsyncConnection) -> str:
    """Read the grids of the person's own matters, as one text."""
    found: str = (await connection.execute(OWN_GRIDS)).scalar_one()
    return found


async def next_change(connection: AsyncConnection, layer: str, shown: str) -> datetime | None:
    """Read until when a layer's tiles stay as they are if nobody changes the ground; None: for ever."""
    if layer != "grids":
        return None
    found: datetime | None = (await connection.execute(NEXT_CHANGE, {"shown": shown})).scalar_one()
    return found
