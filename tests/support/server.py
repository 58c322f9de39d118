"""A real server on a real port: in this process for what must be looked into, in one of its own for what must die."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.cli.serve import listener
from api.process import Process
from api.settings import Settings
from data.place import free_port
from tests.support.client import until

ROOT = Path(__file__).resolve().parents[2]
SERVE = "from api.cli import main; main()"


class _Server(uvicorn.Server):
    """A server that leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Listening:
    """A served application within this process."""

    url: str
    app: FastAPI

    @property
    def process(self) -> Process:
        """The process behind the door."""
        process: Process = self.app.state.process
        return process


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[Listening]:
    """Serve on a free port of the loopback; the city is loaded when this is entered."""
    app = create_app(settings)
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:  # asyncio writes without delay only where this is said
        bound.bind(("127.0.0.1", 0))
        config = listener(app, settings, ("127.0.0.1", 0))
        config.timeout_graceful_shutdown = 1
        server = _Server(config)
        serving = asyncio.create_task(server.serve([bound]))
        await until(lambda: server.started)
        lent = Listening(f"http://127.0.0.1:{bound.getsockname()[1]}", app)
        await lent.process.ready.wait()
        try:
            yield lent
        finally:
            lent.process.hub.end()
            server.should_exit = True
            await serving


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of a stream as it came over the wire."""

    event: str
    data: Any
    id: str | None


@dataclass
class Stream:
    """An open stream, read all the while; `sent` is everything so far."""

    sent: list[Sent] = field(default_factory=list)
    comments: int = 0
    ended: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def last_id(self) -> str | None:
        """The last id a browser would send back."""
        return next((one.id for one in reversed(self.sent) if one.id is not None), None)

    def of(self, *events: str) -> list[Sent]:
        """Return what came of some kinds."""
        return [one for one in self.sent if one.event in events]

    async def until(self, count: int, *events: str, seconds: float = 5.0) -> list[Sent]:
        """Wait until so many events of some kinds have come, and return them."""
        async with asyncio.timeout(seconds):
            while len(self.of(*events)) < count:
                self._more.clear()
                await self._more.wait()
        return self.of(*events)

    async def end(self, seconds: float = 5.0) -> None:
        """Wait until the server ends the stream."""
        async with asyncio.timeout(seconds):
            while not self.ended:
                self._more.clear()
                await self._more.wait()

    async def read(self, lines: AsyncIterator[str]) -> None:
        """Take lines by the rules of the HTML standard, as far as we use them."""
        got: dict[str, str] = {}
        with suppress(httpx2.TransportError):
            async for line in lines:
                name, _, value = line.partition(":")
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    got[name] = value.removeprefix(" ")
                elif "data" in got:
                    self.sent.append(Sent(got.get("event", "message"), json.loads(got["data"]), got.get("id")))
                    got = {}
                self._more.set()
        self.ended = True
        self._more.set()


@asynccontextmanager
async def streaming(
    url: str, token: str, *, last: str | None = None, after: str | None = None, box: str | None = None
) -> AsyncIterator[Stream]:
    """Open a live stream and read it until this is left."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last is not None else {})
    params = {name: value for name, value in (("after", after), ("box", box)) if value is not None}
    stream = Stream()
    async with (
        httpx2.AsyncClient(timeout=httpx2.Timeout(30.0)) as client,
        client.stream("GET", f"{url}/api/live", headers=headers, params=params) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        stream.headers = dict(answer.headers)
        reading = asyncio.create_task(stream.read(answer.aiter_lines()))
        try:
            yield stream
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


@dataclass
class Running:
    """A server in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop; return after how many seconds it did."""
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(timeout=20)
        return time.monotonic() - began

    def ready(self) -> bool:
        """Say whether it serves."""
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def until_ready(self, seconds: float = 30.0) -> None:
        """Wait until it serves, or fail with what it said."""
        until = time.monotonic() + seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(self.log.read_text())
            time.sleep(0.05)


@contextmanager
def built_and_served(
    build: Callable[[], Coroutine[Any, Any, None]], owner_url: str, server_url: str, folder: Path
) -> Iterator[str]:
    """Build a place and serve it: the address. On a thread of its own, for Playwright's loop runs in the tests'."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(build())).result()
    with running(server_url, owner_url, folder) as server:
        server.until_ready()
        yield server.url


@contextmanager
def running(server_url: str, owner_url: str, folder: Path, code: str = SERVE, **settings: str) -> Iterator[Running]:
    """Serve a database with `wangge serve` (or with another program) in a process of its own, ended on leaving."""
    port = free_port()
    environment = os.environ | {
        "WANGGE_DATABASE_URL": server_url,
        "WANGGE_OWNER_DATABASE_URL": owner_url,
        "WANGGE_RATE_PER_SECOND": "1000000",
        "WANGGE_RATE_BURST": "1000000",
        "PYTHONPATH": str(ROOT),
    }
    environment |= {f"WANGGE_{name.upper()}": value for name, value in settings.items()}
    log = folder / f"server-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(port)],
            env=environment,
            cwd=folder,
            stdout=out,
            stderr=out,
        )
    try:
        yield Running(f"http://127.0.0.1:{port}", process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=20)
