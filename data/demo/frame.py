"""The demo town's local metre frame (x east, y north) and the way to degrees and back."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

CENTRE_LNG, CENTRE_LAT = 85.12, 45.69  # docs/sources.md#baijiantan
DECIMALS = 7
_PHI = np.radians(CENTRE_LAT)
# Lengths of one degree on the WGS 84 ellipsoid at the centre's latitude: docs/sources.md#degree-lengths
METRES_PER_LAT = float(111_132.92 - 559.82 * np.cos(2 * _PHI) + 1.175 * np.cos(4 * _PHI))
METRES_PER_LNG = float(111_412.84 * np.cos(_PHI) - 93.5 * np.cos(3 * _PHI))


def to_degrees(xy: Floats) -> Floats:
    """Turn metres (n, 2) into longitude and latitude (n, 2), rounded to 1e-7 degrees (about 1 cm)."""
    return np.round(xy / [METRES_PER_LNG, METRES_PER_LAT] + [CENTRE_LNG, CENTRE_LAT], DECIMALS)


def to_metres(degrees: Floats) -> Floats:
    """Turn longitude and latitude (n, 2) into metres (n, 2) east and north of the centre."""
    return (degrees - [CENTRE_LNG, CENTRE_LAT]) * [METRES_PER_LNG, METRES_PER_LAT]


def shape_in_degrees[Shape: BaseGeometry](shape: Shape) -> Shape:
    """Turn a shape in metres into the same shape in degrees; equal vertices stay equal."""
    turned: Shape = shapely.transform(shape, to_degrees)
    return turned
