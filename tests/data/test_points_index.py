"""An index that is kept answers as the one it was."""

from pathlib import Path

import numpy as np
import pytest

from data.locators import Arrays, KeptError, KeptForeignError, KeptOutdatedError, keep, kept
from data.points.ground import Ground
from data.points.index import Index, store, stored
from geo.locate import Locator
from tests.support import nasty

CODES = tuple(nasty.grids())
GROUND = Ground("governance", CODES, tuple(f"区/{code}" for code in CODES), "mark")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Lend a file in which the index of the nasty grids is kept."""
    index = Index(Locator(CODES, list(nasty.grids().values())), GROUND.areas)
    store(index, GROUND, tmp_path / "a.locator")
    return tmp_path / "a.locator"


def test_it_answers_on_every_border_as_geos_does(file: Path) -> None:
    index, at = stored(file, "mark"), nasty.points(20_000)
    rows = index.locator.locate_many(*at.T)
    assert [None if row < 0 else CODES[row] for row in rows] == nasty.covering(at)
    assert (index.locator.codes, index.areas) == (CODES, GROUND.areas)


def test_it_is_not_taken_for_another_ground_s(file: Path) -> None:
    with pytest.raises(KeptOutdatedError):
        stored(file, "other")


@pytest.mark.parametrize("change", ["gone", "other type"])
def test_arrays_of_another_version_are_refused(file: Path, change: str) -> None:
    there = kept(file, "mark")
    for name in there:
        others: Arrays = {one: np.array(array) for one, array in there.items() if one != name}
        if change == "other type":
            others[name] = there[name].astype(np.float32)
        keep(file, others, "mark")
        with pytest.raises(KeptError) as refused:
            stored(file, "mark")
        assert isinstance(refused.value, KeptForeignError)
