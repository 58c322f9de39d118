"""Deadlines: what a clock has used of its limit, and when the rest is used up. Plain functions; time is handed in.

A clock keeps the times it ran, so that a changed limit or calendar recounts what it used, and wipes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from data.clocks import Clock, Paused
from data.limits import Limit, Unit
from dispatch.calendar import NONE, Calendar
from dispatch.errors import CalendarYearUnknownError

WORKING = frozenset({Unit.WORKING_HOURS, Unit.WORKING_DAYS})


class Measure(Protocol):
    """How time is counted: by the clock, or as working time."""

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Return how much passed between two moments."""

    def after(self, start: datetime, work: timedelta) -> datetime:
        """Return when so much has passed since a moment."""


@dataclass(frozen=True, slots=True)
class ByTheClock:
    """Every moment counts."""

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Return the time between two moments; none when the second is not later."""
        return max(NONE, until - since)

    def after(self, start: datetime, work: timedelta) -> datetime:
        """Return the moment that much later."""
        return start + max(NONE, work)


def measure(unit: Unit, calendar: Calendar) -> Measure:
    """Return how a unit is counted."""
    return calendar if unit in WORKING else ByTheClock()


def work_of(limit: Limit, calendar: Calendar) -> timedelta:
    """Return a limit in its own measure: a working day is as long as the town's."""
    one = {Unit.MINUTES: timedelta(minutes=1), Unit.WORKING_DAYS: calendar.full_day}.get(
        limit.unit, timedelta(hours=1)
    )
    return limit.amount * one


def allowed(clock: Clock, calendar: Calendar) -> timedelta:
    """Return the limit with what was granted beside it."""
    return max(NONE, work_of(clock.limit, calendar) + clock.extra)


def used_up(clock: Clock, work: timedelta, calendar: Calendar) -> datetime | None:
    """Return when a clock has used so much, if it runs on as it does now; None when it rests or has ended before.

    Raises
    ------
    CalendarYearUnknownError
        If that takes a year that the calendar does not know.
    """
    return _walk(clock, work, measure(clock.limit.unit, calendar))


def start(limit: Limit, round_: int, at: datetime, calendar: Calendar) -> Clock:
    """Start a clock. Never fails: where the calendar lacks a year, the clock says so."""
    return _counted(Clock(limit, round_, at, running_since=at, due_at=at), calendar)


def pause(clock: Clock, at: datetime, why: Paused, calendar: Calendar) -> Clock:
    """Let a clock that runs rest."""
    return _counted(replace(_stopped(clock, at), paused=why), calendar)


