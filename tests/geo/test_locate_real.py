"""The locator on real ground of OpenStreetMap as it is: overlapping, gappy, invalid."""

import numpy as np
import pytest
import shapely

from geo.locate import Locator
from geo.point import Point
from tests.support.coverages import CLOSE, anywhere, at_edges, covering
from tests.support.extracts import EXTRACTS
from tests.support.real_ground import areas

COUNT = 6_000
LEVELS = "admin_level IS NOT NULL"


def answered(codes: list[str], shapes: list[shapely.Geometry], seed: int) -> None:
    """Ask about many places, four in ten of them at edges, by kernels and without."""
    rng = np.random.default_rng(seed)
    places = np.vstack([at_edges(shapes, rng, 2 * COUNT // 5), anywhere(shapes, rng, COUNT - 2 * COUNT // 5)])
    some = shapely.points(places[: 2 * COUNT // 5 : 80])
    edges = shapely.boundary(np.array(shapes, dtype=object))
    assert (shapely.distance(edges[:, None], some).min(axis=0) <= CLOSE).mean() >= 0.99
    expected = covering(codes, shapes, places)
    for kernels in (True, False):
        locator = Locator(codes, shapes, kernels=kernels)
        assert locator.locate_many(*places.T).tolist() == expected
        rows = [locator.locate(Point(*place)) for place in places[:1000].tolist()]
        assert [-1 if row is None else row for row in rows] == expected[:1000]


@pytest.mark.parametrize("name", EXTRACTS)
def test_polygons_of_an_extract_are_answered_as_shapely_does(name: str) -> None:
    codes, shapes = areas(name)
    assert len(codes) > 100
    answered(codes, shapes, 41)


def test_administrative_areas_of_all_levels_at_once_are_answered_as_shapely_does() -> None:
    codes, shapes = areas("liechtenstein", LEVELS)
    assert len(codes) >= 14
    answered(codes, shapes, 42)


@pytest.mark.parametrize("level", ["6", "8"])
def test_administrative_areas_of_one_level_are_answered_as_shapely_does(level: str) -> None:
    codes, shapes = areas("liechtenstein", f"admin_level = '{level}'")
    answered(codes, shapes, 43)


def test_polygons_that_cross_themselves_are_answered_by_kernels_as_without() -> None:
    rng = np.random.default_rng(44)
    for name in EXTRACTS:
        codes, shapes = areas(name)
        mirrored = [shapely.transform(shape, lambda xy: _folded(xy)) for shape in shapes[:200]]
        assert not all(shapely.is_valid(mirrored))
        places = np.vstack([at_edges(mirrored, rng, 3000), anywhere(mirrored, rng, 2000)])
        one, other = (Locator(codes[:200], mirrored, kernels=kernels) for kernels in (True, False))
        assert one.locate_many(*places.T).tolist() == other.locate_many(*places.T).tolist()


def _folded(xy: np.ndarray) -> np.ndarray:
    """Swap two corners that are not the ends of a ring's first part."""
    other = xy.copy()
    if len(xy) > 4:
        other[[1, 2]] = xy[[2, 1]]
    return other
