"""Server processes that are killed and started again: real ones, on ports of their own, each a child with its own pid."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx2

from data.place import free_port
from tests.support.racing_server import serve

PRELOADED = ["tests.chaos.nursery"]
"""What a child need not import again: it serves after 0.3 s, so that most of its short life is spent serving."""
READY_WITHIN_S = 120.0
KILLED = -9


@dataclass
class Herd:
    """So many servers before one database; `killed` are the pids that are gone by SIGKILL, each of them checked."""

    url: str
    size: int
    mutations: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    killed: list[int] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    _running: dict[int, ForkServerProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self.ports = [free_port() for _ in range(self.size)]

    @property
    def addresses(self) -> Sequence[str]:
        """Where they listen."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def pids(self) -> list[int]:
        """Their processes, in the order of the ports."""
        return [self._running[row].pid or 0 for row in range(self.size)]

    def start(self, row: int) -> None:
        """Start a server."""
        given = (self.url, self.ports[row], self.mutations, self.settings)
        self._running[row] = self._context.Process(target=serve, args=given, daemon=True)
        self._running[row].start()

    def kill(self, row: int) -> None:
        """Send SIGKILL, wait for the end, and make sure that this is how it ended."""
        process = self._running[row]
        assert process.pid is not None and process.is_alive(), f"server {row} ended by itself: {process.exitcode}"
        process.kill()
        process.join(10)
        assert process.exitcode == KILLED, process.exitcode
        assert not _is_there(process.pid)
        self.killed.append(process.pid)

    async def ready(self, row: int | None = None) -> None:
        """Wait until one serves, or all."""
        async with httpx2.AsyncClient(timeout=2) as client:
            for address in self.addresses if row is None else [self.addresses[row]]:
                await _until_ready(client, address)

    def stop(self) -> None:
        """End all that still run."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.join(10)
            process.kill()


@asynccontextmanager
async def herd(url: str, size: int = 2, mutations: tuple[str, ...] = (), **settings: Any) -> AsyncIterator[Herd]:
    """Lend a herd whose servers are ready; ended on leaving."""
    lent = Herd(url, size, mutations, settings)
    try:
        for row in range(size):
            lent.start(row)
        await lent.ready()
        yield lent
    finally:
        await asyncio.to_thread(lent.stop)


async def _until_ready(client: httpx2.AsyncClient, address: str) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        try:
            if (await client.get(f"{address}/readyz")).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        await asyncio.sleep(0.02)
    raise AssertionError(f"{address} is not ready")


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}").exists()
