"""Things that move: where each is, what may be asked of it, and which are nearest."""

import math
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import PointOutOfRangeError
from geo.nearest import Hits, metres_of
from geo.point import Point

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
EVER = -math.inf
AT_ONCE = 1_000  # places asked for while nobody may move


class Finder(Protocol):
    """What keeps movers and finds the nearest: with compiled code or without."""

    def move(self, rows: Longs, lng: Floats, lat: Floats, seen: Floats) -> None: ...
    def mark(self, rows: Longs, bits: Longs) -> None: ...
    def nearest(self, lng: Floats, lat: Floats, needs: Longs, since: float, k: int) -> tuple[Longs, Floats]: ...
    def nearest_one(self, to: Point, needs: int, since: float, k: int) -> tuple[Longs, Floats]: ...


class Movers:
    """Many things that move, by rows 0 to n - 1, and the nearest of those that fit.

    Each has a position (WGS 84 degrees, or none at first), when it was seen there, in seconds of any clock, and 63 bits
    of which the asker names those that must be set. `linked` are bits that nearly everybody asks for: whoever
    has them all is kept at hand, and a question without them looks at everybody. `kernels=False` answers
    alike without compiled code, by measuring all. Any thread may ask and tell at any time.

    Raises
    ------
    PointOutOfRangeError
        From `move`, if a position is neither on Earth nor NaN twice: nothing is moved then.
    """

    def __init__(self, count: int, linked: int = 0, *, kernels: bool = True) -> None:
        self._count, self._linked, self._lock = count, linked, Lock()
        self._all = Measured(count)
        self._finder: Finder = self._all
        if kernels:
            from geo.paged import Paged

            self._finder = Paged(count, linked)

    def __len__(self) -> int:
        return self._count

    def move(self, rows: ArrayLike, lng: ArrayLike, lat: ArrayLike, seen: ArrayLike) -> None:
        """Put rows (m,) where they are now, NaN for nowhere; of one row given twice the last holds."""
        at, east, north = _rows(rows, self._count), _floats(lng), _floats(lat)
        for axis, given, other, limit in (("lng", east, north, 180), ("lat", north, east, 90)):
            if not np.all((np.abs(given) <= limit) | (np.isnan(given) & np.isnan(other))):
                raise PointOutOfRangeError(axis=axis)
        with self._lock:
            self._finder.move(at, east, north, np.ascontiguousarray(np.broadcast_to(_floats(seen), at.shape)))

    def mark(self, rows: ArrayLike, bits: ArrayLike) -> None:
        """Give rows (m,) new bits, all of them at once."""
        at = _rows(rows, self._count)
        with self._lock:
            self._finder.mark(at, _longs(bits, len(at)))

    def nearest(self, to: Point, k: int = 1, needs: int = 0, since: float = EVER) -> Hits:
        """Find the `k` nearest of those that have all bits of `needs` and were seen at `since` or later.

        Returns
        -------
        Hits
            m ≤ k, nearest first, equal distances in row order. Great-circle metres, exact; nobody nearer is left out.
        """
        with self._lock:
            rows, chords = self._finder.nearest_one(to, needs, since, max(k, 0))
        return Hits(rows, metres_of(chords))

    def nearest_many(
        self, lng: ArrayLike, lat: ArrayLike, k: int = 1, needs: ArrayLike = 0, since: float = EVER
    ) -> Hits:
        """Find the `k` nearest of each of m places: `rows` and `metres` (m, k), -1 and infinite where there are fewer."""
        east, north = _floats(lng), _floats(lat)
        for axis, given, limit in (("lng", east, 180), ("lat", north, 90)):
            if not np.all(np.abs(given) <= limit):
                raise PointOutOfRangeError(axis=axis)
        asked = _longs(needs, len(east))
        rows, chords = np.empty((len(east), k), np.int64), np.empty((len(east), k))
        for begin in range(0, len(east), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            rows[part], chords[part] = self._asked(east[part], north[part], asked[part], (k, since))
        return Hits(rows, np.where(rows >= 0, metres_of(chords), np.inf))

    def _asked(self, lng: Floats, lat: Floats, needs: Longs, wanted: tuple[int, float]) -> tuple[Longs, Floats]:
        with self._lock:
            return self._finder.nearest(lng, lat, needs, wanted[1], max(wanted[0], 0))


def _floats(given: ArrayLike) -> Floats:
    return np.atleast_1d(np.ascontiguousarray(given, dtype=np.float64))


def _longs(given: ArrayLike, count: int) -> Longs:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(given, np.int64), (count,)))


