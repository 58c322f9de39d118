"""Datums of the field, to and from WGS 84.

GCJ-02 (Amap, Tencent) and BD-09 (Baidu) follow the formulae that are public; nobody publishes the real
ones. CGCS2000 agrees with WGS 84 within decimetres and is taken as equal.

Outside China nothing is shifted, neither for GCJ-02 nor for BD-09: maps in these datums show WGS 84 there
(Baidu's SDK guide says so: lbs.baidu.com, androidsdk/guide/tool/coordinate). "China" is the box of the
public formula, `CHINA`, which is no border: neighbours within it are shifted too, and so are Hong Kong, Macau
and Taiwan. The box is asked with the position as given, in its own datum, so that within about a kilometre
of the box's edge a round trip may not close; that edge is far from every Chinese town.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import UnknownDatumError
from geo.point import Point

type Degrees = NDArray[np.float64]
type Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]
type Move = Callable[[Shift, Degrees, Degrees], tuple[Degrees, Degrees]]

CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north: degrees, edges belong
KRASOVSKY_METRES = 6_378_245.0  # half the long axis of the ellipsoid that the public GCJ-02 formula uses
KRASOVSKY_E2 = 0.006693421622965823  # and its first eccentricity squared, as the formula rounds it
BD_FACTOR = np.pi * 3000 / 180
ROUNDS = 10  # each round leaves at most 2 % of the error (BD-09, the worse): 10 go from 1 km below 1e-10 m


STILL = 1e-12  # degrees: who moved less than this, 0.1 µm, is 50 times nearer to where it goes


class Datum(StrEnum):
    """What a pair of degrees refers to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


def to_wgs84(lng: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Turn degrees of `datum` into WGS 84 degrees.

    The exact inverse (well below 1 mm) of `from_wgs84`. NaN stays NaN; ranges are not checked.

    Returns
    -------
    tuple
        lng, lat: new float64 arrays of the shape given.

    Raises
    ------
    UnknownDatumError
        If `datum` is none of ours.
    """
    return _where_shifted(lng, lat, datum, _unshifted)


def from_wgs84(lng: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Turn WGS 84 degrees into degrees of `datum`.

    Returns
    -------
    tuple
        lng, lat: new float64 arrays of the shape given.

    Raises
    ------
    UnknownDatumError
        If `datum` is none of ours.
    """
    return _where_shifted(lng, lat, datum, lambda shift, x, y: shift(x, y))


def point_in(lng: float, lat: float, datum: Datum | str) -> Point:
    """Make the WGS 84 point that degrees of `datum` mean.

    Raises
    ------
    UnknownDatumError
        If `datum` is none of ours.
    PointOutOfRangeError
        If the position is not on Earth.
    """
    known = _known(datum)
    given = Point(lng, lat)
    east, north = to_wgs84(given.lng, given.lat, known)
    return Point(float(east), float(north))


def _known(datum: Datum | str) -> Datum:
    if datum not in tuple(Datum):
        raise UnknownDatumError(given=str(datum)[:20], known=[known.value for known in Datum])
    return Datum(datum)


def _where_shifted(lng: ArrayLike, lat: ArrayLike, datum: Datum, move: Move) -> tuple[Degrees, Degrees]:
    east, north = np.array(lng, dtype=np.float64), np.array(lat, dtype=np.float64)
    shift = SHIFTS.get(_known(datum))
    if shift is not None:
        inside = _in_china(east, north)
        east[inside], north[inside] = move(shift, east[inside], north[inside])
    return east, north


def _in_china(lng: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    return np.asarray((lng >= west) & (lng <= east) & (lat >= south) & (lat <= north))


def _unshifted(shift: Shift, lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Find by fixed-point iteration what `shift` moves to the degrees given."""
    east, north = lng, lat
    for _ in range(ROUNDS):
        there_lng, there_lat = shift(east, north)
        off_lng, off_lat = lng - there_lng, lat - there_lat
        east, north = east + off_lng, north + off_lat
        if not (np.abs(off_lng) > STILL).any() and not (np.abs(off_lat) > STILL).any():  # NaN is never above
            break
    return east, north


def _to_gcj02(lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lng - 105, lat - 35
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east += (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north += (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    curve = 1 - KRASOVSKY_E2 * np.sin(np.radians(lat)) ** 2
    along = KRASOVSKY_METRES / np.sqrt(curve) * np.cos(np.radians(lat))
    upward = KRASOVSKY_METRES * (1 - KRASOVSKY_E2) / curve**1.5
    return lng + np.degrees(east / along), lat + np.degrees(north / upward)


def _to_bd09(lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = _to_gcj02(lng, lat)
    length = np.hypot(x, y) + 0.00002 * np.sin(BD_FACTOR * y)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(BD_FACTOR * x)
    return length * np.cos(angle) + 0.0065, length * np.sin(angle) + 0.006


SHIFTS: dict[Datum, Shift] = {Datum.GCJ02: _to_gcj02, Datum.BD09: _to_bd09}
