"""How figures are counted: intervals as published, quantiles and days as worked out one by one, facts as lines say them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.categories import Urgency
from data.definitions import definitions
from data.incidents import Given, Incident, Status
from data.ladders import Whom
from data.ledger import NONE
from data.tasks import Task, TaskStatus
from dispatch.facts import with_facts
from dispatch.figures.counting import Counting
from dispatch.figures.groups import Known
from dispatch.figures.kinds import FIGURES
from dispatch.figures.rates import quantiles, wilson
from dispatch.figures.telling import told
from dispatch.figures.wanted import Wanted
from dispatch.ledger import NO_DAY, Entry, Ledger, day_number, days_of, entered, moment_us
from geo.point import Point

# Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), method 3.
PUBLISHED = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("counted", PUBLISHED)
def test_an_interval_is_the_published_one(counted: tuple[int, int]) -> None:
    low, high = wilson(*(np.array([number]) for number in counted))
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == PUBLISHED[counted]


@given(st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_the_share_and_is_that_of_the_rest_turned_round(counted: tuple[int, int]) -> None:
    n, of = counted
    (low,), (high,) = wilson(np.array([n]), np.array([of]))
    (rest_low,), (rest_high,) = wilson(np.array([of - n]), np.array([of]))
    assert 0 <= low <= n / of <= high <= 1
    assert (low, high) == pytest.approx((1 - rest_high, 1 - rest_low))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**7)), max_size=60))
def test_a_median_is_the_least_that_half_do_not_exceed(some: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _ in some], np.int64)
    seconds = np.array([second for _, second in some], np.int64)
    n = np.bincount(groups, minlength=4)
    found = quantiles(seconds, groups, n, (0.5, 0.9))
    median, _ = quantiles(seconds, None, np.array([len(some)]), (0.5, 0.9))
    assert median[0] == _least([second for _, second in some], 0.5)
    for group in range(4):
        own = [second for one, second in some if one == group]
        assert [int(one[group]) for one in found] == [_least(own, 0.5), _least(own, 0.9)]


def _least(values: Sequence[int], share: float) -> int:
    enough = [value for value in values if sum(other <= value for other in values) >= share * len(values) - 1e-9]
    return min(enough, default=-1)


@settings(max_examples=200)
@given(
    st.lists(
        st.timedeltas(timedelta(0), timedelta(days=5479)).map(lambda since: datetime(2015, 1, 1, tzinfo=UTC) + since),
        max_size=20,
    ),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Havana", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_a_moment_belongs_to_the_zone_s_own_day(moments: list[datetime], zone: str) -> None:
    found = days_of(np.array([*map(moment_us, moments), NONE], np.int64), ZoneInfo(zone))
    assert found.tolist() == [*(day_number(one.astimezone(ZoneInfo(zone)).date()) for one in moments), NO_DAY]


def test_every_figure_is_defined_in_both_languages_and_of_its_kind() -> None:
    assert list(definitions()) == list(FIGURES)
    for code, said in definitions().items():
        assert said["kind"] == FIGURES[code].kind
        for name in ("name", "says", "formula", "left_out"):
            assert said[name] and said[f"{name}_en"], code
            assert any(letter > "⺀" for letter in said[name])
            assert said[f"{name}_en"].isprintable() and not any(letter > "⺀" for letter in said[f"{name}_en"])
    targets = {code: said["target"] for code, said in definitions().items() if said["target"] is not None}
    assert targets == {"same_day": 0.5, "two_days": 0.8, "three_days": 0.95, "first_time": 0.98}


def entry(number: int, **given: object) -> Entry:
    facts = {
        "id": UUID(int=number << 64),
        "category": "noise",
        "layer": "governance",
        "area": "C1",
        "status": Status.CLOSED,
    }
    return Entry(**(facts | {"reported_at": NOON, "filed_at": NOON, "closed_at": NOON}) | given)


def test_few_are_shown_with_their_bounds_and_marked() -> None:
    ledger = Ledger(SHANGHAI, [entered([entry(number, stars=5, solved=True) for number in range(1, 5)])])
    total = told(Counting(Wanted(NOON.date(), NOON.date()), Known(), moment_us(NOON)).count(ledger))["total"]
    assert total["satisfaction"] == {"value": 1.0, "n": 4, "of": 4, "low": 0.510109, "high": 1.0, "few": True}
    assert total["first_time"] == {"value": None, "n": 0, "of": 0, "low": None, "high": None, "few": False}
    assert total["time_to_scene"] == {"median": None, "p90": None, "n": 0, "few": False}


@given(st.lists(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), max_size=12), max_size=6))
def test_a_ledger_holds_of_each_incident_what_was_put_down_last(batches: list[list[tuple[int, int]]]) -> None:
    ledger, last = Ledger(SHANGHAI), dict[int, int]()
    for batch in batches:
        fresh = dict(batch)
        ledger.put(entered([entry(number, reworks=count, area=f"C{count}") for number, count in fresh.items()]))
        last |= fresh
    rows = {int.from_bytes(id_.ljust(16, b"\0")) >> 64: row for row, id_ in enumerate(ledger.ids.tolist())}
    areas = ledger.names("area")
    assert {number: int(ledger["reworks"][row]) for number, row in rows.items()} == last
    assert {number: areas[ledger["area"][row]] for number, row in rows.items()} == {
        n: f"C{c}" for n, c in last.items()
    }
    assert len(ledger) == len(last)


INCIDENT = Incident(
    id=UUID(int=1),
    category="noise",
    layer="governance",
    urgency=Urgency.URGENT,
    status=Status.FILED,
    point=Point(118.3, 27.0),
    given=Given(118.3, 27.0, "wgs84"),
    grid_id=None,
    area_id=None,
    nearest_grid_id=None,
    reporter="account:1",
    reported_at=NOON,
    filed_at=NOON,
    deadline_at=NOON,
    description="x",
)


def task(worker: int, slot: str = "lead", whom: Whom = Whom.RANKED, minutes: int = 0) -> Task:
    at = NOON + timedelta(minutes=minutes)
    return Task(
        id=UUID(int=worker),
        incident_id=INCIDENT.id,
        worker_id=UUID(int=worker),
        status=TaskStatus.DONE,
        attempt_no=worker,
        exclusive=False,
        metres=None,
        offered_at=at,
        offer_expires_at=at,
        accepted_at=at,
        on_scene_at=at,
        ended_at=at,
        slot=slot,
        whom=whom,
    )


def test_who_handled_is_who_had_the_first_place_last_and_the_department_that_was_called() -> None:
    done = [task(1, minutes=1), task(2, minutes=2), task(3, "helper", minutes=9), task(4, "verify", minutes=10)]
    called = task(5, "dept_fire", Whom.DEPARTMENTS, minutes=8)
    known = with_facts(INCIDENT, "done", Status.HANDLING, [*done, called], NOON)
    assert (known.handler_id, known.department_id) == (UUID(int=2), UUID(int=5))
    assert (known.accepted_at, known.scene_at) == (NOON + timedelta(minutes=1),) * 2
    assert with_facts(INCIDENT, "done", Status.HANDLING, [called], NOON).handler_id == called.worker_id
    assert with_facts(INCIDENT, "done", Status.VERIFYING, [done[3]], NOON).handler_id is None


def test_work_counts_as_handled_from_the_last_time_and_an_ending_taken_back_leaves_it() -> None:
    handled = with_facts(replace(INCIDENT, status=Status.HANDLED), "done", Status.HANDLING, [], NOON)
    assert handled.handled_at == NOON
    later = NOON + timedelta(hours=1)
    assert with_facts(handled, "undone", Status.CLOSED, [], later).handled_at == NOON
    again = with_facts(replace(handled, status=Status.REWORK), "rework", Status.INSPECTING, [], later)
    assert (again.handled_at, again.reworks, again.reopenings) == (None, 1, 0)
    assert with_facts(replace(again, status=Status.HANDLED), "done", Status.HANDLING, [], later).handled_at == later


@pytest.mark.parametrize(("ended", "counts"), [("closed", 1), ("void", 0), ("rejected", 0), ("duplicate", 0)])
def test_only_what_was_closed_is_opened_again(ended: str, counts: int) -> None:
    opened = with_facts(replace(INCIDENT, handled_at=NOON), "reopened", Status(ended), [], NOON)
    assert (opened.reopenings, opened.handled_at) == (counts, None)


def test_the_first_acceptance_stays() -> None:
    first = with_facts(INCIDENT, "accepted", Status.DISPATCHED, [task(1, minutes=3)], NOON)
    assert (
        with_facts(first, "accepted", Status.DISPATCHED, [task(2, minutes=1)], NOON).accepted_at == first.accepted_at
    )
