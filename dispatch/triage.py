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
    """What somebody reported. `reporter` is an actor, never a name; position as given, in `given.datum`.

    `holder`: whose own the receipt is; None: it was reported on somebody's behalf.
    """

    given: Given
    category: str
    reporter: str
    description: str = field(repr=False)
    address: str | None = field(repr=False, default=None)
    reported_at: datetime | None = None
    holder: str | None = None


def open_incident(report: Report, rules: Mapping[str, Category], now: datetime) -> Incident:
    """Turn a report into an incident, in no grid yet: filed, or reported where its category is sorted by hand.

    Its clocks run from the time of reporting, which a client that was offline may give itself.

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
        raise UnknownCategoryError
    reported_at = in_time(report.reported_at or now, now, "reported_at")
    return Incident(
        id=new_id(),
        category=rule.code,
        layer=rule.layer,
        urgency=rule.urgency,
        status=Status.REPORTED if rule.sorted_by_hand else Status.FILED,
        point=point_in(report.given.lng, report.given.lat, report.given.datum),
        given=report.given,
        grid_id=None,
        area_id=None,
        nearest_grid_id=None,
        reporter=report.reporter,
        reported_at=reported_at,
        filed_at=now,
        deadline_at=reported_at + rule.deadline,
        description=report.description,
        address=report.address,
        scene_due_at=None if rule.scene is None else reported_at + rule.scene,
    )


def in_time(given: datetime, now: datetime, field_name: str) -> datetime:
    """Return a time that a client gave, `now` where its clock is a little fast.

    Raises
    ------
    TimeInFutureError, TimeTooOldError
        If it is ahead of `now` by more than two minutes, or back by more than seven days.
    """
    if given > now + CLOCK_SLIP:
        raise TimeInFutureError(field=field_name)
    if given < now - OLDEST_REPORT:
        raise TimeTooOldError(field=field_name, days=OLDEST_REPORT.days)
    return min(given, now)
