"""Mend the shapes of a layer: invalid ones made valid, overlaps given to one, narrow gaps closed, then checked again.

May take minutes and gigabytes on bad input: only to be run where it can be ended.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, MultiPolygon, Polygon

from geo.errors import GeoError
from geo.flat import flat_m2, metres_per_degree
from geo.quality.sheet import Shapes, is_sound

MAX_VERTICES = 2_000_000  # of a whole layer: a city of 2,000 grids has a tenth of it
MAX_INVALID_VERTICES = 20_000  # of a shape that must be made valid
GAP_M = 2.0  # gaps narrower than this come from drawing twice what is one border
SNAP_M = 0.05  # corners nearer than this are one corner, rounded twice
SAME_DEGREES = 1e-9  # a tenth of a millimetre


class NotMendableError(GeoError):
    """Shapes that are not mended; fact `reason`: too_many_vertices, not_a_coverage, ground_lost or nothing_to_mend."""

    code = "not_mendable"


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """Shapes after mending (n,), all MultiPolygon; which rows differ, bool (n,); m² that each one lost or won (n,)."""

    shapes: Shapes
    changed: NDArray[np.bool_]
    moved_m2: NDArray[np.float64]


def mend(shapes: Shapes, gap_m: float = GAP_M, snap_m: float = SNAP_M) -> Mended:
    """Make a coverage of shapes in WGS 84 degrees: valid, without overlaps, with borders that are exactly shared.

    Ground that several claim goes to the one with the longest border to it, so do gaps narrower than `gap_m`. Rows
    that need nothing stay as they are to the last bit.

    Raises
    ------
    NotMendableError
        If there is too much, nothing to mend, or what came out does not stand the check.
    """
    _refuse_too_much(shapes)
    whole = _valid(shapes)
    scale = metres_per_degree(np.mean(shapely.total_bounds(whole)[[1, 3]]))[0]
    flat = shapely.transform(whole, lambda degrees: degrees * scale)
    clean = shapely.coverage_clean(flat, gap_width=gap_m, snapping_distance=snap_m)  # type: ignore[attr-defined]  # newer than its types
    back = shapely.transform(_polygonal(clean), lambda metres: metres / scale)
    mended = _as_before(back, whole)
    _check(mended)
    changed = ~shapely.equals_exact(shapely.normalize(mended), shapely.normalize(_polygonal(shapes)))
    if not changed.any():
        raise NotMendableError(reason="nothing_to_mend")
    moved = np.zeros(len(mended))
    moved[changed] = flat_m2(shapely.symmetric_difference(whole[changed], mended[changed]))
    return Mended(mended, changed, moved)


def _refuse_too_much(shapes: Shapes) -> None:
    vertices = shapely.get_num_coordinates(shapes)
    worst = int(vertices[~is_sound(shapes)].max(initial=0))
    if vertices.sum() > MAX_VERTICES or worst > MAX_INVALID_VERTICES:
        raise NotMendableError(reason="too_many_vertices", vertices=int(vertices.sum()))


def _valid(shapes: Shapes) -> Shapes:
    whole = shapes.copy()
    broken = ~is_sound(shapes)
    whole[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return _polygonal(whole)


def _polygonal(shapes: Shapes) -> Shapes:
    made = np.empty(len(shapes), dtype=np.object_)
    made[:] = [MultiPolygon(_polygons(shape)) for shape in shapes]
    return made


def _polygons(shape: Geometry) -> list[Polygon]:
    """Return the polygons of a shape, those in collections within it, too."""
    if isinstance(shape, Polygon):
        return [] if shape.is_empty else [shape]
    return [one for part in getattr(shape, "geoms", ()) for one in _polygons(part)]


def _as_before(shapes: Shapes, before: Shapes) -> Shapes:
    """Give every corner that was there before its old degrees: the way to metres and back moves their last bits."""
    old = shapely.get_coordinates(before)
    new = shapely.get_coordinates(shapes)
    keys, of = np.unique(np.round(np.concatenate([old, new]) / SAME_DEGREES), axis=0, return_inverse=True)
    known = np.full((len(keys), 2), np.nan)
    known[of[: len(old)]] = old
    kept = known[of[len(old) :]]
    return np.asarray(shapely.set_coordinates(shapes.copy(), np.where(np.isnan(kept), new, kept)), dtype=np.object_)


def _check(mended: Shapes) -> None:
    """Check by other means than those that mended: nothing lost, each shape valid, edges matched."""
    if shapely.is_empty(mended).any():
        raise NotMendableError(reason="ground_lost")
    if not (shapely.is_valid(mended).all() and shapely.coverage_is_valid(mended)):
        raise NotMendableError(reason="not_a_coverage")
