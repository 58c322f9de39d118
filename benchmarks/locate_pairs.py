"""Who locates a set of points: each in its best form, all in turns, and one answer for each point from all."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import asyncpg
import duckdb
import geopandas
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from sedonadb._lib import SedonaError

from benchmarks.ground import NONE, WITHIN, Contestant, Found, Ground, unlike_within
from benchmarks.rows import Side, rate

OURS, OURS_2 = "ours", "ours, threads=2"
PREPARED, TREE, TREE_COVERED = "STRtree boxes, prepared", "STRtree.query intersects", "STRtree.query covered_by"
INTERSECTS = "sjoin intersects"
Predicate = Literal["intersects", "covered_by"]
FAILURES = (MemoryError, asyncpg.PostgresError, duckdb.Error, SedonaError)
"""How a peer says that a size is too much for it."""


class LocatesMany(Protocol):
    """What is measured: `geo.locate.Locator`, or in a test one that errs."""

    def locate_many(self, lng: ArrayLike, lat: ArrayLike, threads: int = 1) -> NDArray[np.int32]: ...


@dataclass(slots=True)
class Contest:
    """What the sides did: seconds of every repetition, answers unlike ours, and why a side dropped out."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    unlike: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)

    def side(self, name: str, count: int) -> Side:
        """Return a side's rates in millions of points a second."""
        return rate(name, count, self.seconds[name], 1e6)

    def best(self, names: tuple[str, ...]) -> str | None:
        """Name the side with the shortest median; None where all dropped out."""
        there = [name for name in names if name in self.seconds]
        return min(there, key=lambda name: float(np.median(self.seconds[name])), default=None)


async def contend(ground: Ground, sides: Mapping[str, Contestant], repetitions: int) -> Contest:
    """Let every side run once a round, in turns from front and back; the first is what all are compared with."""
    contest = Contest()
    for turn in range(repetitions):
        answers: dict[str, NDArray[np.int32]] = {}
        for name in list(sides)[:: 1 if turn % 2 == 0 else -1]:
            if name in contest.dropped:
                continue
            try:
                took, answers[name] = await sides[name]()
            except FAILURES as error:
                drop(contest, name, error)
            else:
                contest.seconds.setdefault(name, []).append(took)
        mine = answers.pop(next(iter(sides)))
        for name, theirs in answers.items():
            unlike = unlike_within(ground, mine, theirs) if name == WITHIN else int(np.count_nonzero(mine != theirs))
            contest.unlike[name] = contest.unlike.get(name, 0) + unlike
    return contest


def drop(contest: Contest, name: str, error: Exception) -> None:
    """Take a side out of the contest, with what it said."""
    said = str(error).strip().splitlines()
    contest.dropped[name] = f"{type(error).__name__}: {said[0][:120] if said else 'no more was said'}"
    contest.seconds.pop(name, None)
    contest.unlike.pop(name, None)


def ours(ground: Ground, locator: LocatesMany) -> dict[str, Contestant]:
    """Let the core locate all points, by one thread and by two; its kernels are loaded, as at a server's start."""
    locator.locate_many(ground.lng[:2], ground.lat[:2], threads=2)
    return {
        OURS: timed(lambda: locator.locate_many(ground.lng, ground.lat)),
        OURS_2: timed(lambda: locator.locate_many(ground.lng, ground.lat, threads=2)),
    }


def in_process(ground: Ground) -> dict[str, Contestant]:
    """Let shapely and geopandas locate all points, made and indexed before; they run in one thread."""
    count = len(ground.lng)
    points = np.asarray(shapely.points(ground.lng, ground.lat), dtype=np.object_)
    tree, prepared = shapely.STRtree(ground.shapes), ground.shapes.copy()
    shapely.prepare(prepared)
    dotted = geopandas.GeoDataFrame(geometry=points, crs=4326)
    grids = geopandas.GeoDataFrame(geometry=ground.shapes, crs=4326)
    assert len(grids.sindex) == len(ground.codes)  # built before the clock starts

    def queried(predicate: Predicate) -> Contestant:
        return paired(count, lambda: tree.query(points, predicate=predicate))

    def joined(predicate: str) -> Contestant:
        def join() -> tuple[NDArray[Any], NDArray[Any]]:
            found = geopandas.sjoin(dotted, grids, predicate=predicate)
            return found.index.to_numpy(), found["index_right"].to_numpy()

        return paired(count, join)

    def boxes_first() -> tuple[NDArray[Any], NDArray[Any]]:
        at, row = tree.query(points)
        hit = shapely.intersects_xy(prepared[row], ground.lng[at], ground.lat[at])
        return at[hit], row[hit]

    return {
        PREPARED: paired(count, boxes_first),
        TREE: queried("intersects"),
        TREE_COVERED: queried("covered_by"),
        INTERSECTS: joined("intersects"),
        WITHIN: joined("within"),
    }


def timed[T](work: Callable[[], T]) -> Callable[[], Awaitable[tuple[float, T]]]:
    """Time what answers for each point."""

    async def run() -> tuple[float, T]:
        began = time.perf_counter()
        found = work()
        return time.perf_counter() - began, found

    return run


def paired(count: int, work: Callable[[], Any]) -> Callable[[], Awaitable[Found]]:
    """Time what finds pairs of a point and a grid; the lowest grid of each point is chosen after the clock."""

    async def run() -> Found:
        began = time.perf_counter()
        at, row = work()
        took = time.perf_counter() - began
        return took, lowest(count, at, row)

    return run


def lowest(count: int, at: NDArray[Any], row: NDArray[Any]) -> NDArray[np.int32]:
    """Keep the lowest row of each point, hence the lowest code: int32 (count,), NONE where there is no pair."""
    found = np.full(count, NONE, dtype=np.int32)
    order = np.argsort(row, kind="stable")[::-1]
    found[at[order]] = row[order]  # of equal places the last written stays
    return found