def _rows(given: ArrayLike, count: int) -> Longs:
    rows = np.atleast_1d(np.ascontiguousarray(given, dtype=np.int64))
    if len(rows) and not (rows.min() >= 0 and rows.max() < count):
        raise IndexError("no such row")
    return rows


class Measured:
    """Movers without compiled code: every question measures all."""

    def __init__(self, count: int) -> None:
        self._at = np.full((count, 3), np.nan, order="F")
        self._seen, self._bits = np.full(count, np.nan), np.zeros(count, np.int64)

    def move(self, rows: Longs, lng: Floats, lat: Floats, seen: Floats) -> None:
        """Put rows where they are now."""
        self._at[rows], self._seen[rows] = toward(lng, lat), seen

    def mark(self, rows: Longs, bits: Longs) -> None:
        """Give rows new bits."""
        self._bits[rows] = bits

    def nearest(self, lng: Floats, lat: Floats, needs: Longs, since: float, k: int) -> tuple[Longs, Floats]:
        """Find the nearest of each place: rows (m, k), -1 for nobody, squared chords (m, k)."""
        rows, chords = np.full((len(lng), k), -1, np.int64), np.full((len(lng), k), np.inf)
        for number, here in enumerate(toward(lng, lat)):
            able, away = self._nearest(here, int(needs[number]), since, k)
            rows[number, : len(able)], chords[number, : len(able)] = able, away
        return rows, chords

    def nearest_one(self, to: Point, needs: int, since: float, k: int) -> tuple[Longs, Floats]:
        """Find the nearest of one place: rows and squared chords, as many as there are."""
        return self._nearest(toward(np.array([to.lng]), np.array([to.lat]))[0], needs, since, k)

    def _nearest(self, here: Floats, needs: int, since: float, k: int) -> tuple[Longs, Floats]:
        able = np.flatnonzero((self._bits & needs == needs) & (self._seen >= since) & ~np.isnan(self._at[:, 0]))
        x, y, z = (self._at[able] - here).T
        away = x * x + y * y + z * z
        if len(able) > k > 0:
            near = np.flatnonzero(away <= np.partition(away, k - 1)[k - 1])
            able, away = able[near], away[near]
        order = np.argsort(away, kind="stable")[:k]
        return able[order], away[order]


RADIANS = math.pi / 180


def toward(lng: Floats, lat: Floats) -> Floats:
    """Return where degrees point, float64 (m, 3): to the last bit as the kernels do, NaN stays NaN."""
    quarters = np.rint(lng * (1 / 90))
    east = (lng - 90 * quarters) * RADIANS
    sine, cosine = _sine(east), _cosine(east)
    odd, back = np.abs(quarters) == 1, np.abs(quarters) == 2
    east_sine, east_cosine = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    east_sine = np.where((quarters == -1) | back, -east_sine, east_sine)
    east_cosine = np.where((quarters == 1) | back, -east_cosine, east_cosine)
    half = lat * (RADIANS * 0.5)
    sine, cosine = _sine(half), _cosine(half)
    level = (cosine - sine) * (cosine + sine)
    return np.column_stack([level * east_cosine, level * east_sine, 2 * sine * cosine])


def _sine(r: Floats) -> Floats:
    s = r * r
    t = 1.6059043836821613e-10 - s * (7.647163731819816e-13 - s * 2.8114572543455206e-15)
    t = 2.7557319223985893e-06 - s * (2.505210838544172e-08 - s * t)
    t = 8.333333333333333e-03 - s * (1.984126984126984e-04 - s * t)
    return np.asarray(r - r * s * (1.6666666666666666e-01 - s * t))


def _cosine(r: Floats) -> Floats:
    s = r * r
    t = 2.08767569878681e-09 - s * (1.1470745597729725e-11 - s * 4.779477332387385e-14)
    t = 2.48015873015873e-05 - s * (2.755731922398589e-07 - s * t)
    t = 4.1666666666666664e-02 - s * (1.388888888888889e-03 - s * t)
    return np.asarray(1 - s * (0.5 - s * t))
