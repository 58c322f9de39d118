"""Read the whole ground of a town as columns, for a look at its quality: everything at one moment, then no more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import GOVERNANCE
from geo.quality.codes import Coded
from geo.quality.homes import Grids, Homes
from geo.quality.look import Ground, LayerGround, Things
from geo.quality.sheet import NOWHERE, Above, Sheet, is_sound
from geo.quality.staff import Person

# An area whose grids are all over is of the past: its shape is nobody's ground any more.
AREAS = text("""
    SELECT a.id, a.code, a.level, ltree2text(a.path) AS path, l.digits, st_asbinary(a.shape) AS shape,
           EXISTS (SELECT FROM grid g WHERE g.area_id = a.id) AS gridded,
           EXISTS (SELECT FROM grid g WHERE g.area_id = a.id AND g.valid @> clock_timestamp()) AS in_force
    FROM area a JOIN area_level l ON l.code = a.level ORDER BY l.rank, a.code
""")
GRIDS = text("""
    SELECT g.layer, g.code, g.kind, g.area_id, st_asbinary(g.shape) AS shape
    FROM grid g WHERE g.valid @> clock_timestamp() ORDER BY g.layer, g.code
""")
LAYERS = text("SELECT code, least_households, most_households FROM grid_layer")
PEOPLE = text("""
    SELECT id, role, ltree2text(area_path) AS path FROM worker WHERE kind = 'person' AND area_path IS NOT NULL
""")
BUILDINGS = text("SELECT id, code, st_asbinary(shape) AS shape FROM building ORDER BY id")
STREETS = text("SELECT name, st_asbinary(line) AS shape FROM street")
ADDRESSES = text("SELECT text, st_x(point) AS lng, st_y(point) AS lat FROM address WHERE street IS NOT NULL")
HOMES = """
    SELECT st_x(point), st_y(point), id, coalesce(area_id, uuid_nil), coalesce(building_id, uuid_nil)
    FROM household, (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS uuid_nil) AS none
"""
HOME = np.dtype(
    [("fields", ">i2")]
    + [part for name in ("lng", "lat") for part in ((f"{name}_long", ">i4"), (name, ">f8"))]
    + [part for name in ("id", "area", "building") for part in ((f"{name}_long", ">i4"), (name, "V16"))]
)
"""One row of HOMES in PostgreSQL's binary COPY format, in which every column of ours is as long as every other's."""
COPY_HEAD, COPY_TAIL = 19, 2


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was read: the ground, the households with their ids (n,) as bytes, and what a code stands for in the tree."""

    ground: Ground
    homes: Homes
    home_ids: NDArray[np.void]
    paths: Mapping[str, str]
    shapes: Mapping[str, Geometry]
    seen: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Area:
    id: UUID
    code: str
    level: str
    path: str
    digits: int | None
    shape: Geometry | None
    gridded: bool
    in_force: bool

    @property
    def past(self) -> bool:
        return self.gridded and not self.in_force


async def read_ground(connection: AsyncConnection, on_duty: Collection[UUID]) -> Looked:
    """Read everything that a look at the ground needs; about 60 bytes for each household."""
    await connection.execute(text("SET LOCAL statement_timeout = 0"))
    areas = [_area(row) for row in await connection.execute(AREAS)]
    areas = [area for area in areas if not area.past]
    grids = list(await connection.execute(GRIDS))
    within = {row.code: (row.least_households, row.most_households) for row in await connection.execute(LAYERS)}
    people = list(await connection.execute(PEOPLE))
    buildings = list(await connection.execute(BUILDINGS))
    homes = await _homes(connection)
    of_id = {area.id: area for area in areas}
    of_path = {area.path: area for area in areas}
    lived_in = [row for row in grids if row.layer == GOVERNANCE]
    on = frozenset(on_duty)
    ground = Ground(
        sheets=[*_level_sheets(areas, of_path), *_layer_sheets(grids, of_id, of_path)],
        coded=[_coded(area, of_path) for area in areas],
        layers=[_layer(code, rows, of_id, within[code]) for code, rows in _by_layer(grids).items()],
        people=[Person(row.path, row.role, row.id in on) for row in people],
        things=await _things(connection, buildings),
    )
    columns = Homes(
        homes["lng"].astype(np.float64),
        homes["lat"].astype(np.float64),
        _rows_of(homes["area"], [row.area_id for row in lived_in]),
        _rows_of(homes["building"], [row.id for row in buildings]),
    )
    things = ground.things
    seen = {"areas": len(areas), "grids": len(grids), "households": len(homes), "people": len(people)}
    seen |= {"buildings": len(buildings), "streets": len(things.streets), "addresses": len(things.addresses)}
    shapes = {area.code: area.shape for area in areas if area.shape is not None}
    shapes |= {row.code: shapely.from_wkb(row.shape) for row in grids}
    return Looked(ground, columns, homes["id"], {area.code: area.path for area in areas}, shapes, seen)


def _area(row: Any) -> _Area:
    return _Area(**row._asdict() | {"shape": row.shape and shapely.from_wkb(row.shape)})


