"""Reports as fast as they are taken, for a minute, while tasks are finished as fast: every answer carries its worker."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.door import Door
from benchmarks.once_town import CONNECTIONS, Ground, Reports, Server, doors, reports, servers
from benchmarks.rows import Row, Side, at_least, at_most

MUST_PER_S, AIM_PER_S, SOON_MS = 400.0, 1000.0, 150.0
CLAIMED_SHARE = 0.99
PROCESSES = 2
FINISHED_EVERY_S = 0.5
STAYS_S = 3.0
"""A task is finished so long after it was offered, in the batch that is next."""
CASE = "POST /api/incidents, 20,000 workers"
HOW = (
    f"{PROCESSES} server processes, {CONNECTIONS} connections, client, servers and PostgreSQL on the same machine; bearer "
    "token, row security, five categories (one exclusive, three with a skill) all over 100 grids. No idempotency key. "
    f"Tasks are finished in one statement every {FINISHED_EVERY_S:g} s (task done, place done, incident handled, timers "
    f"dropped, worker let go, a line of history each), {STAYS_S:g} s after their offer: as many as were reported. "
    "Before it, 3,000 reports are filed, finished and analysed: a town that has a past."
)
FINISH = """
    WITH ended AS (
        UPDATE task SET status = 'done', accepted_at = offered_at, ended_at = clock_timestamp(), result = '好了'
        WHERE id = ANY ($1::uuid[]) AND ended_at IS NULL RETURNING id, incident_id, slot, worker_id
    ), needs AS (
        UPDATE need n SET state = 'done' FROM ended e WHERE n.incident_id = e.incident_id AND n.slot = e.slot
    ), incidents AS (
        UPDATE incident i SET status = 'handled' FROM ended e WHERE i.id = e.incident_id
    ), timers AS (
        DELETE FROM timer t USING ended e WHERE t.incident_id = e.incident_id
    ), let_go AS (
        UPDATE worker w SET active_tasks = w.active_tasks - e.n, holds_exclusive = false, changed = pg_current_xact_id()
        FROM (SELECT worker_id, count(*) AS n FROM ended GROUP BY worker_id) e WHERE w.id = e.worker_id
    ), lines AS (
        INSERT INTO incident_event (incident_id, task_id, at, kind, status_from, status_to, actor)
        SELECT incident_id, id, clock_timestamp(), 'done', 'dispatched', 'handled', 'worker:' || worker_id FROM ended
    )
    INSERT INTO outbox (kind, subject_id, at) SELECT 'incident', incident_id, now() FROM ended RETURNING 1
"""
COUNTED = """
    SELECT (SELECT count(*) FROM incident) AS incidents, (SELECT count(*) FROM task) AS tasks,
           (SELECT count(*) FROM task WHERE status = 'done') AS finished,
           (SELECT count(*) FROM incident_event) AS lines, (SELECT count(*) FROM outbox) AS outbox,
           (SELECT count(*) FROM timer) AS timers,
           (SELECT count(*) FROM worker w WHERE active_tasks <> (
               SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.ended_at IS NULL)) AS off
