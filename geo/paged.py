"""Movers by cells of the lattice: the arrays that the kernels read and write."""

import math

import numpy as np
from numpy.typing import NDArray

from geo.kernels import near, pages
from geo.kernels.pages import CELLS, LANES, LINKED, NONE, PAGE, PAGES_USED, TILES_USED
from geo.point import Point

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
FINEST, COARSEST = 13, 3
CROWDED = 2.0  # movers of a cell, at the mean, that are few enough
GROWN = 4  # times as many movers, or as few, as when the resolution was chosen


class Paged:
    """Movers in pages; those that have all bits of `linked` stand in cells."""

    def __init__(self, count: int, linked: int) -> None:
        self._linked = linked
        self._at, self._seen = np.full((count, 3), np.nan), np.full(count, np.nan)
        self._bits = np.zeros(count, np.int64)
        self._settle_anew(12)

    def _settle_anew(self, resolution: int) -> None:
        """Begin with empty cells, and put in whoever belongs there."""
        count = len(self._seen)
        self._resolution, self._chosen_for = resolution, 0
        self._slots = np.full(count, NONE, np.int64)
        self._give_pages(np.full((64, PAGE), np.inf))
        self._counts = np.array([0, NONE, 0, 0])
        self._keys, self._tiles = np.full(64, NONE, np.int64), np.zeros(64, np.int64)
        self._heads = np.full(32 * CELLS, NONE, np.int32)
        self._do(pages.settle_many, np.flatnonzero(self._has_all()))
        self._chosen_for = int(self._counts[LINKED])

    def _has_all(self) -> NDArray[np.bool_]:
        return np.asarray((self._bits & self._linked == self._linked) & ~np.isnan(self._at[:, 0]), dtype=np.bool_)

    def move(self, rows: Longs, lng: Floats, lat: Floats, seen: Floats) -> None:
        """Put rows where they are now."""
        self._do(pages.move_many, rows, lng, lat, seen)
        self._fit()

    def mark(self, rows: Longs, bits: Longs) -> None:
        """Give rows new bits."""
        self._do(pages.mark_many, rows, bits)
        self._fit()

    def nearest(self, lng: Floats, lat: Floats, needs: Longs, since: float, k: int) -> tuple[Longs, Floats]:
        """Find the nearest of each place: rows (m, k), -1 for nobody, squared chords (m, k)."""
        rows, chords = np.empty((len(lng), k), np.int64), np.empty((len(lng), k))
        if k == 0:
            return rows, chords
        if any(int(asked) & self._linked != self._linked for asked in np.unique(needs)):
            near.measure_many(lng, lat, needs, since, rows, chords, self._at, self._seen, self._bits)
        else:
            near.nearest_many(
                lng, lat, needs, since, self._first(k), self._resolution, rows, chords,
                self._pages, self._words, self._keys, self._tiles, self._heads, self._counts,
            )  # fmt: skip
        return rows, chords

    def nearest_one(self, to: Point, needs: int, since: float, k: int) -> tuple[Longs, Floats]:
        """Find the nearest of one place: rows and squared chords, as many as there are."""
        if k == 0 or needs & self._linked != self._linked:
            asked = np.array([to.lng]), np.array([to.lat]), np.array([needs], np.int64)
            (rows,), (chords,) = self.nearest(*asked, since, k)
        else:
            rows, chords = np.empty(k, np.int64), np.empty(k)
            near.nearest_one(
                to.lng, to.lat, needs, since, self._first(k), self._resolution, rows, chords,
                self._pages, self._words, self._keys, self._tiles, self._heads, self._counts,
            )  # fmt: skip
        if k and rows[-1] < 0:
            found = int(np.count_nonzero(rows >= 0))
            return rows[:found], chords[:found]
        return rows, chords

    def _first(self, k: int) -> float:
        """Say within how many cells about `k` of all that are at hand, twice over, may be expected."""
        return max(0.7, math.sqrt(0.55 * k * self._counts[PAGES_USED] / max(self._counts[LINKED], 1)))

    def _do(self, kernel: pages.Kernel, rows: Longs, *given: NDArray[np.generic]) -> None:
        """Let a kernel work through rows, and make room whenever there is none."""
        done = 0
        while done < len(rows):
            done = kernel(
                done, rows, *given, self._linked, self._at, self._seen, self._bits, self._resolution, self._slots,
                self._pages, self._words, self._keys, self._tiles, self._heads, self._counts,
            )  # fmt: skip
            if done < len(rows):
                self._make_room()

    def _make_room(self) -> None:
        if self._counts[PAGES_USED] == len(self._pages):
            self._give_pages(np.concatenate([self._pages, np.full((len(self._pages) // 2, PAGE), np.inf)]))
        if self._counts[TILES_USED] * CELLS == len(self._heads):
            self._heads = np.concatenate([self._heads, np.full(len(self._heads), NONE, np.int32)])
            keys, tiles = np.full(2 * len(self._keys), NONE, np.int64), np.zeros(2 * len(self._keys), np.int64)
            pages.put_keys(self._keys, self._tiles, keys, tiles)
            self._keys, self._tiles = keys, tiles

    def _give_pages(self, given: Floats) -> None:
        self._pages, self._words = given, given.view(np.int64)

    def _fit(self) -> None:
        """Choose the resolution anew where there are far more at hand than when it was chosen, or far fewer."""
        linked = int(self._counts[LINKED])
        if linked > GROWN * self._chosen_for + LANES or GROWN * linked + LANES < self._chosen_for:
            self._settle_anew(self._resolution_for(np.flatnonzero(self._slots != NONE)))

    def _resolution_for(self, rows: Longs) -> int:
        """Return the finest resolution at which a cell that has movers has a few of them."""
        cells = np.empty(len(rows), np.int64)
        for resolution in range(FINEST, COARSEST, -1):
            pages.name_cells(self._at, rows, resolution, cells)
            if len(rows) >= CROWDED * len(np.unique(cells)):
                return resolution
        return COARSEST
