"""A locator laid out in arrays and taken up again, mapped from files that cannot be written."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.locate import Locator
from geo.point import Point
from tests.support.coverages import KINDS, covering, places_for
from tests.support.redraws import SMALL, Town

CODES = ["网格二", "网格一", "é", "a", "z", "", "𠀀", "b", "B"]


def ground() -> list[shapely.Geometry | None]:
    rng = np.random.default_rng(31)
    shapes: list[shapely.Geometry | None] = list(KINDS["lattice"](rng, np.array([117.0, 36.6]), 0.02))
    shapes[3], shapes[5] = None, shapely.box(100, 30, 117.0, 36.6)
    return shapes


def mapped(arrays: dict[str, np.ndarray], folder: Path) -> dict[str, np.ndarray]:
    """Write arrays to files and map them, read-only."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return {
        name: np.load(folder / f"{name}.npy", mmap_mode="r" if array.size else None) for name, array in arrays.items()
    }


def test_arrays_mapped_from_files_answer_as_what_they_came_from(tmp_path: Path) -> None:
    rng, shapes = np.random.default_rng(32), ground()
    locator = Locator(CODES, shapes)
    other = Locator.from_arrays(mapped(locator.to_arrays(), tmp_path))
    places = places_for([shape for shape in shapes if shape is not None], rng, 2000)
    expected = covering(CODES, shapes, places)
    assert other.codes == tuple(CODES)
    assert locator.locate_many(*places.T).tolist() == expected == other.locate_many(*places.T).tolist()
    for place in places[:200].tolist():
        assert other.locate(Point(*place)) == locator.locate(Point(*place))
        assert other.nearest(Point(*place)) == locator.nearest(Point(*place))


def test_what_is_mapped_is_redrawn_beside_the_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(33)
    town = Town.built(rng, np.array([117.0, 36.6]), 0.003)
    locator = Locator.from_arrays(mapped(Locator(town.codes, list(town.shapes.values())).to_arrays(), tmp_path))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for number in range(30):
        changes, nodes = SMALL[number % len(SMALL)](town, rng)
        town, locator = town.after(changes, nodes), locator.redrawn(changes)
        shapes = list(town.shapes.values())
        places = places_for([shape for shape in shapes if shape is not None and not shape.is_empty], rng, 200)
        expected = covering(town.codes, shapes, places)
        assert locator.locate_many(*places.T).tolist() == expected
        if number % 10 == 9:
            again = Locator.from_arrays(locator.to_arrays())
            assert again.codes == locator.codes
            assert again.locate_many(*places.T).tolist() == expected
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_a_layer_without_grids_can_be_laid_out() -> None:
    for codes, shapes in ((), ()), (("a", "b"), (None, shapely.Polygon())):
        other = Locator.from_arrays(Locator(codes, shapes).to_arrays())
        assert other.codes == tuple(codes)
        assert other.locate_many([117.0], [36.6]).tolist() == [-1]


def test_arrays_that_are_missing_or_of_another_type_are_refused() -> None:
    arrays = Locator(CODES, ground()).to_arrays()
    for name, array in arrays.items():
        wrong = [{other: arrays[other] for other in arrays if other != name}]
        wrong += [{**arrays, name: np.zeros(array.shape, kind)} for kind in ("f4", "i2", ">i8")]
        for given in wrong:
            with pytest.raises(ValueError, match=name):
                Locator.from_arrays(given)


def test_arrays_that_do_not_lie_row_by_row_are_refused() -> None:
    arrays = Locator(CODES, ground()).to_arrays()
    with pytest.raises(ValueError, match="xy"):
        Locator.from_arrays({**arrays, "xy": np.asfortranarray(arrays["xy"])})


def test_without_kernels_there_are_no_arrays() -> None:
    with pytest.raises(ValueError, match="no arrays"):
        Locator(CODES, ground(), kernels=False).to_arrays()
