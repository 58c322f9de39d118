"""Which limit a step has; and that an incident's clocks run, rest and end as where it stands says, whatever way it came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.clocks import Clock
from data.incidents import ENDED, Incident, Status
from data.limits import Limit, LimitRow, Step, Unit
from dispatch.calendar import Calendar
from dispatch.clockwork import Clockwork, Moved, follow, latest, moves_clocks, timers_of, with_dues
from tests.support.city import matter
from tests.support.city import rule as category

NOON = datetime(2026, 4, 14, 4, 0, tzinfo=UTC)
ALWAYS = Calendar(ZoneInfo("Asia/Shanghai"), (), {})
RULE = replace(category("noise"), deadline=timedelta(minutes=60), scene=timedelta(minutes=10))
STILL_OPEN = [status for status in Status if status not in ENDED]


def row(amount: int, step: Step = Step.HANDLE, **where: str) -> LimitRow:
    return LimitRow(Limit(step, amount, Unit.MINUTES), where.get("of"), where.get("path"))


def every(amount: int = 5) -> list[LimitRow]:
    return [row(amount, step) for step in Step]


@pytest.mark.parametrize(
    ("of", "path", "wanted"),
    [
        ("noise", "C1.G1", 1),
        ("noise", "C1.G10", 2),
        ("noise", "C1", 2),
        ("noise", "C2.G1", 3),
        ("noise", None, 3),
        ("other", "C1.G1", 4),
        ("other", "C10", 5),
        ("other", None, 5),
    ],
)
def test_a_category_s_limit_goes_before_that_of_all_and_of_these_the_deepest_area_s(
    of: str, path: str | None, wanted: int
) -> None:
    rows = [
        row(5), row(4, path="C1"), row(3, of="noise"), row(2, of="noise", path="C1"), row(1, of="noise", path="C1.G1"),
    ]  # fmt: skip
    for some in (rows, rows[::-1]):
        found = Clockwork.of(ALWAYS, some).limit(Step.HANDLE, category(of), path)
        assert found is not None
        assert found.amount == wanted


def test_where_no_row_says_anything_the_category_s_own_minutes_hold() -> None:
    clockwork = Clockwork.of(ALWAYS, [row(7, Step.VERIFY)])
    found = {step: clockwork.limit(step, RULE, "C1") for step in Step}
    assert {step: one and (one.amount, one.unit) for step, one in found.items()} == {
        Step.RECEIVE: None,
        Step.DISPATCH: None,
        Step.ARRIVE: (10, Unit.MINUTES),
        Step.HANDLE: (60, Unit.MINUTES),
        Step.VERIFY: (7, Unit.MINUTES),
    }


def walk(way: list[Status], clockwork: Clockwork) -> list[tuple[Incident, tuple[Clock, ...]]]:
    """Let an incident stand at one status after another, a minute each."""
    found: list[tuple[Incident, tuple[Clock, ...]]] = []
    was, clocks = None, ()
    for minute, status in enumerate(way):
        now_is = replace(matter((118.305, 27.005)), category=RULE.code, status=status, reported_at=NOON)
        clocks = follow(clocks, Moved(was, now_is, (), RULE, NOON + timedelta(minutes=minute)), clockwork)
        was = now_is
        found.append((now_is, clocks))
    return found


@settings(max_examples=150, deadline=None)
@given(
    first=st.sampled_from([Status.REPORTED, Status.FILED]), way=st.lists(st.sampled_from(list(Status)), max_size=8)
)
def test_clocks_stand_as_the_incident_stands_whatever_way_it_came(first: Status, way: list[Status]) -> None:
    before: tuple[Clock, ...] = ()
    for now_is, clocks in walk([first, *way], Clockwork.of(ALWAYS, every())):
        status, open_ = now_is.status, {one.step: one for one in clocks if one.ended_at is None}
        assert len({(one.step, one.round) for one in clocks}) == len(clocks)
        assert len(open_) == sum(one.ended_at is None for one in clocks), "one of each step at most"
        settled = status in (Status.HANDLED, Status.INSPECTING)
        assert (Step.HANDLE in open_) == (status not in ENDED and not settled)
        assert (Step.VERIFY in open_) == settled
        assert Step.RECEIVE not in open_ or status is Status.REPORTED
        assert not open_ or status not in ENDED
        rests = {one.paused is not None for one in open_.values()}
        assert rests <= {status is Status.SHELVED}
        gone = {(one.step, one.round) for one in before} - {(one.step, one.round) for one in clocks}
        assert gone == set(), "what happened is not forgotten"
        timers = [timer for one in clocks for timer in timers_of(one, now_is.id, NOON, ALWAYS)]
        assert len(timers) == 2 * sum(one.running_since is not None for one in clocks)
        handle = latest(clocks, Step.HANDLE)
        assert handle is not None
        assert with_dues(now_is, clocks).deadline_at == handle.due_at
        before = clocks


@given(was=st.sampled_from(list(Status)), now=st.sampled_from(list(Status)), first=st.sampled_from(STILL_OPEN))
@settings(max_examples=60, deadline=None)
def test_where_nothing_is_said_to_move_no_clock_moves(was: Status, now: Status, first: Status) -> None:
    [_, (before, clocks), (after, moved)] = walk([first, was, now], Clockwork.of(ALWAYS, every()))
    assert moves_clocks(before, after) or moved == clocks


def test_another_category_has_its_own_limits_from_the_report_on() -> None:
    clockwork = Clockwork.of(ALWAYS, [row(5, Step.ARRIVE, of="fire"), row(20, of="fire")])
    [(was, clocks)] = walk([Status.REPORTED], clockwork)
    for code, scene, due in (("fire", 5, 20), ("noise", 10, 60)):
        rule = replace(RULE, code=code)
        filed = replace(was, category=code, status=Status.FILED)
        found = follow(clocks, Moved(was, filed, (), rule, NOON + timedelta(minutes=2)), clockwork)
        assert with_dues(filed, found).deadline_at == NOON + timedelta(minutes=due)
        assert with_dues(filed, found).scene_due_at == NOON + timedelta(minutes=scene)
    plain = replace(RULE, code="plain", scene=None)
    quiet = replace(was, category="plain", status=Status.FILED, scene_due_at=None)
    found = follow(clocks, Moved(was, quiet, (), plain, NOON + timedelta(minutes=2)), clockwork)
    arrive = latest(found, Step.ARRIVE)
    assert arrive is not None
    assert (arrive.late, with_dues(quiet, found).scene_due_at) == (None, None)
