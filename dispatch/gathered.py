"""Positions gathered on the way and sent together: which are refused and why, and which one of each worker stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data.positions import Fixes
from dispatch.errors import RefusedError, TimeInFutureError, TimeTooOldError, UnknownWorkerError
from dispatch.triage import CLOCK_SLIP, OLDEST_REPORT
from geo.datum import Datum, to_wgs84
from geo.errors import GeoError, PointOutOfRangeError
from geo.point import Point

type Bools = NDArray[np.bool_]
type Floats = NDArray[np.float64]
type Rows = NDArray[np.int64]
type Refusals = dict[int, RefusedError | GeoError]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Fixes as they were sent, k of them: ids in small letters, finite degrees of `datum`, Unix seconds."""

    workers: Sequence[str]
    lng: Floats
    lat: Floats
    datum: NDArray[np.str_]
    fixed_at: Floats
    accuracy_m: Sequence[float | None]

    def __len__(self) -> int:
        return len(self.workers)


def refusals(gathered: Gathered, may_move: Bools, now: datetime) -> Refusals:
    """Say of each fix that is not taken why, by its row: whose it is, then where, then when.

    `may_move` bool (k,): there is such a worker, and it is the sender's to move.
    """
    at, lng, lat = now.timestamp(), gathered.lng, gathered.lat
    ahead = gathered.fixed_at > at + CLOCK_SLIP.total_seconds()
    behind = gathered.fixed_at < at - OLDEST_REPORT.total_seconds()
    beyond = (np.abs(lng) > 180) | (np.abs(lat) > 90)
    found: Refusals = {}
    for row in np.flatnonzero(~may_move | beyond | ahead | behind).tolist():
        if not may_move[row]:
            found[row] = UnknownWorkerError()
        elif beyond[row]:
            found[row] = _off_earth(float(lng[row]), float(lat[row]))
        elif ahead[row]:
            found[row] = TimeInFutureError(field="fixed_at")
        else:
            found[row] = TimeTooOldError(field="fixed_at", days=OLDEST_REPORT.days)
    return found


def _off_earth(lng: float, lat: float) -> GeoError:
    try:
        Point(lng, lat)
    except PointOutOfRangeError as error:
        return error
    raise AssertionError("a position on Earth is not refused for where it is")


def newest(gathered: Gathered, refused: Refusals, now: datetime) -> Fixes:
    """Return of each worker the newest fix that is not refused, by id, in WGS 84; of two at one time the later sent.

    A clock that is a little fast says `now`.
    """
    good = np.ones(len(gathered), np.bool_)
    good[list(refused)] = False
    order = np.flatnonzero(good)[np.argsort(gathered.fixed_at[good], kind="stable")].tolist()
    row_of = {gathered.workers[row]: row for row in order}
    ids = sorted(row_of)
    rows = np.array([row_of[id_] for id_ in ids], np.int64)
    lng, lat = _in_wgs84(gathered, rows)
    fixed_at = np.minimum(gathered.fixed_at[rows], now.timestamp())
    accuracy_m = [gathered.accuracy_m[row] for row in rows.tolist()]
    return Fixes(ids, lng, lat, gathered.datum[rows].tolist(), fixed_at, accuracy_m)


def _in_wgs84(gathered: Gathered, rows: Rows) -> tuple[Floats, Floats]:
    lng, lat, given = gathered.lng[rows], gathered.lat[rows], gathered.datum[rows]
    for datum in Datum:
        among = given == datum.value
        if among.any():
            lng[among], lat[among] = to_wgs84(lng[among], lat[among], datum)
    return lng, lat
