"""A box of degrees: what a map shows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import PointOutOfRangeError
from geo.point import Point


@dataclass(frozen=True, slots=True)
class Box:
    """Sides in WGS 84 degrees, which belong; with its west beyond its east it lies across the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, given: str) -> Self | None:
        """Read `west,south,east,north`, as RFC 7946 orders them; None where it is no box on Earth."""
        try:
            west, south, east, north = (float(side) for side in given.split(","))
            Point(west, south)
            Point(east, north)
        except (PointOutOfRangeError, ValueError):
            return None
        return cls(west, south, east, north) if south <= north else None

    def holds(self, lng: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of each position whether it lies within, bool (n,); NaN lies nowhere."""
        beyond_west, before_east = lng >= self.west, lng <= self.east
        across = beyond_west & before_east if self.west <= self.east else beyond_west | before_east
        return np.asarray(across & (lat >= self.south) & (lat <= self.north))
