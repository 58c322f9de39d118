"""The only position type."""

from dataclasses import dataclass

from geo.errors import PointOutOfRangeError


@dataclass(frozen=True, slots=True, init=False)
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

    def __init__(self, lng: float, lat: float) -> None:
        """Check and set, past the freezing and half as long as a dataclass takes: points are made by the million."""
        if not (-180 <= lng <= 180 and -90 <= lat <= 90):  # NaN fails every comparison
            raise _refusal(lng, lat)
        _set_lng(self, lng)
        _set_lat(self, lat)


_set_lng, _set_lat = (vars(Point)[name].__set__ for name in ("lng", "lat"))


def _refusal(lng: float, lat: float) -> PointOutOfRangeError:
    if not -180 <= lng <= 180:
        return PointOutOfRangeError(axis="lng")
    swapped = -180 <= lat <= 180 and -90 <= lng <= 90
    return PointOutOfRangeError(axis="lat", **({"hint": "axes_swapped"} if swapped else {}))
