"""Shapes of one level or one layer: each for itself, against one another, against those above."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, MultiPolygon, Polygon

from geo.flat import flat_m2
from geo.quality.faults import NOTICED_M2, THIN, Fault, Kind

Shapes = NDArray[np.object_]
Join = Callable[[Shapes], Geometry]
NOWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Above:
    """The areas that a sheet is to cover: their codes and shapes (m,), none invalid or empty."""

    codes: Sequence[str]
    shapes: Shapes


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Areas that should tile the ground: codes (n,), shapes (n,), and the row in `above` of each one's parent or -1."""

    layer: str | None
    level: str
    codes: Sequence[str]
    shapes: Shapes
    above: Above
    parents: NDArray[np.int64]

    def fault(
        self, kind: Kind, code: str | None, shape: Geometry | None, m2: float | None, other: str | None = None
    ) -> Fault:
        """Write a fault of this sheet; its place is a point in the largest part of the shape."""
        at = None if shape is None or shapely.is_empty(shape) else middle(shape)
        unit = None if m2 is None else "m2"
        return Fault(kind, self.layer, self.level, code, other, m2, unit, at, shape)


def faults_of(sheet: Sheet) -> Iterator[Fault]:
    """Find what is wrong with the shapes of a sheet.

    Rows that are empty or invalid are named and left out of everything else. Overlaps, gaps and leavings up to
    `NOTICED_M2` are none. A gap is ground of a parent that no row of the sheet claims, or ground enclosed by the rows;
    a parent with gaps that are more than slivers is told once as uncovered. An overlap or gap all of whose parts are
    thin is a sliver instead, and so is a thin part of a row.
    """
    empty = shapely.is_missing(sheet.shapes) | shapely.is_empty(sheet.shapes)
    invalid = ~empty & ~is_sound(sheet.shapes)
    yield from (sheet.fault(Kind.SHAPE_EMPTY, sheet.codes[row], None, None) for row in np.flatnonzero(empty).tolist())
    yield from (_invalid(sheet, row) for row in np.flatnonzero(invalid).tolist())
    sound = np.flatnonzero(~empty & ~invalid)
    if not len(sound):
        return
    ground = sheet.shapes[sound]
    yield from _thin_parts(sheet, sound)
    yield from _overlaps(sheet, sound)
    join = (
        shapely.coverage_union_all if shapely.coverage_is_valid(ground) else shapely.union_all
    )  # nine times quicker
    yield from _enclosed(sheet, ground, join)
    yield from _uncovered(sheet, ground, join)
    yield from _outside(sheet, sound)


def is_sound(shapes: Shapes) -> NDArray[np.bool_]:
    """Say which shapes are valid and finite, bool (n,); none and empty ones are."""
    bounds = shapely.bounds(shapes)
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    finite = absent | np.isfinite(bounds).all(axis=1)
    return np.asarray(finite & (absent | shapely.is_valid(shapes)))


def parts_of(shape: Geometry) -> Shapes:
    """Return the polygons of a shape that are larger than what is noticed."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and not part.is_empty]
    some = np.array(parts, dtype=np.object_)
    return some[flat_m2(some) > NOTICED_M2] if len(some) else some


def thinness(shapes: Shapes) -> NDArray[np.float64]:
    """Measure area by squared perimeter on the ground, float64 (n,): 0.0625 for a square, 0 for a line."""
    flat = shapely.transform(shapes, np.copy)
    degrees, of = shapely.get_coordinates(flat, return_index=True)
    middles = np.nan_to_num(shapely.bounds(flat)[:, [1, 3]].mean(axis=1))
    shapely.set_coordinates(flat, degrees * np.column_stack([np.cos(np.radians(middles))[of], np.ones(len(of))]))
    around = shapely.length(flat)
    return np.asarray(np.divide(shapely.area(flat), around**2, out=np.zeros(len(flat)), where=around > 0))


def _invalid(sheet: Sheet, row: int) -> Fault:
    told, at, shape = why_invalid(sheet.shapes[row])
    return Fault(Kind.SHAPE_INVALID, sheet.layer, sheet.level, sheet.codes[row], told, None, None, at, shape)


def why_invalid(shape: Geometry) -> tuple[str, tuple[float, float] | None, Geometry | None]:
    """Say why a shape is invalid, in shapely's words as a code, where, and the shape itself if it can be drawn."""
    reason, _, place = shapely.is_valid_reason(shape).partition("[")
    told = re.sub(r"\W+", "_", reason.strip().lower()).strip("_")
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e[+-]?\d+)?", place)]
    finite = bool(np.isfinite(shapely.get_coordinates(shape)).all())
    at = (numbers[0], numbers[1]) if finite and len(numbers) == 2 else None
    return told, at, shape if finite else None


