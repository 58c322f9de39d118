"""The town every case is measured in: a temporary durable cluster, the demo town, nobody moving; and its server."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.door import Door
from data import cluster, migrate
from data.accounts import Accounts
from data.cluster import Cluster
from data.demo.load import fill
from data.demo.rows import Town
from data.engine import Role
from data.place import free_port
from data.schema import new_id
from data.store import transaction
from data.tokens import TokenKind, Tokens

DATABASE = "bench"
READY_WITHIN_S = 30.0
SERVE = "from api.cli import main; main()"
NEVER_DRY = """
    UPDATE category SET offer_seconds = 86400;
    UPDATE worker SET capacity = 30000;
    DELETE FROM reservation;
    DELETE FROM duty_exception;
    DELETE FROM duty_pattern;
    INSERT INTO duty_pattern (id, worker_id, weekday, starts, ends)
    SELECT gen_random_uuid(), w.id, weekday, '00:00', '00:00' FROM worker w, generate_series(1, 7) AS weekday;
"""
"""No offer runs out, nobody is full, away or spoken for, and the hour of the run decides nothing."""
FINISH_ALL = """
    UPDATE task SET status = 'done', ended_at = clock_timestamp() WHERE ended_at IS NULL;
    UPDATE incident SET status = 'closed', disposition = 'resolved', closed_at = clock_timestamp()
    WHERE status NOT IN ('closed', 'rejected', 'void', 'duplicate');
    UPDATE need SET state = 'done' WHERE state IN ('open', 'taken', 'held');
    DELETE FROM timer;
    UPDATE worker SET active_tasks = 0, holds_exclusive = false, rest_until = NULL, changed = pg_current_xact_id();
    UPDATE worker_position SET fixed_at = clock_timestamp(), changed = pg_current_xact_id();
    NOTIFY wangge;
"""
"""Every task finished, every fix fresh: each repetition begins in the same state."""


@dataclass(frozen=True, slots=True)
class Bed:
    """A filled database."""

    cluster: Cluster = field(repr=False)
    made: Town = field(repr=False)
    owner: "asyncpg.Connection[Any]" = field(repr=False)

    def url(self, login: str) -> str:
        """Return SQLAlchemy's address for `wangge_owner` or `wangge_server`."""
        return self.cluster.url(login, DATABASE)

    async def connect(self) -> "asyncpg.Connection[Any]":
        """Open a connection with the rights and settings of the server's own."""
        dsn = self.url("wangge_server").replace("+asyncpg", "")
        return await asyncpg.connect(dsn, server_settings={"role": Role.DISPATCHER.value, "timezone": "UTC"})

    async def positions(self) -> list[tuple[UUID, float, float]]:
        """Read where every worker is: id and WGS 84 degrees."""
        rows = await self.owner.fetch(
            "SELECT worker_id, st_x(point) AS lng, st_y(point) AS lat FROM worker_position ORDER BY worker_id"
        )
        return [(row["worker_id"], row["lng"], row["lat"]) for row in rows]

    async def finish_all(self) -> None:
        """Finish every task and let the server see it; once more where it is in the midst of an offer."""
        try:
            await self.owner.execute(FINISH_ALL)
        except asyncpg.DeadlockDetectedError:
            await self.finish_all()
        else:
            await asyncio.sleep(0.3)


@asynccontextmanager
async def bed(made: Town) -> AsyncIterator[Bed]:
    """Lend the town in a cluster of its own, with fsync as in real life."""
    with cluster.temporary(fast=False) as lent:
        owner_url = await empty(lent, DATABASE)
        async with transaction(owner_url) as connection:
            await fill(connection, made)
        owner = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
        try:
            await owner.execute(NEVER_DRY)
            lent.psql(DATABASE, "VACUUM ANALYZE;")
            lent.psql(DATABASE, "CHECKPOINT;")
            yield Bed(lent, made, owner)
        finally:
            await owner.close()


async def empty(lent: Cluster, database: str) -> str:
    """Make a migrated, empty database and return the owner's address."""
    cluster.provision(lent, database)
    url = lent.url("wangge_owner", database)
    await migrate.upgrade(url)
    return url


@dataclass(frozen=True, slots=True)
class Served:
    """A real server on loopback and a duty chief's token for it."""

    port: int
    pid: int
    token: str = field(repr=False)

    def cpu(self) -> float:
        """Return the seconds of processor time the server has used; on Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def door(self) -> Door:
        """Open one keep-alive connection."""
        return await Door.open(self.port, self.token)


async def duty_chief(connection: AsyncConnection) -> UUID:
    """Add an account that may do and see all that is measured, in the whole town, and return its id."""
    accounts = Accounts(connection)
    id_ = await accounts.add(f"bench-{new_id().hex}", "bench", None, None)
    assert id_ is not None, "a login of its own"
    await accounts.give_role(id_, "duty_chief", administrator=False, area_id=None, layer=None)
    return id_


@asynccontextmanager
async def serving(place: Bed, program: str = SERVE, tile_cache_mb: int = 0) -> AsyncIterator[Served]:
    """Serve the town by `wangge serve`, or by a program that takes the same words, in a process of its own.

    Unless a cache is given, it draws every tile anew.
    """
    async with transaction(place.url("wangge_owner")) as connection:
        token, _ = await Tokens(connection).issue(await duty_chief(connection), TokenKind.PROGRAM, 1)
    port = free_port()
    command = [sys.executable, "-c", program, "serve", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={
            **os.environ,
            "WANGGE_DATABASE_URL": place.url("wangge_server"),
            "WANGGE_OWNER_DATABASE_URL": place.url("wangge_owner"),
            "WANGGE_RATE_PER_SECOND": "1000000",
            "WANGGE_RATE_BURST": "1000000",
            "WANGGE_TILE_CACHE_MB": str(tile_cache_mb),
        },
        stderr=asyncio.subprocess.DEVNULL,
    )
    served = Served(port, process.pid, token)
    try:
        await _answering(served, process)
        yield served
    finally:
        process.terminate()
        await process.wait()


async def _answering(served: Served, process: asyncio.subprocess.Process) -> None:
    """Wait until the server has loaded the town."""
    async with asyncio.timeout(READY_WITHIN_S):
        while process.returncode is None:
            try:
                door = await served.door()
                status, _ = await door.ask("GET", "/readyz")
                await door.close()
                if status == 200:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"the server ended with {process.returncode}")
