"""Two processes, 16 connections, 200 incidents, 200 workers: nobody is booked twice and nothing is lost."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from tests.support.demo_server import free_port
from tests.support.place import Place, middle

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 200
INCIDENTS = 200
CONNECTIONS = 16


async def build(place: Place) -> str:
    """Make a town of four grids and 200 workers of capacity 1; return the command centre's token."""
    await place.add_block(2, 2)
    await place.add_category("noise", ranking="nearest")
    spread = np.random.default_rng(1).uniform(-0.5, 1.5, (WORKERS, 2)).tolist()
    await asyncio.gather(*(place.add_worker(f"W{n:03}", middle(*at)) for n, at in enumerate(spread)))
    return await place.token("dispatcher")


@asynccontextmanager
async def two_processes(url: str, *mutation: str) -> AsyncIterator[list[str]]:
    """Start two servers on one database and wait until both are ready."""
    ports = [free_port(), free_port()]
    command = [sys.executable, "-m", "tests.support.racing_server", url]
    started = [subprocess.Popen([*command, str(port), *mutation], cwd=ROOT) for port in ports]  # noqa: ASYNC220
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        async with httpx2.AsyncClient(timeout=2) as client:
            for address in addresses:
                await _ready(client, address)
        yield addresses
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(10)


async def _ready(client: httpx2.AsyncClient, address: str) -> None:
    for _ in range(300):
        try:
            if (await client.get(f"{address}/readyz")).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"{address} is not ready")


async def race(addresses: list[str], token: str) -> Counter[int]:
    """Post all incidents, half at one hot spot, over 16 connections; count the answers by status."""
    rng = np.random.default_rng(2)
    spots = [middle(0.3, 0.3) if n % 2 else middle(*rng.uniform(-0.4, 1.4, 2)) for n in range(INCIDENTS)]
    waiting: list[tuple[int, tuple[float, float]]] = list(enumerate(spots))
    counted: Counter[int] = Counter()

    async def connection(number: int) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=addresses[number % 2], headers=headers, timeout=30) as client:
            while waiting:
                key, (lng, lat) = waiting.pop()
                body: dict[str, Any] = {
                    "lng": lng,
                    "lat": lat,
                    "datum": "wgs84",
                    "category": "noise",
                    "description": "吵",
                }
                answer = await client.post("/api/incidents", json=body, headers={"Idempotency-Key": str(key)})
                counted[answer.status_code] += 1

    await asyncio.gather(*(connection(number) for number in range(CONNECTIONS)))
    return counted


async def booked_twice(place: Place) -> int:
    """Count the workers who hold more active tasks than they can carry, from the tasks alone."""
    rows = await place.run("""
        SELECT count(*) AS n FROM (
            SELECT t.worker_id FROM task t JOIN worker w ON w.id = t.worker_id
            WHERE t.status IN ('offered', 'accepted', 'on_scene') GROUP BY t.worker_id, w.capacity
            HAVING count(*) > w.capacity) AS doubled""")
    found: int = rows[0].n
    return found


async def test_nobody_is_booked_twice_and_no_incident_is_lost(place: Place, server_url: str) -> None:
    token = await build(place)
    async with two_processes(server_url) as addresses:
        counted = await race(addresses, token)
        await asyncio.sleep(1.5)

    assert counted == {201: INCIDENTS}
    assert await booked_twice(place) == 0
    [told] = await place.run("""
        SELECT count(*) AS incidents, count(t.id) AS offered, count(DISTINCT t.worker_id) AS workers,
               count(*) FILTER (WHERE i.status = 'dispatched') AS dispatched
        FROM incident i LEFT JOIN task t ON t.incident_id = i.id AND t.ended_at IS NULL""")
    assert tuple(told) == (INCIDENTS, WORKERS, WORKERS, INCIDENTS)
    [load] = await place.run("SELECT sum(active_tasks) AS load, max(active_tasks) AS most FROM worker")
    assert tuple(load) == (WORKERS, 1)
    [history] = await place.run("SELECT count(*) FILTER (WHERE kind = 'offered') AS offered FROM incident_event")
    assert history.offered == WORKERS


async def test_without_the_row_lock_the_same_race_is_refused_by_the_worker_s_own_limit(
    place: Place, server_url: str
) -> None:
    token = await build(place)
    async with two_processes(server_url, "without_lock") as addresses:
        counted = await race(addresses, token)

    assert counted[201] < INCIDENTS, "the race must be lost somewhere, else the lock is not what saves it"
    assert await booked_twice(place) == 0


async def test_deciding_by_a_count_of_tasks_books_people_twice(place: Place, server_url: str) -> None:
    token = await build(place)
    async with two_processes(server_url, "counting_tasks") as addresses:
        await race(addresses, token)

    assert await booked_twice(place) > 0
