"""Grids that overlap, have holes and lie in pieces, and points of which most lie on a border or a hair beside it."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon, box

HAIR = 1e-9  # degrees


def grids() -> dict[str, MultiPolygon]:
    """Return a dozen grids around 118.3 E 27.0 N, codes not in the order of the shapes."""
    holed = Polygon(box(118.30, 27.00, 118.33, 27.03).exterior, [box(118.31, 27.01, 118.32, 27.02).exterior])
    round_one = Point(118.335, 27.025).buffer(0.012, quad_segs=40)
    shapes: dict[str, Polygon | MultiPolygon] = {
        "M9": holed,
        "M1": box(118.312, 27.012, 118.318, 27.018),
        "B7": MultiPolygon([box(118.33, 27.00, 118.34, 27.01), box(118.35, 27.00, 118.36, 27.01)]),
        "B2": MultiPolygon([box(118.34, 27.00, 118.35, 27.01), box(118.36, 27.01, 118.37, 27.02)]),
        "C5": round_one,
        "C4": Point(118.345, 27.025).buffer(0.012, quad_segs=25),
        "A1": Polygon([(118.30, 27.03), (118.335, 27.0301234567), (118.3333333333, 27.06), (118.30, 27.05)]),
        "Z1": Polygon([(118.30, 27.03), (118.335, 27.0301234567), (118.34, 27.00), (118.32, 27.02)]),
        "D1": box(118.30, 27.03, 118.31, 27.04),
        "a1": box(118.305, 27.035, 118.315, 27.045),
    }
    return {
        code: shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape]) for code, shape in shapes.items()
    }


def points(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Return (count, 2) lng, lat: a quarter anywhere, a sixth corners, the others on edges or within a hair of them."""
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(list(grids().values()))
    anywhere = random.uniform((west - 0.005, south - 0.005), (east + 0.005, north + 0.005), (count, 2))
    rings = [
        shapely.get_coordinates(ring)
        for shape in grids().values()
        for part in shape.geoms
        for ring in (part.exterior, *part.interiors)
    ]
    begin, end = (np.concatenate([ring[cut] for ring in rings]) for cut in (slice(None, -1), slice(1, None)))
    edge = random.integers(len(begin), size=count)
    on_edges = begin[edge] + random.random((count, 1)) * (end[edge] - begin[edge])
    beside = on_edges + random.choice([-HAIR, 0, HAIR], (count, 2))
    kind = random.integers(12, size=(count, 1))
    return np.where(kind < 3, anywhere, np.where(kind < 5, begin[edge], beside))


def covering(at: NDArray[np.float64]) -> list[str | None]:
    """Say by GEOS alone which grid covers each point; of several the lowest code."""
    found: list[str | None] = [None] * len(at)
    for code, shape in sorted(grids().items(), reverse=True):
        for row in np.flatnonzero(shapely.covers(shape, shapely.points(at))):
            found[row] = code
    return found
