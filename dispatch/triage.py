"""Triage: what a report becomes. Its category names layer, skill, urgency, ranking and deadline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data.categories import Category
from data.incidents import Given, Incident, Status
from data.schema import new_id
from dispatch.errors import TimeInFutureError, TimeTooOldError, UnknownCategoryError
from geo.datum import point_in

CLOCK_SLIP = timedelta(minutes=2)
OLDEST_REPORT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reported. `reporter` is an actor, never a name; position as given, in `given.datum`."""

    given: Given
    category: str
    reporter: str
    description: str = field(repr=False)
    address: str | None = field(repr=False, default=None)
    reported_at: datetime | None = None


def open_incident(report: Report, rules: Mapping[str, Category], now: datetime) -> Incident:
    """Turn a report into a filed incident, in no grid yet.

    The deadline runs from the time of reporting, which a client that was offline may give itself.

    Raises
    ------
    UnknownCategoryError
        If there is no such category.
    TimeInFutureError, TimeTooOldError
        If `reported_at` is ahead of `now` by more than two minutes, or back by more than seven days.
    UnknownDatumError, PointOutOfRangeError
        If the position is none.
    """
    rule = rules.get(report.category)
    if rule is None:
        raise UnknownCategoryError(category=report.category)
    reported_at = _checked(report.reported_at or now, now)
    return Incident(
        id=new_id(),
        category=rule.code,
        layer=rule.layer,
        urgency=rule.urgency,
        status=Status.FILED,
        point=point_in(report.given.lng, report.given.lat, report.given.datum),
        given=report.given,
        grid_id=None,
        nearest_grid_id=None,
        reporter=report.reporter,
        reported_at=reported_at,
        filed_at=now,
        deadline_at=reported_at + rule.deadline,
        description=report.description,
        address=report.address,
    )


def _checked(reported_at: datetime, now: datetime) -> datetime:
    if reported_at > now + CLOCK_SLIP:
        raise TimeInFutureError(field="reported_at")
    if reported_at < now - OLDEST_REPORT:
        raise TimeTooOldError(field="reported_at", days=OLDEST_REPORT.days)
    return min(reported_at, now)
