"""More people at once than there are connections, and a table that somebody holds: nobody waits without an answer."""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import numpy as np
from sqlalchemy import text

from tests.chaos.database import filled
from tests.chaos.herd import herd
from tests.support import wide
from tests.support.client import bearing
from tests.support.place import Place, middle

POOL_SIZE, AT_ONCE = 5, 200
HELD_S = 4.0
"""Longer than a connection is waited for and than a lock is waited for."""
ANSWERED_WITHIN_S = 2.0
HOLDERS = 2 * POOL_SIZE
"""Those who have a connection wait for the lock instead, 3 s at the longest (`lock_timeout`)."""
LOCK_WAITED_S = 3.0
RECOVERED_WITHIN_S = 5.0


@dataclass
class Answers:
    """Status and seconds of every answer while the table was held, and until all is well again."""

    said: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    back_s: float = 0.0

    def told(self) -> str:
        """Tell it in a line."""
        took = sorted(self.took)
        slowest = took[-HOLDERS - 1] if len(took) > HOLDERS else 0.0
        return (
            f"{AT_ONCE} at once on {POOL_SIZE} connections: {dict(self.said)}, answered within "
            f"p50 {np.quantile(took, 0.5):.2f} s, all but {HOLDERS} {slowest:.2f} s, the last {took[-1]:.2f} s; "
            f"all were served again {self.back_s:.1f} s after the table was let go"
        )

    def faults(self) -> list[str]:
        """Return what should not have been."""
        took = sorted(self.took)
        wrong = [f"{n} answers {status}" for status, n in self.said.items() if status not in (201, 503)]
        wrong += [f"{self.without_retry_after} without Retry-After"] * bool(self.without_retry_after)
        wrong += ["nobody was told to come again"] * (not self.said[503])
        wrong += [f"an answer took {took[-HOLDERS - 1]:.2f} s"] * (took[-HOLDERS - 1] > ANSWERED_WITHIN_S)
        wrong += [f"an answer took {took[-1]:.2f} s"] * (took[-1] > LOCK_WAITED_S + ANSWERED_WITHIN_S)
        return wrong + [f"back after {self.back_s:.1f} s"] * (self.back_s > RECOVERED_WITHIN_S)


async def exhausted(given: argparse.Namespace) -> list[str]:
    """Run it, say what happened, and return what was wrong."""
    answers = await run()
    print(answers.told())
    return answers.faults()


async def run() -> Answers:
    """Hold the incidents' table while 200 people report at once; then let go."""
    async with filled() as (database, place):
        await wide.build(place, 4, 400, capacity=30)
        token = await place.token("duty_chief")
        settings: dict[str, Any] = {"database_url": database.server_url, "pool_size": POOL_SIZE}
        async with (
            herd(database.server_url, 1, **settings) as servers,
            httpx2.AsyncClient(
                base_url=servers.addresses[0],
                headers=bearing(token),
                timeout=30,
                limits=httpx2.Limits(max_connections=AT_ONCE),
            ) as client,
        ):
            return await _press(place, client)


async def _press(place: Place, client: httpx2.AsyncClient) -> Answers:
    answers = Answers()
    async with _held(place):
        await asyncio.gather(*(_report(client, answers) for _ in range(AT_ONCE)))
    began, after = time.monotonic(), Answers()
    while after.said[201] < AT_ONCE:
        after.said.clear()
        await asyncio.gather(*(_report(client, after) for _ in range(AT_ONCE)))
    answers.back_s = time.monotonic() - began
    return answers


@asynccontextmanager
async def _held(place: Place) -> AsyncIterator[None]:
    """Hold the table for so long, or until all have been answered."""
    async with place.engine.connect() as connection:
        await connection.execute(text("LOCK TABLE incident IN ACCESS EXCLUSIVE MODE"))
        letting_go = asyncio.get_running_loop().create_task(asyncio.sleep(HELD_S))
        try:
            yield
            await letting_go
        finally:
            await connection.rollback()


async def _report(client: httpx2.AsyncClient, answers: Answers) -> None:
    lng, lat = middle(0, 0)
    body = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "吵"}
    began = time.monotonic()
    answer = await client.post("/api/incidents", json=body)
    answers.took.append(time.monotonic() - began)
    answers.said[answer.status_code] += 1
    answers.without_retry_after += answer.status_code == 503 and "retry-after" not in answer.headers
