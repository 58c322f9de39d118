"""Redrawing: a shared border moves, each of its two grids is published anew, and who asks sees whole versions."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from benchmarks.ground import Floats, Ground
from benchmarks.locate_pairs import lowest
from benchmarks.rows import Limit, Row, Side, quantile
from geo.shapes import Shape

SIDE = 8  # corners of a grid's side in its ring: bottom, right, top, left
COLUMNS = {"district": 8, "city": 50, "20k": 200, "100k": 400, "nation": 50}
MOVED_DEGREES = 3e-5  # about three metres
ASKED = 20  # points in the box of every redrawn grid
Move = tuple[int, int, int, int, Floats]
"""A grid, its neighbour, the place of one corner in the ring of each, how far it moves."""
MUST_US, AIM_US = Limit("≤", 200), Limit("≤", 20)
HOW = (
    "A corner inside a shared border moves up to three metres; first the one grid is published, then its neighbour: "
    "the seconds of each `redrawn`, the new version put in place of the old. All versions follow one another. Afterwards "
    "points at all redrawn grids are located by the last version and by shapely, and by the first as if nothing had been."
)
TOGETHER = "Both grids of a moved border in one `redrawn`."
REBUILT = "STRtree of all grids made anew"


class Redraws(Protocol):
    """What is measured: `geo.locate.Locator`."""

    def redrawn(self, changes: Mapping[str, Shape | None]) -> Self: ...

    def locate_many(self, lng: ArrayLike, lat: ArrayLike, threads: int = 1) -> NDArray[np.int32]: ...


async def measure(size: str, ground: Ground, locator: Redraws, counts: tuple[int, int]) -> list[Row]:
    """Measure redraws; `counts` are the repetitions and the redraws of each, which are even."""
    repetitions, count = counts
    moves = borders(size, ground, repetitions * count, seed=5)
    shapes = ground.shapes.copy()
    first, before = locator, locator.locate_many(ground.lng, ground.lat)
    locator.redrawn({ground.codes[0]: shapes[0]})  # loads the kernels, as at a server's start
    alone, together, rebuilt = [], [], []
    for _ in range(repetitions):
        locator, seconds = _redraw(locator, ground.codes, shapes, moves, (count // 2, 1))
        alone.append(seconds)
        locator, seconds = _redraw(locator, ground.codes, shapes, moves, (count // 2, 2))
        together.append(seconds)
        began = time.perf_counter()
        tree = shapely.STRtree(shapes)
        rebuilt.append([time.perf_counter() - began])
    lng, lat = _around(ground.shapes, shapes)
    at, row = tree.query(shapely.points(lng, lat), predicate="intersects")
    differing = int(np.count_nonzero(locator.locate_many(lng, lat) != lowest(len(lng), at, row)))
    differing += int(np.count_nonzero(first.locate_many(ground.lng, ground.lat) != before))
    peer = Side(REBUILT, [run[0] * 1e6 for run in rebuilt], [run[0] for run in rebuilt])
    rows = []
    for figure, runs, how in (("redraw 1 grid", alone, HOW), ("redraw 2 grids", together, TOGETHER)):
        for name, q in (("p50", 0.5), ("p99", 0.99)):
            must, aim = (MUST_US, AIM_US) if runs is alone and q == 0.99 else (None, None)
            side = quantile("ours", runs, q, 1e6)
            rows.append(Row(size, f"{figure}, {name}", "µs", side, peer, must, aim, differing, how))
    return rows


def _redraw[T: Redraws](
    locator: T,
    codes: Sequence[str],
    shapes: NDArray[np.object_],
    moves: Iterator[Move],
    counts: tuple[int, int],
) -> tuple[T, list[float]]:
    """Move borders: `counts` are how many, and how many grids of each are published at once; `shapes` follow."""
    many, at_once = counts
    seconds = []
    for _ in range(many):
        changes = _moved(shapes, next(moves))
        while changes is None:
            changes = _moved(shapes, next(moves))
        for begin in range(0, 2, at_once):
            told = {codes[row]: shape for row, shape in changes[begin : begin + at_once]}
            began = time.perf_counter()
            locator = locator.redrawn(told)
            seconds.append(time.perf_counter() - began)
        for row, shape in changes:
            shapes[row] = shape
    return locator, seconds


def borders(size: str, ground: Ground, count: int, seed: int) -> Iterator[Move]:
    """Choose borders without end: a grid, its neighbour, the place of one corner in both rings, and how far it moves."""
    rng, columns, grids = np.random.default_rng([seed, count]), COLUMNS[size], len(ground.codes)
    of_city = 2_000 if size == "nation" else grids
    while True:
        row, corner = int(rng.integers(grids)), int(rng.integers(1, SIDE))
        by = np.round(rng.uniform(-MOVED_DEGREES, MOVED_DEGREES, 2), 7)
        if rng.random() < 0.5 and row % of_city >= columns:  # its lower side is the upper of the one below
            yield row, row - columns, corner, 3 * SIDE - corner, by
        elif row % columns != columns - 1 and row + 1 < grids:  # its right side is the left of the next
            yield row, row + 1, SIDE + corner, 4 * SIDE - corner, by


def _moved(shapes: NDArray[np.object_], move: Move) -> list[tuple[int, shapely.Polygon]] | None:
    """Draw both grids with the corner moved; None if one would not be valid."""
    row, other, corner, its, by = move
    changed = []
    for grid, place in ((row, corner), (other, its)):
        ring = shapely.get_coordinates(shapes[grid])
        ring[place] = np.round(ring[place] + by, 7)
        changed.append((grid, shapely.Polygon(ring)))
    return changed if all(shape.is_valid for _, shape in changed) else None


def _around(before: NDArray[np.object_], after: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Choose points at what was redrawn: in the boxes, on the corners, and close to them."""
    changed = after[
        np.fromiter((old is not new for old, new in zip(before, after, strict=True)), np.bool_, len(after))
    ]
    rng = np.random.default_rng([7, len(changed)])
    boxes = np.repeat(shapely.bounds(changed), ASKED, axis=0)
    corners = shapely.get_coordinates(changed)
    close = corners + rng.uniform(-1e-7, 1e-7, corners.shape)
    places = np.concatenate([rng.uniform(boxes[:, :2], boxes[:, 2:]), corners, close])
    return places[:, 0].copy(), places[:, 1].copy()
