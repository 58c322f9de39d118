"""Case 2: from many points to the grids that cover them, ours beside shapely, geopandas and PostGIS."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
import geopandas
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from benchmarks.rows import Limit, Row, interleave, rate
from geo.point import Point

Floats = NDArray[np.float64]
Found = tuple[float, NDArray[np.int32]]
Contestant = Callable[[], Awaitable[Found]]
NONE = -1
NEAR_BORDERS = 0.05
ON_VERTICES = 0.001
COVERED_BY, WITHIN = "STRtree covered_by", "sjoin within"
HOW = (
    "One layer. Everybody starts from points and grids in its own form, indexed; of several grids the lowest code "
    "answers. sjoin within leaves out points on borders: its meaning, not an error. PostGIS may use its parallel "
    "workers and writes its answers into a temporary table."
)
MAKE_TABLES = """
    DROP TABLE IF EXISTS bench_grid, bench_point;
    CREATE UNLOGGED TABLE bench_grid AS
        SELECT n::int - 1 AS row, st_geomfromwkb(wkb, 4326) AS shape
        FROM unnest($1::bytea[]) WITH ORDINALITY AS given (wkb, n)
"""


class Locates(Protocol):
    """What is measured: `geo.locate.Locator`, or in a test one that errs."""

    def locate(self, point: Point) -> int | None: ...

    def locate_many(self, lng: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]: ...


@dataclass(frozen=True, slots=True)
class Ground:
    """Grids in order of code, so that the lowest row breaks ties, and points (k,): WGS 84 degrees."""

    codes: tuple[str, ...]
    shapes: NDArray[np.object_]
    lng: Floats
    lat: Floats


def ground_of(shapes_by_code: Mapping[str, shapely.Geometry], count: int, seed: int = 1) -> Ground:
    """Scatter points over the box of the grids: one in twenty at a border, one in a thousand on a vertex."""
    codes = tuple(sorted(shapes_by_code))
    shapes = np.array([shapes_by_code[code] for code in codes], dtype=np.object_)
    rng = np.random.default_rng([seed, 12])
    near, on = round(NEAR_BORDERS * count), round(ON_VERTICES * count)
    west, south, east, north = shapely.total_bounds(shapes)
    anywhere = rng.uniform((west, south), (east, north), (count - near - on, 2))
    vertices, owner = shapely.get_coordinates(shapely.boundary(shapes), return_index=True)
    first = rng.choice(np.flatnonzero(owner[:-1] == owner[1:]), near)
    border = vertices[first] + rng.random((near, 1)) * (vertices[first + 1] - vertices[first])
    turn, off = rng.uniform(0, 2 * np.pi, near), 10 ** rng.uniform(-8, -5, near)
    border += np.column_stack([np.cos(turn), np.sin(turn)]) * off[:, None]
    places = np.concatenate([anywhere, border, vertices[rng.choice(len(vertices), on)]])
    lng, lat = places[rng.permutation(count)].T
    return Ground(codes, shapes, lng.copy(), lat.copy())


async def measure(
    ground: Ground, locator: Locates, connection: "asyncpg.Connection[Any] | None", repetitions: int
) -> list[Row]:
    """Measure whole arrays; without a connection PostGIS is left out."""
    if connection is not None:
        await load(connection, ground)
    found = await interleave(_contestants(ground, locator, connection), repetitions)
    count, mine = len(ground.lng), [answers for _, answers in found["ours"]]
    rows = []
    for name in [name for name in found if name != "ours"]:
        pairs = zip(mine, [answers for _, answers in found[name]], strict=True)
        unlike = unlike_within if name == WITHIN else _unlike
        differing = sum(unlike(ground, a, b) for a, b in pairs)
        ours, peer = (rate(side, count, [took for took, _ in found[side]], 1e6) for side in ("ours", name))
        aim = Limit("≥", 1.0, of_peer=True) if name == COVERED_BY else None
        rows.append(Row(f"locate {count} points", name, "M/s", ours, peer, aim=aim, differing=differing, how=HOW))
    return rows


def _unlike(_: Ground, mine: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    return int(np.count_nonzero(mine != other))


def unlike_within(ground: Ground, mine: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """Count what differs from `within`, which leaves out points that lie exactly on a border."""
    left_out = np.flatnonzero((other == NONE) & (mine != NONE))
    points = shapely.points(ground.lng[left_out], ground.lat[left_out])
    on_border = shapely.touches(ground.shapes[mine[left_out]], points)
    return int(np.count_nonzero((other != NONE) & (other != mine)) + np.count_nonzero(~on_border))


def _contestants(
    ground: Ground, locator: Locates, connection: "asyncpg.Connection[Any] | None"
) -> dict[str, Contestant]:
    points = np.asarray(shapely.points(ground.lng, ground.lat), dtype=np.object_)
    tree, prepared = shapely.STRtree(ground.shapes), ground.shapes.copy()
    shapely.prepare(prepared)
    dotted = geopandas.GeoDataFrame(geometry=points, crs=4326)
    grids = geopandas.GeoDataFrame(geometry=ground.shapes, crs=4326)
    assert len(grids.sindex) == len(ground.codes)  # built before the clock starts

    def covered_by() -> NDArray[np.int32]:
        return _lowest(len(points), *tree.query(points, predicate="covered_by"))

    def boxes_first() -> NDArray[np.int32]:
        at, row = tree.query(points)
        hit = shapely.intersects_xy(prepared[row], ground.lng[at], ground.lat[at])
        return _lowest(len(points), at[hit], row[hit])

    def joined(predicate: str) -> NDArray[np.int32]:
        found = geopandas.sjoin(dotted, grids, predicate=predicate)
        return _lowest(len(points), found.index.to_numpy(), found["index_right"].to_numpy())

    sides = {
        "ours": _timed(lambda: locator.locate_many(ground.lng, ground.lat)),
        COVERED_BY: _timed(covered_by),
        "STRtree boxes, prepared": _timed(boxes_first),
        "sjoin intersects": _timed(lambda: joined("intersects")),
        WITHIN: _timed(lambda: joined("within")),
    }
    return sides if connection is None else {**sides, "PostGIS": lambda: _postgis(connection, len(points))}


def _timed(work: Callable[[], NDArray[np.int32]]) -> Contestant:
    async def run() -> Found:
        began = time.perf_counter()
        found = work()
        return time.perf_counter() - began, found

    return run


def _lowest(count: int, at: NDArray[Any], row: NDArray[Any]) -> NDArray[np.int32]:
    """Keep the lowest row of each point: int32 (count,), -1 for none."""
    found = np.full(count, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(found, at, row.astype(np.int32))
    found[found == np.iinfo(np.int32).max] = NONE
    return found


async def load(connection: "asyncpg.Connection[Any]", ground: Ground) -> None:
    """Write grids and points into tables of the database, indexed and analysed."""
    drop, make = MAKE_TABLES.split(";")
    await connection.execute(drop)
    await connection.execute(make, shapely.to_wkb(ground.shapes).tolist())
    await connection.execute(
        "CREATE UNLOGGED TABLE bench_point AS "
        "SELECT n::int - 1 AS row, st_setsrid(st_makepoint(x, y), 4326) AS point "
        "FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS given (x, y, n)",
        ground.lng.tolist(),
        ground.lat.tolist(),
    )
    await connection.execute("CREATE INDEX ON bench_grid USING gist (shape)")
    await connection.execute("CREATE INDEX ON bench_point USING gist (point)")
    await connection.execute("ANALYZE bench_grid, bench_point")


async def _postgis(connection: "asyncpg.Connection[Any]", count: int) -> Found:
    """Join inside the database; the answers are fetched after the clock has stopped."""
    await connection.execute("DROP TABLE IF EXISTS bench_found")
    began = time.perf_counter()
    await connection.execute(
        "CREATE TEMP TABLE bench_found AS SELECT p.row, min(g.row) AS grid FROM bench_point p "
        "JOIN bench_grid g ON st_covers(g.shape, p.point) GROUP BY p.row"
    )
    took = time.perf_counter() - began
    rows = await connection.fetch("SELECT row, grid FROM bench_found")
    found = np.array([(row["row"], row["grid"]) for row in rows], dtype=np.int64).reshape(-1, 2)
    return took, _lowest(count, found[:, 0], found[:, 1])
