"""A demo town's local metre frame (x east, y north) and the way to degrees and back."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool_]

DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Frame:
    """Metres east and north of a centre in WGS 84 degrees."""

    lng: float
    lat: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Lengths of one degree of longitude and of latitude on the WGS 84 ellipsoid at the centre's latitude."""
        phi = np.radians(self.lat)  # docs/sources.md#degree-lengths
        of_lat = float(111_132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi))
        return float(111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi)), of_lat

    def to_degrees(self, xy: Floats) -> Floats:
        """Turn metres (n, 2) into longitude and latitude (n, 2), rounded to 1e-7 degrees (about 1 cm)."""
        return np.round(xy / self.metres_per_degree + [self.lng, self.lat], DECIMALS)

    def to_metres(self, degrees: Floats) -> Floats:
        """Turn longitude and latitude (n, 2) into metres (n, 2) east and north of the centre."""
        return (degrees - [self.lng, self.lat]) * self.metres_per_degree

    def in_degrees[Shape: BaseGeometry](self, shape: Shape) -> Shape:
        """Turn a shape in metres into the same shape in degrees; equal vertices stay equal."""
        turned: Shape = shapely.transform(shape, self.to_degrees)
        return turned
