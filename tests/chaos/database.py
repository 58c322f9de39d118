"""A durable throw-away cluster that is crashed, stopped and started again, as a machine may do it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from data import cluster, migrate
from data.cluster import Cluster
from data.postgres import run
from tests.support.place import Place

DATABASE = "chaos"
ONE_BACKEND = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'wangge_server'
    ORDER BY state = 'idle', random() LIMIT 1
"""


@dataclass(frozen=True)
class Database:
    """One database of a cluster of its own."""

    cluster: Cluster

    @property
    def owner_url(self) -> str:
        """The address of the tables' owner."""
        return self.cluster.url("wangge_owner", DATABASE)

    @property
    def server_url(self) -> str:
        """The address servers connect to."""
        return self.cluster.url("wangge_server", DATABASE)

    async def crash(self) -> None:
        """Have every process of PostgreSQL quit without a word, then start it again: it recovers from its log."""
        await self.stop("immediate")
        await self.start()

    async def kill_a_backend(self, place: Place) -> None:
        """Kill the process behind one of the servers' connections: PostgreSQL ends all others and recovers."""
        [[pid]] = await place.run(ONE_BACKEND)
        os.kill(pid, signal.SIGKILL)

    async def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends connections in order, `immediate` does not."""
        await asyncio.to_thread(self._pg_ctl, "stop", "-m", mode)

    async def start(self) -> None:
        """Start it."""
        await asyncio.to_thread(self._pg_ctl, "start", "-l", self.cluster.place.log.name)

    def _pg_ctl(self, *words: str) -> None:
        place = self.cluster.place
        command = [self.cluster.binaries.path("pg_ctl"), words[0], "-s", "-w", "-t", "60", "-D", place.data.name]
        run([*command, *words[1:]], account=place.account, cwd=place.base)


@contextmanager
def durable() -> Iterator[Database]:
    """Lend a database with fsync in a cluster of its own."""
    with cluster.temporary(fast=False) as lent:
        cluster.provision(lent, DATABASE)
        yield Database(lent)


@asynccontextmanager
async def filled() -> AsyncIterator[tuple[Database, Place]]:
    """Lend a migrated, empty database and a builder of rows."""
    with durable() as database:
        await migrate.upgrade(database.owner_url)
        async with Place.at(database.owner_url) as place:
            yield database, place