"""


@dataclass
class Load:
    """Seconds of each answer, answers without a worker, and the tasks that are to be finished, by when they were offered."""

    took: list[float] = field(default_factory=list)
    unclaimed: int = 0
    finished: int = 0
    offered: deque[tuple[float, UUID]] = field(default_factory=deque)
    over: bool = False


@dataclass(frozen=True, slots=True)
class Minute:
    """What a run came to, its first seconds left out."""

    load: Load
    seconds: float
    cpu: tuple[float, float, float]
    """Of the servers, of PostgreSQL, of the client."""
    counted: dict[str, int]


async def measure(town: Ground, seconds: float, warming: int) -> tuple[list[Row], str]:
    """Measure so many seconds; return the rows and what stands in the tables then."""
    await town.freshen()
    async with servers(town, PROCESSES) as served:
        await _past(town, served, warming)
        minute = await _minute(town, served, seconds)
    load = minute.load
    count, wrong = len(load.took), minute.counted["off"]
    p50, p99 = np.quantile(load.took, (0.5, 0.99)) * 1e3
    per = [spent / count * 1e3 for spent in minute.cpu]
    claimed, rate = 1 - load.unclaimed / count, count / minute.seconds

    def side(value: float) -> Side:
        return Side("ours", [float(value)], [minute.seconds])

    rows = [
        Row(
            CASE,
            "answered",
            "/s",
            side(rate),
            must=at_least(MUST_PER_S),
            aim=at_least(AIM_PER_S),
            differing=wrong,
            how=HOW,
        ),
        Row(CASE, "p50", "ms", side(p50), how=HOW),
        Row(CASE, "p99", "ms", side(p99), must=at_most(SOON_MS), how=HOW),
        Row(CASE, "answers with a worker", "%", side(claimed * 100), must=at_least(CLAIMED_SHARE * 100), how=HOW),
        Row(CASE, "tasks finished meanwhile", "/s", side(load.finished / minute.seconds), how=HOW),
        *(
            Row(CASE, f"CPU per report, {who}", "ms", side(spent), how=HOW)
            for who, spent in zip(("servers", "PostgreSQL", "client"), per, strict=True)
        ),
    ]
    return rows, ", ".join(f"{name} {n}" for name, n in minute.counted.items())


async def _past(town: Ground, served: list[Server], count: int) -> None:
    """Give the town a past: reports that were filed and finished, and statistics about them."""
    load, drawn = Load(), reports(1)
    opened = await doors(served, CONNECTIONS, town.token)
    left = iter(range(count))

    async def some(door: Door) -> None:
        for _ in left:
            await _one(door, drawn, load)

    await asyncio.gather(*(some(door) for door in opened))
    await _finish(town, load, everything=True)
    for door in opened:
        await door.close()
    town.vacuum()


async def _minute(town: Ground, served: list[Server], seconds: float) -> Minute:
    load, drawn = Load(), reports(2)
    opened = await doors(served, CONNECTIONS, town.token)
    finishing = asyncio.create_task(_keep_finishing(town, load))
    before = _cpu(town, served)
    began = time.perf_counter()

    async def reporter(door: Door) -> None:
        while time.perf_counter() < began + seconds:
            await _one(door, drawn, load)

    await asyncio.gather(*(reporter(door) for door in opened))
    took, after = time.perf_counter() - began, _cpu(town, served)
    load.over = True
    await finishing
    for door in opened:
        await door.close()
    row = await town.owner.fetchrow(COUNTED)
    servers_, database, client = (b - a for a, b in zip(before, after, strict=True))
    return Minute(load, took, (servers_, database, client), dict(row or {}))


def _cpu(town: Ground, served: list[Server]) -> tuple[float, float, float]:
    return sum(one.cpu() for one in served), town.cpu(), time.process_time()


async def _one(door: Door, drawn: Reports, load: Load) -> None:
    began = time.perf_counter()
    status, text = await door.ask("POST", "/api/incidents", drawn.draw())
    ended = time.perf_counter()
    if status != 201:
        raise RuntimeError(f"a report was answered {status}: {text[:200]!r}")
    load.took.append(ended - began)
    task = _task_in(text)
    if task is None:
        load.unclaimed += 1
    else:
        load.offered.append((ended, task))


def _task_in(text: bytes) -> UUID | None:
    """Find the id of the first task in an answer; to read all of it would cost the machine as much as to claim."""
    at = text.find(b'"tasks":[{')
    id_at = text.find(b'"id":"', at) + 6
    return None if at < 0 else UUID(text[id_at : id_at + 36].decode())


async def _keep_finishing(town: Ground, load: Load) -> None:
    while not load.over:
        await asyncio.sleep(FINISHED_EVERY_S)
        await _finish(town, load)


async def _finish(town: Ground, load: Load, everything: bool = False) -> None:
    due, now = [], time.perf_counter()
    while load.offered and (everything or load.offered[0][0] < now - STAYS_S):
        due.append(load.offered.popleft()[1])
    if due:
        rows: list[Any] = await town.owner.fetch(FINISH, due)
        load.finished += len(rows)
