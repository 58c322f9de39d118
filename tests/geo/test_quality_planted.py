"""Faults planted by code that does not know the checker: all are found, and none is invented."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.quality.faults import KEPT, Fault, Findings, Kind
from tests.support.looked import looked_at
from tests.support.planted import Expected, clean_town
from tests.support.plants import PLANTS, in_no_grid

NO_NEIGHBOURS = [(i, j) for j in range(1, 8) for i in range(0, 8, 2)]


def is_it(fault: Fault, wanted: Expected) -> bool:
    """Say whether a fault is the one that was planted: kind, codes, amount to a thousandth, place."""
    if (fault.kind.value, fault.code) != (wanted.kind, wanted.code):
        return False
    if wanted.other is not None and fault.other != wanted.other:
        return False
    if wanted.amount is not None and fault.amount != pytest.approx(wanted.amount, rel=2e-3):
        return False
    return wanted.within is None or (
        fault.at is not None and bool(shapely.intersects(wanted.within, shapely.Point(fault.at)))
    )


def told(fault: Fault) -> tuple[object, ...]:
    """Return what must not depend on any order; ground is measured to a hundredth of a square metre."""
    return fault.kind, fault.layer, fault.code, fault.other, fault.amount and round(fault.amount, 2)


def held(found: Findings, wanted: list[Expected]) -> None:
    """Hold what was found against what was planted, one to one."""
    left = list(found.all)
    for one in wanted:
        matching = [fault for fault in left if is_it(fault, one)]
        assert matching, one
        left.remove(matching[0])
    assert left == []
    assert sum(found.counts.values()) == len(wanted)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_is_found_and_nothing_else(name: str) -> None:
    town = clean_town(np.random.default_rng(7))
    wanted = PLANTS[name](town, (2, 3))
    held(looked_at(town), wanted)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_clean_ground_has_no_faults(seed: int) -> None:
    found = looked_at(clean_town(np.random.default_rng(seed)))
    assert found.clean and found.all == []
    assert set(found.counts) == set(Kind)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_many_faults_at_once_are_all_found_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    town = clean_town(rng)
    cells = [NO_NEIGHBOURS[n] for n in rng.permutation(len(NO_NEIGHBOURS))]
    names = rng.permutation([name for name in PLANTS if name != "outside"]).tolist()
    wanted = [one for name, at in zip(names, cells, strict=False) for one in PLANTS[name](town, at)]
    wanted += PLANTS["outside"](town, (0, 0))
    found = looked_at(town, rng, parts=3)
    held(found, wanted)
    again = looked_at(town, np.random.default_rng(seed + 1))
    assert [told(fault) for fault in again.all] == [told(fault) for fault in found.all]


def test_what_is_found_beyond_the_list_is_counted_all_the_same() -> None:
    town = clean_town(np.random.default_rng(3))
    for n in range(KEPT + 20):
        in_no_grid(town, (n, 0))
    found = looked_at(town, parts=2)
    assert found.counts[Kind.HOUSEHOLD_IN_NO_GRID] == KEPT + 20
    assert len(found.of(Kind.HOUSEHOLD_IN_NO_GRID)) == KEPT
