"""The town of `once`: 100 grids, 20,000 workers, security on; and the servers before it, each a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import numpy as np

from benchmarks.door import Door
from benchmarks.town import DATABASE, SERVE, empty
from data import cluster
from data.cluster import Cluster
from data.place import free_port
from tests.support import wide
from tests.support.place import SOUTH, STEP, WEST, Place

SIDE = 10
READY_WITHIN_S = 60.0
MANY = "1000000000"
CONNECTIONS = 16
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ground:
    """A filled database and who builds in it."""

    cluster: Cluster = field(repr=False)
    place: Place = field(repr=False)
    owner: "asyncpg.Connection[Any]" = field(repr=False)
    token: str = field(repr=False)
    """A duty chief's."""

    def url(self, login: str = "wangge_server") -> str:
        """Return SQLAlchemy's address."""
        return self.cluster.url(login, DATABASE)

    async def freshen(self) -> None:
        """Let everybody have been seen just now; before servers start, else each of them reads all workers anew."""
        await self.owner.execute("UPDATE worker_position SET fixed_at = clock_timestamp()")

    def vacuum(self) -> None:
        """Let PostgreSQL know what there is, as in a town of some weeks: its plans are made from that."""
        self.cluster.psql(DATABASE, "VACUUM ANALYZE;")
        self.cluster.psql(DATABASE, "CHECKPOINT;")

    def cpu(self) -> float:
        """Return the processor seconds that PostgreSQL's processes have used so far, those that ended included."""
        master = self.cluster.place.pid() or 0
        ended = _stat(master)[13:15]
        living = [_stat(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdigit()]
        of_ours = [fields[11:13] for fields in living if len(fields) > 14 and int(fields[1]) == master]
        return sum(int(tick) for pair in (ended, *of_ours) for tick in pair) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A server process on loopback."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the processor seconds it has used; on Linux."""
        return sum(int(tick) for tick in _stat(self.pid)[11:13]) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Return the memory it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@asynccontextmanager
async def ground(workers: int, capacity: int) -> AsyncIterator[Ground]:
    """Lend the town in a durable cluster of its own."""
    with cluster.temporary(fast=False) as lent:
        url = await empty(lent, DATABASE)
        async with Place.at(url) as place:
            await wide.build(place, SIDE, workers, capacity, offer_seconds=86_400)
            owner = await asyncpg.connect(url.replace("+asyncpg", ""))
            try:
                yield Ground(lent, place, owner, await place.token("duty_chief"))
            finally:
                await owner.close()


@asynccontextmanager
async def servers(town: Ground, count: int, **settings: str) -> AsyncIterator[list[Server]]:
    """Serve the town by so many processes, ready when this is entered."""
    async with AsyncExitStack() as stack:
        lent = [await stack.enter_async_context(_server(town, settings)) for _ in range(count)]
        for one in lent:
            await _ready(one)
        yield lent


@asynccontextmanager
async def _server(town: Ground, settings: dict[str, str]) -> AsyncIterator[Server]:
    port = free_port()
    given = {"DATABASE_URL": town.url(), "OWNER_DATABASE_URL": town.url("wangge_owner")}
    given |= {"RATE_PER_SECOND": MANY, "RATE_BURST": MANY} | {name.upper(): value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVE, "serve", "--port", str(port)),
        env=os.environ | {f"WANGGE_{name}": value for name, value in given.items()},
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Server(port, process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _ready(server: Server) -> None:
    async with asyncio.timeout(READY_WITHIN_S), httpx2.AsyncClient() as client:
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{server.port}/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


def reports(seed: int, hot: bool = False, side: int = SIDE) -> "Reports":
    """Draw reports for ever, all over a town or at one spot in it."""
    return Reports(np.random.default_rng([seed, 12]), hot, side)


class Reports:
    """Bodies of reports; each category as often as the others."""

    def __init__(self, rng: np.random.Generator, hot: bool, side: int) -> None:
        self._rng, self._hot, self._side = rng, hot, side
        self._categories = [code for code, _ in wide.CATEGORIES]

    def draw(self, category: str | None = None) -> dict[str, Any]:
        """Draw one."""
        middle = self._side / 2
        across, up = (middle, middle) if self._hot else self._rng.uniform(0, self._side, 2).tolist()
        chosen = category or self._categories[self._rng.integers(len(self._categories))]
        place = {"lng": WEST + across * STEP, "lat": SOUTH + up * STEP, "datum": "wgs84"}
        return place | {"category": chosen, "description": "路灯不亮"}


async def doors(served: list[Server], count: int, token: str) -> list[Door]:
    """Open keep-alive connections, shared out among the servers."""
    return [await Door.open(served[row % len(served)].port, token) for row in range(count)]
