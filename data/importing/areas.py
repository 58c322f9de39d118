"""Take areas of one level into the tree and their shapes into a grid layer: all or nothing, counted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.areas import area, area_level
from data.bulk import insert_many
from data.grids import grid, grid_layer
from data.households import Households
from data.importing.errors import ImportingError
from data.importing.files import ReadAreas, Refused
from data.outbox import Outbox
from data.schema import new_id
from data.town import town
from geo.nearest import metres_to_boxes
from geo.point import Point
from geo.quality import GroundReport, check_ground

CODE = r"^[A-Za-z0-9_]{1,64}$"
FARTHEST_M = 20_000.0
EXTENT = text("""
    SELECT st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e) FROM (SELECT st_extent(shape) AS e FROM area) AS extent
""")
UPDATE_AREA = text("""
    UPDATE area SET name = :name, shape = st_geomfromwkb(:shape, 4326) WHERE id = :id
""")
END_GRID = text("""
    UPDATE grid SET valid = tstzrange(lower(valid), now())
    WHERE layer = :layer AND code = ANY(:codes) AND upper_inf(valid) AND lower(valid) < now()
""")


class UnknownLevelError(ImportingError):
    """There is no such level of the tree; facts `level` and `levels`."""

    code = "unknown_level"


class UnknownLayerError(ImportingError):
    """There is no such grid layer; facts `layer` and `layers`."""

    code = "unknown_layer"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: nothing was written where anything was `refused`."""

    refused: tuple[Refused, ...]
    ground: GroundReport
    new: int = 0
    redrawn: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """An area that is in the database."""

    id: UUID
    level: str
    code: str
    name: str
    path: str
    shape: MultiPolygon | None


async def load_areas(connection: AsyncConnection, read: ReadAreas, level: str, layer: str | None) -> Loaded:
    """Write what was read as areas of `level`, and as grids of `layer` where one is named.

    The parent of each is the area of the nearest level above that covers a point inside it. A code that is there
    keeps its area; where the shape differs, its grid gets a new version from now on and the old one ends.

    Raises
    ------
    UnknownLevelError, UnknownLayerError
        If the database knows no such level or layer.
    """
    await _check_names(connection, level, layer)
    known = {found.code: found for found in await _known(connection, select(area).where(area.c.code.in_(read.codes)))}
    parents = await _parents(connection, level)
    above = [_parent(shape, parents) for shape in read.shapes]
    ground = check_ground(read.codes, read.shapes, [found.shape if found else None for found in above])
    refused = (
        *read.refused,
        *_refused(read, level, above if parents else None, known, ground),
        *_astray(read, await _extent(connection)),
    )
    if refused:
        return Loaded(refused, ground)
    columns = zip(read.codes, read.names, read.shapes, strict=True)
    same = [_same(name, shape, known.get(code)) for code, name, shape in columns]
    ids = await _write_areas(connection, read, level, above, known)
    if layer is not None:
        await _write_grids(connection, read, layer, ids, same)
        await Households(connection).settle()
    await Outbox(connection).put("ground")
    old = sum(code in known for code in read.codes)
    return Loaded((), ground, len(ids) - old, old - sum(same), sum(same))


async def name_town(connection: AsyncConnection, code: str, name: str, time_zone: str) -> None:
    """Write the town's row where there is none yet."""
    row = {"id": 1, "code": code, "name": name, "name_en": name, "time_zone": time_zone, "demo": False}
    await insert_many(connection, town, [row], "DO NOTHING")


async def _check_names(connection: AsyncConnection, level: str, layer: str | None) -> None:
    levels = (await connection.execute(select(area_level.c.code).order_by(area_level.c.rank))).scalars().all()
    if level not in levels:
        raise UnknownLevelError(level=level, levels=", ".join(levels))
    layers = (await connection.execute(select(grid_layer.c.code).order_by(grid_layer.c.code))).scalars().all()
    if layer is not None and layer not in layers:
        raise UnknownLayerError(layer=layer, layers=", ".join(layers))


async def _known(connection: AsyncConnection, wanted: Any) -> list[Known]:
    path, shape = func.ltree2text(area.c.path), func.st_asbinary(area.c.shape)
    rows = await connection.execute(
        wanted.with_only_columns(area.c.id, area.c.level, area.c.code, area.c.name, path, shape)
    )
    return [Known(row[0], row[1], row[2], row[3], row[4], shapely.from_wkb(row[5])) for row in rows]


