"""Cut some grids out of others, so that all of them share their borders to the last digit."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryCollection, MultiPolygon, Polygon

from geo.flat import flat_m2
from geo.shapes import Shapes

SNAPPED_DEG = 1e-7  # about a centimetre: nearer lines are meant to be one
SLIVER_M2 = 1.0  # what is left of a grid beside the cut and smaller comes from drawing, not from meaning


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """What `cut_out` leaves: MultiPolygons (n,) of the ground around, None where nothing is left, and (m,) of what was cut."""

    around: NDArray[np.object_]
    out: NDArray[np.object_]


def cut_out(around: Shapes, out: Shapes) -> CutOut:
    """Take the ground of `out` away from `around`; both in WGS 84 degrees, valid, and none in `out` over another.

    Where grids of the two meet, every line is broken wherever another crosses or touches it, and each grid is put
    together from the same pieces: a coverage stays one. Lines nearer than `SNAPPED_DEG` become one. A remainder below
    `SLIVER_M2` beside larger ones goes to the grid that cut it off. Grids that meet nothing come back as they are;
    grids around that overlap each other go on doing so.
    """
    left, cut = _array(around), _array(out)
    near = _meeting(left, cut)
    rows, cuts = np.unique(near[0]), np.unique(near[1])
    if not len(rows):
        return CutOut(left, cut)
    beside, inside = _snapped(left[rows], cut[cuts])
    faces = _faces([*beside, *inside])
    of_out = _owners(faces, inside)
    taken = np.flatnonzero(np.bincount(of_out[1], minlength=len(faces)) > 0)
    of_around = _owners(faces, beside)
    of_around = of_around[:, ~np.isin(of_around[1], taken)]
    remains = [_whole(faces[of_around[1][of_around[0] == row]]) for row in range(len(rows))]
    parts: list[list[Polygon]] = [list(faces[_first_owner(of_out, face)]) for face in range(len(cuts))]
    for row, shape in enumerate(remains):
        remains[row] = _without_slivers(shape, inside, parts)
    left[rows] = _array(remains)
    cut[cuts] = _array([_whole(np.asarray(some, dtype=np.object_)) for some in parts])
    return CutOut(left, cut)


def _array(shapes: Shapes | list[MultiPolygon | None]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array


def _meeting(around: NDArray[np.object_], out: NDArray[np.object_]) -> NDArray[np.int64]:
    """Pair rows of `around` and `out` that meet or nearly do: int64 (2, k)."""
    cuts, rows = shapely.STRtree(around).query(out, predicate="dwithin", distance=SNAPPED_DEG)
    return np.asarray([rows, cuts], dtype=np.int64)


def _snapped(
    around: NDArray[np.object_], out: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Draw lines that nearly coincide as one; a shape that would not bear it stays as it is."""
    inside = _snap(out, GeometryCollection(list(shapely.boundary(around))))
    return _snap(around, GeometryCollection(list(shapely.boundary(inside)))), inside


def _snap(shapes: NDArray[np.object_], lines: GeometryCollection) -> NDArray[np.object_]:
    moved = shapely.snap(shapes, lines, SNAPPED_DEG)
    sound = shapely.is_valid(moved) & ~shapely.is_empty(moved)
    return np.where(sound, moved, shapes)


def _faces(shapes: list[Polygon | MultiPolygon]) -> NDArray[np.object_]:
    """Return the smallest pieces of ground between all lines: Polygons (k,)."""
    lines = shapely.union_all(shapely.boundary(_array(shapes)))
    return np.asarray(shapely.get_parts(shapely.polygonize([lines])), dtype=np.object_)


def _owners(faces: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Pair shapes and the faces that lie in them: int64 (2, k), by shape."""
    found, rows = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), predicate="intersects")
    order = np.lexsort((found, rows))
    return np.asarray([rows[order], found[order]], dtype=np.int64)


def _first_owner(owners: NDArray[np.int64], shape: int) -> NDArray[np.int64]:
    """Return the faces of a shape that no shape before it owns."""
    mine, before = owners[1][owners[0] == shape], owners[1][owners[0] < shape]
    return np.setdiff1d(mine, before)


def _whole(faces: NDArray[np.object_]) -> MultiPolygon | None:
    """Join faces that share their borders exactly; None of none."""
    if not len(faces):
        return None
    joined = shapely.coverage_union_all(faces)
    return MultiPolygon([part for part in shapely.get_parts(joined) if isinstance(part, Polygon)])


def _without_slivers(
    shape: MultiPolygon | None, inside: NDArray[np.object_], parts: list[list[Polygon]]
) -> MultiPolygon | None:
    """Hand what is too small of a remainder to the cut it lies beside; the sliver's border is the cut's own."""
    if shape is None:
        return None
    pieces = np.asarray(shapely.get_parts(shape), dtype=np.object_)
    small = flat_m2(pieces) < SLIVER_M2
    for piece in pieces[small]:
        parts[int(np.argmin(shapely.distance(inside, piece)))].append(piece)
    return MultiPolygon(list(pieces[~small])) if not small.all() else None
