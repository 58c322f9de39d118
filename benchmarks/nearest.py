"""The nearest of things that move: the core beside PostGIS, k-d and ball trees, equal on every answer."""

import gc
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
from scipy.spatial import cKDTree
from sklearn.neighbors import BallTree

from benchmarks import locate_growth, locate_postgis, machine
from benchmarks.nearest_world import NEEDS, Floats, World
from benchmarks.rows import Limit, Measured, Row, Side, at_most, interleave, quantile, rate
from geo.movers import Movers, toward
from geo.nearest import EARTH_RADIUS_M, metres_of
from geo.point import Point

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "img" / "nearest-growth.svg"
K, MOVES_AT_ONCE, MOVES_PER_S = 5, 1_000, 100_000
SAME_M = 0.01
OURS, OURS_MOVING, FROZEN, REBUILT, BALL = (
    "ours",
    "ours, taking moves",
    "cKDTree, frozen",
    "cKDTree, rebuilt",
    "BallTree",
)
POSTGIS = "PostGIS KNN"
HOW = (
    f"The {K} nearest of those with all of four bits, an eighth of all, in clusters as towns are; places near a mover. "
    "Trees hold only those who fit, as unit vectors or in haversine; PostGIS has a partial index of them on geography "
    "and orders by distance on the sphere. One thread; PostGIS over a Unix socket by a prepared statement. "
    "Counted as different: whose distances are not the same within a centimetre."
)
MAKE = """
    DROP TABLE IF EXISTS bench_mover;
    CREATE UNLOGGED TABLE bench_mover (row int PRIMARY KEY, bits int, point geography(Point, 4326)) WITH (fillfactor = 70);
"""
FILL = """
    INSERT INTO bench_mover SELECT row, bits, st_makepoint(lng, lat)::geography
    FROM unnest($1::int[], $2::int[], $3::float8[], $4::float8[]) AS given (row, bits, lng, lat)
"""
NEAREST = f"""
    SELECT st_distance(point, st_makepoint($1::float8, $2::float8)::geography, false)
    FROM bench_mover WHERE bits & {NEEDS} = {NEEDS} ORDER BY point <-> st_makepoint($1, $2)::geography LIMIT {K}
"""
MOVE = """
    UPDATE bench_mover m SET point = st_makepoint(lng, lat)::geography
    FROM unnest($1::int[], $2::float8[], $3::float8[]) AS given (row, lng, lat) WHERE m.row = given.row
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    crowds: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    most: int = 4_500_000
    asked: int = 10_000
    asked_slowly: int = 1_000
    moves: int = 100_000
    repetitions: int = 5


QUICK = Sizes((300,), 2_000, 50, 20, 100, 1)


async def measure(quick: bool) -> Measured:
    """Measure crowds of several sizes."""
    size, rng = QUICK if quick else Sizes(), np.random.default_rng(17)
    rows: list[Row] = []
    costs: dict[str, list[tuple[int, float]]] = {}
    async with locate_postgis.server() as connection:
        facts = await machine.facts(connection)
        for crowd in size.crowds:
            world = World.of(crowd, size.asked, rng)
            rows += await _one(world, connection, size, costs)
            gc.collect()
    world = World.of(size.most, size.asked, rng)
    rows += _largest(world, size, costs)
    if not quick:
        locate_growth.draw(PICTURE, costs, "movers", "ns a question")
    return Measured(rows, facts, (), quick)


async def _one(
    world: World, connection: "asyncpg.Connection[Any]", size: Sizes, costs: dict[str, list[tuple[int, float]]]
) -> list[Row]:
    count, case = len(world.lng), f"{len(world.lng)} movers"
    movers = world.movers()
    await _load(connection, world)
    found = await interleave(_sides(world, movers, connection, size), size.repetitions)
    true = _chords_m(movers, world)
    rows = []
    for name, runs in found.items():
        each = [took / len(metres) * 1e6 for took, metres in runs]
        costs.setdefault(name, []).append((count, float(np.median(each)) * 1e3))
        if name == OURS:
            continue
        mine = OURS_MOVING if name == FROZEN else OURS
        ours = Side(
            mine, [took / len(metres) * 1e6 for took, metres in found[mine]], [took for took, _ in found[mine]]
        )
        peer = Side(name, each, [took for took, _ in runs])
        unlike = sum(int((np.abs(metres - true[: len(metres)]) > SAME_M).any(axis=1).sum()) for _, metres in runs)
        must, aim = GOALS.get(name, (None, None)) if count == size.crowds[-1] else (None, None)
        if name == OURS_MOVING:
            unlike = 0  # what is moved meanwhile has other distances
        rows.append(Row(case, f"{K} nearest", "µs", ours, peer, must, aim, unlike, HOW))
    rows.append(_single(case, movers, world, size))
    rows.append(await _moves(case, movers, world, connection, size))
    return rows


GOALS: Mapping[str, tuple[Limit, Limit]] = {
    POSTGIS: (Limit("≤", round(1 / 30, 4), of_peer=True), Limit("≤", 0.01, of_peer=True)),
    FROZEN: (Limit("≤", 2, of_peer=True), Limit("≤", 1, of_peer=True)),
}


def _chords_m(movers: Movers, world: World) -> Floats:
    return movers.nearest_many(world.asked[:, 0], world.asked[:, 1], K, NEEDS).metres


def _sides(
    world: World, movers: Movers, connection: "asyncpg.Connection[Any]", size: Sizes
) -> dict[str, Callable[[], Any]]:
    able = np.flatnonzero(world.bits & NEEDS == NEEDS)
    vectors, places = toward(world.lng[able], world.lat[able]), toward(*world.asked.T)
    tree = cKDTree(vectors)
    radians = np.radians(np.column_stack([world.lat, world.lng])[able])
    ball, asked_radians = BallTree(radians, metric="haversine"), np.radians(world.asked[:, ::-1])
    slowly = world.asked[: size.asked_slowly]

    async def ours() -> tuple[float, Floats]:
        began = time.perf_counter()
        hits = movers.nearest_many(world.asked[:, 0], world.asked[:, 1], K, NEEDS)
        return time.perf_counter() - began, hits.metres

    async def moving() -> tuple[float, Floats]:
        with _moves_beside(movers, world):
            return await ours()

    async def frozen() -> tuple[float, Floats]:
        began = time.perf_counter()
        chords, _ = tree.query(places, k=K)
        return time.perf_counter() - began, metres_of(chords**2)

    async def rebuilt() -> tuple[float, Floats]:
        began = time.perf_counter()
        chords, _ = cKDTree(vectors).query(places[:1], k=K)
        return time.perf_counter() - began, metres_of(chords**2)

    async def balls() -> tuple[float, Floats]:
        began = time.perf_counter()
        angles, _ = ball.query(asked_radians[: len(slowly)], k=K)
        return time.perf_counter() - began, angles * EARTH_RADIUS_M

    async def postgis() -> tuple[float, Floats]:
        asked = await connection.prepare(NEAREST)
        began = time.perf_counter()
        rows = [await asked.fetch(*place) for place in slowly.tolist()]
        return time.perf_counter() - began, np.array([[row[0] for row in one] for one in rows])

    return {OURS: ours, OURS_MOVING: moving, FROZEN: frozen, REBUILT: rebuilt, BALL: balls, POSTGIS: postgis}


@contextmanager
def _moves_beside(movers: Movers, world: World) -> Iterator[None]:
    """Take so many moves a second meanwhile, each to where the mover stands: distances stay."""
    stop, rng = threading.Event(), np.random.default_rng(23)
    rows = rng.integers(len(world.lng), size=(64, MOVES_AT_ONCE))

    def move() -> None:
        due = time.perf_counter()
        for turn in range(10**9):
            if stop.is_set():
                return
            these = rows[turn % len(rows)]
            movers.move(these, world.lng[these], world.lat[these], turn)
            due += MOVES_AT_ONCE / MOVES_PER_S
            time.sleep(max(0.0, due - time.perf_counter()))

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _single(case: str, movers: Movers, world: World, size: Sizes) -> Row:
    points, runs = [Point(*place) for place in world.asked.tolist()], []
    for _ in range(size.repetitions):
        seconds = []
        for point in points:
            began = time.perf_counter()
            movers.nearest(point, K, NEEDS)
            seconds.append(time.perf_counter() - began)
        runs.append(seconds)
    last = len(world.lng) == size.crowds[-1]
    must, aim = (at_most(25), at_most(10)) if last else (None, None)
    return Row(case, "one call, p99", "µs", quantile("ours", runs, 0.99, 1e6), None, must, aim, how="From Python.")


async def _moves(case: str, movers: Movers, world: World, connection: "asyncpg.Connection[Any]", size: Sizes) -> Row:
    rng = np.random.default_rng(29)
    rows, lng, lat = world.moved(size.moves, rng)

    async def ours() -> float:
        began = time.perf_counter()
        for at in range(0, len(rows), MOVES_AT_ONCE):
            part = slice(at, at + MOVES_AT_ONCE)
            movers.move(rows[part], lng[part], lat[part], 1)
        return time.perf_counter() - began

    async def postgis() -> float:
        began = time.perf_counter()
        for at in range(0, len(rows) // 10, MOVES_AT_ONCE):
            part = slice(at, at + MOVES_AT_ONCE)
            await connection.execute(MOVE, rows[part].tolist(), lng[part].tolist(), lat[part].tolist())
        return time.perf_counter() - began

    found = await interleave({"ours": ours, "PostGIS UPDATE": postgis}, size.repetitions)
    sides = [
        rate(name, len(rows) if name == "ours" else max(len(rows) // 10, 1), took, 1e6)
        for name, took in found.items()
    ]
    last = len(world.lng) == size.crowds[-1]
    must, aim = (Limit("≥", 30, of_peer=True), Limit("≥", 100, of_peer=True)) if last else (None, None)
    how = f"Batches of {MOVES_AT_ONCE}, unlogged table, without fsync, with the index that finds the nearest."
    return Row(case, "moves", "M/s", sides[0], sides[1], must, aim, how=how)


async def _load(connection: "asyncpg.Connection[Any]", world: World) -> None:
    await connection.execute(MAKE)
    for at in range(0, len(world.lng), 50_000):
        part = np.arange(at, min(at + 50_000, len(world.lng)))
        columns = (part, world.bits[part], world.lng[part], world.lat[part])
        await connection.execute(FILL, *(column.tolist() for column in columns))
    await connection.execute(f"CREATE INDEX ON bench_mover USING gist (point) WHERE bits & {NEEDS} = {NEEDS}")
    await connection.execute("VACUUM ANALYZE bench_mover")


def _largest(world: World, size: Sizes, costs: dict[str, list[tuple[int, float]]]) -> list[Row]:
    gc.collect()
    before = _resident_gb()
    began = time.perf_counter()
    movers = world.movers()
    built = time.perf_counter() - began
    grown, case = _resident_gb() - before, f"{len(world.lng)} movers"
    seconds = []
    for _ in range(size.repetitions):
        began = time.perf_counter()
        movers.nearest_many(world.asked[:, 0], world.asked[:, 1], K, NEEDS)
        seconds.append(time.perf_counter() - began)
    each = Side("ours", [took / size.asked * 1e6 for took in seconds], seconds)
    costs[OURS].append((len(world.lng), each.value * 1e3))
    must, aim = at_most(0.6), at_most(0.3)
    how = "Growth of the process while all are put in."
    return [
        Row(case, f"{K} nearest", "µs", each, how=HOW),
        Row(case, "memory", "GB", Side("ours", [grown], [built]), None, must, aim, how=how),
    ]


def _resident_gb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e9
