"""What this room refuses, one class per refusal."""

from typing import ClassVar


class GeoError(ValueError):
    """A refusal with a stable `code` and the facts that explain it."""

    code: ClassVar[str] = "geo_refused"

    def __init__(self, **facts: object) -> None:
        self.facts: dict[str, object] = facts
        super().__init__(" ".join([self.code, *(f"{name}={value}" for name, value in facts.items())]))


class PointOutOfRangeError(GeoError):
    """A coordinate is not finite or not on Earth; fact `axis` is lng or lat, `hint` may be axes_swapped."""

    code = "point_out_of_range"


class UnknownDatumError(GeoError):
    """A datum we do not know; facts `given` and `known`."""

    code = "unknown_datum"


class ShapeError(GeoError):
    """A shape that cannot be an area; fact `reason` says why.

    Reasons: not_polygon, empty, too_many_vertices, has_z, not_finite, out_of_range,
    crosses_antimeridian, too_large, self_crossing.
    """

    code = "shape_invalid"