async def _parents(connection: AsyncConnection, level: str) -> list[Known]:
    """Read the areas with a shape on the nearest level above that has any."""
    rank = select(area_level.c.rank).where(area_level.c.code == level).scalar_subquery()
    nearest = (
        select(area_level.c.code)
        .join(area, area.c.level == area_level.c.code)
        .where(area_level.c.rank < rank, area.c.shape.is_not(None))
        .order_by(area_level.c.rank.desc())
        .limit(1)
    )
    above = select(area).where(area.c.level == nearest.scalar_subquery(), area.c.shape.is_not(None))
    return await _known(connection, above.order_by(area.c.code))


def _parent(shape: MultiPolygon, parents: list[Known]) -> Known | None:
    inside = shapely.point_on_surface(shape)
    return next((found for found in parents if shapely.covers(found.shape, inside)), None)


def _refused(
    read: ReadAreas,
    level: str,
    above: list[Known | None] | None,
    known: dict[str, Known],
    ground: GroundReport,
) -> list[Refused]:
    found = [
        Refused(read.features[row], code, "code_doubled") for code, rows in ground.doubled.items() for row in rows[1:]
    ]
    for row, code in enumerate(read.codes):
        if code in known and known[code].level != level:
            found.append(Refused(read.features[row], code, "code_of_other_level"))
        elif above is not None and above[row] is None:
            found.append(Refused(read.features[row], code, "outside_parent"))
    return found


async def _extent(connection: AsyncConnection) -> NDArray[np.float64] | None:
    """Read west, south, east, north of all areas there are, (1, 4) degrees; None before the first."""
    row = (await connection.execute(EXTENT)).one()
    return None if row[0] is None else np.array([[float(value) for value in row]])


def _astray(read: ReadAreas, extent: NDArray[np.float64] | None) -> list[Refused]:
    """Refuse what lies far from the town's other areas, and say where swapped axes would explain it."""
    if extent is None:
        return []
    found = []
    for row, inside in enumerate(shapely.point_on_surface(read.shapes)):
        if metres_to_boxes(Point(inside.x, inside.y), extent)[0] > FARTHEST_M:
            swapped = abs(inside.x) <= 90 and metres_to_boxes(Point(inside.y, inside.x), extent)[0] <= FARTHEST_M
            reason = "axes_swapped" if swapped else "far_from_town"
            found.append(Refused(read.features[row], read.codes[row], reason))
    return found


def _same(name: str, shape: MultiPolygon, before: Known | None) -> bool:
    if before is None or before.shape is None:
        return False
    return name == before.name and bool(shapely.equals(shape, before.shape))


async def _write_areas(
    connection: AsyncConnection,
    read: ReadAreas,
    level: str,
    above: list[Known | None],
    known: dict[str, Known],
) -> list[UUID]:
    ids = [known[code].id if code in known else new_id() for code in read.codes]
    rows = [
        {
            "id": id_,
            "level": level,
            "code": code,
            "name": name,
            "parent_id": parent and parent.id,
            "path": f"{parent.path}.{code}" if parent else code,
            "shape": shape,
        }
        for id_, code, name, parent, shape in zip(ids, read.codes, read.names, above, read.shapes, strict=True)
    ]
    await insert_many(connection, area, [row for row in rows if row["code"] not in known])
    changed = [row for row in rows if row["code"] in known]
    for row in changed:
        bound = {"id": row["id"], "name": row["name"], "shape": shapely.to_wkb(row["shape"])}
        await connection.execute(UPDATE_AREA, bound)
    return ids


async def _write_grids(
    connection: AsyncConnection, read: ReadAreas, layer: str, ids: list[UUID], same: list[bool]
) -> None:
    there = select(grid.c.code).where(grid.c.layer == layer, func.upper_inf(grid.c.valid))
    in_force = set((await connection.execute(there)).scalars())
    columns = zip(ids, read.codes, read.names, read.shapes, same, strict=True)
    places = select(area.c.id, func.ltree2text(area.c.path)).where(area.c.id.in_(ids))
    paths = {row[0]: row[1] for row in await connection.execute(places)}
    rows = [
        {"id": new_id(), "layer": layer, "area_id": id_, "code": code, "name": name, "shape": shape}
        | {"area_path": paths[id_]}
        for id_, code, name, shape, unchanged in columns
        if not (unchanged and code in in_force)
    ]
    await connection.execute(END_GRID, {"layer": layer, "codes": [row["code"] for row in rows]})
    await insert_many(connection, grid, rows)
