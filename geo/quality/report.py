"""What is wrong with shapes before they are taken in: a counted report."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from geo.flat import flat_m2
from geo.point import Point
from geo.quality.faults import NOTICED_M2
from geo.shapes import Shapes, area_m2


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that claim the same ground; `first` < `second`."""

    first: int
    second: int
    m2: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Ground that no row claims; `at` lies in it."""

    at: Point
    m2: float


@dataclass(frozen=True, slots=True)
class Outside:
    """A row whose ground leaves its parent's by `m2`."""

    row: int
    m2: float


@dataclass(frozen=True, slots=True)
class GroundReport:
    """What `check_ground` found; rows ascending, overlaps by row, gaps largest first."""

    shapes: int
    vertices: int
    m2: float
    empty: tuple[int, ...]
    invalid: tuple[int, ...]
    doubled: dict[str, tuple[int, ...]]
    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    outside_parent: tuple[Outside, ...]

    @property
    def clean(self) -> bool:
        """Say whether nothing at all was found."""
        found = (self.empty, self.invalid, self.doubled, self.overlaps, self.gaps, self.outside_parent)
        return not any(found)


def check_ground(codes: Sequence[str], shapes: Shapes, parents: Shapes | None = None) -> GroundReport:
    """Count what is wrong with the ground of one level or layer, given in WGS 84 degrees.

    A gap is ground enclosed by the shapes or, where a row has a parent, ground of the parent that none of all
    the shapes claims. Overlaps, gaps and leavings up to `NOTICED_M2` are not counted. Rows that are empty (or
    none) or invalid are named and left out of everything else, and so are invalid parents.

    Parameters
    ----------
    parents
        The parent's shape of each row, or None where it has none; in the same order as `shapes`.
    """
    ground = _array(shapes)
    empty = shapely.is_missing(ground) | shapely.is_empty(ground)
    invalid = ~empty & ~(shapely.is_valid(ground) & np.isfinite(shapely.bounds(ground)).all(axis=1))
    sound = np.flatnonzero(~empty & ~invalid)
    above = _array([None] * len(ground) if parents is None else parents)
    above[~shapely.is_valid(above) | shapely.is_empty(above)] = None
    return GroundReport(
        shapes=len(ground),
        vertices=int(shapely.get_num_coordinates(ground).sum()),
        m2=float(area_m2(ground[sound]).sum()),
        empty=tuple(np.flatnonzero(empty).tolist()),
        invalid=tuple(np.flatnonzero(invalid).tolist()),
        doubled=_doubled(codes),
        overlaps=_overlaps(ground, sound),
        gaps=_gaps(ground[sound], above[sound]),
        outside_parent=_outside(ground, above, sound[~shapely.is_missing(above[sound])]),
    )


def _array(shapes: Shapes) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array


def _doubled(codes: Sequence[str]) -> dict[str, tuple[int, ...]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, code in enumerate(codes):
        rows[code].append(row)
    return {code: tuple(those) for code, those in rows.items() if len(those) > 1}


def _overlaps(ground: NDArray[np.object_], sound: NDArray[np.int64]) -> tuple[Overlap, ...]:
    if shapely.coverage_is_valid(ground[sound]):
        return ()
    first, second = shapely.STRtree(ground[sound]).query(ground[sound], predicate="intersects")
    pairs = np.column_stack([sound[first], sound[second]])[first < second]
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    m2 = flat_m2(shapely.intersection(ground[pairs[:, 0]], ground[pairs[:, 1]]))
    noticed = np.flatnonzero(m2 > NOTICED_M2)
    return tuple(Overlap(int(pairs[i, 0]), int(pairs[i, 1]), float(m2[i])) for i in noticed)


def _gaps(ground: NDArray[np.object_], above: NDArray[np.object_]) -> tuple[Gap, ...]:
    claimed = shapely.union_all(ground)
    meant = list({shape.wkb: shape for shape in above if shape is not None}.values())
    holes = [Polygon(ring) for part in shapely.get_parts(claimed) for ring in part.interiors]
    open_ground = shapely.difference(shapely.union_all([*meant, *holes]), claimed)
    parts = np.asarray([part for part in shapely.get_parts(open_ground) if isinstance(part, Polygon)])
    m2 = flat_m2(parts)
    largest_first = np.argsort(-m2, kind="stable")
    places = shapely.get_coordinates(shapely.point_on_surface(parts)).tolist()
    return tuple(Gap(Point(*places[i]), float(m2[i])) for i in largest_first if m2[i] > NOTICED_M2)


def _outside(ground: NDArray[np.object_], above: NDArray[np.object_], rows: NDArray[np.int64]) -> tuple[Outside, ...]:
    m2 = flat_m2(shapely.difference(ground[rows], above[rows]))
    return tuple(Outside(int(rows[i]), float(m2[i])) for i in np.flatnonzero(m2 > NOTICED_M2))
