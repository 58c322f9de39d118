"""Calendar: the town's working time, over weekends, statutory holidays and the workdays that make up for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.errors import CalendarYearUnknownError

DAY = timedelta(days=1)
NONE = timedelta(0)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time in one measure: a working day is the hours of one full day, wherever in the day it begins.

    `hours` are the times of a working day, in order and apart, in the town's `zone`. `years` says of each known year
    which days depart from Monday to Friday, and whether they are worked. Nothing is assumed of any other year.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    years: Mapping[int, Mapping[date, bool]]
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def full_day(self) -> timedelta:
        """Return how long a working day is."""
        return sum((_of_midnight(ends) - _of_midnight(starts) for starts, ends in self.hours), NONE)

    def works(self, day: date) -> bool:
        """Say whether a day is worked.

        Raises
        ------
        CalendarYearUnknownError
            If nothing is known of its year.
        """
        known = self.years.get(day.year)
        if known is None:
            raise CalendarYearUnknownError(year=day.year)
        return known.get(day, day.weekday() < SATURDAY)

    def begins(self, year: int) -> datetime:
        """Return the first moment of a year in the town."""
        return datetime(year, 1, 1, tzinfo=self.zone).astimezone(UTC)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Return the working time between two moments; none when the second is not later.

        Raises
        ------
        CalendarYearUnknownError
            If a day between them lies in a year of which nothing is known.
        """
        spans = self._spans(since, until)
        return sum((max(NONE, min(until, ends) - max(since, starts)) for starts, ends in spans), NONE)

    def after(self, start: datetime, work: timedelta) -> datetime:
        """Return the first moment at which so much has been worked since `start`; `start` itself for no work.

        Raises
        ------
        CalendarYearUnknownError
            If it takes a day in a year of which nothing is known.
        """
        if work <= NONE:
            return start
        left = work
        for starts, ends in self._spans(start, None):
            begin = max(start, starts)
            if begin + left <= ends:
                return begin + left
            left -= max(NONE, ends - begin)
        raise AssertionError("working days never end")

    def _spans(self, since: datetime, until: datetime | None) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working hours from the day of one moment to that of another, or for ever."""
        day = since.astimezone(self.zone).date()
        while until is None or datetime.combine(day, time.min, self.zone).astimezone(UTC) < until:
            yield from self._day(day)
            day += DAY

    def _day(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        found = self._days.get(day)
        if found is None:
            hours = self.hours if self.works(day) else ()
            found = tuple((self._at(day, starts), self._at(day, ends)) for starts, ends in hours)
            self._days[day] = found
        return found

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def _of_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
