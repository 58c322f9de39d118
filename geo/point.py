"""The only position type."""

from dataclasses import dataclass

from geo.errors import PointOutOfRangeError


@dataclass(frozen=True, slots=True)
class Point:
    """A place on Earth in WGS 84 degrees.

    Raises
    ------
    PointOutOfRangeError
        If a coordinate is not finite, or beyond 180° of longitude or 90° of latitude; `hint` is `axes_swapped`
        where the other order would be a place on Earth.
    """

    lng: float
    lat: float

    def __post_init__(self) -> None:
        if not -180 <= self.lng <= 180:  # NaN fails every comparison
            raise PointOutOfRangeError(axis="lng")
        if not -90 <= self.lat <= 90:
            swapped = -180 <= self.lat <= 180 and -90 <= self.lng <= 90
            raise PointOutOfRangeError(axis="lat", **({"hint": "axes_swapped"} if swapped else {}))
