"""Matching: the least way of many against many, proven, beside solvers of others on the same lists and on whole tables."""

import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import matching_peers
from benchmarks.matching_peers import Total
from benchmarks.rows import Measured, Row, Side, at_most, interleave
from dispatch.matching import GreatCircle, Match, match
from geo.movers import Movers, toward

Floats = NDArray[np.float64]
MIDDLE, ACROSS = np.array([117.2, 31.8]), np.array([0.2112, 0.1799])  # degrees: 20 km by 20 km
SPOTS, SPREAD, CROWDED = 5, 0.02, 0.8  # spots, of the side, share of the incidents that lie there
PLENTY_S = 60.0
FIGURE, GOAL = "matched and proven", "hot spots, 1000×10000"
LIBRARIES = ("numpy", "numba", "scipy", "ortools", "lapx")
HOW = (
    "Ours starts from movers at hand and ends with the proof: candidates, first come, search, check. The clock of the dense "
    "solvers starts with the whole table of millimetres filled in, that of the sparse ones with our lists at their final "
    "length: neither looks for candidates or proves anything. Equal: the same number filled, the same sum of millimetres."
)


Found = tuple[float, Total, bool]
"""Seconds, what was found, and whether it is proven."""


@dataclass(frozen=True, slots=True)
class Instance:
    """So many incidents and workers on a square of 20 km, the incidents anywhere or most of them on few spots."""

    kind: str
    incidents: int
    workers: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.incidents}×{self.workers}"

    def drawn(self) -> tuple[GreatCircle, Floats]:
        """Draw it, the same each time: the ways, and where the workers are as vectors (n, 3)."""
        rng = np.random.default_rng([self.incidents, self.workers, len(self.kind)])
        places, workers = rng.uniform(-0.5, 0.5, (self.incidents, 2)), rng.uniform(-0.5, 0.5, (self.workers, 2))
        if self.kind == "hot spots":
            spots = rng.uniform(-0.4, 0.4, (SPOTS, 2))[rng.integers(SPOTS, size=self.incidents)]
            crowd = rng.random((self.incidents, 1)) < CROWDED
            places = np.where(crowd, spots + rng.normal(0, SPREAD, (self.incidents, 2)), places)
        places, workers = MIDDLE + places * ACROSS, MIDDLE + workers * ACROSS
        movers, rows = Movers(self.workers, 1), np.arange(self.workers)
        movers.move(rows, workers[:, 0], workers[:, 1], np.zeros(self.workers))
        movers.mark(rows, np.ones(self.workers, np.int64))
        asked = np.ones(self.incidents, np.int64)
        ways = GreatCircle(movers, places[:, 0].copy(), places[:, 1].copy(), asked)
        return ways, toward(workers[:, 0].copy(), workers[:, 1].copy())


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is run. `slow` are what lapx is asked: it takes seconds where workers are many."""

    repetitions: int
    instances: tuple[Instance, ...]
    scarcity: tuple[int, ...]
    slow: int


FULL = Sizes(
    5,
    tuple(
        Instance(kind, m, n)
        for kind in ("uniform", "hot spots")
        for m, n in ((1_000, 10_000), (1_000, 1_500), (1_000, 1_000), (2_000, 20_000))
    ),
    (10_000, 5_000, 3_000, 2_000, 1_500, 1_200, 1_000),
    1_000,
)
QUICK = Sizes(1, (Instance("uniform", 60, 90), Instance("hot spots", 60, 60)), (90, 60), 60)
"""Shows that everything runs and answers alike; its figures mean nothing."""


async def measure(quick: bool) -> Measured:
    """Measure each instance, then what matching saves by scarcity."""
    size, skipped = QUICK if quick else FULL, list[str]()
    rows: list[Row] = []
    for instance in size.instances:
        print(f"· {instance}", file=sys.stderr)
        rows += await _contest(instance, size, skipped)
    m = size.instances[0].incidents
    for kind in ("uniform", "hot spots"):
        rows += [_saved(Instance(kind, m, n)) for n in size.scarcity]
    return Measured(rows, _facts(), sorted(set(skipped)), quick)


def _facts() -> dict[str, Any]:
    told: dict[str, Any] = {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}
    told["load"] = [round(load, 2) for load in os.getloadavg()]
    for name in LIBRARIES:
        try:
            told[name] = version(name)
        except ModuleNotFoundError:
            told[name] = "absent"
    return told


async def _contest(instance: Instance, size: Sizes, skipped: list[str]) -> list[Row]:
    ways, vectors = instance.drawn()
    m = instance.incidents
    first = match(ways, m, time.perf_counter, PLENTY_S)
    sides: dict[str, Callable[[], Awaitable[Found]]] = {"ours": lambda: _ours(ways, m)}
    for name, solve in matching_peers.peers(ways, vectors, first.longest).items():
        if name == matching_peers.LAPX and not (m <= size.slow and instance.workers <= 3 * m // 2):
            continue
        try:
            solve()
        except ModuleNotFoundError as absent:
            skipped.append(f"{name}: no {absent.name} here")
            continue
        sides[name] = _timed(solve)
    found = await interleave(sides, size.repetitions)
    right = found["ours"][0][1]
    unproven = sum(not proven for _, _, proven in found["ours"])
    ours, *peers = (_side(name, [seconds for seconds, _, _ in runs]) for name, runs in found.items())
    must, aim = (at_most(150), at_most(30)) if str(instance) == GOAL else (None, None)
    rows = [Row(str(instance), FIGURE, "ms", ours, must=must, aim=aim, differing=unproven, how=HOW)]
    rows.append(Row(str(instance), "processor time", "ms", _worked(ways, m, size.repetitions), how=HOW))
    for peer in peers:
        wrong = sum(total != right for runs in (found["ours"], found[peer.name]) for _, total, _ in runs)
        rows.append(Row(str(instance), FIGURE, "ms", ours, peer, differing=wrong, how=HOW))
    return rows


def _side(name: str, seconds: list[float]) -> Side:
    return Side(name, [1e3 * took for took in seconds], seconds)


async def _ours(ways: GreatCircle, m: int) -> Found:
    found = match(ways, m, time.perf_counter, PLENTY_S)
    return found.seconds, total_of(found), found.proven


def _worked(ways: GreatCircle, m: int, repetitions: int) -> Side:
    """Measure ours by the processor's time, which grows less than the clock's where others work beside it."""
    return _side("ours", [match(ways, m, time.process_time, PLENTY_S).seconds for _ in range(repetitions)])


def total_of(found: Match) -> Total:
    """Return what a match is compared by."""
    return len(found.open), round(found.total * 1000)


def _timed(solve: Callable[[], tuple[float, Total]]) -> Callable[[], Awaitable[Found]]:
    async def timed() -> Found:
        return (*solve(), True)

    return timed


def _saved(instance: Instance) -> Row:
    """Say how much less way matching has than first come, in hundredths of that."""
    found = match(instance.drawn()[0], instance.incidents, time.perf_counter, PLENTY_S)
    saved = Side("ours", [100 * (1 - found.total / found.first_come_total)], [found.seconds])
    return Row(str(instance), "way saved against first come", "%", saved, differing=int(not found.proven))
