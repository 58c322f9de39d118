"""Degrees laid out flat in metres, for what lies near together."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.shapes import WGS84_A_METRES, WGS84_E2


def metres_per_degree(lat: ArrayLike) -> NDArray[np.float64]:
    """Return how long a degree of longitude and one of latitude are on the ellipsoid at some latitudes: (n, 2)."""
    north = np.radians(np.atleast_1d(np.asarray(lat, dtype=np.float64)))
    bent = 1 - WGS84_E2 * np.sin(north) ** 2
    east_m = WGS84_A_METRES * np.cos(north) / np.sqrt(bent)
    north_m = WGS84_A_METRES * (1 - WGS84_E2) / bent**1.5
    return np.radians(np.column_stack([east_m, north_m]))
