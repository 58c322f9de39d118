"""Which columns hold the degrees."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.points.asked import Wanted
from data.points.errors import ColumnDoubledError, ColumnMissingError, ColumnTakenError, TooManyColumnsError

USUAL = {
    "lng": ("lng", "longitude", "lon", "long", "经度", "x"),
    "lat": ("lat", "latitude", "纬度", "y"),
}
GRID_CODE, AREAS = "grid_code", "areas"
ADDED = (GRID_CODE, AREAS)
MOST_COLUMNS = 10_000
TOLD = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The places of the columns of degrees."""

    lng: int
    lat: int


def find(names: Sequence[str], wanted: Wanted) -> Found:
    """Find the columns of degrees: those named, or else the first of the usual names in either case.

    Raises
    ------
    TooManyColumnsError, ColumnDoubledError, ColumnTakenError, ColumnMissingError
        If the header is none to work with.
    """
    if len(names) > MOST_COLUMNS:
        raise TooManyColumnsError(columns=len(names), most=MOST_COLUMNS)
    [(commonest, times)] = Counter(names).most_common(1) or [("", 0)]
    if times > 1:
        raise ColumnDoubledError(column=commonest)
    taken = [name for name in ADDED if name in names]
    if taken:
        raise ColumnTakenError(column=taken[0])
    return Found(_place("lng", wanted.lng, names), _place("lat", wanted.lat, names))


def _place(axis: str, wanted: str | None, names: Sequence[str]) -> int:
    if wanted is not None and wanted in names:
        return names.index(wanted)
    lower = [name.strip().lower() for name in names]
    usual = USUAL[axis] if wanted is None else (wanted.strip().lower(),)
    found = next((name for name in usual if name in lower), None)
    if found is None:
        raise ColumnMissingError(axis=axis, column=wanted, columns=[*names[:TOLD]])
    return lower.index(found)
