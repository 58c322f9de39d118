"""Shifts, days, swaps and reservations in."""

import re
from datetime import date, time
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.fields import Code, Incoming, Moment, Text
from data.rosters import Reason
from dispatch.desk.reserve import ReservationWanted
from dispatch.desk.roster import WeekShift
from dispatch.desk.swap import SwapWanted
from dispatch.desk.week import WeekWanted
from dispatch.shifts import Shift

A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
MOST_DAYS = 31
LONGEST_S = MOST_DAYS * 86_400


def _iso_day(given: object) -> object:
    """Refuse numbers and moments, of which pydantic would make days."""
    if not (isinstance(given, date) or (isinstance(given, str) and A_DAY.fullmatch(given))):
        raise ValueError("not a day of ISO 8601")
    return given


Day = Annotated[date, BeforeValidator(_iso_day), Field(ge=FIRST, le=LAST)]
Clock = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Field(description="the town's time, HH:MM")
]


class ShiftIn(Incoming):
    """A shift; one that ends no later than it starts runs into the next day, equal times are 24 hours."""

    starts: Clock
    ends: Clock

    def shift(self) -> Shift:
        """Turn it into what the rules take."""
        return time.fromisoformat(self.starts), time.fromisoformat(self.ends)


class PatternIn(ShiftIn):
    """A shift of every week; 1 is Monday, both days are inclusive."""

    weekday: int = Field(ge=1, le=7, strict=True)
    from_day: Day | None = None
    until_day: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise ValueError("the last day is before the first")
        return self


class WeekIn(Incoming):
    """A worker's week, in the place of the one before; none: never on duty."""

    patterns: list[PatternIn] = Field(max_length=50)

    def wanted(self) -> list[WeekShift]:
        """Turn it into what the desk takes."""
        return [WeekShift(one.weekday, *one.shift(), one.from_day, one.until_day) for one in self.patterns]


class DayIn(Incoming):
    """What a worker's day is; no shifts: off."""

    day: Day
    shifts: list[ShiftIn] = Field(default_factory=list, max_length=10)
    reason: Literal["leave", "extra", "changed"]

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if self.reason == "extra" and not self.shifts:
            raise ValueError("an extra shift has times")
        return self

    def why(self) -> Reason:
        """Return the reason."""
        return Reason(self.reason)

    def wanted(self) -> list[Shift]:
        """Turn the shifts into what the rules take."""
        return [one.shift() for one in self.shifts]


class SwapIn(Incoming):
    """Who trades the shifts of a day with whom; `with_day` when the other gives those of another day."""

    day: Day
    worker: UUID
    other: UUID = Field(alias="with")
    with_day: Day | None = None

    @model_validator(mode="after")
    def _two_people(self) -> Self:
        if self.worker == self.other:
            raise ValueError("nobody swaps with himself")
        return self

    def wanted(self) -> SwapWanted:
        """Turn it into what the desk takes."""
        return SwapWanted(self.worker, self.day, self.other, self.with_day or self.day)


class ReservationIn(Incoming):
    """A time for which a worker is spoken for, at most 31 days long."""

    starts: Moment = Field(alias="from")
    until: Moment
    purpose: Annotated[Text, StringConstraints(max_length=300)]
    incident: UUID | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not (self.starts.date() >= FIRST and self.until.date() <= LAST):
            raise ValueError("the time lies too far off")
        if not 0 < (self.until - self.starts).total_seconds() <= LONGEST_S:
            raise ValueError("the time does not end after it begins, or is too long")
        return self

    def wanted(self) -> ReservationWanted:
        """Turn it into what the desk takes."""
        return ReservationWanted(self.starts, self.until, self.purpose, self.incident)


class RosterIn(Incoming):
    """Which days of whom to show."""

    first: Day | None = Field(default=None, alias="from", description="default: today")
    days: int = Field(default=7, ge=1, le=MOST_DAYS)
    area: Code | None = Field(default=None, description="code of an area: whoever is at home in it")
    search: Code | None = Field(default=None, description="part of a code")
    after: Code | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=200, ge=1, le=500)

    def wanted(self) -> WeekWanted:
        """Turn it into what the desk takes."""
        return WeekWanted(self.first, self.days, self.area, self.search, self.after, self.limit)


class OwnDaysIn(Incoming):
    """How many days to show, today first."""

    days: int = Field(default=14, ge=1, le=MOST_DAYS)