def go_on(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Let a clock run that rests or has ended; it is due when the rest of its time is used up."""
    running = replace(clock, running_since=at, paused=None, ended_at=None, late=None)
    return _marked(_counted(running, calendar), at, calendar)


def end(clock: Clock, at: datetime, calendar: Calendar, *, called_off: bool = False) -> Clock:
    """End a clock that runs or rests. Late is what ran on after it was due; called off before, it is neither."""
    stopped = _counted(replace(_stopped(clock, at), ended_at=at), calendar)
    return replace(stopped, late=_late(stopped, called_off=called_off))


def rewind(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Take back that a clock ended, or was shelved, at a moment: it runs on as if it had not."""
    if not clock.ran or clock.ran[-1][1] != at:
        return replace(clock, ended_at=None, late=None)
    runs = replace(clock, ran=clock.ran[:-1], running_since=clock.ran[-1][0], paused=None, ended_at=None, late=None)
    return replace(_counted(runs, calendar), due_at=clock.due_at)


def extend(clock: Clock, until: datetime, now: datetime, calendar: Calendar) -> Clock:
    """Grant a clock what it needs to be due at a later moment; one that rests is counted as if it went on now.

    Raises
    ------
    CalendarYearUnknownError
        If the calendar does not know a year on the way there.
    """
    counts = measure(clock.limit.unit, calendar)
    used = _used(clock, counts) + counts.worked(clock.running_since or now, until)
    granted = replace(clock, extra=used - work_of(clock.limit, calendar), due_at=until, missing_year=None)
    return _marked(granted, now, calendar)


def recompute(clock: Clock, limit: Limit, now: datetime, calendar: Calendar) -> Clock:
    """Count anew under another limit or calendar. What was granted stays granted; in another measure, to the same moment."""
    same = (clock.limit.unit in WORKING) == (limit.unit in WORKING)
    anew = _counted(replace(clock, limit=limit, extra=clock.extra if same else NONE), calendar)
    if anew.ended_at is not None:
        return replace(anew, late=_late(anew, called_off=clock.late is None and clock.missing_year is None))
    if not same and clock.extra > NONE and clock.due_at > max(now, anew.due_at):
        return extend(anew, clock.due_at, now, calendar)
    return _marked(anew, now, calendar)


def remind_at(clock: Clock, calendar: Calendar) -> datetime | None:
    """Return when those who are at it are reminded; None: never, or nobody knows yet."""
    return _at_share(clock, clock.limit.remind_share, calendar)


def supervise_at(clock: Clock, calendar: Calendar) -> datetime | None:
    """Return when it is supervised; None: never, or nobody knows yet."""
    return _at_share(clock, clock.limit.supervise_share, calendar)


def _at_share(clock: Clock, share: float | None, calendar: Calendar) -> datetime | None:
    if share is None:
        return None
    try:
        return used_up(clock, allowed(clock, calendar) * share, calendar)
    except CalendarYearUnknownError:
        return None


def _stopped(clock: Clock, at: datetime) -> Clock:
    if clock.running_since is None:
        return clock
    until = max(at, clock.running_since)
    return replace(clock, ran=(*clock.ran, (clock.running_since, until)), running_since=None)


def _late(clock: Clock, *, called_off: bool) -> bool | None:
    if clock.missing_year is not None:
        return None
    late = bool(clock.ran) and clock.ran[-1][1] > clock.due_at
    return None if called_off and not late else late


def _counted(clock: Clock, calendar: Calendar) -> Clock:
    """Count what was used and when it is due; where a year is missing, no later than the limit really ends."""
    counts, work = measure(clock.limit.unit, calendar), allowed(clock, calendar)
    try:
        used, due = _used(clock, counts), _walk(clock, work, counts)
    except CalendarYearUnknownError as error:
        return replace(clock, due_at=_earliest(clock, work, calendar), missing_year=error.year)
    if due is None:  # it stopped before; where the moment was a guess, it is not before it stopped
        due = clock.due_at if clock.missing_year is None else max(clock.due_at, clock.ran[-1][1])
    return replace(clock, consumed=used, due_at=due, missing_year=None)


def _used(clock: Clock, counts: Measure) -> timedelta:
    return sum((counts.worked(since, until) for since, until in clock.ran), NONE)


def _spans(clock: Clock) -> Iterator[tuple[datetime, datetime | None]]:
    yield from clock.ran
    if clock.running_since is not None:
        yield clock.running_since, None


def _walk(clock: Clock, work: timedelta, counts: Measure) -> datetime | None:
    left = work
    for since, until in _spans(clock):
        passed = None if until is None else counts.worked(since, until)
        if passed is None or passed >= left:
            return counts.after(since, left)
        left -= passed
    return None


def _earliest(clock: Clock, work: timedelta, calendar: Calendar) -> datetime:
    """Return the last moment of which it is certain that the limit has not ended before it."""
    left = work
    for since, until in _spans(clock):
        try:
            passed = None if until is None else calendar.worked(since, until)
            if passed is None or passed >= left:
                return calendar.after(since, left)
        except CalendarYearUnknownError as error:
            return max(calendar.begins(error.year), since + left)
        left -= passed
    return clock.due_at


def _marked(clock: Clock, now: datetime, calendar: Calendar) -> Clock:
    """Forget that it was told what, by what is known now, is still to come."""
    remind, supervise = remind_at(clock, calendar), supervise_at(clock, calendar)
    return replace(
        clock,
        reminded_at=None if remind is not None and remind > now else clock.reminded_at,
        overdue_at=None if clock.due_at > now else clock.overdue_at,
        supervised_at=None if supervise is not None and supervise > now else clock.supervised_at,
    )
