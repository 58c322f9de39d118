"""Positions in batches: how many a second are accepted over HTTP, and what that costs the dispatching of reports."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks import machine
from benchmarks.door import Door
from benchmarks.positions_written import written
from benchmarks.reports import draw
from benchmarks.rows import Measured, Row, Side, at_least, at_most, interleave, quantile
from benchmarks.town import Bed, Served, bed, serving
from data.demo.reports import Report
from data.demo.town import make_town

ENOUGH_PER_S, AIM_PER_S, SOON_MS = 10_000.0, 30_000.0, 150.0  # facts/spatial.md and facts/reliability.md L1
BUSY = 503
KEPT_UP = 0.97  # of the positions offered
REPORTS_PER_S = 50.0
ONE_BY_ONE, UPDATE, QUIET = "PUT each", "UPDATE each", "without positions"
HOW = (
    "Each position is of another worker and newer than the one that stands. The server, PostgreSQL with fsync and row "
    "security, and the client share the machine's cores. One stream of a duty chief is open and is told of all moves "
    "each second. UPDATE each: one statement per transaction on asyncpg as the rules, no HTTP, no token."
)
HIRED = """
    INSERT INTO worker (id, code, name, role, skills, home_area_id, area_path, capacity)
    SELECT gen_random_uuid(), 'BENCH' || n, 'bench', 'grid_worker', '{}', a.id, a.path, 1
    FROM generate_series(1, $1) AS n
    JOIN (SELECT id, path, row_number() OVER (ORDER BY path) - 1 AS at, count(*) OVER () AS of FROM area) AS a
      ON a.at = n % a.of
    RETURNING id
"""
AS_SENT = "SELECT count(*) FROM worker_position WHERE worker_id = ANY($1) AND fixed_at = $2"
MOVE_ONE = """
    UPDATE worker_position SET point = st_setsrid(st_makepoint($2, $3), 4326), fixed_at = $4, heard_at = clock_timestamp(),
        still = false, changed = pg_current_xact_id()
    WHERE worker_id = $1 AND fixed_at < $4
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    repetitions: int = 5
    households: int = 24_000
    workers: int = 20_000
    batch: int = 1_000
    connections: int = 4
    alone: int = 600
    """Positions of a peer that sends each by itself."""
    seconds: float = 6.0


QUICK = Sizes(1, 2_000, 200, 50, 2, 20, 0.5)


@dataclass(frozen=True, slots=True)
class Run:
    """One repetition: seconds over all, positions accepted, those that were not as sent, seconds of each report."""

    took: float
    accepted: int
    wrong: int
    reports: Sequence[float] = ()
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.took


class Gateway:
    """Batches of all workers in turn, each body made beforehand but for its time."""

    def __init__(self, workers: Sequence[UUID], batch: int) -> None:
        rng = np.random.default_rng(7)
        self._parts = [workers[start : start + batch] for start in range(0, len(workers), batch)]
        self._bodies = [self._body(part, rng) for part in self._parts for _ in (0, 1)]
        self._next = count()
        self.last: dict[int, datetime] = {}

    @staticmethod
    def _body(part: Sequence[UUID], rng: np.random.Generator) -> bytes:
        places = zip(part, 118.3 + rng.random(len(part)) / 10, 27.0 + rng.random(len(part)) / 10, strict=True)
        fix = {"datum": "wgs84", "accuracy_m": 8.0, "fixed_at": "@"}
        return json.dumps(
            {
                "positions": [
                    fix | {"worker": str(id_), "lng": round(x, 7), "lat": round(y, 7)} for id_, x, y in places
                ]
            }
        ).encode()

    async def send(self, door: Door) -> tuple[int, int]:
        """Send the next batch; return how many were sent and how many of them not kept."""
        turn = next(self._next)
        part, at = turn // 2 % len(self._parts), datetime.now(UTC)
        body = self._bodies[turn % len(self._bodies)].replace(b"@", at.isoformat().encode())
        text = await _insisting(door, "POST", "/api/positions", body)
        self.last[part] = max(at, self.last.get(part, at))
        told = json.loads(text)
        return len(self._parts[part]), len(told["refused"])

    async def not_as_sent(self, place: Bed) -> int:
        """Count the workers whose last fix is not the one that was sent last."""
        off = 0
        for part, at in self.last.items():
            off += len(self._parts[part]) - int(await place.owner.fetchval(AS_SENT, self._parts[part], at))
        return off


