"""The lattice index: an array of cells of H3's lattice that says, cell by cell, which grid holds a point.

The arrays never change once built; what redraws add stands in arrays of its own behind them.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.kernels import find, region
from geo.kernels.records import TILE
from geo.kernels.sphere import SCALES

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

COARSEST, FINEST = 7, 13
FINE, COARSE = 200, 40  # cells a grid is given: many where all fits the processor's caches, else fewer
MANY = 20_000  # grids from which memory counts more
WIDEST = 8.0  # degrees; wider shapes are asked exactly, everywhere
NO_NAMES = np.empty(0, dtype=np.int32)
LONGEST = 2**31 - 2  # words of an array
PADDING = 4  # cells around the grids, so that a redraw finds room
JOINED = 4  # regions of one resolution, each way, that may share a window: 76 km
MOST, SPARSE = 2**23, 1.5  # cells of such a window; how many times those that the regions would have alone


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """Corners of all shapes, ring by ring, WGS 84 degrees.

    Ring r is `xy[ends[r]:ends[r + 1]]`, its first corner comes again as its last; shape s has the rings
    `of[s]` to `of[s + 1]`. Parts, each a shell and its holes, begin at the rings `parts`.
    """

    xy: Floats
    ends: Longs
    of: Longs
    parts: Longs


def rings_of(shapes: NDArray[np.object_]) -> Rings:
    """Lay out polygons and multipolygons, empty for None."""
    there = shapes.copy()
    there[shapely.is_missing(shapes)] = shapely.Polygon()
    if not len(there):
        none = np.zeros(1, np.int64)
        return Rings(np.empty((0, 2)), none, none, none)
    _, xy, offsets = shapely.to_ragged_array(there, include_z=False)
    of = offsets[1] if len(offsets) == 2 else offsets[1][offsets[2]]
    ends, parts = (np.asarray(given, dtype=np.int64) for given in offsets[:2])
    return Rings(np.ascontiguousarray(xy), ends, np.asarray(of, dtype=np.int64), parts)


def suited(boxes: Floats) -> NDArray[np.bool_]:
    """Say which shapes, by their boxes of degrees (n, 4), the lattice suits: neither at a pole nor very wide."""
    west, south, east, north = boxes.T
    near = (np.maximum(-south, north) < 80) & (np.maximum(-west, east) < 175)
    return np.asarray(near & (east - west < WIDEST) & (north - south < WIDEST), dtype=np.bool_)


@dataclass(slots=True, eq=False)
class Index:
    """The arrays, see `geo/kernels/find.py` for how they are read."""

    bins: Ints
    faces: Longs
    windows: Ints
    tiles: Ints
    pages: Ints
    words: Ints
    rings: Rings
    rank: Ints
    table: Longs = field(init=False)

    def __post_init__(self) -> None:
        table = np.zeros(find.TABLE, dtype=np.int64)
        arrays: list[NDArray[Any]] = [self.bins, self.windows, self.tiles, self.pages, self.words, self.rings.xy]
        table[: len(arrays)] = [array.ctypes.data for array in arrays]
        sizes = (
            2**40,
            len(self.windows),
            len(self.tiles),
            len(self.pages) // TILE**2,
            len(self.words),
            len(self.rings.xy),
        )
        table[find.OWN : find.OWN + 6] = sizes
        table[find.RANK] = self.rank.ctypes.data
        table[find.FACES - 1 : find.FACES + 20] = [-1, *self.faces]
        self.table = table


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """One window to build: regions of one resolution, by their keys."""

    keys: list[int]
    rows: Ints
    hulls: Floats
    resolution: int
    window: Longs


def build(rings: Rings, boxes: Floats, rank: Ints, resolution: int | None = None, threads: int = 1) -> Index:
    """Index the shapes that `suited` names; `rank` (n,) is their order of code, ties by the lowest.

    The resolution follows from the grids of each region, unless one is given. Regions of one resolution that lie
    together share a window.
    """
    works = list(_plan(rings, boxes, rank, resolution))
    bins, faces = _bins(works)
    windows = np.zeros((len(works), find.WINDOW), dtype=np.int32)
    tiles, pages, words = _Growing(), _Growing(), _Growing()
    with ThreadPoolExecutor(threads) as pool:
        built = pool.map(lambda work: _build_one(rings, NO_NAMES, rank, work), works)
        for number, (work, (its_tiles, its_pages, its_words)) in enumerate(zip(works, built, strict=True)):
            windows[number, :6] = (work.resolution, *work.window, tiles.used)
            tiles.add(np.where(its_tiles >= 0, its_tiles + pages.used // TILE**2, its_tiles))
            pages.add(np.where(its_pages < -1, its_pages - words.used, its_pages))
            words.add(its_words)
    return Index(bins, faces, windows, tiles.whole(), pages.whole(), words.whole(), rings, rank)


def _plan(rings: Rings, boxes: Floats, rank: Ints, resolution: int | None) -> Iterator[_Work]:
    fits = suited(boxes)
    room, count = len(fits) + 1000, -1
    while count < 0:  # ground on a border between faces stands on both
        faces, hulls, areas = np.empty((room, 2), np.int32), np.empty((room, 4)), np.empty(room)
        count = region.measure(rings.xy, rings.ends, rings.of, boxes, fits, faces, hulls, areas)
        room *= 2
    keys, owners = np.empty(2 * count + 1000, np.int64), np.empty(2 * count + 1000, np.int32)
    total = region.reached(faces, hulls, count, keys, owners)
    if total > len(keys):
        keys, owners = np.empty(total, np.int64), np.empty(total, np.int32)
        region.reached(faces, hulls, count, keys, owners)
    keys, owners = keys[:total], owners[:total]
    wanted = FINE if count < MANY else COARSE
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    its_own, begins = np.unique(keys, return_index=True)
    of = dict(zip(its_own.tolist(), np.split(owners, begins)[1:], strict=True))
    together = defaultdict[tuple[int, ...], list[int]](list)
    for key, rows in of.items():
        chosen = _resolution_for(areas[rows], wanted) if resolution is None else resolution
        face, row, column = _place_of(key)
        together[face, row // JOINED, column // JOINED, chosen].append(key)

    def work(regions: list[int], chosen: int) -> _Work:
        them = np.unique(np.concatenate([of[key] for key in regions]))
        them = them[np.argsort(-rank[faces[them, 0]], kind="stable")]
        return _work(regions, np.ascontiguousarray(faces[them, 0]), hulls[them], chosen)

    for (*_, chosen), regions in together.items():
        joined, alone = work(regions, chosen), [work([key], chosen) for key in regions]
        compact = _cells(joined) <= min(SPARSE * sum(map(_cells, alone)), MOST)
        yield from [joined] if compact else alone


def _cells(work: _Work) -> int:
    return int(work.window[2] * work.window[3])


def _place_of(key: int) -> tuple[int, int, int]:
    """Tell a region's face, row and column."""
    return key // region.ACROSS**2, key // region.ACROSS % region.ACROSS, key % region.ACROSS


