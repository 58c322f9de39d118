"""Clocks agree with a count of the minutes they ran: over pauses, extensions, changed limits and years that are missing."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.calendars import shipped
from data.clocks import Clock, Paused
from data.limits import Limit, Step, Unit
from dispatch.calendar import Calendar
from dispatch.deadlines import end, extend, go_on, pause, recompute, remind_at, rewind, start, supervise_at
from dispatch.errors import CalendarYearUnknownError
from tests.support.working_time import MINUTE, Minutes, minutes

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8), time(12)), (time(14), time(18)))
CHINA = Calendar(SHANGHAI, HOURS, {year: one.days for year, one in shipped().items()})
NOON = datetime(2026, 4, 14, 12, 0, tzinfo=SHANGHAI)
LENGTH = {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.WORKING_HOURS: 60, Unit.WORKING_DAYS: 8 * 60}


def limit(amount: int, unit: Unit) -> Limit:
    return Limit(Step.HANDLE, amount, unit)


def oracle(unit: Unit) -> Minutes:
    return Minutes(CHINA if unit in (Unit.WORKING_HOURS, Unit.WORKING_DAYS) else None)


@dataclass
class ByMinutes:
    """The same clock, as a list of the minutes it ran."""

    limit: Limit
    now: datetime
    extra: int = 0
    ran: list[datetime] = field(default_factory=list)
    runs: bool = True

    def pass_until(self, at: datetime) -> None:
        if self.runs:
            self.ran += minutes(self.now, at)
        self.now = at

    @property
    def used(self) -> int:
        return sum(map(oracle(self.limit.unit).counts, self.ran))

    @property
    def allowed(self) -> int:
        return self.limit.amount * LENGTH[self.limit.unit] + self.extra

    def reaches(self, count: int) -> datetime:
        """Return the end of the minute with which so many were used, if it runs on."""
        for at in self.ran:
            count -= oracle(self.limit.unit).counts(at)
            if count <= 0:
                return at + MINUTE
        return oracle(self.limit.unit).after(self.now, count)


limits = st.one_of(
    st.builds(limit, st.integers(1, 600), st.just(Unit.MINUTES)),
    st.builds(limit, st.integers(1, 30), st.just(Unit.HOURS)),
    st.builds(limit, st.integers(1, 20), st.just(Unit.WORKING_HOURS)),
    st.builds(limit, st.integers(1, 3), st.just(Unit.WORKING_DAYS)),
)
starts = st.sampled_from(
    [datetime(2026, 2, 12, tzinfo=UTC), datetime(2026, 4, 30, tzinfo=UTC), datetime(2025, 12, 30, tzinfo=UTC)]
)
acts = st.lists(
    st.tuples(st.sampled_from(["pause", "go_on", "extend", "change", "rewind"]), st.integers(1, 2000), limits),
    max_size=6,
)


@settings(max_examples=50, deadline=None)
@given(first=limits, day=starts, minute=st.integers(0, 1439), happens=acts)
def test_a_clock_s_life_is_the_minutes_it_ran(
    first: Limit, day: datetime, minute: int, happens: list[tuple[str, int, Limit]]
) -> None:
    at = day + timedelta(minutes=minute)
    clock, told = start(first, 1, at, CHINA), ByMinutes(first, at)
    for act, gap, other in happens:
        told.pass_until(told.now + timedelta(minutes=gap))
        clock = step(clock, told, act, gap, other)
        if told.runs:
            assert clock.due_at == told.reaches(told.allowed)
            later = timedelta(minutes=0) if clock.limit.amount < 5 else MINUTE  # a share may end within a minute
            for share, found in ((0.8, remind_at(clock, CHINA)), (1.5, supervise_at(clock, CHINA))):
                assert found is not None
                wanted = told.reaches(-(-told.allowed * int(share * 10) // 10))
                assert wanted - max(later, MINUTE) <= found <= wanted
    told.pass_until(told.now + timedelta(minutes=77))
    ended = end(clock, told.now, CHINA)
    assert ended.consumed == timedelta(minutes=told.used)
    assert ended.late == (told.used > told.allowed or (bool(told.ran) and told.ran[-1] + MINUTE > clock.due_at))
    assert rewind(ended, told.now, CHINA) == clock


def step(clock: Clock, told: ByMinutes, act: str, gap: int, other: Limit) -> Clock:
    """Do the same to both."""
    now, counts = told.now, oracle(told.limit.unit)
    if act == "pause" and told.runs:
        told.runs = False
        return pause(clock, now, Paused.WAITING, CHINA)
    if act == "go_on" and not told.runs:
        told.runs = True
        return go_on(clock, now, CHINA)
    if act == "extend" and told.runs:
        until = counts.after(now, gap)
        told.extra = told.used + gap - told.limit.amount * LENGTH[told.limit.unit]
        return extend(clock, until, now, CHINA)
    if act == "change" and (told.extra == 0 or oracle(other.unit).calendar is counts.calendar):
        told.limit = other
        return recompute(clock, other, now, CHINA)
    return clock


def test_what_was_granted_stays_granted_until_the_same_moment_when_the_unit_changes() -> None:
    clock = start(limit(2, Unit.HOURS), 1, NOON, CHINA)
    until = NOON + timedelta(days=2, hours=1)
    later = extend(clock, until, NOON, CHINA)
    anew = recompute(later, limit(2, Unit.WORKING_HOURS), NOON, CHINA)
    assert (later.due_at, anew.due_at) == (until, until)
    assert recompute(clock, limit(2, Unit.WORKING_HOURS), NOON, CHINA).due_at == NOON + timedelta(hours=4)


def test_what_was_granted_counts_after_a_rest_and_beside_another_limit() -> None:
    clock = start(limit(60, Unit.MINUTES), 1, NOON, CHINA)
    rests = pause(clock, NOON + timedelta(minutes=20), Paused.WAITING, CHINA)
    runs = go_on(rests, NOON + timedelta(minutes=50), CHINA)
    later = extend(runs, NOON + timedelta(minutes=120), NOON + timedelta(minutes=60), CHINA)
    assert later.extra == timedelta(minutes=30), "20 before the rest and 70 after it, of 60"
    assert go_on(
        pause(later, NOON + timedelta(minutes=70), Paused.SHELVED, CHINA), NOON + timedelta(hours=3), CHINA
    ).due_at == (NOON + timedelta(hours=3, minutes=50))
    shorter = recompute(later, limit(40, Unit.MINUTES), NOON + timedelta(minutes=70), CHINA)
    assert (shorter.extra, shorter.due_at) == (later.extra, NOON + timedelta(minutes=100))


def test_what_was_used_up_as_it_came_to_rest_was_due_then() -> None:
    clock = start(limit(60, Unit.MINUTES), 1, NOON, CHINA)
    rests = pause(clock, clock.due_at, Paused.WAITING, CHINA)
    assert go_on(rests, NOON + timedelta(hours=9), CHINA).due_at == clock.due_at


def test_a_changed_rule_wipes_nothing_that_was_used() -> None:
    clock = start(limit(3, Unit.WORKING_HOURS), 1, NOON, CHINA)
    rests = pause(clock, NOON + timedelta(hours=4), Paused.SHELVED, CHINA)
    assert rests.consumed == timedelta(hours=2)
    by_the_clock = recompute(rests, limit(9, Unit.HOURS), NOON + timedelta(hours=5), CHINA)
    assert by_the_clock.consumed == timedelta(hours=4)
    assert go_on(by_the_clock, NOON + timedelta(days=1), CHINA).due_at == NOON + timedelta(days=1, hours=5)


def test_where_a_year_is_missing_the_clock_says_so_and_is_due_no_later_than_it_really_is() -> None:
    known = Calendar(SHANGHAI, HOURS, {2026: shipped()[2026].days})
    more = Calendar(SHANGHAI, HOURS, {2026: shipped()[2026].days, 2027: {}})
    evening = datetime(2026, 12, 31, 17, 0, tzinfo=SHANGHAI)
    clock = start(limit(2, Unit.WORKING_DAYS), 1, evening, known)
    assert (clock.missing_year, clock.due_at) == (2027, evening + timedelta(hours=16))
    assert (remind_at(clock, known), supervise_at(clock, known)) == (None, None)
    with pytest.raises(CalendarYearUnknownError):
        extend(clock, datetime(2027, 2, 1, tzinfo=SHANGHAI), evening, known)
    spring = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
    late = start(limit(2, Unit.WORKING_DAYS), 1, spring, known)
    assert (late.missing_year, late.due_at) == (2027, spring + timedelta(hours=16)), (
        "what begins there is not late at once"
    )
    handled = end(clock, datetime(2027, 1, 4, 9, 0, tzinfo=SHANGHAI), known)
    assert (handled.late, handled.missing_year) == (None, 2027)
    settled = recompute(handled, handled.limit, spring, more)
    assert (settled.late, settled.missing_year) == (False, None)
    assert settled.consumed == timedelta(hours=1 + 8 + 1)


def test_what_is_called_off_before_it_is_due_is_neither_late_nor_in_time() -> None:
    clock = start(limit(60, Unit.MINUTES), 1, NOON, CHINA)
    soon, late = NOON + timedelta(minutes=10), NOON + timedelta(minutes=61)
    assert [end(clock, at, CHINA, called_off=True).late for at in (soon, late)] == [None, True]
    assert [end(clock, at, CHINA).late for at in (soon, clock.due_at, late)] == [False, False, True]
    put_by = pause(clock, soon, Paused.SHELVED, CHINA)
    assert end(put_by, NOON + timedelta(days=9), CHINA).late is False, "what rests is not overdue"
    assert rewind(put_by, soon, CHINA) == clock


def test_what_was_told_is_told_again_only_of_what_is_still_to_come() -> None:
    clock = replace(
        start(limit(60, Unit.MINUTES), 1, NOON, CHINA), reminded_at=NOON, overdue_at=NOON, supervised_at=NOON
    )
    now = NOON + timedelta(minutes=90)
    a_little = extend(clock, now + timedelta(minutes=5), now, CHINA)
    assert (a_little.reminded_at, a_little.overdue_at, a_little.supervised_at) == (NOON, None, None)
    much = extend(clock, now + timedelta(days=1), now, CHINA)
    assert (much.reminded_at, much.overdue_at) == (None, None)
