"""Who is on duty, and who is spoken for: weekly patterns and changed days become spans of time, asked in one look.

A shift belongs to the day on which it starts. Nobody scheduled is nobody on duty.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.rosters import DayChange, Pattern, Reservation
from dispatch.shifts import RUNS_ON, Shift, in_force, shifts_of_day
from dispatch.spans import Spans

Bools = NDArray[np.bool_]


class Duty:
    """Who is on duty when, over the days for which it was made; of any other moment it says nobody."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    @classmethod
    def nobody(cls) -> "Duty":
        """Return the duty of a town without a roster."""
        return cls(Spans.none())

    def mask(self, row_of: Mapping[UUID, int], n: int, now: datetime) -> Bools:
        """Say who is on duty, bool (n,), read-only; the same array until the next boundary or another `row_of`."""
        return self._spans.mask(row_of, n, now)

    def on(self, now: datetime) -> list[UUID]:
        """Return who is on duty, by id."""
        return self._spans.at(now)

    def holds_until(self, worker_id: UUID, now: datetime) -> datetime | None:
        """Return when a worker's duty ends, shifts that touch taken together; None when off duty.

        A duty that goes on beyond the last day it was made for ends with that day's last shift.
        """
        return self._spans.until(worker_id, now)

    def next_boundary(self, now: datetime) -> datetime | None:
        """Return when the next duty begins or ends after `now`; None when none does."""
        return self._spans.next_boundary(now)


class Reserved:
    """Who is spoken for when."""

    def __init__(self, spans: Spans, incidents: Sequence[UUID | None]) -> None:
        self._spans = spans
        self._rows_of: dict[UUID, list[int]] = defaultdict(list)
        for row, incident_id in enumerate(incidents):
            if incident_id is not None:
                self._rows_of[incident_id].append(row)

    @classmethod
    def nobody(cls) -> "Reserved":
        """Return the state of a town without reservations."""
        return cls(Spans.none(), ())

    def mask(self, row_of: Mapping[UUID, int], n: int, now: datetime, but_incident: UUID | None = None) -> Bools:
        """Say who is spoken for, bool (n,), read-only; the reservations of `but_incident` do not count."""
        own = self._rows_of.get(but_incident) if but_incident is not None else None
        return self._spans.mask(row_of, n, now) if own is None else self._spans.mask_without(own, row_of, n, now)

    def next_boundary(self, now: datetime) -> datetime | None:
        """Return when the next reservation begins or ends after `now`; None when none does."""
        return self._spans.next_boundary(now)


def duty_of(
    patterns: Iterable[Pattern], changes: Iterable[DayChange], first_day: date, last_day: date, zone: ZoneInfo
) -> Duty:
    """Reckon the duty of all days from `first_day` to `last_day`, and what the night before runs into them.

    Shifts that start on the day before `first_day` count too, so that its night is whole.
    """
    days = [first_day + timedelta(days=n) for n in range(-1, (last_day - first_day).days + 1)]
    ids: list[UUID] = []
    starts: list[float] = []
    ends: list[float] = []
    for worker_id, day, shift in _shifts(patterns, changes, days):
        ids.append(worker_id)
        starts.append(epoch(day, shift[0], zone))
        ends.append(epoch(day + RUNS_ON * (shift[1] <= shift[0]), shift[1], zone))
    return Duty(Spans(ids, np.array(starts, np.float64), np.array(ends, np.float64)).joined())


def reserved_of(reservations: Iterable[Reservation]) -> Reserved:
    """Reckon who is spoken for when."""
    rows = list(reservations)
    starts = np.array([row.starts.timestamp() for row in rows], np.float64)
    ends = np.array([row.ends.timestamp() for row in rows], np.float64)
    return Reserved(Spans([row.worker_id for row in rows], starts, ends), [row.incident_id for row in rows])


def _shifts(
    patterns: Iterable[Pattern], changes: Iterable[DayChange], days: Sequence[date]
) -> Iterator[tuple[UUID, date, Shift]]:
    """Yield every shift that starts on one of `days`."""
    said: dict[tuple[UUID, date], list[DayChange]] = defaultdict(list)
    for change in changes:
        said[change.worker_id, change.day].append(change)
    usual: dict[tuple[UUID, date], list[Shift]] = defaultdict(list)
    of_weekday = {weekday: [day for day in days if day.isoweekday() == weekday] for weekday in range(1, 8)}
    for pattern in patterns:
        shift = pattern.starts, pattern.ends
        for day in of_weekday[pattern.weekday]:
            if not in_force(pattern, day):
                continue
            if (pattern.worker_id, day) in said:
                usual[pattern.worker_id, day].append(shift)
            else:
                yield pattern.worker_id, day, shift
    for (worker_id, day), told in said.items():
        if day in days:
            yield from ((worker_id, day, shift) for shift in shifts_of_day(usual[worker_id, day], told))


@lru_cache(maxsize=4096)
def epoch(day: date, at: time, zone: ZoneInfo) -> float:
    """Return when the clocks of a zone first show a time of a day or a later one, in Unix seconds.

    A time that the clocks skip is the moment at which they skip it, one that they show twice is the first of the two:
    what ends and what begins at one time of the clock meet without gap or overlap on every day.
    """
    shown = datetime.combine(day, at)
    before, after = (shown.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    if after >= before:  # not skipped
        return before
    while before - after > 1:  # between the two the clocks jump
        middle = (after + before) // 2
        jumped = datetime.fromtimestamp(middle, zone).replace(tzinfo=None) >= shown
        after, before = (after, middle) if jumped else (middle, before)
    return before