def _resolution_for(areas: Floats, wanted: int) -> int:
    """Choose the resolution that gives the median shape about `wanted` cells; areas in cells of resolution 0."""
    areas = areas[areas > 0]
    if not len(areas):
        return FINEST
    exact = np.log(wanted / np.median(areas)) / np.log(7)
    return int(np.clip(round(float(exact)), COARSEST, FINEST))


def _work(keys: list[int], rows: Ints, hulls: Floats, resolution: int) -> _Work:
    """Lay the window of cells over that part of the regions where their shapes are."""
    low = np.array([_place_of(key)[1:] for key in keys]) / region.REGIONS - region.EDGE_OF_FACE
    (low_a, low_b), (high_a, high_b) = low.min(axis=0), low.max(axis=0) + 1 / region.REGIONS
    its_own = np.array([low_a, high_a, low_b, high_b])
    matrix = SCALES[resolution]
    around = np.array([hulls[:, 0].min(), hulls[:, 1].max(), hulls[:, 2].min(), hulls[:, 3].max()])
    met = np.array([
        max(its_own[0], around[0]), min(its_own[1], around[1]), max(its_own[2], around[2]), min(its_own[3], around[3]),
    ])  # fmt: skip
    first_i, last_i, first_j, last_j = _turned(met[None], matrix)[0]
    window = [int(np.floor(first_i)) - PADDING, int(np.floor(first_j)) - PADDING]
    window += [_tiled(last_i + PADDING - window[0] + 1), _tiled(last_j + PADDING - window[1] + 1)]
    return _Work(keys, rows, _turned(hulls, matrix), resolution, np.array(window, dtype=np.int64))


