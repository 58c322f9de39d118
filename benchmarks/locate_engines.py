"""Locating by engines beside Python: DuckDB and SedonaDB, in this process, on tables in memory."""

import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import sedonadb
import shapely
from numpy.typing import NDArray

from benchmarks.ground import Contestant, Found, Ground
from benchmarks.locate_pairs import lowest, paired

DUCKDB_1, DUCKDB_2 = "DuckDB, 1 thread", "DuckDB, 2 threads"
SEDONA_1, SEDONA_2 = "SedonaDB, 1 partition", "SedonaDB, 2 partitions"
PREDICATES = {DUCKDB_1: "ST_Intersects", DUCKDB_2: "ST_Intersects", SEDONA_1: "ST_Covers", SEDONA_2: "ST_Covers"}
"""The faster of both, measured; of a grid and a point they mean the same."""
MEMORY = "8GB"
JOIN = "SELECT p.row, g.row AS grid FROM point p JOIN grid g ON {}(g.shape, p.point)"
Pairs = tuple[NDArray[Any], NDArray[Any]]


def versions() -> dict[str, str]:
    """Say which versions of the peers take part."""
    names = ("duckdb", "duckdb-extension-spatial", "sedonadb", "h3ronpy", "polars-h3", "numba", "pyarrow")
    return {name: version(name) for name in names}


def tables(ground: Ground) -> tuple[pa.Table, pa.Table]:
    """Write grids as WKB and points as coordinates into Arrow tables."""
    wkb = pa.array(shapely.to_wkb(ground.shapes), pa.binary())
    rows = np.arange(max(len(ground.shapes), len(ground.lng)), dtype=np.int32)
    points = {"row": rows[: len(ground.lng)], "lng": ground.lng, "lat": ground.lat}
    return pa.table({"row": rows[: len(wkb)], "wkb": wkb}), pa.table(points)


def by_duckdb(ground: Ground) -> dict[str, Contestant]:
    """Join in DuckDB into a temporary table; it is read after the clock has stopped."""
    grids, points = tables(ground)
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "memory_limit": MEMORY})
    extension = f"extensions/v{version('duckdb')}/spatial.duckdb_extension"
    connection.execute(f"LOAD '{files('duckdb_extension_spatial').joinpath(extension)}'")
    connection.register("raw_grid", grids)
    connection.register("raw_point", points)
    connection.execute("CREATE TABLE grid AS SELECT row, st_geomfromwkb(wkb) AS shape FROM raw_grid")
    connection.execute("CREATE TABLE point AS SELECT row, st_point(lng, lat) AS point FROM raw_point")

    def joining(name: str, threads: int) -> Contestant:
        async def run() -> Found:
            connection.execute(f"SET threads = {threads}")
            connection.execute("DROP TABLE IF EXISTS found")
            began = time.perf_counter()
            connection.execute(f"CREATE TEMP TABLE found AS {JOIN.format(PREDICATES[name])}")
            took = time.perf_counter() - began
            found = connection.execute("SELECT row, grid FROM found").to_arrow_table()
            return took, lowest(len(ground.lng), found["row"].to_numpy(), found["grid"].to_numpy())

        return run

    return {DUCKDB_1: joining(DUCKDB_1, 1), DUCKDB_2: joining(DUCKDB_2, 2)}


def by_sedona(ground: Ground) -> dict[str, Contestant]:
    """Join in SedonaDB into Arrow arrays."""
    grids, points = tables(ground)
    connection = sedonadb.connect()
    connection.create_data_frame(grids).to_view("raw_grid")
    connection.create_data_frame(points).to_view("raw_point")
    shapes = connection.sql("SELECT row, ST_GeomFromWKB(wkb) AS shape FROM raw_grid")
    dots = connection.sql("SELECT row, ST_Point(lng, lat) AS point FROM raw_point")
    shapes.to_memtable().to_view("grid")
    dots.to_memtable().to_view("point")

    def joining(name: str, partitions: int) -> Contestant:
        inner = paired(len(ground.lng), lambda: _read(connection, JOIN.format(PREDICATES[name])))

        async def run() -> Found:
            connection.sql(f"SET datafusion.execution.target_partitions = {partitions}").execute()
            return await inner()

        return run

    return {SEDONA_1: joining(SEDONA_1, 1), SEDONA_2: joining(SEDONA_2, 2)}


def _read(connection: Any, query: str) -> Pairs:
    found = pa.RecordBatchReader.from_stream(connection.sql(query)).read_all()
    return found["row"].to_numpy(), found["grid"].to_numpy()


ENGINES: dict[tuple[str, ...], Callable[[Ground], dict[str, Contestant]]] = {
    (DUCKDB_1, DUCKDB_2): by_duckdb,
    (SEDONA_1, SEDONA_2): by_sedona,
}
"""Names of the sides: what prepares them."""
