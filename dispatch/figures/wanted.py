"""What somebody wants counted: which days, where, of what, and by what it is split."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dispatch.errors import FiguresPeriodError

MOST_DAYS = 3660


class By(StrEnum):
    """By what figures are split."""

    AREA = "area"
    WORKER = "worker"
    DEPARTMENT = "department"
    CATEGORY = "category"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Local days from `first` to `last`, both among them; codes of an area (with all below it), a layer, a category.

    `level` is that of the areas by which it is split; None: the one right below `area`, the grids without an area.

    Raises
    ------
    FiguresPeriodError
        If the last day is before the first, or more than ten years lie between them.
    """

    first: date
    last: date
    area: str | None = None
    layer: str | None = None
    category: str | None = None
    by: By | None = None
    level: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise FiguresPeriodError(days=MOST_DAYS)

    def days(self) -> Iterator[date]:
        """Return each day of the period."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def begins(day: date, by: By) -> date:
    """Return the first day of the day, week (Monday) or month that a day belongs to."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day
