"""An OpenStreetMap extract, from the file to a town's map."""

import asyncio
import os
import sys
import time
from pathlib import Path

from benchmarks.rows import Row, Side, at_most
from benchmarks.town import DATABASE, SERVE, empty
from data import cluster

SOON_S = 60.0  # the real extract of Liechtenstein


async def measure(file: Path, repetitions: int) -> list[Row]:
    """Load it by the command, each time into an empty database of its own."""
    seconds, wrong = [], 0
    for _ in range(repetitions):
        with cluster.temporary(fast=False) as lent:
            owner = await empty(lent, DATABASE)
            began = time.perf_counter()
            command = [sys.executable, "-c", SERVE, "load", "osm", str(file)]
            process = await asyncio.create_subprocess_exec(
                *command,
                env={
                    **os.environ,
                    "WANGGE_DATABASE_URL": lent.url("wangge_server", DATABASE),
                    "WANGGE_OWNER_DATABASE_URL": owner,
                },
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            wrong += await process.wait() != 0
            seconds.append(time.perf_counter() - began)
    how = "Read, written, joined and drawn; start of the program included."
    side = Side("ours", seconds, seconds)
    return [Row(f"load osm {file.name}", "whole", "s", side, must=at_most(SOON_S), differing=wrong, how=how)]
