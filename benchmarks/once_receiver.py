"""A receiver of notices that takes every connection and answers none: what that costs whoever reports."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from benchmarks.once_town import Ground, Server, doors, reports, servers
from benchmarks.rows import Limit, Row, interleave, quantile
from data.schema import new_id

REPORTS_PER_S, CONNECTIONS, ROUNDS = 100.0, 8, 5
HARDLY_MORE = Limit("≤", 1.2, of_peer=True)
NOBODY = "no receiver"
HOW = (
    f"{REPORTS_PER_S:g} reports/s over {CONNECTIONS} connections, two server processes; a webhook that is told every "
    "report and every offer, whose host accepts connections and never answers. The peer is the same without a receiver, "
    f"in turns, {ROUNDS} each. It counts as wrong when no notice was even tried, or one counts as delivered."
)
HIRE = """
    INSERT INTO receiver (id, kind, label, address, secret, host, events, made_at)
    VALUES ($1, 'webhook', 'deaf', $2, 'secret-of-the-bench', '127.0.0.1', '{filed,offered,waiting}', now())
"""
DISMISS = "DELETE FROM delivery; DELETE FROM receiver;"
DELIVERED = "SELECT count(*) FROM delivery WHERE state = 'delivered'"


@asynccontextmanager
async def _black_hole() -> AsyncIterator[tuple[int, list[int]]]:
    """Listen, accept, read and say nothing; yield the port and a list that grows by one with every connection."""
    heard: list[int] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(1)
        try:
            while await reader.read(65_536):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def measure(town: Ground, seconds: float) -> list[Row]:
    """Measure reports with and without the receiver, in turns."""
    await town.freshen()
    async with _black_hole() as (port, heard), servers(town, 2, outgoing_private="127.0.0.1") as served:
        sides = {
            "ours": partial(_one, town, served, seconds, port),
            NOBODY: partial(_one, town, served, seconds, None),
        }
        await sides[NOBODY]()
        found = await interleave(sides, ROUNDS if seconds > 1 else 1)
    wrong = int(not heard) + sum(delivered for _, delivered in found["ours"])
    rows = []
    for name, q, must in (("p50", 0.5, None), ("p99", 0.99, HARDLY_MORE)):
        ours, peer = (quantile(side, [took for took, _ in found[side]], q) for side in sides)
        rows.append(Row("POST beside a deaf receiver", name, "ms", ours, peer, must=must, differing=wrong, how=HOW))
    return rows


async def _one(town: Ground, served: list[Server], seconds: float, port: int | None) -> tuple[list[float], int]:
    """Report at a steady pace; return the seconds of each answer, and how many notices count as delivered."""
    if port is not None:
        await town.owner.execute(HIRE, new_id(), f"http://127.0.0.1:{port}/hook")
        await asyncio.sleep(0.5)
    opened, drawn, took = await doors(served, CONNECTIONS, town.token), reports(41), list[float]()
    start, numbers = time.perf_counter(), iter(range(round(REPORTS_PER_S * seconds)))

    async def some(row: int) -> None:
        for number in numbers:
            await asyncio.sleep(max(0.0, start + number / REPORTS_PER_S - time.perf_counter()))
            began = time.perf_counter()
            status, text = await opened[row].ask("POST", "/api/incidents", drawn.draw())
            took.append(time.perf_counter() - began)
            if status != 201:
                raise RuntimeError(f"a report was answered {status}: {text[:200]!r}")

    await asyncio.gather(*(some(row) for row in range(CONNECTIONS)))
    for door in opened:
        await door.close()
    delivered: int = await town.owner.fetchval(DELIVERED)
    await town.owner.execute(DISMISS)
    return took, delivered
