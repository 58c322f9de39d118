"""Outlines for small scales: all levels and layers of a town's ground simplified as one coverage.

The borders of every level and layer are laid over each other and cut into pieces that overlap nowhere. The pieces are
simplified together, and an area is drawn as the union of its pieces: so neighbours, parents and children, and layers
that share a border still share it, whatever the tolerance. A point keeps its area: where simplifying would move a
border over one, that neighbourhood is simplified less, at last not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

HALVINGS = 5
EXACT = HALVINGS + 1
AT_ONCE = 100_000
NONE = -1
CLOSE_M = 1e-3
CORNERS = 4  # of the smallest ring, its first one twice


@dataclass(frozen=True, slots=True)
class Drawn:
    """One band: of each sheet its shapes, and how many pieces were simplified less than asked, or not at all.

    Polygons and MultiPolygons; None where a shape is to be drawn exactly as it is.
    """

    shapes: tuple[Shapes, ...]
    eased: int
    exact: int


class Outlines:
    """A town's ground, cut into common pieces once, to be simplified by several tolerances."""

    def __init__(self, sheets: Sequence[Shapes], points: Floats) -> None:
        """Cut.

        Parameters
        ----------
        sheets
            Of each level or layer its areas, in a plane, in order of code: of several that cover a point the first
            holds it. Empty and invalid ones and None are left as they are. They may overlap and leave gaps.
        points
            (k, 2), in the same plane: what must stay in its area.
        """
        self._sheets = [_sound(sheet) for sheet in sheets]
        self._pieces = _cut(self._sheets)
        self._members = [_members(self._pieces, sheet) for sheet in self._sheets]
        self._points = points
        self._corners = _Corners(self._pieces)
        self._home = _homes(self._pieces, points)
        self._close = _close(self._pieces, points)

    @property
    def pieces(self) -> int:
        """How many pieces the ground was cut into."""
        return len(self._pieces)

    def draw(self, tolerance: float) -> Drawn:
        """Simplify by a tolerance: corners go whose triangle is smaller than its square (Visvalingam, Whyatt)."""
        eased = np.zeros(len(self._pieces), dtype=np.int64)
        drawn = self._corners.simplified(tolerance, eased)
        unsure = np.ones(len(self._pieces), dtype=bool)
        while True:
            wrong = self._wrong(drawn, unsure, eased < EXACT)
            if not len(wrong):
                break
            eased[wrong] += 1
            before, drawn = drawn, self._corners.simplified(tolerance, eased)
            unsure |= ~shapely.equals_exact(before, drawn, 0.0)
            unsure[wrong] = True
        left = self._left(drawn)
        shapes = tuple(self._united(drawn, sheet) for sheet in range(len(self._sheets)))
        for sheet, row in left:
            shapes[sheet][row] = None
        return Drawn(shapes, int(np.count_nonzero(eased)), int(np.count_nonzero(eased == EXACT)))

    def _wrong(self, drawn: Shapes, unsure: Bools, may: Bools) -> Ints:
        """List the pieces that must and may be simplified less: broken ones, else those a point changes sides at.

        Looks at the points of unsure pieces, which are sure after that.
        """
        broken = (shapely.is_empty(drawn) | ~shapely.is_valid(drawn)) & may
        if not broken.any():
            broken = ~shapely.is_empty(shapely.coverage_invalid_edges(drawn)) & may
        if broken.any():
            return np.flatnonzero(broken)
        moved, _ = self._moved(drawn, unsure)
        unsure[:] = False
        home = self._home[moved]
        blamed: Ints = np.unique(np.concatenate([home[home != NONE], _pairs(drawn, self._points[moved])[1]]))
        return blamed[may[blamed]]

    def _moved(self, drawn: Shapes, unsure: Bools) -> tuple[Ints, list[Ints]]:
        """List the points that a simplified border puts into another area of any sheet, and their areas before."""
        looked = np.flatnonzero(np.append(unsure, True)[self._home])
        inside = _inside(drawn, self._home[looked], self._points[looked]) & ~self._close[looked]
        doubtful = looked[~inside]
        at = self._points[doubtful]
        before = [_first(len(at), *_pairs(sheet, at)) for sheet in self._sheets]
        point, piece = _pairs(drawn, at)
        differing = np.zeros(len(at), dtype=bool)
        for was, (of, row) in zip(before, self._members, strict=True):
            differing |= was != _first(len(at), *_joined(point, piece, of, row))
        return doubtful[differing], [was[differing] for was in before]

    def _left(self, drawn: Shapes) -> set[tuple[int, int]]:
        """Name sheet and row of the areas that cannot be drawn from pieces without a point changing sides."""
        moved, before = self._moved(drawn, np.ones(len(drawn), dtype=bool))
        point, piece = _pairs(drawn, self._points[moved])
        left: set[tuple[int, int]] = set()
        for sheet, (was, (of, row)) in enumerate(zip(before, self._members, strict=True)):
            now = _joined(point, piece, of, row)[1]
            left |= {(sheet, int(one)) for one in np.concatenate([was[was != NONE], now])}
        return left

    def _united(self, drawn: Shapes, sheet: int) -> Shapes:
        piece, row = self._members[sheet]
        shapes: Shapes = np.full(len(self._sheets[sheet]), None, dtype=np.object_)
        order = np.argsort(row, kind="stable")
        rows, starts = np.unique(row[order], return_index=True)
        for one, few in zip(rows, np.split(piece[order], starts)[1:], strict=True):
            shapes[one] = drawn[few[0]] if len(few) == 1 else shapely.coverage_union_all(drawn[few])
        return shapes


