"""Reporters: each files one report after the other, under a key of its own each, and asks until it is answered."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx2
import numpy as np

from tests.chaos.asking import Persistent, client
from tests.support.client import kept
from tests.support.place import middle
from tests.support.wide import CATEGORIES

REPLAYED_AT_ONCE = 0.2
HOT = 0.5
"""So many of the reports lie at one spot."""


@dataclass
class Reporters:
    """All of them; `answered` holds the first answer under each key, byte by byte but for the receipt, which is shown once."""

    asking: Persistent
    side: int
    pause_s: float = 0.0
    answered: dict[str, bytes] = field(default_factory=dict)
    begun: int = 0
    """Keys that were ever sent."""
    replayed: int = 0
    faults: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def report(self, count: int) -> None:
        """Let so many of them report until `over` is set; each brings its last report to an end."""
        async with client() as http:
            await asyncio.gather(*(self._reporter(number, http) for number in range(count)))

    async def replay(self) -> None:
        """Repeat every key, at whichever server, and hold the answer to the first one."""
        async with client() as http:
            keys = iter(list(self.answered))

            async def some() -> None:
                for key in keys:
                    await self._again(key, self._body(key), http)

            await asyncio.gather(*(some() for _ in range(8)))

    async def _reporter(self, number: int, http: httpx2.AsyncClient) -> None:
        turn = 0
        while not self.over.is_set():
            key, turn = f"{number}-{turn}", turn + 1
            self.begun += 1
            answer = await self.asking.post("/api/incidents", self._body(key), key, http, number + turn)
            if answer.status_code != 201:
                self.faults.append(f"report {key} was answered {answer.status_code}: {answer.text[:200]}")
                continue
            self.answered[key] = kept(answer)
            if _chance(key) < REPLAYED_AT_ONCE:
                await self._again(key, self._body(key), http)
            await asyncio.sleep(self.pause_s)

    async def _again(self, key: str, body: dict[str, Any], http: httpx2.AsyncClient) -> None:
        answer = await self.asking.post("/api/incidents", body, key, http, self.replayed)
        self.replayed += 1
        if (answer.status_code, kept(answer)) != (201, self.answered[key]):
            self.faults.append(f"key {key} was answered otherwise when it was repeated: {answer.status_code}")

    def _body(self, key: str) -> dict[str, Any]:
        """Return the report of a key, the same each time."""
        rng = np.random.default_rng(list(key.encode()))
        lng, lat = middle(0.1, 0.1) if rng.random() < HOT else middle(*rng.uniform(-0.4, self.side - 0.6, 2).tolist())
        category = CATEGORIES[int(rng.integers(len(CATEGORIES)))][0]
        return {"lng": lng, "lat": lat, "datum": "wgs84", "category": category, "description": "吵"}


def _chance(key: str) -> float:
    return float(np.random.default_rng([*key.encode(), 1]).random())
