"""The plots of a demo town: each block divided among its buildings, so that all plots together tile the town."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.drafts import Drafts
from data.demo.frame import DECIMALS, Frame, Ints
from data.demo.ground import touching_m
from data.demo.homes import Rows

EVERY_M = 3.0
SMOOTHED_M2 = 1.0

type Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Parcels:
    """Plots as columns (n,): polygons in WGS 84, the block of each, its building or -1."""

    shapes: Shapes
    block: Ints
    building: Ints

    def of_building(self, count: int) -> Ints:
        """Return the plot of each building (count,)."""
        found = np.full(count, -1, dtype=np.int64)
        built = np.flatnonzero(self.building >= 0)
        found[self.building[built]] = built
        return found


def make_parcels(blocks: Sequence[Polygon], drafts: Drafts, frame: Frame) -> Parcels:
    """Divide the blocks: ground belongs to the building whose walls are nearest.

    Borders share their vertices, also across streets, where they end on a block's straight side.
    """
    first = np.searchsorted(drafts.block, np.arange(len(blocks) + 1))
    parts = [_divided(block, drafts, *first[row : row + 2].tolist()) for row, block in enumerate(blocks)]
    shares = shapely.transform([share for part in parts for share in part], frame.to_degrees)
    owner = np.array([row for row, part in enumerate(parts) for _ in part], dtype=np.int64)
    built = np.diff(first) > 0
    building = np.concatenate(
        [np.arange(*first[row : row + 2]) if built[row] else [-1] for row in range(len(blocks))]
    ).astype(np.int64)
    lines = shapely.union_all(shapely.boundary(shares), grid_size=10.0**-DECIMALS)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    return Parcels(_gathered(faces, shares, frame), owner, building)


def _divided(block: Polygon, drafts: Drafts, first: int, last: int) -> list[Polygon]:
    """Divide one block among the buildings from `first` up to `last`, one share each, in their order."""
    if last - first < 2:
        return [block]
    houses = drafts.polygons(first, last)
    faces = shapely.get_parts(shapely.polygonize([_between(block, houses)]))
    inner = shapely.point_on_surface(faces)
    within = shapely.contains_properly(block, inner)
    owner = shapely.STRtree(houses).nearest(inner[within])
    shares = [shapely.coverage_union_all(faces[within][owner == row]) for row in range(last - first)]
    return list(shapely.coverage_simplify(shares, SMOOTHED_M2, simplify_boundary=False))


def _between(block: Polygon, houses: Shapes) -> BaseGeometry:
    """Draw the lines halfway between the walls of neighbours, and the block's border."""
    points, owner = shapely.get_coordinates(shapely.segmentize(houses, EVERY_M), return_index=True)
    points, kept = np.unique(np.round(points, 3), axis=0, return_index=True)
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=block, ordered=True))
    corners, cell = shapely.get_coordinates(cells, return_index=True)
    corners, corner = np.unique(np.round(corners, 3), axis=0, return_inverse=True)
    steps = np.flatnonzero(cell[1:] == cell[:-1])
    ends = np.sort(np.column_stack([corner[steps], corner[steps + 1]]), axis=1)
    edges, edge, count = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0, return_inverse=True, return_counts=True)
    house = owner[kept][cell[steps]][ends[:, 0] < ends[:, 1]]
    low, high = np.full(len(edges), len(houses)), np.full(len(edges), -1)
    np.minimum.at(low, edge, house)
    np.maximum.at(high, edge, house)
    lines = shapely.line_merge(shapely.multilinestrings(corners[edges[(low != high) | (count == 1)]]))
    return shapely.union_all([lines, block.boundary])


def _gathered(faces: Shapes, shares: Shapes, frame: Frame) -> Shapes:
    """Give each face to the share it lies in, and join the faces of each."""
    inside = shapely.STRtree(shares).query(shapely.point_on_surface(faces), predicate="intersects")
    owner = np.full(len(faces), -1, dtype=np.int64)
    owner[inside[0][::-1]] = inside[1][::-1]
    owner = _adopted(owner, faces, frame)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(shares) + 1))
    found = np.empty(len(shares), dtype=np.object_)
    for row, (first, last) in enumerate(pairwise(starts.tolist())):
        few = faces[order[first:last]]
        found[row] = few[0] if len(few) == 1 else shapely.coverage_union_all(few)
    return found


def _adopted(owner: Ints, faces: Shapes, frame: Frame) -> Ints:
    """Give the slivers that rounding left along the streets to the neighbour with the longest common side."""
    pairs, metres = touching_m(list(shapely.transform(faces, frame.to_metres)))
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.argsort(np.concatenate([metres, metres]), kind="stable")
    found = owner.copy()
    while (found < 0).any():
        helped = order[(found[one[order]] < 0) & (found[other[order]] >= 0)]
        found[one[helped]] = found[other[helped]]  # of several the last, which is the longest
        if len(helped) == 0:
            raise ValueError("a sliver touches nothing")
    return found


@dataclass(frozen=True, slots=True)
class PlotRow:
    """The ground of one building, or of a block without any; the plots tile the blocks. No table has them.

    `building` is the row of the building in `Town.buildings`, None where nothing stands.
    """

    block: int
    building: int | None
    shape: Polygon


class Plots(Rows[PlotRow]):
    """The plots of a town in WGS 84, divided when somebody looks."""

    def __init__(self, blocks: Sequence[Polygon], drafts: Drafts, frame: Frame) -> None:
        self._blocks, self._drafts, self._frame = blocks, drafts, frame

    @cached_property
    def parcels(self) -> Parcels:
        """The plots as columns."""
        return make_parcels(self._blocks, self._drafts, self._frame)

    def __len__(self) -> int:
        return len(self.parcels.shapes)

    def some(self, first: int, last: int) -> list[PlotRow]:
        """Make the rows from `first` up to `last`."""
        found = self.parcels
        columns = found.block[first:last].tolist(), found.building[first:last].tolist(), found.shapes[first:last]
        return [PlotRow(block, None if row < 0 else row, shape) for block, row, shape in zip(*columns, strict=True)]