class _Corners:
    """The corners of a coverage, and which of them each degree of easing keeps."""

    def __init__(self, pieces: Shapes) -> None:
        self._pieces = pieces
        _, xy, (rings, polygons) = shapely.to_ragged_array(pieces) if len(pieces) else _NOTHING
        self._rings, self._polygons = np.asarray(rings, dtype=np.int64), np.asarray(polygons, dtype=np.int64)
        self._xy = np.ascontiguousarray(xy)
        self._names, self._corner = np.unique(_named(self._xy), return_inverse=True)
        self._node = self._nodes()
        ring_of = np.repeat(np.arange(len(self._rings) - 1), np.diff(self._rings))
        piece_of = np.repeat(np.arange(len(self._polygons) - 1), np.diff(self._polygons))
        self._piece = piece_of[ring_of]
        self._known: dict[float, Bools] = {}

    def _nodes(self) -> Bools:
        """Say at which corners not exactly two borders meet: no easing moves those."""
        last = self._rings[1:] - 1
        begin = np.delete(self._corner, last)
        end = np.delete(self._corner, self._rings[:-1])
        count = len(self._names)
        borders = np.unique(np.minimum(begin, end) * count + np.maximum(begin, end))
        ends = np.concatenate([borders // count, borders % count]) if count else borders
        return np.asarray(np.bincount(ends, minlength=count) != 2, dtype=bool)

    def simplified(self, tolerance: float, eased: Ints) -> Shapes:
        """Draw each piece with a tolerance halved as often as it was eased; a border goes by the finer side."""
        fine = np.zeros(len(self._names), dtype=np.int64)
        np.maximum.at(fine, self._corner, eased[self._piece])
        kept = self._node | (fine == EXACT)
        for step in np.unique(fine[fine < EXACT]):
            kept |= (fine == step) & self._kept(tolerance / 2.0**step)
        return self._drawn(kept[self._corner])

    def _kept(self, tolerance: float) -> Bools:
        if tolerance not in self._known:
            coarse = shapely.coverage_simplify(self._pieces, tolerance)
            self._known[tolerance] = np.isin(self._names, _named(shapely.get_coordinates(coarse)))
        return self._known[tolerance]

    def _drawn(self, kept: Bools) -> Shapes:
        """Leave out corners. Rings of which less than a triangle is left make their piece empty."""
        kept = kept.copy()
        kept[self._rings[1:] - 1] = False  # each ring's end, which is its start or follows from it
        counts = np.add.reduceat(kept, self._rings[:-1], dtype=np.int64) if len(kept) else np.zeros(0, dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)])
        flat = counts < CORNERS - 1
        bad = np.zeros(len(self._pieces), dtype=bool)
        bad[np.repeat(np.arange(len(self._pieces)), np.diff(self._polygons))[flat]] = True
        xy = self._xy[kept]
        closed = np.insert(xy, starts[1:][counts > 0], xy[starts[:-1][counts > 0]], axis=0)
        offsets = np.concatenate([[0], np.cumsum(counts + (counts > 0))])
        drawn: Shapes = np.full(len(self._pieces), shapely.Polygon(), dtype=np.object_)
        good = ~bad
        if good.any():
            rings = np.repeat(good, np.diff(self._polygons))
            coordinates = np.repeat(rings, np.diff(offsets))
            ring_ends = np.concatenate([[0], np.cumsum(np.diff(offsets)[rings])])
            polygon_ends = np.concatenate([[0], np.cumsum(np.diff(self._polygons)[good])])
            drawn[good] = shapely.from_ragged_array(
                shapely.GeometryType.POLYGON, closed[coordinates], (ring_ends, polygon_ends)
            )
        return drawn