def _turned(boxes: Floats, matrix: Floats) -> Floats:
    """Turn axial boxes (n, 4) of resolution 0 into those that hold them at a finer one."""
    a, b = boxes[:, [0, 0, 1, 1]], boxes[:, [2, 3, 2, 3]]
    i, j = matrix[0] * a + matrix[1] * b, matrix[2] * a + matrix[3] * b
    return np.column_stack([i.min(axis=1), i.max(axis=1), j.min(axis=1), j.max(axis=1)])


def _tiled(cells: float) -> int:
    return int(np.ceil(cells / TILE)) * TILE


def _bins(works: list[_Work]) -> tuple[Ints, Longs]:
    known = sorted({_place_of(work.keys[0])[0] for work in works})
    faces = np.full(20, -1, dtype=np.int64)
    faces[known] = np.arange(len(known))
    bins = np.full((max(len(known), 1), region.ACROSS**2), -1, dtype=np.int32)
    for number, work in enumerate(works):
        for key in work.keys:
            bins[faces[_place_of(key)[0]], key % region.ACROSS**2] = number
    return bins, faces


def _build_one(rings: Rings, names: Ints, rank: Ints, work: _Work) -> tuple[Ints, Ints, Ints]:
    corners = int(np.sum(rings.ends[rings.of[work.rows + 1]] - rings.ends[rings.of[work.rows]]))
    cells = int(work.window[2] * work.window[3])
    room = np.array([3 * corners + 1000, 5 * corners + 1000, min(cells // TILE**2, corners + 8), 30 * corners + 4000])
    face, _, _ = _place_of(work.keys[0])
    while True:
        done, tiles, pages, words, used = region.build_region(
            rings.xy,
            names,
            rings.ends,
            rings.of,
            rank,
            work.rows,
            work.hulls,
            face,
            work.resolution,
            work.window,
            room,
        )
        if done:
            return tiles, pages[: used[0] * TILE**2], words[: used[1]]
        more = np.minimum(2 * room, [2**30, 2**30, cells // TILE**2, LONGEST])
        if np.array_equal(more, room):
            raise OverflowError("too much ground in one place")
        room = more


class _Growing:
    """An array that grows at its end."""

    def __init__(self) -> None:
        self._kept = np.empty(1024, dtype=np.int32)
        self.used = 0

    def add(self, more: Ints) -> None:
        """Append.

        Raises
        ------
        OverflowError
            Where 32 bits would not name the places any more.
        """
        if self.used + len(more) > LONGEST:
            raise OverflowError("too much ground for one index")
        if self.used + len(more) > len(self._kept):
            larger = np.empty(max(self.used + len(more), 3 * len(self._kept) // 2), dtype=np.int32)
            larger[: self.used] = self._kept[: self.used]
            self._kept = larger
        self._kept[self.used : self.used + len(more)] = more
        self.used += len(more)

    def whole(self) -> Ints:
        """Return what was appended."""
        return self._kept[: self.used].copy()
