"""Take an OpenStreetMap extract into the town: base map, house numbers and areas, all or nothing, counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, box
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.importing.drawn import Refused
from data.importing.errors import FarFromTownError, UnknownLevelError
from data.importing.osm import Extract
from data.importing.osm_rows import AdminArea
from data.importing.osm_shapes import Box
from data.importing.osm_write import Merged, merge, put, stage
from data.importing.writing import Drawn, write_drawn
from data.outbox import Outbox
from data.town import Towns

LEVELS = {6: "district", 8: "street", 10: "community"}
"""The map's levels of administration in China, as levels of the tree (docs/sources.md#openstreetmap)."""
EXTENT = "osm:extent"
FARTHEST_M = 20_000.0
RANKS = text("SELECT code FROM area_level ORDER BY rank")
OWN = text("""
    SELECT count(*) FROM area WHERE shape IS NOT NULL AND level = ANY(:levels)
    AND (source_ref IS NULL OR source_ref NOT LIKE 'osm:r%')
""").bindparams(bindparam("levels"))
ALL = text("SELECT count(*) FROM area WHERE shape IS NOT NULL AND source_ref IS DISTINCT FROM 'osm:extent'")
FAR = text("""
    SELECT st_distance(st_makeenvelope(:west, :south, :east, :north, 4326)::geography,
                       st_setsrid(st_extent(shape)::geometry, 4326)::geography) FROM area
""")
GONE = text("SELECT count(*) FROM area WHERE source_ref LIKE 'osm:r%' AND source_ref <> ALL(:refs)")


@dataclass(frozen=True, slots=True)
class Areas:
    """What became of the areas: `gone` are no longer in the file, and stay; `root` says that one was drawn around all."""

    new: int = 0
    redrawn: int = 0
    unchanged: int = 0
    gone: int = 0
    root: bool = False
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedExtract:
    """What became of an extract; where areas were refused, nothing may be kept of it."""

    tables: Mapping[str, Merged]
    areas: Areas


async def load_extract(connection: AsyncConnection, extract: Extract, levels: Mapping[int, str]) -> LoadedExtract:
    """Read an extract and bring the town to it, by reference; what the town has of its own is not touched.

    Areas of administration become areas of the tree, each below the nearest level above that holds it; not where the
    town has areas of its own on these levels. Where neither the file nor the town has any, one area is drawn around
    streets and buildings, so that there is ground to divide.

    Raises
    ------
    ImportingError
        Where the file cannot be used; `UnknownLevelError` where the tree knows no such level, `FarFromTownError`
        where the file holds another town.
    """
    ranks = (await connection.execute(RANKS)).scalars().all()
    for level in levels.values():
        if level not in ranks:
            raise UnknownLevelError(level=level, levels=", ".join(ranks))
    await stage(connection)
    for batch in extract.batches():
        await put(connection, batch)
    await _check_near(connection, extract.box)
    tables = await merge(connection, extract.box, sorted(extract.left_out.broken))
    areas = await _place(connection, extract, {number: levels[number] for number in sorted(levels)}, ranks[0])
    await Outbox(connection).put("ground")
    return LoadedExtract(tables, areas)


async def _check_near(connection: AsyncConnection, box: Box) -> None:
    """Refuse the map of another town."""
    bound = dict(zip(("west", "south", "east", "north"), box, strict=True))
    metres = (await connection.execute(FAR, bound)).scalar_one()
    if metres is not None and metres > FARTHEST_M:
        raise FarFromTownError(km=round(metres / 1000), most=round(FARTHEST_M / 1000))


async def _place(connection: AsyncConnection, extract: Extract, levels: Mapping[int, str], top: str) -> Areas:
    if not extract.areas:
        return await _root(connection, extract, top)
    if (await connection.execute(OWN, {"levels": list(levels.values())})).scalar_one():
        for area in extract.areas:
            extract.left_out.add("area", "town_has_its_own", area.source_ref)
        return Areas()
    counted = Areas(gone=await _gone(connection, extract))
    for level, areas in _nested(extract, levels):
        drawn = Drawn(
            level=level,
            codes=[area.source_ref.removeprefix("osm:") for area in areas],
            names=[area.name for area in areas],
            shapes=_array([area.shape for area in areas]),
            source_refs=[area.source_ref for area in areas],
        )
        written = await write_drawn(connection, drawn)
        counted = Areas(
            counted.new + written.new,
            counted.redrawn + written.redrawn,
            counted.unchanged + written.unchanged,
            counted.gone,
            refused=counted.refused + written.refused,
        )
    return counted


async def _gone(connection: AsyncConnection, extract: Extract) -> int:
    refs = [area.source_ref for area in extract.areas] + sorted(extract.left_out.broken)
    found: int = (await connection.execute(GONE, {"refs": refs})).scalar_one()
    return found


def _nested(extract: Extract, levels: Mapping[int, str]) -> list[tuple[str, list[AdminArea]]]:
    """Sort areas by level from the top; those that no area of the nearest level above holds are left out."""
    nested: list[tuple[str, list[AdminArea]]] = []
    for number, level in levels.items():
        here = [area for area in extract.areas if area.level == number]
        if nested:
            above = shapely.STRtree([area.shape for area in nested[-1][1]])
            inside = shapely.point_on_surface([area.shape for area in here])
            held = set(above.query(inside, predicate="covered_by")[0].tolist())
            for row, area in enumerate(here):
                if row not in held:
                    extract.left_out.add("area", "outside_parent", area.source_ref)
            here = [area for row, area in enumerate(here) if row in held]
        if here:
            nested.append((level, here))
    return nested


async def _root(connection: AsyncConnection, extract: Extract, top: str) -> Areas:
    """Draw one area around all there is, where the town has none."""
    town = await Towns(connection).the()
    if town is None or (await connection.execute(ALL)).scalar_one():
        return Areas()
    around = _array([MultiPolygon([box(*extract.box)])])
    drawn = Drawn(level=top, codes=[town.code], names=[town.name], shapes=around, source_refs=[EXTENT])
    written = await write_drawn(connection, drawn)
    return Areas(written.new, written.redrawn, written.unchanged, root=True, refused=written.refused)


def _array(shapes: Sequence[MultiPolygon]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array
