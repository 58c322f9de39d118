"""What a report becomes: its category's rule, its times, its deadline."""

from datetime import timedelta

import pytest

from data.categories import Urgency
from data.incidents import Given, Status
from dispatch.errors import TimeInFutureError, TimeTooOldError, UnknownCategoryError
from dispatch.triage import Report, open_incident
from geo.errors import PointOutOfRangeError, UnknownDatumError
from tests.support.city import NOON, rule

RULES = {"fire": rule("fire", urgency=Urgency.EMERGENCY, deadline=timedelta(minutes=30))}


def report(**given: object) -> Report:
    usual = {
        "given": Given(118.3, 27.0, "wgs84"),
        "category": "fire",
        "reporter": "reporter:1",
        "description": "冒烟",
    }
    return Report(**(usual | given))  # type: ignore[arg-type]


def test_a_report_takes_urgency_and_layer_from_its_category_and_is_filed_now() -> None:
    opened = open_incident(report(), RULES, NOON)
    assert (opened.urgency, opened.layer, opened.status) == (Urgency.EMERGENCY, "governance", Status.FILED)
    assert (opened.reported_at, opened.filed_at) == (NOON, NOON)
    assert (opened.grid_id, opened.nearest_grid_id, opened.tried) == (None, None, ())


def test_the_deadline_runs_from_the_time_of_reporting() -> None:
    seen = NOON - timedelta(hours=2)
    opened = open_incident(report(reported_at=seen), RULES, NOON)
    assert opened.reported_at == seen
    assert opened.filed_at == NOON
    assert opened.deadline_at == seen + timedelta(minutes=30)


def test_somebody_must_be_there_so_long_after_the_report_where_the_category_says_so() -> None:
    seen = NOON - timedelta(minutes=9)
    rules = {"fire": rule("fire", scene=timedelta(minutes=10))}
    assert open_incident(report(reported_at=seen), rules, NOON).scene_due_at == NOON + timedelta(minutes=1)
    assert open_incident(report(reported_at=seen), RULES, NOON).scene_due_at is None


def test_what_is_sorted_by_hand_is_reported_and_not_filed() -> None:
    opened = open_incident(report(), {"fire": rule("fire", sorted_by_hand=True)}, NOON)
    assert opened.status is Status.REPORTED


def test_a_phone_whose_clock_is_two_minutes_fast_is_believed_to_mean_now() -> None:
    assert open_incident(report(reported_at=NOON + timedelta(minutes=2)), RULES, NOON).reported_at == NOON


def test_a_report_from_the_future_is_refused() -> None:
    with pytest.raises(TimeInFutureError):
        open_incident(report(reported_at=NOON + timedelta(minutes=2, seconds=1)), RULES, NOON)


def test_a_report_may_be_a_week_old_and_no_older() -> None:
    assert open_incident(report(reported_at=NOON - timedelta(days=7)), RULES, NOON)
    with pytest.raises(TimeTooOldError):
        open_incident(report(reported_at=NOON - timedelta(days=7, seconds=1)), RULES, NOON)


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(UnknownCategoryError):
        open_incident(report(category="flood"), RULES, NOON)


def test_a_position_in_another_datum_is_kept_as_given_and_used_as_wgs84() -> None:
    given = Given(116.404, 39.915, "gcj02")
    opened = open_incident(report(given=given), RULES, NOON)
    assert opened.given == given
    # 116.404, 39.915 in GCJ-02 is about 540 m off: the published example of the eviltransform family of converters
    assert opened.point.lng == pytest.approx(116.39775, abs=2e-5)
    assert opened.point.lat == pytest.approx(39.91360, abs=2e-5)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (Given(180.1, 27, "wgs84"), PointOutOfRangeError),
        (Given(float("nan"), 27, "wgs84"), PointOutOfRangeError),
        (Given(118, float("inf"), "wgs84"), PointOutOfRangeError),
        (Given(118, 27, "mars"), UnknownDatumError),
    ],
)
def test_a_position_that_is_none_is_refused(given: Given, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        open_incident(report(given=given), RULES, NOON)
