"""Case 4: from a report's commit to its event on an open stream, while the crew's positions move."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from benchmarks.door import Door
from benchmarks.reports import draw, file
from benchmarks.rows import Row, Side, at_least, at_most, quantile
from benchmarks.town import Bed, Served
from data.demo.reports import Report

REPORTS_PER_S = 10.0
MOVES_PER_S = 200.0
PHONES = 8
SOON_MS = 250.0  # facts/maps.md, goals: commit to screen
KEPT_UP = 0.95  # of the moves asked for
SEEN_WITHIN_S = 2.0  # later counts as lost
HOW = (
    f"{REPORTS_PER_S:g} reports/s, {MOVES_PER_S:g} positions/s by PUT over {PHONES} connections. The commit lies "
    "between sending a report and its 201: 'from sending' bounds the way from the commit from above, 'from the 201' "
    "from below (0 where the event came first)."
)


@dataclass(slots=True)
class Watch:
    """When each incident was sent, answered and seen on the stream; seconds of one clock."""

    expected: int
    sent: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    moved: int = 0
    kept: int = 0
    """Positions taken in the seconds of `took`, while reports came in."""
    took: float = 0.0
    all_seen: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self) -> None:
        """Note when every report was answered and seen; others than ours may be on the stream, too."""
        if len(self.answered) == self.expected and self.answered.keys() <= self.seen.keys():
            self.all_seen.set()


async def measure(place: Bed, served: Served, count: int, repetitions: int) -> list[Row]:
    """Watch `count` reports in each repetition."""
    watches = [await _watch(place, served, draw(place.made, count, 4 + turn)) for turn in range(repetitions)]
    missing = sum(len(watch.answered.keys() - watch.seen.keys()) for watch in watches)
    starts = {
        "from sending": [watch.sent for watch in watches],
        "from the 201": [watch.answered for watch in watches],
    }
    rows = []
    for name, began in starts.items():
        ways = [
            [max(0.0, at - start[id_]) for id_, at in watch.seen.items() if id_ in start]
            for start, watch in zip(began, watches, strict=True)
        ]
        for figure, q in (("p50", 0.5), ("p95", 0.95)):
            must = at_most(SOON_MS) if figure == "p95" else None
            side = quantile("ours", ways, q)
            rows.append(Row("commit to event", f"{figure} {name}", "ms", side, must=must, differing=missing, how=HOW))
    moves = Side("ours", [watch.kept / watch.took for watch in watches], [watch.took for watch in watches])
    rows.append(Row("commit to event", "positions kept", "/s", moves, must=at_least(MOVES_PER_S * KEPT_UP), how=HOW))
    return rows


async def _watch(place: Bed, served: Served, told: list[Report]) -> Watch:
    await place.finish_all()
    watch = Watch(len(told))
    ear, door = await served.door(), await served.door()
    phones = [await served.door() for _ in range(PHONES)]
    listening = asyncio.create_task(_listen(ear, watch))
    await asyncio.sleep(0.3)
    crew = await place.positions()
    moving = [asyncio.create_task(_move(phone, crew[row::PHONES], row, watch)) for row, phone in enumerate(phones)]
    began, moved = time.perf_counter(), watch.moved
    await _report(door, told, watch)
    watch.took, watch.kept = time.perf_counter() - began, watch.moved - moved
    with suppress(TimeoutError):
        await asyncio.wait_for(watch.all_seen.wait(), SEEN_WITHIN_S)
    for task in (listening, *moving):
        task.cancel()
    for ended in await asyncio.gather(listening, *moving, return_exceptions=True):
        if not isinstance(ended, asyncio.CancelledError):
            raise RuntimeError("the stream or a phone ended before its time") from ended
    for one in (ear, door, *phones):
        await one.close()
    return watch


async def _listen(ear: Door, watch: Watch) -> None:
    async for event, given in ear.follow("/api/live"):
        if event == "incident":
            watch.seen.setdefault(given["id"], time.perf_counter())
            watch.look()


async def _report(door: Door, told: list[Report], watch: Watch) -> None:
    start = time.perf_counter()
    for number, one in enumerate(told):
        await asyncio.sleep(max(0.0, start + number / REPORTS_PER_S - time.perf_counter()))
        sent = time.perf_counter()
        id_ = (await file(door, one))["id"]
        watch.sent[id_], watch.answered[id_] = sent, time.perf_counter()
        watch.look()


async def _move(phone: Door, crew: Sequence[tuple[UUID, float, float]], row: int, watch: Watch) -> None:
    """Let the workers of one phone line report in in turn, each time a few metres off."""
    rng = np.random.default_rng([row, 14])
    start, sent = time.perf_counter(), 0
    while True:
        id_, lng, lat = crew[sent % len(crew)]
        east, north = rng.normal(0, 1e-4, 2).tolist()
        body = {"lng": lng + east, "lat": lat + north, "datum": "wgs84", "accuracy_m": 8.0}
        status, text = await phone.ask("PUT", f"/api/workers/{id_}/position", body)
        if status != 200:
            raise RuntimeError(f"a position was answered {status}: {text[:200]!r}")
        watch.moved, sent = watch.moved + 1, sent + 1
        await asyncio.sleep(max(0.0, start + sent * PHONES / MOVES_PER_S - time.perf_counter()))
