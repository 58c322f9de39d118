"""Case 6: making a town and filling a database with it; loading real municipalities."""

import asyncio
import time
from pathlib import Path

from benchmarks.rows import Row, Side
from benchmarks.town import empty
from data.cluster import Cluster
from data.demo.load import fill
from data.demo.rows import Town
from data.demo.town import make_town
from data.importing.areas import load_areas
from data.importing.files import read_areas
from data.store import transaction
from geo.datum import Datum

LIECHTENSTEIN = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "liechtenstein_osm" / "liechtenstein.osm.pbf"
)
MUNICIPALITIES = 11  # of the country
WHERE = "admin_level='8' AND osm_id IS NOT NULL"


async def measure(lent: Cluster, households: int, repetitions: int) -> tuple[list[Row], list[str]]:
    """Make and fill towns in databases of their own; return the rows, and why one was left out."""
    made, filled, unlike = [], [], 0
    for turn in range(repetitions):
        began = time.perf_counter()
        town = make_town(1, households)
        made.append(time.perf_counter() - began)
        took, wrong = await _fill(lent, town, f"fill_{turn}")
        filled.append(took)
        unlike += wrong
    size = f"town of {households} households"
    rows = [
        Row(size, "make_town", "s", Side("ours", made, made)),
        Row(size, "fill", "s", Side("ours", filled, filled), differing=unlike),
    ]
    if not LIECHTENSTEIN.exists():
        return rows, ["the municipalities of Liechtenstein: the extract is not beside the project"]
    return [*rows, await _liechtenstein(lent, repetitions)], []


async def _fill(lent: Cluster, town: Town, database: str) -> tuple[float, int]:
    """Return the seconds, and by how many rows what was written differs from what was made."""
    url = await empty(lent, database)
    began = time.perf_counter()
    async with transaction(url) as connection:
        written = await fill(connection, town)
    took = time.perf_counter() - began
    wanted = {"grid": town.grids, "building": town.buildings, "household": town.households, "worker": town.workers}
    counted = await asyncio.to_thread(_counts, lent, database, list(wanted))
    drop = f"DROP DATABASE {database} WITH (FORCE);"
    await asyncio.to_thread(lent.psql, "postgres", drop)
    return took, sum(not written[name] == counted[name] == len(rows) for name, rows in wanted.items())


def _counts(lent: Cluster, database: str, tables: list[str]) -> dict[str, int]:
    return {table: int(lent.psql(database, f"SELECT count(*) FROM {table};")) for table in tables}


async def _liechtenstein(lent: Cluster, repetitions: int) -> Row:
    seconds, unlike = [], 0
    for turn in range(repetitions):
        url = await empty(lent, f"land_{turn}")
        began = time.perf_counter()
        read = read_areas(LIECHTENSTEIN, Datum.WGS84, where=WHERE)
        async with transaction(url) as connection:
            loaded = await load_areas(connection, read, "grid", "governance")
        seconds.append(time.perf_counter() - began)
        unlike += abs(loaded.new - MUNICIPALITIES) + len(loaded.refused)
    how = f"read from the extract, checked, written as {MUNICIPALITIES} grids"
    return Row(
        "Liechtenstein's municipalities", "load", "s", Side("ours", seconds, seconds), differing=unlike, how=how
    )
