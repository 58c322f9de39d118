"""Who is on duty: against a clock on the wall that is looked at minute by minute, on days of 23, 24 and 25 hours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.rosters import DayChange, Pattern, Reason, Reservation
from dispatch.roster import Duty, Reserved, duty_of, epoch, reserved_of

ANNA, BO = UUID(int=1), UUID(int=2)
SHANGHAI, VADUZ, LORD_HOWE = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Vaduz", "Australia/Lord_Howe"))
SWITCH_DAYS = (
    (VADUZ, date(2026, 3, 29)),
    (VADUZ, date(2026, 10, 25)),
    (LORD_HOWE, date(2026, 4, 5)),  # by half an hour
    (LORD_HOWE, date(2026, 10, 4)),
    (SHANGHAI, date(2026, 5, 4)),
)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Shift = tuple[time, time]


def pattern(day: date, starts: str, ends: str, who: UUID = ANNA, **more: date | None) -> Pattern:
    return Pattern(uuid4(), who, day.isoweekday(), time.fromisoformat(starts), time.fromisoformat(ends), **more)


def change(day: date, shift: Shift | None, reason: Reason, act: int = 0, who: UUID = ANNA) -> DayChange:
    starts, ends = shift or (None, None)
    return DayChange(uuid4(), who, day, starts, ends, reason, datetime(2026, 1, 1, act, tzinfo=UTC))


def at(zone: ZoneInfo, day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone)


def on(duty: Duty, now: datetime) -> list[bool]:
    return list(duty.mask({ANNA: 0, BO: 1}, 2, now))


@cache
def minutes(zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
    """Return every minute from two days before a day to three days after it, and what the clock on the wall shows."""
    first = datetime.combine(day - 3 * DAY, time(0), UTC)
    moments = [first + n * MINUTE for n in range(7 * 1440)]
    return [(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in moments]


def looked_at(shifts: Sequence[tuple[date, Shift]], zone: ZoneInfo, day: date) -> set[datetime]:
    """Return the minutes of a day and the next on which somebody with these shifts is on duty, by looking at the clock."""
    found = set()
    for starts_on, (starts, ends) in shifts:
        begin = datetime.combine(starts_on, starts)
        end = datetime.combine(starts_on if ends > starts else starts_on + DAY, ends)
        begun = ended = False
        for moment, shown in minutes(zone, day):
            begun, ended = begun or shown >= begin, ended or shown >= end
            if begun and not ended and shown.date() in (day, day + DAY):
                found.add(moment)
    return found


def replayed(patterns: Sequence[Pattern], changes: Sequence[DayChange], day: date) -> list[Shift]:
    """Return a day's shifts by going through what was said of it, act by act."""
    shifts = [(one.starts, one.ends) for one in patterns if one.weekday == day.isoweekday()]
    told = sorted((one for one in changes if one.day == day), key=lambda one: (one.made_at, one.reason == "extra"))
    for (_, extra), rows in groupby(told, key=lambda one: (one.made_at, one.reason == "extra")):
        given = [(row.starts, row.ends) for row in rows if row.starts and row.ends]
        shifts = [*shifts, *given] if extra else given
    return shifts