async def measure(quick: bool) -> Measured:
    """Run every case in one temporary cluster."""
    size = QUICK if quick else Sizes()
    async with bed(make_town(1, size.households)) as place:
        facts = await machine.facts(place.owner)
        workers = [row["id"] for row in await place.owner.fetch(HIRED, size.workers)]
        async with serving(place) as served:
            rows = await _over_http(place, served, workers, size)
        rows += await written(place, workers[: size.batch], size.repetitions)
        facts["load after"] = (await machine.facts(place.owner))["load"]
    return Measured(rows, facts, (), quick)


async def _over_http(place: Bed, served: Served, workers: list[UUID], size: Sizes) -> list[Row]:
    doors = [await served.door() for _ in range(size.connections)]
    ear = await served.door()
    listening = asyncio.create_task(_listen(ear))
    gateway = Gateway(workers, size.batch)
    for _ in range(2 * len(workers) // size.batch):
        await gateway.send(doors[0])  # everybody is seen once, untimed
    fast: dict[str, Callable[[], Awaitable[Run]]] = {
        "ours": partial(_flood, place, served, gateway, doors, size),
        ONE_BY_ONE: partial(_each, doors, workers[: size.alone]),
        UPDATE: partial(_update, place, workers[: size.alone]),
    }
    told = draw(place.made, int(REPORTS_PER_S * size.seconds), 5)
    beside: dict[str, Callable[[], Awaitable[Run]]] = {
        "ours": partial(_beside, place, served, gateway, doors, told),
        QUIET: partial(_beside, place, served, None, doors, told),
    }
    floods = await interleave(fast, size.repetitions)
    both = await interleave(beside, size.repetitions)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await asyncio.gather(*(door.close() for door in (*doors, ear)))
    return [*_flooded(floods, size), *_dispatched(both, size)]


async def _listen(ear: Door) -> None:
    async for _ in ear.raw("/api/live"):
        pass


async def _flood(place: Bed, served: Served, gateway: Gateway, doors: list[Door], size: Sizes) -> Run:
    """Send as fast as it goes."""
    began, before, sent, refused = time.perf_counter(), served.cpu(), 0, 0

    async def work(door: Door) -> None:
        nonlocal sent, refused
        while time.perf_counter() - began < size.seconds / 2:
            more, wrong = await gateway.send(door)
            sent, refused = sent + more, refused + wrong

    await asyncio.gather(*(work(door) for door in doors))
    took, cpu = time.perf_counter() - began, served.cpu() - before
    return Run(took, sent - refused, refused + await gateway.not_as_sent(place), cpu=cpu)


async def _beside(place: Bed, served: Served, gateway: Gateway | None, doors: list[Door], told: list[Report]) -> Run:
    """File reports at an even pace while so many positions come as must be accepted."""
    await place.finish_all()
    if gateway is not None:
        gateway.last.clear()  # every fix was just said to be of now
    sent = refused = 0
    ended, began, reporter = asyncio.Event(), time.perf_counter(), await served.door()

    async def move(door: Door, gateway: Gateway) -> None:
        nonlocal sent, refused
        while not ended.is_set():
            more, wrong = await gateway.send(door)
            sent, refused = sent + more, refused + wrong
            await asyncio.sleep(max(0.0, began + sent / ENOUGH_PER_S - time.perf_counter()))

    moving = [asyncio.create_task(move(door, gateway)) for door in doors if gateway is not None]
    each = await _report(reporter, told, served)
    ended.set()
    took = time.perf_counter() - began
    await asyncio.gather(*moving)
    await reporter.close()
    wrong = refused + (0 if gateway is None else await gateway.not_as_sent(place))
    return Run(took, sent - refused, wrong, each)


async def _insisting(door: Door, method: str, path: str, body: dict[str, Any] | bytes) -> bytes:
    """Ask again while the server says that it is busy, which counts as waiting; return what it answers then."""
    while True:
        status, text = await door.ask(method, path, body)
        if status in (200, 201):
            return text
        if status != BUSY:
            raise RuntimeError(f"{method} {path} was answered {status}: {text[:200]!r}")
        await asyncio.sleep(0.05)


def _body(told: Report) -> dict[str, Any]:
    body = {"lng": told.lng, "lat": told.lat, "datum": "wgs84", "category": told.category}
    return body | {"description": told.description, "address": told.address}


async def _report(door: Door, told: list[Report], served: Served) -> list[float]:
    """File each report at its time, on whichever connection is free; return the seconds from its time to its 201."""
    start, free = time.perf_counter(), [door]

    async def one(number: int, report: Report) -> float:
        at = start + number / REPORTS_PER_S
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        used = free.pop() if free else await served.door()
        await _insisting(used, "POST", "/api/incidents", _body(report))
        free.append(used)
        return time.perf_counter() - at

    each = await asyncio.gather(*(one(number, report) for number, report in enumerate(told)))
    await asyncio.gather(*(used.close() for used in free if used is not door))
    return each


async def _each(doors: list[Door], workers: Sequence[UUID]) -> Run:
    """Put one position after the other, on all connections."""
    began, left = time.perf_counter(), iter(workers)

    async def work(door: Door) -> None:
        for id_ in left:
            body = {"lng": 118.35, "lat": 27.05, "datum": "wgs84", "accuracy_m": 8.0}
            status, _ = await door.ask("PUT", f"/api/workers/{id_}/position", body)
            assert status == 200

    await asyncio.gather(*(work(door) for door in doors))
    return Run(time.perf_counter() - began, len(workers), 0)


async def _update(place: Bed, workers: Sequence[UUID]) -> Run:
    connection: Any = await place.connect()
    moving = await connection.prepare(MOVE_ONE)
    began = time.perf_counter()
    for id_ in workers:
        await moving.fetch(id_, 118.36, 27.06, datetime.now(UTC))
    took = time.perf_counter() - began
    await connection.close()
    return Run(took, len(workers), 0)


def _flooded(floods: dict[str, list[Run]], size: Sizes) -> list[Row]:
    case, wrong = f"positions, {size.batch:,} at once", sum(run.wrong for run in floods["ours"])
    sides = {
        name: Side(name, [run.rate for run in runs], [run.took for run in runs]) for name, runs in floods.items()
    }
    burnt = Side(
        "ours", [run.cpu / run.accepted * 1e6 for run in floods["ours"]], [run.cpu for run in floods["ours"]]
    )
    must, aim = at_least(ENOUGH_PER_S), at_least(AIM_PER_S)
    return [
        Row(case, "accepted", "/s", sides["ours"], sides[ONE_BY_ONE], must, aim, wrong, HOW),
        Row(case, "accepted", "/s", sides["ours"], sides[UPDATE], None, None, wrong, HOW),
        Row(case, "server's CPU per position", "µs", burnt, how=HOW),
    ]


def _dispatched(both: dict[str, list[Run]], size: Sizes) -> list[Row]:
    case, ours, quiet = f"reports at {REPORTS_PER_S:g}/s meanwhile", both["ours"], both[QUIET]
    wrong = sum(run.wrong for run in ours)
    rate = Side("ours", [run.rate for run in ours], [run.took for run in ours])
    rows = [Row(case, "positions accepted", "/s", rate, None, at_least(ENOUGH_PER_S * KEPT_UP), None, wrong, HOW)]
    for figure, q in (("p50", 0.5), ("p99", 0.99)):
        mine = quantile("ours", [run.reports for run in ours], q)
        peer = quantile(QUIET, [run.reports for run in quiet], q)
        must = at_most(SOON_MS) if q > 0.9 else None
        rows.append(Row(case, figure, "ms", mine, peer, must, None, wrong, HOW))
    return rows
