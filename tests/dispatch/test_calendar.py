"""Working time agrees with a count of every minute, and the shipped years with what the State Council announced."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.calendars import CalendarFileError, read_year, shipped
from dispatch.calendar import Calendar
from dispatch.errors import CalendarYearUnknownError
from tests.support.working_time import Minutes

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8), time(12)), (time(14), time(18)))
YEARS = {year: one.days for year, one in shipped().items()}
CHINA = Calendar(SHANGHAI, HOURS, YEARS)
SPANS = (HOURS, ((time(9), time(17)),), ((time(5), time(6, 30)), (time(7), time(7, 1)), (time(20), time(23, 59))))
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Draw a town: its zone, hours, and a year in which some days are otherwise."""
    days = draw(st.dictionaries(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=40))
    near = {
        date(2025, 3, 28) + timedelta(days=n): works
        for n, works in enumerate(draw(st.lists(st.booleans(), max_size=9)))
    }
    years = {year: {day: works for day, works in (days | near).items() if day.year == year} for year in (2025, 2026)}
    return Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(SPANS)), years)


FIRST = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.one_of(
    st.integers(83, 97),  # days after which Europe changes its clocks
    st.integers(294, 309),  # and America
    st.integers(353, 374),  # the turn of the year
).flatmap(lambda day: st.integers(0, 1439).map(lambda minute: FIRST + timedelta(days=day, minutes=minute)))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), since=moments, minutes=st.integers(-100, 6000))
def test_working_time_is_the_minutes_that_are_worked(calendar: Calendar, since: datetime, minutes: int) -> None:
    until = since + timedelta(minutes=minutes)
    assert calendar.worked(since, until) == timedelta(minutes=Minutes(calendar).between(since, until))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), start=moments, minutes=st.integers(0, 1500))
def test_the_moment_after_so_much_work_is_the_first_with_so_many_minutes(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    if any(calendar.works((start + timedelta(days=n)).date()) for n in range(3, 9)):
        assert calendar.after(start, timedelta(minutes=minutes)) == Minutes(calendar).after(start, minutes)


@settings(max_examples=40, deadline=None)
@given(start=moments, seconds=st.floats(0, 200_000))
def test_what_is_worked_until_the_moment_after_it_is_what_was_asked(start: datetime, seconds: float) -> None:
    work = timedelta(seconds=seconds)
    assert CHINA.worked(start, CHINA.after(start, work)) == work


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-04-14T10:00", 1, "2026-04-15T10:00"),  # Tuesday
        ("2026-04-12T10:00", 1, "2026-04-13T18:00"),  # Sunday: Monday's closing
        ("2026-02-13T17:00", 1, "2026-02-14T17:00"),  # a Saturday that is worked before Spring Festival
        ("2026-02-14T17:00", 1, "2026-02-24T17:00"),  # nine days of rest
        ("2026-09-30T12:30", 1, "2026-10-08T12:00"),  # in the lunch break, before National Day
        ("2025-12-31T15:00", 2, "2026-01-05T15:00"),  # over the year: Sunday the 4th is worked
    ],
)
def test_a_working_day_is_the_hours_of_one(start: str, days: int, due: str) -> None:
    assert CHINA.after(local(start), days * CHINA.full_day) == local(due)


@pytest.mark.parametrize("year", shipped())
def test_every_day_of_the_shipped_years_is_as_the_calendar_of_others_has_it(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    for day in (day for day in days if day.year == year):
        assert CHINA.works(day) == chinese_calendar.is_workday(day), day
    assert shipped()[year].source.startswith(f"国务院办公厅关于{year}年部分节假日安排的通知")


def test_a_year_that_is_not_known_is_never_taken_as_monday_to_friday() -> None:
    assert min(YEARS) <= 2024 < 2026 <= max(YEARS), "three years at least"
    before, last = min(YEARS) - 1, max(YEARS)
    for act in (
        lambda: CHINA.works(date(last + 1, 6, 1)),
        lambda: CHINA.after(local(f"{last}-12-31T17:00"), timedelta(hours=2)),
        lambda: CHINA.worked(local(f"{before}-12-31T17:00"), local(f"{before + 1}-01-09T17:00")),
    ):
        with pytest.raises(CalendarYearUnknownError):
            act()
    assert CHINA.worked(local(f"{last}-12-31T17:00"), local(f"{last + 1}-01-01T00:00")) == timedelta(hours=1)
    assert CHINA.after(local(f"{last}-12-31T17:00"), timedelta(hours=1)) == local(f"{last}-12-31T18:00")


GOOD = 'year = 2027\nsource = "x"\n[[holiday]]\nname = "元旦"\nrest = [2027-01-01]\nwork = [2027-01-02]\n'


def test_a_year_s_file_says_which_days_are_otherwise() -> None:
    assert read_year(GOOD).days == {date(2027, 1, 1): False, date(2027, 1, 2): True}


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("year = 2027", "year = 27"),
        ("year = 2027", "year = true"),
        ('source = "x"', 'source = ""'),
        ("[2027-01-02]", "[2026-12-31]"),
        ("[2027-01-02]", "[2027-01-01]"),
        ("[2027-01-02]", "[2027-01-02T08:00:00]"),
        ("[2027-01-02]", '["soon"]'),
        ("[2027-01-02]", "7"),
        ("[2027-01-01]", "[]"),
        ('name = "元旦"', ""),
        ("[[holiday]]", "[holiday]"),
        ("[[holiday]]", "[[holiday"),
    ],
)
def test_what_is_no_year_is_refused(was: str, becomes: str) -> None:
    with pytest.raises(CalendarFileError):
        read_year(GOOD.replace(was, becomes))
