"""The locator without compiled kernels: library H3 cells, and shapely for those on a border."""

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cells import RESOLUTION, cell_area_m2, cell_of, cells_centred_in, cells_of, outlines, reach_m
from geo.nearest import METRES_PER_DEGREE
from geo.point import Point
from geo.shapes import area_m2

CELLS_PER_GRID = 120  # 50 to 300 is the useful range; resolutions are a factor of 7 apart
COARSEST, FINEST = 4, 13
BUFFERED = 2_000  # corners; a jagged shape of 20,000 takes a buffer minutes and gigabytes
MAX_CELLS = 2_000_000  # of a layer
MAX_CELLS_OF_A_BOX = 200_000  # of the box around one grid


class Pure:
    """Answers which of some shapes covers a point, exactly as `shapely.covers` does; of several that of least rank.

    Cells wholly inside one shape answer at once, cells on a border are tested exactly. Shapes that cells do not
    suit (invalid, near a pole or the antimeridian, far larger than the others) are tested exactly everywhere.
    None and empty shapes cover nothing. Safe to ask from several threads.
    """

    def __init__(self, shapes: NDArray[np.object_], rank: NDArray[np.int32], resolution: int | None = None) -> None:
        """Index `shapes` in WGS 84 degrees; `resolution` is chosen from their median area unless given."""
        self.rank = rank
        self._given = shapes
        self._row = np.argsort(rank).astype(np.int32)
        self._shapes = shapes[self._row]  # in order of rank, as all that follows
        self._bounds = shapely.bounds(self._shapes)
        self.resolution = _resolution_for(area_m2(self._shapes)) if resolution is None else resolution
        shapely.prepare(self._shapes)
        middles = (self._bounds[:, :2] + self._bounds[:, 2:]) / 2
        shapely.intersects_xy(self._shapes, *middles.T)  # builds now the indexes that threads will share
        self._index(_suits_cells(self._shapes, self._bounds, self.resolution))

    def _index(self, suited: NDArray[np.bool_]) -> None:
        present = ~(shapely.is_missing(self._shapes) | shapely.is_empty(self._shapes))
        self._loose = np.flatnonzero(present & ~suited).tolist()
        cells, sure, grids = [np.empty(0, np.int64)], [np.empty(0, np.bool_)], [np.empty(0, np.int32)]
        for grid in np.flatnonzero(present & suited).tolist():
            near, inside = _cells_of_shape(self._shapes[grid], self._bounds[grid], self.resolution)
            cells.append(near)
            sure.append(inside)
            grids.append(np.full(len(near), grid, np.int32))
        cell, is_sure, grid_of = np.concatenate(cells), np.concatenate(sure), np.concatenate(grids)
        order = np.lexsort((grid_of, cell))
        cell, is_sure, grid_of = cell[order], is_sure[order], grid_of[order]
        begins = np.flatnonzero(np.diff(cell, prepend=-1))
        before = np.cumsum(is_sure) - is_sure
        behind_none = before == np.repeat(before[begins], np.diff(begins, append=len(cell)))
        self._sure, self._grids, cell = is_sure[behind_none], grid_of[behind_none], cell[behind_none]
        self._cells, self._first = np.unique(cell, return_index=True)
        self._last = np.append(self._first[1:], len(cell))
        to_test = -1 - np.arange(len(self._cells))
        answers = np.where(self._sure[self._first], self._grids[self._first], to_test)
        self._answer: dict[int, int] = dict(zip(self._cells.tolist(), answers.tolist(), strict=True))

    def one(self, lng: float, lat: float) -> int:
        """Find the row of the shape that covers a position on Earth; -1 if none does."""
        point = Point(lng, lat)
        found = self._answer.get(cell_of(point, self.resolution))
        if found is not None and found < 0:
            place = -1 - found
            found = self._first_covering(range(self._first[place], self._last[place]), point)
        if self._loose:
            found = self._first_loose(found, point)
        return -1 if found is None else int(self._row[found])

    def boxes(self) -> NDArray[np.float64]:
        """Return each shape's box of degrees: float64 (n, 4), NaN for none."""
        return np.asarray(shapely.bounds(self._given), dtype=np.float64).reshape(-1, 4)

    def shapes_of(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return some of the shapes: object (k,)."""
        return self._given[rows]

    def redrawn(self, changes: Mapping[int, shapely.Geometry | None]) -> "Pure":
        """Index all shapes anew, some of them others, None for no ground."""
        shapes = self._given.copy()
        for row, shape in changes.items():
            shapes[row] = shape
        return Pure(shapes, self.rank)

    def _first_covering(self, entries: range, point: Point) -> int | None:
        for entry in entries:
            grid = int(self._grids[entry])
            if self._sure[entry] or shapely.intersects_xy(self._shapes[grid], point.lng, point.lat):
                return grid
        return None

    def _first_loose(self, found: int | None, point: Point) -> int | None:
        for grid in self._loose:
            if found is not None and grid > found:
                return found
            if shapely.intersects_xy(self._shapes[grid], point.lng, point.lat):
                return int(grid)
        return found

    def many(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Find the rows of the shapes that cover positions: int32 (k,), -1 for none and for what is not on Earth."""
        found = np.full(len(x), -1, dtype=np.int32)
        on_earth = np.flatnonzero((np.abs(x) <= 180) & (np.abs(y) <= 90))
        cells = cells_of(x[on_earth], y[on_earth], self.resolution)
        place = np.searchsorted(self._cells, cells)
        known = np.flatnonzero(np.append(self._cells, -1)[place] == cells)
        asked, entry, last = on_earth[known], self._first[place[known]], self._last[place[known]]
        while len(asked):
            grids, hit = self._grids[entry], self._sure[entry]
            unsure = np.flatnonzero(~hit)
            shapes, at = self._shapes[grids[unsure]], asked[unsure]
            hit[unsure] = shapely.intersects_xy(shapes, x[at], y[at])
            found[asked[hit]] = grids[hit]
            more = ~hit & (entry + 1 < last)
            asked, entry, last = asked[more], entry[more] + 1, last[more]
        for grid in self._loose:
            open_ = on_earth[(found[on_earth] < 0) | (found[on_earth] > grid)]
            found[open_[shapely.intersects_xy(self._shapes[grid], x[open_], y[open_])]] = grid
        return np.where(found < 0, -1, np.append(self._row, -1)[found]).astype(np.int32)


def _resolution_for(areas: NDArray[np.float64]) -> int:
    """Choose the resolution that gives the median grid about `CELLS_PER_GRID` cells, within bounds."""
    areas = areas[areas > 0]
    if not len(areas):
        return RESOLUTION
    wanted = np.median(areas) / CELLS_PER_GRID
    best = min(range(COARSEST, FINEST + 1), key=lambda res: abs(np.log(cell_area_m2(res) / wanted)))
    while best > COARSEST and areas.sum() / cell_area_m2(best) > MAX_CELLS:
        best -= 1
    return best


def _suits_cells(shapes: NDArray[np.object_], bounds: NDArray[np.float64], resolution: int) -> NDArray[np.bool_]:
    west, south, east, north = bounds.T
    box_m2 = (east - west) * (north - south) * np.cos(np.radians((south + north) / 2)) * METRES_PER_DEGREE**2
    few = box_m2 / cell_area_m2(resolution) < MAX_CELLS_OF_A_BOX
    quiet = (np.maximum(-south, north) < 80) & (np.maximum(-west, east) < 175)
    return np.asarray(few & quiet & shapely.is_valid(shapes), dtype=np.bool_)


def _cells_of_shape(
    shape: shapely.Geometry, bounds: NDArray[np.float64], resolution: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """List the cells that may hold points of `shape`, and which lie wholly inside: int64 (c,), bool (c,).

    A cell that meets the shape has its centre within `reach_m` of it. The margins make up for what a buffer's
    round corners (0.92) and the simplification (0.2) lose, and for degrees of longitude being shorter.
    """
    degrees = reach_m(resolution) / METRES_PER_DEGREE / np.cos(np.radians(np.abs(bounds[[1, 3]]).max() + 0.5))
    west, south, east, north = bounds
    around = shapely.box(west - 2 * degrees, south - 2 * degrees, east + 2 * degrees, north + 2 * degrees)
    if shapely.get_num_coordinates(shape) <= BUFFERED:
        around = shapely.simplify(shapely.buffer(shape, 1.4 * degrees, quad_segs=2), 0.2 * degrees)
    rings = [shapely.get_coordinates(shapely.get_exterior_ring(part)) for part in shapely.get_parts(around)]
    cells = np.unique(np.concatenate([cells_centred_in(ring, resolution) for ring in rings]))
    drawn = outlines(cells)
    meets = shapely.intersects(shape, drawn)
    return cells[meets], shapely.contains_properly(shape, drawn[meets])
