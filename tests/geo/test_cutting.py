"""Cutting grids out of others: the same ground as GEOS's difference, and borders shared to the last digit."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo.cutting import cut_out
from geo.shapes import area_m2

WEST, SOUTH, STEP = 118.3, 27.0, 0.01


def blocks(columns: int, rows: int, seed: int = 0) -> list[MultiPolygon]:
    """Return a coverage of quadrilaterals whose corners were pushed about, seven decimals."""
    rng = np.random.default_rng(seed)
    corner = np.round(
        np.array([[(WEST + c * STEP, SOUTH + r * STEP) for r in range(rows + 1)] for c in range(columns + 1)])
        + rng.uniform(-0.003, 0.003, (columns + 1, rows + 1, 2)),
        7,
    )
    return [
        MultiPolygon([Polygon([corner[c, r], corner[c + 1, r], corner[c + 1, r + 1], corner[c, r + 1]])])
        for c in range(columns)
        for r in range(rows)
    ]


def disc(x: float, y: float, radius: float, corners: int = 24) -> MultiPolygon:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return MultiPolygon([Polygon(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]))])


def flat(shape: shapely.Geometry) -> float:
    """Return square metres as on a plane, edges straight in degrees."""
    return float(shapely.area(shape)) * 111_320**2 * 0.89


@pytest.mark.parametrize("seed", range(30))
def test_what_is_left_is_the_difference_and_all_of_it_one_coverage(seed: int) -> None:
    rng = np.random.default_rng(seed)
    around = blocks(5, 5, seed)
    out = [
        disc(WEST + 0.012 + 0.02 * i, SOUTH + rng.uniform(0.01, 0.04), rng.uniform(0.002, 0.008)) for i in range(2)
    ]
    assert shapely.coverage_is_valid(around)
    done = cut_out(around, out)
    kept = [shape for shape in done.around if shape is not None]
    assert shapely.coverage_is_valid([*kept, *done.out])
    together = shapely.union_all(out)
    for before, after in zip(around, done.around, strict=True):
        wanted = shapely.difference(before, together)
        assert flat(shapely.symmetric_difference(wanted, after)) < 1.5
    assert np.allclose(area_m2(done.out), area_m2(out), atol=5)


def test_a_cut_along_a_border_leaves_the_neighbour_s_line_its_own() -> None:
    around = [MultiPolygon([box(118.3, 27.0, 118.31, 27.01)]), MultiPolygon([box(118.31, 27.0, 118.32, 27.01)])]
    mall = MultiPolygon([box(118.306, 27.003, 118.31 + 4e-8, 27.006)])  # half a centimetre over the border
    done = cut_out(around, [mall])
    assert shapely.coverage_is_valid([*done.around, *done.out])
    assert len(done.around[1].geoms) == 1
    assert area_m2(around)[1] == pytest.approx(area_m2(done.around)[1], abs=5), "four millimetres of a kilometre"


def test_a_grid_cut_in_two_keeps_both_parts_and_a_swallowed_one_is_none() -> None:
    around = [MultiPolygon([box(118.30, 27.0, 118.31, 27.01)]), MultiPolygon([box(118.31, 27.0, 118.32, 27.01)])]
    street = MultiPolygon([box(118.304, 26.9, 118.306, 27.1)])
    done = cut_out(around, [street, around[1]])
    assert len(done.around[0].geoms) == 2
    assert done.around[1] is None


def test_cutting_what_was_cut_changes_nothing() -> None:
    around, mall = blocks(4, 4, 3), [disc(WEST + 0.02, SOUTH + 0.02, 0.006)]
    once = cut_out(around, mall)
    again = cut_out(around, once.out)
    for one, other in zip((*once.around, *once.out), (*again.around, *again.out), strict=True):
        assert shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), 1e-9)


def test_grids_far_from_the_cut_come_back_untouched() -> None:
    around = blocks(3, 3)
    done = cut_out(around, [disc(120, 30, 0.001)])
    assert list(done.around) == around
