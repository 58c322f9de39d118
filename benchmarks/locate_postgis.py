"""Locating by PostGIS: a cluster of its own with room in memory, a join of two tables, a prepared statement."""

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import shapely

from benchmarks.ground import NONE, Contestant, Found, Ground
from benchmarks.locate_pairs import lowest
from data import cluster
from data.cluster import Cluster
from data.postgres import run

SETTINGS = {
    "shared_buffers": "2GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "temp_buffers": "256MB",
    "effective_cache_size": "6GB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "max_parallel_workers": "2",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "0",
    "jit": "off",
    "statement_timeout": "900s",
}
"""What a database administrator would give a machine that does only this; parallel workers beside the leader."""
LOADED_AT_ONCE = 50_000
JOIN = "SELECT p.row, g.row AS grid FROM bench_point p JOIN bench_grid g ON st_covers(g.shape, p.point)"
ONE = "SELECT min(row) FROM bench_grid WHERE st_covers(shape, st_setsrid(st_makepoint($1::float8, $2::float8), 4326))"
INDEX_POINTS = "CREATE INDEX bench_point_at ON bench_point USING gist (point)"
GRIDS_INDEXED = "PostGIS join, grids indexed"
POINTS_INDEXED = "PostGIS join, points indexed within the clock"
POINTS_INDEXED_BEFORE = "PostGIS join, points indexed before"
FORMS = (GRIDS_INDEXED, POINTS_INDEXED, POINTS_INDEXED_BEFORE)
"""The last has looked at the points before the clock starts, as nobody else has."""
Each = tuple[list[float], list[int]]


@asynccontextmanager
async def server() -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Lend a superuser's connection, over a Unix socket, to an empty database with PostGIS."""
    folder = tempfile.mkdtemp(prefix="wangge-")
    try:
        with cluster.temporary(fast=True) as lent:
            _give_room(lent, Path(folder))
            lent.psql("postgres", "CREATE EXTENSION postgis;")
            password = lent.secrets.passwords["postgres"]
            connection = await asyncpg.connect(
                host=folder, port=lent.port, user="postgres", password=password, database="postgres"
            )
            try:
                yield connection
            finally:
                await connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _give_room(lent: Cluster, sockets: Path) -> None:
    sockets.chmod(0o777)  # the server's account is another when root asks
    told = "".join(f"ALTER SYSTEM SET {name} = '{value}';\n" for name, value in SETTINGS.items())
    lent.psql("postgres", f"{told}ALTER SYSTEM SET unix_socket_directories = '{sockets}';")
    command = [lent.binaries.path("pg_ctl"), "restart", "-s", "-w", "-m", "fast", "-D", lent.place.data.name]
    run([*command, "-l", lent.place.log.name], account=lent.place.account, cwd=lent.place.base)


async def load(connection: "asyncpg.Connection[Any]", ground: Ground) -> None:
    """Write grids and points into tables, indexed and analysed."""
    await connection.execute(
        "DROP TABLE IF EXISTS bench_grid, bench_point;"
        "CREATE UNLOGGED TABLE bench_grid (row int, shape geometry(Polygon, 4326));"
        "CREATE UNLOGGED TABLE bench_point (row int, point geometry(Point, 4326));"
        "CREATE TEMP TABLE IF NOT EXISTS bench_raw (row int, shape bytea, lng float8, lat float8);"
    )
    for part in _grids(ground):
        await connection.copy_records_to_table("bench_raw", records=part, columns=["row", "shape"])
        await connection.execute("INSERT INTO bench_grid SELECT row, st_geomfromwkb(shape, 4326) FROM bench_raw")
        await connection.execute("TRUNCATE bench_raw")
    places = zip(range(len(ground.lng)), ground.lng.tolist(), ground.lat.tolist(), strict=True)
    await connection.copy_records_to_table("bench_raw", records=places, columns=["row", "lng", "lat"])
    await connection.execute(
        "INSERT INTO bench_point SELECT row, st_setsrid(st_makepoint(lng, lat), 4326) FROM bench_raw"
    )
    await connection.execute("TRUNCATE bench_raw")
    await connection.execute("CREATE INDEX bench_grid_at ON bench_grid USING gist (shape)")
    await connection.execute("VACUUM ANALYZE bench_grid, bench_point")


def _grids(ground: Ground) -> Iterator[list[tuple[int, bytes]]]:
    for begin in range(0, len(ground.shapes), LOADED_AT_ONCE):
        part = ground.shapes[begin : begin + LOADED_AT_ONCE]
        yield list(enumerate(shapely.to_wkb(part).tolist(), begin))


@asynccontextmanager
async def _form(connection: "asyncpg.Connection[Any]", form: str) -> AsyncIterator[None]:
    """Leave only those indexes that a form starts with; afterwards all is as before.

    The planner would look up each point in a nation's grids, which takes longer than the other way round.
    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        if form != GRIDS_INDEXED:
            await connection.execute("DROP INDEX bench_grid_at")
        if form == POINTS_INDEXED_BEFORE:
            await connection.execute(INDEX_POINTS)
        yield
    finally:
        await transaction.rollback()


async def plans(connection: "asyncpg.Connection[Any]") -> dict[str, str]:
    """Say how each form does the join; the indexes on the points are made either way."""
    told = {}
    for form, like in ((GRIDS_INDEXED, GRIDS_INDEXED), (POINTS_INDEXED, POINTS_INDEXED_BEFORE)):
        async with _form(connection, like):
            told[form] = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {JOIN}"))
    return told


async def joined(connection: "asyncpg.Connection[Any]", count: int, form: str) -> Found:
    """Join inside the database into a temporary table; it is fetched after the clock has stopped."""
    async with _form(connection, form):
        began = time.perf_counter()
        if form == POINTS_INDEXED:
            await connection.execute(INDEX_POINTS)
        await connection.execute(f"CREATE TEMP TABLE bench_found AS {JOIN}")
        took = time.perf_counter() - began
        rows = np.array(await connection.fetch("SELECT row, grid FROM bench_found"), dtype=np.int64).reshape(-1, 2)
    return took, lowest(count, rows[:, 0], rows[:, 1])


def sides(connection: "asyncpg.Connection[Any]", count: int) -> dict[str, Contestant]:
    """Let the database locate all points in each of its forms."""
    return {form: partial(joined, connection, count, form) for form in FORMS}


async def one_by_one(connection: "asyncpg.Connection[Any]", places: list[tuple[float, float]]) -> Each:
    """Ask for each place by a prepared statement: the seconds and the answers."""
    clock = time.perf_counter
    asked = await connection.prepare(ONE)
    seconds, answers = [], []
    for lng, lat in places:
        began = clock()
        row = await asked.fetchval(lng, lat)
        seconds.append(clock() - began)
        answers.append(NONE if row is None else int(row))
    return seconds, answers
