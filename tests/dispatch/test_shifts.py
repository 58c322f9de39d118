"""Which shifts a day has and whether any overlap: against days that are laid out minute by minute."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from hypothesis import example, given
from hypothesis import strategies as st

from data.rosters import DayChange, Pattern, Reason
from dispatch.shifts import Shift, collide, patterns_overlap, shifts_of_day

ANNA = UUID(int=1)
MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)
CLOCKS = st.integers(0, 23).map(lambda n: time(n, 0))
SHIFTS = st.tuples(CLOCKS, CLOCKS)
DAYS = st.none() | st.integers(-9, 9)


def hours(day: int, shift: Shift) -> range:
    """Return the hours of a shift, counted from Monday's midnight."""
    first, last = day * 24 + shift[0].hour, day * 24 + shift[1].hour
    return range(first, last if last > first else last + 24)


def twice(shifts: list[tuple[int, Shift]]) -> set[int]:
    """Return the hours that are taken more than once."""
    counted = Counter(hour for day, shift in shifts for hour in hours(day, shift))
    return {hour for hour, times in counted.items() if times > 1}


@given(st.lists(st.tuples(st.integers(1, 7), SHIFTS, DAYS, DAYS), max_size=4))
@example([(7, (time(20), time(6)), None, None), (1, (time(5), time(9)), None, None)])
@example([(1, (time(5), time(9)), None, None), (7, (time(20), time(6)), None, None)])
@example([(7, (time(20), time(6)), None, 6), (1, (time(5), time(9)), 7, None)])
@example([(7, (time(20), time(6)), None, 6), (1, (time(5), time(9)), 8, None)])
@example([(1, (time(8), time(9)), 0, 0), (1, (time(8), time(9)), None, None)])
@example([(1, (time(8), time(9)), None, -1), (1, (time(8), time(9)), 0, None)])
@example([(1, (time(8), time(9)), 1, 6), (1, (time(8), time(9)), None, None)])
def test_patterns_overlap_when_some_week_has_an_hour_twice(
    rows: list[tuple[int, Shift, int | None, int | None]],
) -> None:
    """Sixteen weeks laid out hold every week that differs: no first or last day lies farther off than nine days."""
    patterns = [
        Pattern(
            uuid4(),
            ANNA,
            weekday,
            *shift,
            None if first is None else MONDAY + first * DAY,
            None if last is None else MONDAY + max(last, first or last) * DAY,
        )
        for weekday, shift, first, last in rows
    ]
    laid_out = [
        (day, (one.starts, one.ends))
        for day in range(-56, 56)
        for one in patterns
        if one.weekday == (MONDAY + day * DAY).isoweekday()
        and (one.from_day is None or one.from_day <= MONDAY + day * DAY)
        and (one.until_day is None or MONDAY + day * DAY <= one.until_day)
    ]
    assert patterns_overlap(patterns) == bool(twice(laid_out))


@given(st.lists(st.tuples(st.integers(-1, 1), SHIFTS), max_size=5))
@example([(-1, (time(20), time(9))), (0, (time(8), time(16)))])
@example([(0, (time(8), time(16))), (0, (time(8), time(16)))])
@example([(-1, (time(20), time(9))), (1, (time(8), time(16)))])
def test_a_day_collides_when_an_hour_of_its_shifts_is_taken_twice(shifts: list[tuple[int, Shift]]) -> None:
    days: dict[date, list[Shift]] = {}
    for day, shift in shifts:
        days.setdefault(MONDAY + day * DAY, []).append(shift)
    own = {hour for day, shift in shifts if day == 0 for hour in hours(day, shift)}
    assert collide(days, [MONDAY]) == (MONDAY if own & twice(shifts) else None)


def test_the_last_act_stands_and_extra_shifts_come_on_top() -> None:
    def said(act: int, reason: Reason, *shifts: Shift) -> list[DayChange]:
        moment = datetime(2026, 5, 1, act, tzinfo=UTC)
        if not shifts:
            return [DayChange(uuid4(), ANNA, MONDAY, None, None, reason, moment)]
        return [DayChange(uuid4(), ANNA, MONDAY, *shift, reason, moment) for shift in shifts]

    early, late, night = (time(6), time(14)), (time(14), time(22)), (time(22), time(6))
    for changes, wanted in (
        ([], [early]),
        (said(1, Reason.LEAVE), []),
        (said(1, Reason.CHANGED, night, late), [late, night]),
        (said(1, Reason.EXTRA, late), [early, late]),
        (said(1, Reason.LEAVE) + said(2, Reason.EXTRA, late), [late]),
        (said(1, Reason.EXTRA, late) + said(2, Reason.LEAVE), []),
        (said(2, Reason.LEAVE) + said(1, Reason.SWAP, late), []),
        (said(1, Reason.SWAP, late) + said(2, Reason.SWAP, night), [night]),
    ):
        assert shifts_of_day([early], changes) == wanted
