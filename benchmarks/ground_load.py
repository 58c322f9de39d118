"""Loading towns of different sizes: seconds to make and to load each, and the memory it takes, each in a process of its own."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence

from benchmarks.rows import Row, Side, at_most
from benchmarks.town import empty
from data import cluster
from data.demo.load import fill
from data.demo.place import DEFAULT, place_of
from data.demo.town import make_town
from data.store import transaction

RUN = "import sys; from benchmarks.ground_load import main; main(int(sys.argv[1]))"
WITHIN_S = 240.0  # four minutes, also for a million
MEGABYTE = 1024  # of the kilobytes in which Linux counts


async def measure(sizes: Sequence[int] = (100_000, 1_000_000), place: str = DEFAULT) -> list[Row]:
    """Make and load a town of each size; a row each for seconds of making, of loading, and for megabytes at the peak."""
    rows = []
    for households in sizes:
        found = await _apart(households, place)
        size = f"{place}, {households} households"
        whole = found["make"] + found["load"]
        rows.append(Row(size, "make and load", "s", Side("ours", [whole], [whole]), must=at_most(WITHIN_S)))
        for what, unit in (("make", "s"), ("load", "s"), ("peak of making", "MB"), ("peak of loading", "MB")):
            side = Side("ours", [found[what]], [found[what]])
            rows.append(Row(size, what, unit, side, differing=int(found["differing"])))
    return rows


async def _apart(households: int, place: str) -> dict[str, float]:
    """Do it in a process of its own: a process's peak of memory never falls."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(households), place, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"loading {households} households ended with {process.returncode}")
    found: dict[str, float] = json.loads(told)
    return found


def main(households: int) -> None:
    """Make and load one town in a cluster of its own and tell what it took."""
    place = sys.argv[2] if len(sys.argv) > 2 else DEFAULT
    sys.stdout.write(json.dumps(asyncio.run(_once(households, place))))


async def _once(households: int, place: str) -> dict[str, float]:
    began = time.perf_counter()
    town = make_town(1, households, place_of(place))
    made, before = time.perf_counter() - began, _peak()
    with cluster.temporary(fast=False) as lent:
        url = await empty(lent, "large")
        began = time.perf_counter()
        async with transaction(url) as connection:
            written = await fill(connection, town)
        loaded = time.perf_counter() - began
        counted = int(lent.psql("large", "SELECT count(*) FROM household WHERE area_id IS NOT NULL;"))
    differing = abs(counted - households) + abs(written["household"] - households)
    return {
        "make": made,
        "load": loaded,
        "peak of making": before,
        "peak of loading": _peak(),
        "differing": differing,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
