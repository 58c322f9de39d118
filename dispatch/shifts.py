"""Shifts of one person by the clock on the wall: which a day has, whether any overlap, what a swap makes of them.

A shift belongs to the day on which it starts; one that ends no later than it starts runs into the next day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import combinations

from data.rosters import DayChange, Pattern, Reason

Shift = tuple[time, time]
Span = tuple[datetime, datetime]
RUNS_ON = timedelta(days=1)
MONDAY = date(2024, 1, 1)


def in_force(pattern: Pattern, day: date) -> bool:
    """Say whether a pattern has a shift that starts on a day."""
    if pattern.weekday != day.isoweekday():
        return False
    begun = pattern.from_day is None or pattern.from_day <= day
    return begun and (pattern.until_day is None or day <= pattern.until_day)


def shifts_of_day(usual: Iterable[Shift], changes: Iterable[DayChange]) -> list[Shift]:
    """Return the shifts that start on one person's day, given those of the pattern; earliest first.

    The last act on a day stands instead of the pattern and of all that was said before it; `extra` shifts that came
    with it or later are added.
    """
    told = list(changes)
    instead = [change for change in told if change.reason is not Reason.EXTRA]
    last = max((change.made_at for change in instead), default=None)
    base = list(usual) if last is None else _times(change for change in instead if change.made_at == last)
    extra = (change for change in told if change.reason is Reason.EXTRA and (last is None or change.made_at >= last))
    return sorted([*base, *_times(extra)])


def usual_of(patterns: Iterable[Pattern], day: date) -> list[Shift]:
    """Return the shifts that one person's patterns have on a day, earliest first."""
    return sorted((pattern.starts, pattern.ends) for pattern in patterns if in_force(pattern, day))


def shifts_on(patterns: Iterable[Pattern], changes: Iterable[DayChange], day: date) -> list[Shift]:
    """Return the shifts that start on a day of one person's, earliest first."""
    return shifts_of_day(usual_of(patterns, day), [change for change in changes if change.day == day])


def collide(days: Mapping[date, Sequence[Shift]], changed: Iterable[date]) -> date | None:
    """Return the first of the changed days that has a shift which overlaps another, of its own or of a day beside it."""
    for day in sorted(set(changed)):
        own = [_span(day, shift) for shift in days.get(day, ())]
        beside = [_span(other, shift) for other in (day - RUNS_ON, day + RUNS_ON) for shift in days.get(other, ())]
        if any(_overlap(*pair) for pair in combinations(own, 2)):
            return day
        if any(_overlap(mine, other) for mine in own for other in beside):
            return day
    return None


def patterns_overlap(patterns: Sequence[Pattern]) -> bool:
    """Say whether there is any week in which two shifts of these patterns overlap."""
    return any(_meet(one, other) for one, other in combinations(patterns, 2))


def _meet(one: Pattern, other: Pattern) -> bool:
    """Say whether shifts of two patterns overlap on any day on which both are in force."""
    for days_on in (-1, 0, 1):
        if (one.weekday + days_on - other.weekday) % 7:
            continue
        shifted = MONDAY + timedelta(days=days_on)
        if not _overlap(_span(MONDAY, (one.starts, one.ends)), _span(shifted, (other.starts, other.ends))):
            continue
        if _have_a_day(one, other, timedelta(days=days_on)):
            return True
    return False


def _have_a_day(one: Pattern, other: Pattern, apart: timedelta) -> bool:
    """Say whether there is a day of `one`'s weekday on which it is in force, and `apart` from it the other is."""
    firsts = [one.from_day, other.from_day and other.from_day - apart]
    lasts = [one.until_day, other.until_day and other.until_day - apart]
    first = max((day for day in firsts if day), default=None)
    last = min((day for day in lasts if day), default=None)
    if first is None or last is None:
        return True
    return first + timedelta(days=(one.weekday - first.isoweekday()) % 7) <= last


def _times(changes: Iterable[DayChange]) -> list[Shift]:
    return [(one.starts, one.ends) for one in changes if one.starts is not None and one.ends is not None]


def _span(day: date, shift: Shift) -> Span:
    starts, ends = shift
    return datetime.combine(day, starts), datetime.combine(day + RUNS_ON * (ends <= starts), ends)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
