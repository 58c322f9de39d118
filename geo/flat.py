"""Degrees laid out flat in metres, for what lies near together."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.shapes import WGS84_A_METRES, WGS84_E2


def metres_per_degree(lat: ArrayLike) -> NDArray[np.float64]:
    """Return how long a degree of longitude and one of latitude are on the ellipsoid at some latitudes: (n, 2)."""
    north = np.radians(np.atleast_1d(np.asarray(lat, dtype=np.float64)))
    bent = 1 - WGS84_E2 * np.sin(north) ** 2
    east_m = WGS84_A_METRES * np.cos(north) / np.sqrt(bent)
    north_m = WGS84_A_METRES * (1 - WGS84_E2) / bent**1.5
    return np.radians(np.column_stack([east_m, north_m]))


def flat_m2(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Measure each shape in m² with its edges straight in degrees, float64 (n,); 0 for none and for an empty one.

    A corner that is put on an edge changes nothing by this measure. On an equal-area map it does: a degree of longitude
    shrinks along the edge, so that 27 m² lie between an edge of 2 km and the same edge with a corner in its middle.
    """
    middles = np.nan_to_num(shapely.bounds(shapes)[:, [1, 3]].mean(axis=1))
    return np.nan_to_num(shapely.area(shapes)) * metres_per_degree(middles).prod(axis=1)
