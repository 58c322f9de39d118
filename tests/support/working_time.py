"""Working time by looking at every minute: slow, and it knows nothing of the code it is held against."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dispatch.calendar import Calendar

MINUTE = timedelta(minutes=1)
MOST = 60 * 24 * 60


class Minutes:
    """Every minute counts, or with a calendar those that are worked."""

    def __init__(self, calendar: Calendar | None) -> None:
        self.calendar = calendar

    def counts(self, minute: datetime) -> bool:
        """Say whether a minute, by its beginning, counts."""
        if self.calendar is None:
            return True
        local = minute.astimezone(self.calendar.zone)
        day = local.date()
        works = self.calendar.years[day.year].get(day, day.isoweekday() not in (6, 7))
        return works and any(starts <= local.time() < ends for starts, ends in self.calendar.hours)

    def between(self, since: datetime, until: datetime) -> int:
        """Count the minutes between two whole minutes."""
        return sum(map(self.counts, minutes(since, until)))

    def after(self, start: datetime, count: int) -> datetime:
        """Return the end of the minute with which so many have counted."""
        at = start
        for _ in range(MOST):
            if count <= 0:
                return at
            count -= self.counts(at)
            at += MINUTE
        raise AssertionError("too far")


def minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the whole minutes from one moment to another."""
    at = since.astimezone(UTC)
    while at < until:
        yield at
        at += MINUTE