_NOTHING = (shapely.GeometryType.POLYGON, np.zeros((0, 2)), (np.zeros(1), np.zeros(1)))


def _named(xy: Floats) -> NDArray[np.complex128]:
    """Name places so that equal ones have equal names."""
    return np.ascontiguousarray(xy + 0.0).view(np.complex128).ravel()


def _sound(sheet: Shapes) -> Shapes:
    """Leave out what cannot be cut."""
    sound = np.array(sheet, dtype=np.object_)
    sound[~shapely.is_valid(sound) | shapely.is_empty(sound)] = None
    return sound


def _cut(sheets: Sequence[Shapes]) -> Shapes:
    """Lay all borders over each other and return what they enclose."""
    lines = shapely.boundary(np.concatenate([np.zeros(0, dtype=np.object_), *sheets]))
    noded = shapely.union_all(lines[~shapely.is_missing(lines)])
    return np.asarray(shapely.get_parts(shapely.polygonize([noded])), dtype=np.object_)


def _members(pieces: Shapes, sheet: Shapes) -> tuple[Ints, Ints]:
    """Pair pieces with the areas they lie in, by piece."""
    if not len(pieces):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    piece, row = shapely.STRtree(sheet).query(shapely.point_on_surface(pieces), predicate="intersects")
    order = np.argsort(piece, kind="stable")
    return piece[order], row[order]


def _homes(pieces: Shapes, points: Floats) -> Ints:
    """Return a piece that covers each point, -1 for none."""
    tree = shapely.STRtree(pieces)
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(points), AT_ONCE):
        few = points[start : start + AT_ONCE]
        found.append(_first(len(few), *tree.query(shapely.points(few), predicate="intersects")))
    return np.concatenate(found)


def _close(pieces: Shapes, points: Floats) -> Bools:
    """Say which points lie so close to a border that cutting may have put them beside it."""
    rings = shapely.get_rings(pieces)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    tree = shapely.STRtree(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[ring[1:] == ring[:-1]]))
    close = np.zeros(len(points), dtype=bool)
    for start in range(0, len(points), AT_ONCE):
        few = shapely.points(points[start : start + AT_ONCE])
        close[start + tree.query(few, predicate="dwithin", distance=CLOSE_M)[0]] = True
    return close


def _inside(pieces: Shapes, home: Ints, points: Floats) -> Bools:
    """Say which points lie within the piece they should, not on its border; those that should be in none do not."""
    shapely.prepare(pieces)
    inside = np.zeros(len(points), dtype=bool)
    known = np.flatnonzero(home != NONE)
    inside[known] = shapely.contains_xy(pieces[home[known]], points[known, 0], points[known, 1])
    return inside


def _pairs(shapes: Shapes, points: Floats) -> tuple[Ints, Ints]:
    """Pair points with the shapes that cover them, borders included."""
    if not len(points) or not len(shapes):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    return point, shape


def _first(count: int, point: Ints, row: Ints) -> Ints:
    """Keep the lowest row of each point, -1 for none."""
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, point, row)
    first[first == np.iinfo(np.int64).max] = NONE
    return first


def _joined(point: Ints, piece: Ints, of: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Follow pairs of point and piece on to the rows of a sheet; `of` is sorted."""
    low, high = np.searchsorted(of, piece, "left"), np.searchsorted(of, piece, "right")
    counts = high - low
    first = np.repeat(low - np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(low) else low, counts)
    return np.repeat(point, counts), row[first + np.arange(int(counts.sum()))]
