"""What may be the same is said in the order of like words, then of metres; and discontent is what its words say."""

from datetime import UTC, datetime, timedelta

import pytest

from data.categories import Urgency
from data.evaluations import Judged
from data.incidents import Status
from data.receipts import LENGTH, LETTERS, ReceiptKind, key_of, new_receipt
from dispatch.errors import JudgingEndedError, NotClosedError
from dispatch.judgement import closing_to_judge, discontent
from dispatch.likeness import like, told
from geo.point import Point

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_an_emergency_is_looked_for_among_those_of_a_day_and_an_ordinary_matter_among_those_of_thirteen() -> None:
    days = {
        urgency: (NOON - like(Point(118.3, 27.0), "noise", "", urgency, NOON).since) / timedelta(days=1)
        for urgency in Urgency
    }
    assert days == {Urgency.EMERGENCY: 1, Urgency.URGENT: 3, Urgency.ORDINARY: 13}


@pytest.mark.parametrize(
    ("metres", "seen", "said"),
    [(0.0, False, 10), (14.9, False, 10), (15.1, False, 20), (247.0, False, 250), (14.6, True, 15)],
)
def test_who_does_not_see_a_matter_is_told_tens_of_metres(metres: float, seen: bool, said: float) -> None:
    assert told(metres, seen) == said


@pytest.mark.parametrize(
    ("stars", "solved", "again"),
    [(5, True, False), (3, True, False), (2, True, True), (1, True, True), (5, False, True), (3, False, True)],
)
def test_not_solved_or_two_stars_and_fewer_is_discontent(stars: int, solved: bool, again: bool) -> None:
    assert discontent(Judged(stars, solved)) is again


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CLOSED])
def test_only_what_is_closed_can_be_judged(status: Status) -> None:
    with pytest.raises(NotClosedError):
        closing_to_judge(status, NOON, NOON)


def test_it_can_be_judged_for_thirty_days() -> None:
    assert closing_to_judge(Status.CLOSED, NOON, NOON + timedelta(days=30)) == NOON
    with pytest.raises(JudgingEndedError):
        closing_to_judge(Status.CLOSED, NOON, NOON + timedelta(days=30, seconds=1))


def test_codes_are_twelve_letters_of_which_none_is_taken_for_another() -> None:
    codes = {new_receipt(ReceiptKind.REPORT, None).code for _ in range(500)}
    assert len(codes) == 500
    assert {len(code.replace("-", "")) for code in codes} == {LENGTH}
    assert set("".join(codes)) == {*LETTERS, "-"}
    assert not set(LETTERS) & set("0O1ILBSZU")
    assert len({key_of(code) for code in codes}) == 500


def test_a_code_and_what_is_typed_for_it_open_the_same() -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in "2345678VACDE")
    assert key_of("2345-678V-ACDE") == key_of(" z34s 67bu acde ") == key_of(wide)
    assert key_of("2345-678V-ACDE") != key_of("2345-678V-ACDF")
    assert key_of("") != key_of("2")


def test_a_code_is_shown_by_no_record() -> None:
    given = new_receipt(ReceiptKind.FOLLOW, "account:x")
    assert given.code not in repr(given)
    assert "漏水" not in repr(Judged(1, False, "漏水"))