CLOCKS = st.integers(0, 287).map(lambda n: time(n // 12, n % 12 * 5))
SHIFTS = st.tuples(CLOCKS, CLOCKS)
DAYS_ON = st.integers(-1, 1)


@given(
    st.sampled_from(SWITCH_DAYS),
    st.lists(st.tuples(DAYS_ON, SHIFTS), max_size=5),
    st.lists(st.tuples(DAYS_ON, st.none() | SHIFTS, st.sampled_from(Reason), st.integers(0, 3)), max_size=4),
)
@example(SWITCH_DAYS[0], [(-1, (time(22), time(2, 30))), (0, (time(2, 30), time(6)))], [])
@example(SWITCH_DAYS[1], [(-1, (time(22), time(2, 30))), (0, (time(2, 30), time(6)))], [])
@example(SWITCH_DAYS[1], [(-1, (time(22), time(6)))], [(0, None, Reason.LEAVE, 0)])
def test_duty_is_what_the_clock_on_the_wall_says(
    where: tuple[ZoneInfo, date],
    usual: list[tuple[int, Shift]],
    said: list[tuple[int, Shift | None, Reason, int]],
) -> None:
    zone, day = where
    patterns = [Pattern(uuid4(), ANNA, (day + n * DAY).isoweekday(), starts, ends) for n, (starts, ends) in usual]
    changes = [
        change(day + n * DAY, shift, reason, act)
        for n, shift, reason, act in said
        if not (reason is Reason.EXTRA and shift is None)
    ]
    shifts = [
        (on_day, shift)
        for n in (-1, 0, 1)
        for on_day in [day + n * DAY]
        for shift in replayed(patterns, changes, on_day)
    ]
    duty, wanted = duty_of(patterns, changes, day, day + DAY, zone), looked_at(shifts, zone, day)
    row_of = {ANNA: 0}
    window = [moment for moment, shown in minutes(zone, day) if shown.date() in (day, day + DAY)]
    assert {moment for moment in window if duty.mask(row_of, 1, moment)[0]} == wanted


@pytest.mark.parametrize(("zone", "day"), SWITCH_DAYS)
def test_shifts_that_meet_by_the_clock_leave_no_gap_and_do_not_overlap(zone: ZoneInfo, day: date) -> None:
    """Also at times that the clocks skip, or show twice."""
    shown = [epoch(day, time(n // 60, n % 60), zone) for n in range(1440)]
    assert shown == sorted(shown)
    midnight, next_midnight = epoch(day, time(0), zone), epoch(day + DAY, time(0), zone)
    for clock in ("02:15", "02:30", "02:00", "03:00"):
        patterns = [pattern(day, "00:00", clock), pattern(day, clock, "00:00", BO)]
        duty = duty_of(patterns, [], day, day, zone)
        every = np.arange(midnight, next_midnight, 60)
        assert all(sum(on(duty, datetime.fromtimestamp(moment, UTC))) == 1 for moment in every)


def test_a_night_runs_into_a_day_that_is_off(zone: ZoneInfo = SHANGHAI) -> None:
    day = date(2026, 5, 4)
    nights = [pattern(day - DAY, "20:00", "08:00"), pattern(day, "20:00", "08:00")]
    duty = duty_of(nights, [change(day, None, Reason.LEAVE)], day, day + DAY, zone)
    assert [on(duty, at(zone, day, clock))[0] for clock in ("07:59", "08:00", "20:00", "23:59")] == [True] + [
        False
    ] * 3
    assert duty.holds_until(ANNA, at(zone, day, "01:00")) == at(zone, day, "08:00")
    assert duty.holds_until(ANNA, at(zone, day, "21:00")) is None


def test_equal_times_are_twenty_four_hours_and_touching_shifts_are_one_duty() -> None:
    day = date(2026, 5, 4)
    duty = duty_of(
        [pattern(day, "08:00", "08:00"), pattern(day + DAY, "08:00", "12:00")], [], day, day + DAY, SHANGHAI
    )
    assert duty.holds_until(ANNA, at(SHANGHAI, day, "08:00")) == at(SHANGHAI, day + DAY, "12:00")
    assert duty.next_boundary(at(SHANGHAI, day, "08:00")) == at(SHANGHAI, day + DAY, "12:00")
    assert duty.next_boundary(at(SHANGHAI, day + DAY, "12:00")) is None
    assert not on(duty, at(SHANGHAI, day, "07:59"))[0]


def test_a_pattern_counts_from_its_first_to_its_last_day() -> None:
    day = date(2026, 5, 4)
    weekly = pattern(day, "08:00", "16:00", from_day=day, until_day=day)
    for weeks, wanted in ((-1, False), (0, True), (1, False)):
        there = day + 7 * weeks * DAY
        assert on(duty_of([weekly], [], there, there, SHANGHAI), at(SHANGHAI, there, "12:00"))[0] == wanted


def test_nobody_scheduled_is_nobody_on_duty_and_days_not_asked_for_are_nobody_s() -> None:
    day = date(2026, 5, 4)
    duty = duty_of([pattern(day, "08:00", "16:00", BO)], [], day, day, SHANGHAI)
    noon = at(SHANGHAI, day, "12:00")
    assert on(duty, noon) == [False, True]
    assert duty.on(noon) == [BO]
    assert on(duty, noon + 7 * DAY) == [False, False]
    beyond = change(day + DAY, (time(8), time(16)), Reason.EXTRA)
    assert on(duty_of([], [beyond], day, day, SHANGHAI), noon + DAY) == [False, False]
    assert on(Duty.nobody(), noon) == [False, False]
    assert (Duty.nobody().next_boundary(noon), Duty.nobody().holds_until(ANNA, noon), Duty.nobody().on(noon)) == (
        None,
        None,
        [],
    )


def test_a_mask_is_kept_until_the_next_boundary_and_for_one_crew_only() -> None:
    day = date(2026, 5, 4)
    duty = duty_of([pattern(day, "08:00", "16:00"), pattern(day, "12:00", "20:00", BO)], [], day, day, SHANGHAI)
    crew = {ANNA: 0, BO: 1}
    first = duty.mask(crew, 2, at(SHANGHAI, day, "08:00"))
    assert duty.mask(crew, 2, at(SHANGHAI, day, "11:59")) is first
    assert list(duty.mask(crew, 2, at(SHANGHAI, day, "12:00"))) == [True, True]
    assert list(duty.mask(crew, 2, at(SHANGHAI, day, "11:59"))) == [True, False]  # a clock may step back
    assert list(duty.mask({BO: 0, UUID(int=9): 1, ANNA: 2}, 3, at(SHANGHAI, day, "11:59"))) == [False, False, True]
    assert list(duty.mask({ANNA: 0, BO: 1}, 2, at(SHANGHAI, day, "10:00"))) == [True, False]
    assert list(duty.mask({BO: 0, ANNA: 1}, 2, at(SHANGHAI, day, "10:00"))) == [False, True]
    assert list(duty.mask({BO: 0, UUID(int=9): 1}, 2, at(SHANGHAI, day, "12:00"))) == [True, False]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = False


def test_who_is_spoken_for_is_so_from_first_to_last_moment_but_not_for_the_own_incident() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    fire, other = uuid4(), uuid4()
    rows = [
        Reservation(uuid4(), ANNA, noon, noon + timedelta(hours=1), fire, "x"),
        Reservation(uuid4(), BO, noon, noon + timedelta(hours=2), None, "x"),
    ]
    reserved, crew = reserved_of(rows), {ANNA: 0, BO: 1}
    for minute, but, wanted in (
        (-1, None, [False, False]),
        (0, None, [True, True]),
        (0, fire, [False, True]),
        (0, other, [True, True]),
        (60, None, [False, True]),
        (120, None, [False, False]),
    ):
        assert list(reserved.mask(crew, 2, noon + minute * MINUTE, but)) == wanted
    assert reserved.next_boundary(noon) == noon + timedelta(hours=1)
    assert list(Reserved.nobody().mask(crew, 2, noon, fire)) == [False, False]


SPANS = st.lists(st.tuples(st.sampled_from([ANNA, BO]), st.integers(0, 40), st.integers(1, 15)), max_size=12)


@given(SPANS, st.integers(-2, 60), st.sets(st.integers(0, 11)))
def test_spans_held_are_those_that_one_by_one_hold_the_moment(
    given_: list[tuple[UUID, int, int]], hour: int, own: set[int]
) -> None:
    start, mine = datetime(2026, 5, 4, tzinfo=UTC), uuid4()
    rows = [
        Reservation(
            uuid4(),
            who,
            start + timedelta(hours=first),
            start + timedelta(hours=first + long),
            mine if n in own else None,
            "x",
        )
        for n, (who, first, long) in enumerate(given_)
    ]
    now = start + timedelta(hours=hour)
    for but in (None, mine):
        wanted = {r.worker_id for r in rows if r.starts <= now < r.ends and (but is None or r.incident_id != but)}
        assert list(reserved_of(rows).mask({ANNA: 0, BO: 1}, 2, now, but)) == [ANNA in wanted, BO in wanted]
