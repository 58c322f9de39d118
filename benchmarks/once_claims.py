"""800 incidents for 800 workers over 16 connections of two processes: nobody twice, and how many claims a second."""

import asyncio
import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from benchmarks.once_town import CONNECTIONS, SIDE, Ground, Reports, doors, reports, servers
from benchmarks.rows import Row, Side, at_least
from data.incidents import Given
from data.needs import need_of
from data.store import Store
from dispatch.city import City
from dispatch.desk.keep import load_city
from dispatch.desk.receive import receive
from dispatch.ladder import rung_of
from dispatch.ranking import rank
from dispatch.triage import Report, open_incident

PROCESSES = 2
ENOUGH_PER_S = 500.0
ASKED_AT_ONCE = 64
CATEGORY = "noise"
HOW = (
    f"As many workers of capacity 1 as incidents, {CONNECTIONS} connections in {PROCESSES} processes. "
    "'claimed' is one transaction each of rank and claim under the row lock, as the desk's `fill` does it, without HTTP; "
    "'received' is the desk's whole `receive` (located, ranked, claimed, five tables and the outbox written, committed), "
    "without HTTP; 'answered' is POST /api/incidents through two servers. Rates are over all, from the first start to "
    "the last end. Spread: reports all over the town; hot spot: all at one place, so that all want the same worker. "
    "Counted as wrong: workers with more than they can carry, by the tasks or by the claims themselves, and claims lost."
)
RESET = """
    TRUNCATE incident, need, task, timer, incident_event, outbox, delivery, answer CASCADE;
    UPDATE worker SET active_tasks = 0, holds_exclusive = false, changed = pg_current_xact_id();
    UPDATE worker_position SET fixed_at = clock_timestamp();
    ANALYZE worker;
"""
OFF = """
    SELECT (SELECT count(*) FROM worker WHERE active_tasks <> 1) AS not_one,
           (SELECT count(*) FROM (SELECT worker_id FROM task WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1) d) AS twice,
           (SELECT count(*) FROM task WHERE ended_at IS NULL) AS tasks
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does: which of the claims, of which kind, and whether all are at one spot."""

    url: str
    number: int
    whole: bool
    hot: bool
    claims: int
    side: int = SIDE
    """Of the town, in grids."""


@dataclass(frozen=True, slots=True)
class Found:
    """When a process began and ended (a clock all processes share), and whom it claimed."""

    began: float
    ended: float
    claimed: list[UUID | None]


async def measure(town: Ground, claims: int, repetitions: int) -> list[Row]:
    """Measure each kind, spread and at a hot spot; the town has as many workers as there are claims."""
    rows = []
    for hot in (False, True):
        case = f"{claims} claims by {PROCESSES} processes, {'hot spot' if hot else 'spread'}"
        for whole, figure in ((False, "claimed"), (True, "received")):
            runs = [await _in_processes(town, whole, hot, claims) for _ in range(repetitions)]
            must = None if whole else at_least(ENOUGH_PER_S)
            rows.append(_row((case, figure), claims, runs, must))
        runs = [await _by_http(town, hot, claims) for _ in range(repetitions)]
        rows.append(_row((case, "answered"), claims, runs, None))
    return rows


def _row(named: tuple[str, str], claims: int, runs: list[tuple[float, int]], must: Any) -> Row:
    took = [seconds for seconds, _ in runs]
    ours = Side("ours", [claims / seconds for seconds in took], took)
    return Row(*named, "/s", ours, must=must, differing=sum(wrong for _, wrong in runs), how=HOW)


async def _in_processes(town: Ground, whole: bool, hot: bool, claims: int) -> tuple[float, int]:
    await town.owner.execute(RESET)
    context = multiprocessing.get_context("forkserver")
    start = context.Barrier(PROCESSES)
    answers: Any = context.Queue()
    parts = [Part(town.url(), number, whole, hot, claims // PROCESSES) for number in range(PROCESSES)]
    started = [context.Process(target=share, args=(part, start, answers), daemon=True) for part in parts]
    for process in started:
        process.start()
    found: list[Found] = [await asyncio.to_thread(answers.get, timeout=120) for _ in parts]
    for process in started:
        process.join(10)
    claimed = [id_ for one in found for id_ in one.claimed]
    twice = sum(n - 1 for n in Counter(id_ for id_ in claimed if id_ is not None).values())
    wrong = twice + claimed.count(None) + await _off(town, tasks=claims if whole else 0)
    return max(one.ended for one in found) - min(one.began for one in found), wrong


async def _off(town: Ground, tasks: int) -> int:
    row = await town.owner.fetchrow(OFF)
    assert row is not None
    return int(row["not_one"] + row["twice"] + abs(row["tasks"] - tasks))


def share(part: Part, start: Any, answers: Any) -> None:
    """Do one process's share: load the city, wait for the others, then go."""
    answers.put(asyncio.run(_share(part, start)))


async def _share(part: Part, start: Any) -> Found:
    store, city = Store(part.url, pool_size=CONNECTIONS // PROCESSES), City()
    async with store.books.open() as book:
        await load_city(city, book)
    drawn, left = reports(100 + part.number, part.hot, part.side), iter(range(part.claims))
    claimed: list[UUID | None] = []

    async def connection() -> None:
        claimed.extend([await _one(store, city, _report(drawn), part.whole) for _ in left])

    await asyncio.to_thread(start.wait)
    began = time.monotonic()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS // PROCESSES)))
    ended = time.monotonic()
    await store.close()
    return Found(began, ended, claimed)


def _report(drawn: Reports) -> Report:
    body = drawn.draw(CATEGORY)
    return Report(Given(body["lng"], body["lat"], body["datum"]), CATEGORY, "bench", body["description"])


async def _one(store: Store, city: City, report: Report, whole: bool) -> UUID | None:
    async with store.books.open() as book:
        if whole:
            done = await receive(report, city, book)
            return done.tasks[0].worker_id if done.tasks else None
        now = await book.now()
        incident = city.place(open_incident(report, city.rules, now))
        need = need_of(city.rules[CATEGORY].slots[0], now)
        ranking = rank(incident, need, rung_of(need, city.ladder(need.ladder)).whom, city, now)
        return await _claim(list(ranking.ids()), book)


async def _claim(ranked: list[UUID], book: Any) -> UUID | None:
    for at in range(0, len(ranked), ASKED_AT_ONCE):
        found: UUID | None = await book.workers.claim(ranked[at : at + ASKED_AT_ONCE], exclusive=False)
        if found is not None:
            return found
    return None


async def _by_http(town: Ground, hot: bool, claims: int) -> tuple[float, int]:
    await town.owner.execute(RESET)
    async with servers(town, PROCESSES) as served:
        opened = await doors(served, CONNECTIONS, town.token)
        drawn, left = reports(200, hot), iter(range(claims))
        statuses: Counter[int] = Counter()

        async def connection(row: int) -> None:
            for _ in left:
                statuses[(await opened[row].ask("POST", "/api/incidents", drawn.draw(CATEGORY)))[0]] += 1

        began = time.perf_counter()
        await asyncio.gather(*(connection(row) for row in range(CONNECTIONS)))
        took = time.perf_counter() - began
        await asyncio.sleep(1)  # whoever was passed over while locked is offered what waits by the sweep
        for door in opened:
            await door.close()
        return took, claims - statuses[201] + await _off(town, tasks=claims)
