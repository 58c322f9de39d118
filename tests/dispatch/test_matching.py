"""Matching: as many as possible with the least way, against a dense solver; the proof; the time box; who may wait."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dispatch import matching
from dispatch.matching import OPEN, PRICE_MM, GreatCircle, Lists, Match, Prices, first_come, match, proves
from geo.movers import Movers
from geo.nearest import metres
from geo.point import Point

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
NEVER = float("inf")
LAST_MM = PRICE_MM + PRICE_MM // 2
"""What the second of two incidents costs when it stays open."""


@dataclass
class Table:
    """Ways from a table of metres (m, n), infinite where somebody is not able; notes what is asked."""

    away: Floats
    asked: list[int] = field(default_factory=list)

    @property
    def workers(self) -> int:
        return self.away.shape[1]

    def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
        self.asked.append(k)
        rows, ways = np.full((len(incidents), k), -1), np.full((len(incidents), k), np.inf)
        for at, away in enumerate(self.away[incidents]):
            order = [row for row in np.argsort(away, kind="stable").tolist() if np.isfinite(away[row])][:k]
            rows[at, : len(order)], ways[at, : len(order)] = order, away[order]
        return rows, ways


def ticking(step: float = 0.0) -> Callable[[], float]:
    return itertools.count(0.0, step).__next__


def matched(away: Floats | list[list[float]], *, first: int = 1) -> Match:
    """Match with all the time there is, lists beginning with `first` candidates."""
    table = np.asarray(away, float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FIRST_ASKED", first)
        return match(Table(table.reshape(len(table), -1)), len(table), ticking(), 1.0)


def dense(away: Floats) -> tuple[list[int], int]:
    """Return whom a dense solver fills, the earliest that can be, and the least way in all then, in millimetres."""
    mm = np.rint(np.where(np.isfinite(away), away, 0) * 1000).astype(np.int64)
    price = (int(mm.sum()) + 1) * np.arange(len(away), 0, -1)
    priced = np.where(np.isfinite(away), mm, 2 * price[0])
    whole = np.hstack([priced, np.repeat(price[:, None], len(away), axis=1)])
    incidents, places = linear_sum_assignment(whole)
    sent = places < away.shape[1]
    return incidents[sent].tolist(), int(whole[incidents[sent], places[sent]].sum())


def most(away: Floats) -> int:
    """Count how many can be filled at all, by trying one after the other."""
    held: dict[int, int] = {}

    def placed(one: int, asked: set[int]) -> bool:
        for worker in np.flatnonzero(np.isfinite(away[one])).tolist():
            if worker not in asked:
                asked.add(worker)
                if worker not in held or placed(held[worker], asked):
                    held[worker] = one
                    return True
        return False

    return sum(placed(one, set()) for one in range(len(away)))


def ok(found: Match, away: Floats) -> None:
    """Check a match against the dense solver."""
    assert found.proven and not found.first_come
    sent = np.flatnonzero(found.workers != OPEN)
    assert len(set(found.workers[sent].tolist())) == len(sent)
    total_mm = round(sum(float(np.rint(away[one, found.workers[one]] * 1000)) for one in sent))
    assert (sent.tolist(), total_mm) == dense(away)
    assert len(sent) == most(away)
    assert found.total == pytest.approx(total_mm / 1000)
    assert found.open.tolist() == [one for one in range(len(away)) if one not in sent]
    assert np.isnan(found.ways[found.open]).all()


@st.composite
def tables(draw: st.DrawFn) -> Floats:
    """Draw few or many workers, coarse or fine ways, some not able, some on one spot."""
    m, n, seed = draw(st.integers(1, 12)), draw(st.integers(0, 14)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from(["coarse", "fine", "spots", "equal"]))
    away = {
        "coarse": lambda: rng.integers(0, 4, (m, n)).astype(float),
        "fine": lambda: rng.uniform(0, 5_000, (m, n)),
        "spots": lambda: np.abs(np.sort(rng.integers(0, 3, m))[:, None] * 50.0 - rng.uniform(0, 100, n)[None, :]),
        "equal": lambda: np.full((m, n), 7.0),
    }[kind]()
    away[rng.random((m, n)) < draw(st.sampled_from([0.0, 0.3, 0.8]))] = np.inf
    return away


@settings(max_examples=150, deadline=None)
@given(tables(), st.sampled_from([1, 2, 16]))
def test_as_many_as_possible_go_to_the_earliest_and_the_way_in_all_is_the_least(away: Floats, first: int) -> None:
    ok(matched(away, first=first), away)


@pytest.mark.parametrize("n", [40, 60, 200])
@pytest.mark.parametrize("seed", range(4))
def test_crowds_on_few_spots_are_matched_as_a_dense_solver_would(n: int, seed: int) -> None:
    rng = np.random.default_rng([seed, n])
    places, workers = (
        rng.normal(0, 100, (60, 2)) + 1000 * rng.integers(0, 3, (60, 1)),
        rng.uniform(-300, 3000, (n, 2)),
    )
    away = np.hypot(*(places[:, None, :] - workers[None, :, :]).transpose(2, 0, 1))
    found = matched(away, first=4)
    ok(found, away)
    assert (found.first_come_open, found.total <= found.first_come_total) == (max(0, 60 - n), True)


def test_whoever_comes_first_yields_where_that_spares_more_way() -> None:
    found = matched([[10.0, 20.0], [11.0, 500.0]])
    assert found.workers.tolist() == [1, 0]
    assert (found.total, found.first_come_total) == (31.0, 510.0)


def test_one_more_incident_is_filled_however_long_the_way() -> None:
    found = matched([[1.0, 19_000_000.0], [1.0, NEVER]])
    assert found.workers.tolist() == [1, 0]
    assert (found.first_come_open, found.open.tolist()) == (1, [])


def test_of_equals_who_came_first_is_served_and_the_lowest_row_goes() -> None:
    assert matched([[5.0, 5.0], [5.0, 5.0], [5.0, 5.0]]).workers.tolist() == [0, 1, OPEN]
    assert matched([[5.0, 5.0, 5.0]], first=2).workers.tolist() == [0]


def test_nobody_able_and_nothing_open_are_answers() -> None:
    assert matched([[NEVER, NEVER], [3.0, NEVER]]).workers.tolist() == [OPEN, 0]
    nothing = match(Table(np.empty((0, 3))), 0, ticking(), 1.0)
    assert (len(nothing.workers), nothing.proven, nothing.total, nothing.longest) == (0, True, 0.0, 0)
    nobody = match(Table(np.empty((2, 0))), 2, ticking(), 1.0)
    assert (nobody.workers.tolist(), nobody.proven) == ([OPEN, OPEN], True)


def test_the_same_question_has_the_same_answer() -> None:
    away = np.random.default_rng(5).integers(0, 6, (30, 25)).astype(float)
    assert matched(away).workers.tolist() == matched(away).workers.tolist()


@given(tables())
@settings(max_examples=100, deadline=None)
def test_lists_grow_to_twice_the_incidents_at_most(away: Floats) -> None:
    table = Table(away)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FIRST_ASKED", 1)
        match(table, len(away), ticking(), 1.0)
    assert max(table.asked) <= max(2 * len(away), 2)
    assert len(table.asked) <= len(away) * (2 + int(np.log2(len(away))))


def test_when_time_is_over_the_answer_is_first_come_first_served_and_says_so() -> None:
    away = np.array([[10.0, 20.0], [11.0, 500.0], [12.0, 13.0]])
    late = match(Table(away), 3, ticking(0.6), 0.5)
    assert (late.first_come, late.proven, late.seconds) == (True, False, pytest.approx(1.2))
    assert late.workers.tolist() == [0, 1, OPEN]
    assert (late.total, late.first_come_total) == (510.0, 510.0)
    assert not match(Table(away), 3, ticking(0.01), 0.5).first_come


def test_time_may_be_over_in_the_middle_of_the_search() -> None:
    rng = np.random.default_rng(1)
    away = np.sort(rng.uniform(0, 100, (100, 100)), axis=1)
    for seconds in range(1, 5):
        late = match(Table(away), 100, ticking(1.0), seconds)
        assert late.workers.tolist() == first_come(Lists(Table(away), 100), 100).tolist() or late.proven


def test_without_compiled_code_it_is_first_come() -> None:
    plain = match(Table(np.array([[10.0, 20.0], [11.0, 500.0]])), 2, ticking(), 1.0, kernels=False)
    assert (plain.first_come, plain.workers.tolist()) == (True, [0, 1])


def listed(away: list[list[float]], first: int) -> Lists:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FIRST_ASKED", first)
        return Lists(Table(np.array(away)), len(away))


@pytest.mark.parametrize(
    ("why", "workers", "up", "down"),
    [
        ("it is the best", [1, 0], [20_000, 21_000], [-10_000, 0]),
        ("another would be shorter", [0, 1], [10_000, 500_000], [0, 0]),
        ("a pair is cheaper than its prices", [1, 0], [20_001, 21_000], [-10_000, -1]),
        ("a pair that is chosen is dearer", [1, 0], [19_000, 21_000], [-10_000, 0]),
        ("a worker is paid for coming", [1, 0], [19_999, 20_999], [-9_999, 1]),
        ("nobody may go twice", [0, 0], [10_000, 11_000], [0, 0]),
        ("nobody able is left over", [1, OPEN], [20_000, LAST_MM], [0, 0]),
    ],
)
def test_prices_prove_a_match_only_where_all_of_them_fit(
    why: str, workers: list[int], up: list[int], down: list[int]
) -> None:
    lists = listed([[10.0, 20.0], [11.0, 500.0]], 16)
    proof = proves(lists, np.array(workers), Prices(np.array(up), np.array(down)))
    assert proof is (why == "it is the best")


def test_a_free_worker_has_no_price() -> None:
    lists = listed([[10.0, 20.0]], 16)
    assert proves(lists, np.array([0]), Prices(np.array([10_000]), np.array([0, 0])))
    assert not proves(lists, np.array([1]), Prices(np.array([20_000]), np.array([-10_000, 0])))


def test_a_list_that_ends_before_the_price_proves_nothing() -> None:
    wanted = Prices(np.array([15_000]), np.array([-5_000, 0]))  # who is not on the list may be at 12
    assert not proves(listed([[10.0, 12.0]], 1), np.array([0]), wanted)
    assert proves(listed([[10.0, 15.0]], 2), np.array([0]), wanted)
    assert proves(listed([[10.0, NEVER]], 2), np.array([0]), wanted)


def test_an_open_incident_is_worth_its_whole_price() -> None:
    lists = listed([[5.0], [NEVER]], 4)
    assert proves(lists, np.array([0, OPEN]), Prices(np.array([5_000, LAST_MM]), np.array([0])))
    assert not proves(lists, np.array([0, OPEN]), Prices(np.array([5_000, LAST_MM - 1]), np.array([0])))
    assert not proves(lists, np.array([0, OPEN]), Prices(np.array([5_000, LAST_MM + 1]), np.array([0])))


def test_nothing_is_proven_of_a_worker_who_is_on_no_list() -> None:
    nothing = Prices(np.array([0]), np.array([0, 0]))
    assert not proves(listed([[10.0, NEVER]], 16), np.array([1]), nothing)


def test_no_incident_is_worth_more_than_its_price() -> None:
    lists, price = listed([[10.0]], 16), 2 * PRICE_MM
    assert proves(lists, np.array([0]), Prices(np.array([price]), np.array([10_000 - price])))
    assert not proves(lists, np.array([0]), Prices(np.array([price + 1]), np.array([10_000 - price - 1])))


def test_a_price_below_the_ways_does_not_prove_that_an_incident_must_stay_open() -> None:
    lists = listed([[20.0]], 16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "PRICE_MM", 5_000)
        assert not proves(lists, np.array([OPEN]), Prices(np.array([10_000]), np.array([0])))


def test_a_later_incident_that_is_nearer_does_not_leave_an_earlier_one_open() -> None:
    assert matched([[900.0], [1.0]]).workers.tolist() == [0, OPEN]
    assert matched([[900.0, 900.0], [1.0, NEVER], [1.0, 2.0]]).workers.tolist() == [1, 0, OPEN]
    lists = listed([[900.0], [1.0]], 16)
    kept = Prices(np.array([LAST_MM + 899_000, LAST_MM]), np.array([1_000 - LAST_MM]))
    left = Prices(np.array([PRICE_MM * 2, 1_000 + PRICE_MM * 2 - 900_000]), np.array([900_000 - PRICE_MM * 2]))
    assert proves(lists, np.array([0, OPEN]), kept)
    assert not proves(lists, np.array([OPEN, 0]), left)


@pytest.mark.parametrize("ways", [[2.0, 1.0], [-1.0, 1.0], [1e12, 2e15]])
def test_ways_out_of_order_or_too_long_to_sum_up_are_refused(ways: list[float]) -> None:
    class Odd(Table):
        def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
            return np.array([[0, 1]]), np.array([ways])

    with pytest.raises(ValueError, match=r"nearest first|too long"):
        match(Odd(np.zeros((1, 2))), 1, ticking(), 1.0)


def test_great_circle_ways_reach_only_who_has_the_bits_and_was_seen() -> None:
    rng = np.random.default_rng(3)
    movers, lng, lat = Movers(80), 117.2 + rng.uniform(0, 0.1, 80), 31.8 + rng.uniform(0, 0.1, 80)
    bits, seen = rng.integers(0, 4, 80), rng.integers(0, 2, 80).astype(float)
    movers.move(np.arange(80), lng, lat, seen)
    movers.mark(np.arange(80), bits)
    at_lng, at_lat, needs = 117.2 + rng.uniform(0, 0.1, 25), 31.8 + rng.uniform(0, 0.1, 25), rng.integers(0, 4, 25)
    found = match(GreatCircle(movers, at_lng, at_lat, needs, 1.0), 25, ticking(), 1.0)
    away = np.array([metres(Point(*here), lng, lat) for here in zip(at_lng.tolist(), at_lat.tolist(), strict=True)])
    away[(bits[None, :] & needs[:, None]) != needs[:, None]] = np.inf
    away[:, seen < 1] = np.inf
    assert found.proven
    filled, total_mm = dense(away)
    assert (np.flatnonzero(found.workers != OPEN).tolist(), found.total) == (
        filled,
        pytest.approx(total_mm / 1000, abs=0.03),
    )