def _thin_parts(sheet: Sheet, sound: NDArray[np.int64]) -> Iterator[Fault]:
    parts, of = shapely.get_parts(sheet.shapes[sound], return_index=True)
    m2 = flat_m2(parts)
    thin = np.flatnonzero((m2 > NOTICED_M2) & (thinness(parts) < THIN))
    for part in thin:
        code = sheet.codes[sound[of[part]]]
        yield sheet.fault(Kind.SLIVER, code, parts[part], float(m2[part]))


def _overlaps(sheet: Sheet, sound: NDArray[np.int64]) -> Iterator[Fault]:
    ground = sheet.shapes[sound]
    if shapely.coverage_is_valid(ground):
        return
    # which edges the coverage marks as invalid would spare most pairs, but it misses some of shapes in shapes in shapes
    one, other = shapely.STRtree(ground).query(ground, predicate="intersects")
    pairs = np.column_stack([one, other])[one < other]
    shared = shapely.intersection(ground[pairs[:, 0]], ground[pairs[:, 1]])
    m2 = flat_m2(shared)
    for pair in np.flatnonzero(m2 > NOTICED_M2):
        codes = sorted(str(sheet.codes[sound[row]]) for row in pairs[pair])
        parts = _polygons(shared[pair])
        kind = Kind.SLIVER if (thinness(parts) < THIN).all() else Kind.OVERLAP
        yield sheet.fault(kind, codes[0], _joined(parts), float(m2[pair]), codes[1])


def _enclosed(sheet: Sheet, ground: Shapes, join: Join) -> Iterator[Fault]:
    """Find ground that the shapes enclose, none claims and no parent holds: a parent's is told with the parent."""
    rings = [ring for part in shapely.get_parts(join(ground)) for ring in getattr(part, "interiors", ())]
    holes = np.array([Polygon(ring) for ring in rings], dtype=np.object_)
    if not len(holes):
        return
    tree = shapely.STRtree(np.concatenate([ground, sheet.above.shapes]))  # what lies in a hole, as an island does
    for hole in holes:
        within = tree.geometries[tree.query(hole, predicate="intersects")]
        yield from _gaps(sheet, None, shapely.difference(hole, shapely.union_all(within)))


def _uncovered(sheet: Sheet, ground: Shapes, join: Join) -> Iterator[Fault]:
    tree = shapely.STRtree(ground)
    for code, parent in zip(sheet.above.codes, sheet.above.shapes, strict=True):
        near = ground[np.sort(tree.query(parent))]
        left = shapely.difference(parent, join(near)) if len(near) else parent
        found = list(_gaps(sheet, code, left))
        yield from found
        wide = [fault for fault in found if fault.kind is Kind.GAP]
        if wide:
            m2 = sum(fault.amount or 0.0 for fault in wide)
            shape = _joined(np.array([fault.shape for fault in wide], dtype=np.object_))
            yield sheet.fault(Kind.PARENT_UNCOVERED, code, shape, m2, str(len(wide)))


def _gaps(sheet: Sheet, code: str | None, left: Geometry) -> Iterator[Fault]:
    parts = parts_of(left)
    if not len(parts):
        return
    for part, m2, thin in zip(parts, flat_m2(parts).tolist(), thinness(parts) < THIN, strict=True):
        yield sheet.fault(Kind.SLIVER if thin else Kind.GAP, code, part, m2)


def _outside(sheet: Sheet, sound: NDArray[np.int64]) -> Iterator[Fault]:
    rows = sound[sheet.parents[sound] != NOWHERE]
    above = sheet.above.shapes[sheet.parents[rows]]
    covered = shapely.covers(above, sheet.shapes[rows])
    rows, above = rows[~covered], above[~covered]
    out = shapely.difference(sheet.shapes[rows], above)
    m2 = flat_m2(out)
    for i in np.flatnonzero(m2 > NOTICED_M2):
        parent = sheet.above.codes[sheet.parents[rows[i]]]
        shape, code = _joined(_polygons(out[i])), sheet.codes[rows[i]]
        yield sheet.fault(Kind.OUTSIDE_PARENT, code, shape, float(m2[i]), parent)


def _polygons(shape: Geometry) -> Shapes:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and not part.is_empty]
    return np.array(parts, dtype=np.object_)


def _joined(parts: Shapes) -> Geometry:
    return parts[0] if len(parts) == 1 else MultiPolygon(list(parts))


def middle(shape: Geometry) -> tuple[float, float]:
    """Return a point in the largest part of a shape."""
    parts = shapely.get_parts(shape)
    inside = shapely.point_on_surface(parts[int(np.argmax(shapely.area(parts)))])
    return float(shapely.get_x(inside)), float(shapely.get_y(inside))
