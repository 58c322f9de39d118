"""From a point to the grid that covers it, for one layer of grids."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.cells import RESOLUTION, cell_area_m2, cell_of, cells_centred_in, cells_of, outlines, reach_m
from geo.nearest import METRES_PER_DEGREE, metres_to_boxes, metres_to_shapes
from geo.point import Point
from geo.shapes import Shapes, area_m2

CELLS_PER_GRID = 120  # 50 to 300 is the useful range; resolutions are a factor of 7 apart
COARSEST, FINEST = 4, 13
MAX_CELLS = 2_000_000  # of a layer
MAX_CELLS_OF_A_BOX = 200_000  # of the box around one grid
SAME_METRES = 0.001  # distances closer than this are a tie


class Locator:
    """Answers which grid of a layer covers a point, exactly as `shapely.covers` does.

    Borders and vertices belong to a grid; where several grids cover a point the lowest code (string order)
    answers, of equal codes the lowest row. Cells wholly inside one grid answer at once, cells on a border are
    tested exactly. Grids that cells do not suit (invalid, near a pole or the antimeridian, far larger than
    the others) are tested exactly everywhere. None and empty shapes cover nothing. Safe to ask from several
    threads.
    """

    def __init__(self, codes: Sequence[str], shapes: Shapes, resolution: int | None = None) -> None:
        """Index `shapes` in WGS 84 degrees; `resolution` is chosen from their median area unless given."""
        if len(codes) != len(shapes):
            raise ValueError("as many codes as shapes are needed")
        self.codes = tuple(codes)
        self._row = np.array(sorted(range(len(codes)), key=codes.__getitem__), dtype=np.int32)
        self._shapes = np.empty(len(codes), dtype=np.object_)  # in order of code, as all that follows
        self._shapes[:] = [shapes[row] for row in self._row]
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

    def locate(self, point: Point) -> int | None:
        """Find the row of the grid that covers `point`; None if none does."""
        found = self._answer.get(cell_of(point, self.resolution))
        if found is not None and found < 0:
            place = -1 - found
            found = self._first_covering(range(self._first[place], self._last[place]), point)
        if self._loose:
            found = self._first_loose(found, point)
        return None if found is None else int(self._row[found])

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

    def locate_many(self, lng: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Find the rows of the grids that cover positions in WGS 84 degrees.

        Returns
        -------
        NDArray
            int32 (k,): row, or -1 where no grid covers the position or it is not on Earth.
        """
        x, y = np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64)
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

    def nearest(self, point: Point) -> tuple[int, float] | None:
        """Find the grid nearest to `point`: its row and the great-circle metres to its ground, 0 inside.

        Right to 0.5 % up to 50 km. Distances that agree within a millimetre are a tie: lowest code. None
        where the layer has no ground.
        """
        inside = self.locate(point)
        if inside is not None:
            return inside, 0.0
        boxes = metres_to_boxes(point, self._bounds)
        order = np.argsort(boxes, kind="stable")[: np.count_nonzero(np.isfinite(boxes))]
        away = np.full(len(boxes), np.inf)
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            if boxes[part[0]] > away.min() * 1.01 + 1:  # a box's distance is a little rough, too
                break
            away[part] = metres_to_shapes(point, self._shapes[part])
        if not len(order):
            return None
        grid = int(np.flatnonzero(away <= away.min() + SAME_METRES)[0])
        return int(self._row[grid]), float(away[grid])


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
    around = shapely.simplify(shapely.buffer(shape, 1.4 * degrees, quad_segs=2), 0.2 * degrees)
    rings = [shapely.get_coordinates(shapely.get_exterior_ring(part)) for part in shapely.get_parts(around)]
    cells = np.unique(np.concatenate([cells_centred_in(ring, resolution) for ring in rings]))
    drawn = outlines(cells)
    meets = shapely.intersects(shape, drawn)
    return cells[meets], shapely.contains_properly(shape, drawn[meets])
