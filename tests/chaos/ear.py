"""An ear on the stream: it comes back wherever it can with the last event it heard, as a browser does."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.support.client import bearing

AGAIN_AFTER_S = 0.1


@dataclass
class Ear:
    """Follows all servers in turn; `heard` is the latest state of each incident that was told."""

    addresses: Sequence[str]
    token: str
    heard: dict[str, int] = field(default_factory=dict)
    """Incident and the id of its last line of history, as the row told it."""
    came_back: int = 0
    reloaded: int = 0
    _cursor: str | None = None

    async def listen(self) -> None:
        """Follow until cancelled."""
        async with httpx2.AsyncClient(timeout=httpx2.Timeout(5.0, read=30.0), headers=bearing(self.token)) as client:
            for row in itertools.count():
                with suppress(httpx2.TransportError):
                    await self._follow(self.addresses[row % len(self.addresses)], client)
                await asyncio.sleep(AGAIN_AFTER_S)
                self.came_back += 1

    async def _follow(self, address: str, client: httpx2.AsyncClient) -> None:
        if self._cursor is None:
            await self._load(address, client)
        if self._cursor is None:
            return
        headers = {"Last-Event-ID": self._cursor}
        async with client.stream("GET", f"{address}/api/live", headers=headers) as answer:
            if answer.status_code != 200:
                return
            got: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    got[name] = value
                    continue
                if got.get("event") == "reload":
                    self.reloaded += 1
                    self._cursor = None
                    return
                self._take(got)
                got = {}

    async def _load(self, address: str, client: httpx2.AsyncClient) -> None:
        answer = await client.get(f"{address}/api/board")
        if answer.status_code == 200:
            board: dict[str, Any] = answer.json()
            self._cursor = board["cursor"]
            for row in board["incidents"]:
                self.heard[row["id"]] = row["revision"]

    def _take(self, got: dict[str, str]) -> None:
        if got.get("event") == "incident":
            row = json.loads(got["data"])
            self.heard[row["id"]] = row["revision"]
        self._cursor = got.get("id", self._cursor)
