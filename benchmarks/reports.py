"""Case 1: from a report to its 201, through a real server, beside one statement by hand without a server."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.by_hand import Hand
from benchmarks.door import Door
from benchmarks.rows import Row, Side, at_least, at_most, interleave, quantile, rate
from benchmarks.town import Bed, Served
from data.demo.categories import stories
from data.demo.reports import Report, places_of, report
from data.demo.rows import Town

ENOUGH_PER_S, SOON_MS = 300.0, 150.0  # facts/reliability.md L1
HOW = (
    "Categories for which one person goes, the nearest, not exclusively. Workers' capacity is raised to 30,000, shifts "
    "run round the clock, offers last a day, and between repetitions all tasks are finished. No idempotency key. The "
    "peer is one SQL statement per transaction on asyncpg, no HTTP, no token."
)
CPU = "Of the server's process, or of the peer's with its driver; PostgreSQL's and our client's are left out."
HAND = "by hand"
Answer = tuple[str | None, str | None]
Ask = Callable[[Report], Awaitable[Answer]]
LOADS_AGREE = """
    SELECT (SELECT count(*) FROM task WHERE ended_at IS NULL) AS tasks,
           (SELECT count(*) FROM incident WHERE status = 'dispatched') AS dispatched,
           (SELECT count(*) FROM worker w WHERE active_tasks <>
                (SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.ended_at IS NULL)) AS off
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One repetition of one side: seconds over all, of each report, and what was answered to each."""

    took: float
    each: list[float]
    answers: list[Answer]
    cpu: float = 0.0
    """Processor seconds of the server, or of the peer's own process; PostgreSQL's left out."""
    wrong: int = 0


def draw(made: Town, count: int, seed: int) -> list[Report]:
    """Draw reports by the town's own frequencies, of the categories both sides can dispatch."""
    rng = np.random.default_rng([seed, 11])
    fit = [s for s in stories() if s.category.ranking == "nearest" and not s.category.exclusive and not s.also]
    weight = np.array([story.weight for story in fit])
    chosen = rng.choice(len(fit), size=count, p=weight / weight.sum())
    places = places_of(made)
    return [report(places, fit[row], rng) for row in chosen]


async def measure(place: Bed, served: Served, counts: tuple[int, int, int], repetitions: int) -> list[Row]:
    """Measure alone and crowded; `counts` are the reports alone, the reports crowded and the connections."""
    alone, crowded, connections = counts
    doors = [await served.door() for _ in range(connections)]
    hands = [Hand(await place.connect()) for _ in range(connections)]
    ours: list[Ask] = [_by_door(door) for door in doors]
    theirs: list[Ask] = [hand.report for hand in hands]

    async def pair(few: int, told: list[Report]) -> tuple[list[Run], list[Run]]:
        async def of(asks: list[Ask], cpu: Callable[[], float]) -> Run:
            await place.finish_all()
            before = cpu()
            run = await _run(asks, told)
            spent = cpu() - before
            return replace(run, cpu=spent, wrong=await _wrong(place, len(told)))

        sides = {
            "ours": partial(of, ours[:few], served.cpu),
            HAND: partial(of, theirs[:few], time.process_time),
        }
        for side in sides.values():
            await side()  # plans and caches warm, once, untimed
        found = await interleave(sides, repetitions)
        return found["ours"], found[HAND]

    rows = _alone(*await pair(1, draw(place.made, alone, 1)))
    rows += _crowded(*await pair(connections, draw(place.made, crowded, 2)), connections)
    await asyncio.gather(*(door.close() for door in doors), *(hand.close() for hand in hands))
    return rows


async def file(door: Door, told: Report) -> dict[str, Any]:
    """File one report over HTTP and return the answer."""
    body = {"lng": told.lng, "lat": told.lat, "datum": "wgs84", "category": told.category}
    body |= {"description": told.description, "address": told.address}
    status, text = await door.ask("POST", "/api/incidents", body)
    if status != 201:
        raise RuntimeError(f"a report was answered {status}: {text[:200]!r}")
    given: dict[str, Any] = json.loads(text)
    return given


def _by_door(door: Door) -> Ask:
    async def ask(told: Report) -> Answer:
        given = await file(door, told)
        grid, tasks = given["grid"], given["tasks"]
        return grid and grid["code"], tasks[0]["worker"]["code"] if tasks else None

    return ask


async def _run(asks: Sequence[Ask], told: list[Report]) -> Run:
    """File all reports, one after the other on each connection."""
    answers: list[Answer] = [(None, None)] * len(told)
    each = [0.0] * len(told)
    left = iter(range(len(told)))

    async def work(ask: Ask) -> None:
        for number in left:
            began = time.perf_counter()
            answers[number] = await ask(told[number])
            each[number] = time.perf_counter() - began

    began = time.perf_counter()
    await asyncio.gather(*(work(ask) for ask in asks))
    took = time.perf_counter() - began
    return Run(took, each, answers)


async def _wrong(place: Bed, reports: int) -> int:
    """Count what does not fit so many reports: tasks or incidents too few or many, loads that are not the tasks'."""
    row = await place.owner.fetchrow(LOADS_AGREE)
    assert row is not None
    return int(abs(row["tasks"] - reports) + abs(row["dispatched"] - reports) + row["off"])


def _alone(ours: list[Run], theirs: list[Run]) -> list[Row]:
    """One connection: every report must get the same grid and the same worker."""
    differing = sum(run.wrong for run in (*ours, *theirs))
    for mine, other in zip(ours, theirs, strict=True):
        differing += sum(a != b for a, b in zip(mine.answers, other.answers, strict=True))
    return [
        Row("report, 1 connection", name, "ms", *_quantiles(ours, theirs, q), differing=differing, how=HOW)
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]


def _crowded(ours: list[Run], theirs: list[Run], connections: int) -> list[Row]:
    """Many connections: the grid must be the same; who is locked at the moment decides the worker."""
    differing = sum(run.wrong for run in (*ours, *theirs))
    for mine, other in zip(ours, theirs, strict=True):
        pairs = zip(mine.answers, other.answers, strict=True)
        differing += sum(a[0] != b[0] or (a[1] is None) != (b[1] is None) for a, b in pairs)
    case, count = f"report, {connections} connections", len(ours[0].each)
    fast, peer = (rate(name, count, [run.took for run in runs]) for name, runs in (("ours", ours), (HAND, theirs)))
    burnt, burning = (
        Side(name, [run.cpu / count * 1e3 for run in runs], [run.cpu for run in runs])
        for name, runs in (("ours", ours), (HAND, theirs))
    )
    slow, peers = _quantiles(ours, theirs, 0.99)
    must, soon = at_least(ENOUGH_PER_S), at_most(SOON_MS)
    return [
        Row(case, "answered", "/s", fast, peer, must=must, differing=differing, how=HOW),
        Row(case, "p99", "ms", slow, peers, must=soon, differing=differing, how=HOW),
        Row(case, "CPU per report", "ms", burnt, burning, differing=differing, how=CPU),
    ]


def _quantiles(ours: list[Run], theirs: list[Run], q: float) -> tuple[Side, Side]:
    return quantile("ours", [run.each for run in ours], q), quantile(HAND, [run.each for run in theirs], q)