def _level_sheets(areas: list[_Area], of_path: Mapping[str, _Area]) -> Iterable[Sheet]:
    """Make a sheet of each level that some areas have a shape on and that no layer draws."""
    levels: dict[str, list[_Area]] = {}
    for area in areas:
        levels.setdefault(area.level, []).append(area)
    for level, some in levels.items():
        if any(area.shape is not None for area in some) and not any(area.gridded for area in some):
            yield _sheet(None, level, some, [area.shape for area in some], of_path)


def _layer_sheets(grids: list[Any], of_id: Mapping[UUID, _Area], of_path: Mapping[str, _Area]) -> Iterable[Sheet]:
    for layer, rows in _by_layer(grids).items():
        some = [of_id[row.area_id] for row in rows]
        yield _sheet(layer, some[0].level, some, [shapely.from_wkb(row.shape) for row in rows], of_path)


def _sheet(
    layer: str | None, level: str, areas: list[_Area], shapes: list[Geometry | None], of_path: Mapping[str, _Area]
) -> Sheet:
    """Lay areas out under their nearest ancestors with ground; those of the same levels are to be covered, too."""
    parents = [_parent(area, of_path) for area in areas]
    levels = {parent.level for parent in parents if parent is not None}
    above = [area for area in of_path.values() if area.level in levels and area.shape is not None]
    sound = is_sound(column([area.shape for area in above])).tolist()
    above = [area for area, is_whole in zip(above, sound, strict=True) if is_whole]
    row_of = {area.path: row for row, area in enumerate(above)}
    rows = [NOWHERE if parent is None else row_of.get(parent.path, NOWHERE) for parent in parents]
    whole = Above([area.code for area in above], column([area.shape for area in above]))
    return Sheet(layer, level, [area.code for area in areas], column(shapes), whole, np.array(rows, np.int64))


def _parent(area: _Area, of_path: Mapping[str, _Area]) -> _Area | None:
    path = area.path
    while "." in path:
        path = path.rpartition(".")[0]
        found = of_path.get(path)
        if found is not None and found.shape is not None:
            return found
    return None


def _coded(area: _Area, of_path: Mapping[str, _Area]) -> Coded:
    above = of_path.get(area.path.rpartition(".")[0])
    return Coded(area.level, area.code, area.digits, above.code if above and above.digits else None)


def _by_layer(grids: list[Any]) -> dict[str, list[Any]]:
    layers: dict[str, list[Any]] = {}
    for row in grids:
        layers.setdefault(row.layer, []).append(row)
    return layers


def _layer(
    code: str, rows: list[Any], of_id: Mapping[UUID, _Area], within: tuple[int | None, int | None]
) -> LayerGround:
    areas = [of_id[row.area_id] for row in rows]
    return LayerGround(
        grids=Grids(code, areas[0].level, [row.code for row in rows]),
        shapes=column([shapely.from_wkb(row.shape) for row in rows]),
        paths=[area.path for area in areas],
        basic=[row.kind == "basic" for row in rows],
        within=within,
        lived_in=code == GOVERNANCE,
    )


async def _things(connection: AsyncConnection, buildings: list[Any]) -> Things:
    streets = list(await connection.execute(STREETS))
    addresses = list(await connection.execute(ADDRESSES))
    return Things(
        building_codes=[row.code for row in buildings],
        buildings=column([shapely.from_wkb(row.shape) for row in buildings]),
        street_names=[row.name for row in streets],
        streets=column([shapely.from_wkb(row.shape) for row in streets]),
        addresses=[row.text for row in addresses],
        lng=np.array([row.lng for row in addresses], np.float64),
        lat=np.array([row.lat for row in addresses], np.float64),
    )


async def _homes(connection: AsyncConnection) -> NDArray[np.void]:
    """Read every household as one array, without a Python object for each."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    read = bytearray()

    async def take(part: bytes) -> None:
        read.extend(part)

    await raw.copy_from_query(HOMES, output=take, format="binary")
    return np.frombuffer(bytes(read[COPY_HEAD:-COPY_TAIL]), dtype=HOME)


def _rows_of(wanted: NDArray[np.void], ids: list[UUID]) -> NDArray[np.int64]:
    """Return where each id stands among `ids`, int64 (n,), -1 for none."""
    if not ids:
        return np.full(len(wanted), NOWHERE, np.int64)
    known = np.array([id_.bytes for id_ in ids], dtype="V16").view(">u8").reshape(-1, 2)
    given = np.ascontiguousarray(wanted).view(">u8").reshape(-1, 2)
    keys, places = np.unique(np.concatenate([known, given]), axis=0, return_inverse=True)
    row_of = np.full(len(keys), NOWHERE, np.int64)
    row_of[places[: len(known)]] = np.arange(len(known))
    return row_of[places[len(known) :]]


def column(shapes: list[Geometry | None]) -> NDArray[np.object_]:
    """Return shapes as an array, which may be empty."""
    made = np.empty(len(shapes), dtype=np.object_)
    made[:] = shapes
    return made
