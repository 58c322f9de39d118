"""Shapes of areas: whether they can be one, how large they are, which of them are neighbours."""

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from geo.errors import ShapeError

type Shape = Polygon | MultiPolygon
type Shapes = Sequence[Shape | None] | NDArray[np.object_]

MAX_VERTICES = 20_000
MAX_AREA_M2 = 5e11  # the largest prefecture has 4.5e11; an area of a town is far smaller
MAX_CROSSING_BOXES = 2e7  # pairs of edges whose boxes meet: checking validity takes about 20 ns for each
SAMPLED_EDGES = 200
WGS84_A_METRES = 6_378_137.0
WGS84_E2 = 0.00669437999014132


def check_area(shape: object, max_vertices: int = MAX_VERTICES, max_area_m2: float = MAX_AREA_M2) -> MultiPolygon:
    """Take a shape in lng, lat degrees as an area's, or say why not; never repair it.

    Takes less than a second whatever comes in: what would take longer is refused before it is tried. Cheap
    questions come first, and the first reason found is the one given.

    Raises
    ------
    ShapeError
        Fact `reason` as listed there; too_many_vertices comes with `vertices` and `most` and also means edges
        so entangled that checking them would take too long (`entangled`), self_crossing with `lng` and `lat`
        of one bad place where it is known, too_large with `m2` and `most`.
    """
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ShapeError(reason="not_polygon")
    _check_coordinates(shape, max_vertices)
    _check_extent(shape, max_area_m2)
    _check_validity(shape)
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])


def area_m2(shapes: Shapes) -> NDArray[np.float64]:
    """Measure each shape on the WGS 84 ellipsoid in m²: float64 (n,); 0 for none and for an empty one.

    Edges count as straight in the equal-area projection, which is right to 1e-6 for shapes of a town's size.
    """
    flat = shapely.transform(_array(shapes), _equal_area)
    return np.nan_to_num(np.asarray(shapely.area(flat), dtype=np.float64), nan=0.0)


def neighbours(shapes: Shapes) -> NDArray[np.int64]:
    """Pair the rows that share a border of some length: int64 (m, 2), smaller row first, sorted.

    A shared corner is no border. Borders are shared where their lines coincide exactly. Shapes must be valid;
    none and empty ones have no neighbours.
    """
    ground = _array(shapes)
    first, second = shapely.STRtree(ground).query(ground, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shapely.prepare(ground)
    shared = shapely.relate_pattern(ground[first], ground[second], "****1****")
    pairs = np.column_stack([first[shared], second[shared]]).astype(np.int64)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _array(shapes: Shapes) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array


def _equal_area(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project lng, lat (n, 2) to metres (n, 2), areas as on the ellipsoid (Lambert cylindrical)."""
    e = np.sqrt(WGS84_E2)
    sine = np.sin(np.radians(degrees[:, 1]))
    north = (1 - WGS84_E2) / 2 * (sine / (1 - WGS84_E2 * sine**2) + np.arctanh(e * sine) / e)
    return WGS84_A_METRES * np.column_stack([np.radians(degrees[:, 0]), north])


def _check_coordinates(shape: Polygon | MultiPolygon, max_vertices: int) -> None:
    vertices = int(shapely.get_num_coordinates(shape))
    if vertices == 0:
        raise ShapeError(reason="empty")
    if vertices > max_vertices:
        raise ShapeError(reason="too_many_vertices", vertices=vertices, most=max_vertices)
    if shape.has_z or shape.has_m:
        raise ShapeError(reason="has_z")
    degrees = shapely.get_coordinates(shape)
    if not np.all(np.isfinite(degrees)):
        raise ShapeError(reason="not_finite")
    if np.any(np.abs(degrees) > (180, 90)):
        raise ShapeError(reason="out_of_range")


def _check_extent(shape: Polygon | MultiPolygon, max_area_m2: float) -> None:
    west, _, east, _ = shape.bounds
    if east - west > 180:
        raise ShapeError(reason="crosses_antimeridian")
    m2 = float(area_m2([shape])[0])
    if m2 > max_area_m2:
        raise ShapeError(reason="too_large", m2=m2, most=max_area_m2)


def _check_validity(shape: Polygon | MultiPolygon) -> None:
    if _crossing_boxes(shape) > MAX_CROSSING_BOXES:
        vertices = int(shapely.get_num_coordinates(shape))
        raise ShapeError(reason="too_many_vertices", vertices=vertices, most=MAX_VERTICES, entangled=True)
    if not shapely.is_valid(shape):
        place = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(shape))
        where = {"lng": float(place[1]), "lat": float(place[2])} if place else {}
        raise ShapeError(reason="self_crossing", **where)


def _crossing_boxes(shape: Polygon | MultiPolygon) -> float:
    """Estimate how many pairs of edges have boxes that meet, from a sample of the edges; 0 if they are few.

    GEOS compares each such pair when it checks validity: 20,000 vertices of a diagonal saw take it 3.5 s.
    """
    places = shapely.get_coordinates(shape)
    if len(places) ** 2 / 2 <= MAX_CROSSING_BOXES:
        return 0.0
    low, high = np.minimum(places[:-1], places[1:]), np.maximum(places[:-1], places[1:])
    rows = np.random.default_rng(len(low)).integers(0, len(low), SAMPLED_EDGES)
    meeting = sum(int(np.all((low <= high[row]) & (high >= low[row]), axis=1).sum()) for row in rows)
    return meeting / SAMPLED_EDGES * len(low) / 2
