"""A layer made from the one before it, against one made anew."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from data.grids import Grid
from dispatch.layer import Layer
from geo.point import Point
from tests.support.city import box_grid

GRIDS = [box_grid(column, row, f"C{column}") for column in range(4) for row in range(4)]
EDGE = GRIDS[0].shape.bounds[2]
BOTH = pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "pure"])


def held(layer: Layer) -> list[str | None]:
    """Return what holds each of many places in and around the grids, some on borders."""
    west, south, east, north = shapely.union_all([grid.shape for grid in GRIDS]).bounds
    places = np.random.default_rng(4).uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (400, 2))
    places[:100, 0] = EDGE
    found = (layer.holding(Point(lng, lat)) for lng, lat in places.tolist())
    return [None if grid is None else f"{grid.code} {grid.name}" for grid in found]


def redrawn() -> list[Grid]:
    """Move the border between the first two columns' lowest grids, and rename one more."""
    moved = shapely.box(EDGE - 0.001, -90, 180, 90)
    given = {grid.code: grid for grid in GRIDS}
    first, second = given["G00"], given["G10"]
    given["G00"] = replace(first, shape=shapely.MultiPolygon([first.shape.difference(moved)]))
    given["G10"] = replace(second, shape=shapely.MultiPolygon([shapely.union(second.shape, first.shape & moved)]))
    given["G33"] = replace(given["G33"], name="别名")
    return list(given.values())


@BOTH
def test_a_layer_that_follows_another_holds_what_one_made_anew_holds(kernels: bool) -> None:
    before = Layer(GRIDS, kernels=kernels)
    as_it_was = held(before)
    after = Layer(redrawn(), before, kernels=kernels)
    assert held(after) == held(Layer(redrawn(), kernels=kernels)) != as_it_was
    assert held(before) == as_it_was


@BOTH
def test_a_layer_with_other_codes_is_made_anew(kernels: bool) -> None:
    before = Layer(GRIDS, kernels=kernels)
    fewer = [grid for grid in GRIDS if grid.code != "G11"]
    assert held(Layer(fewer, before, kernels=kernels)) == held(Layer(fewer, kernels=kernels)) != held(before)


def test_with_and_without_kernels_the_same_grid_holds_a_point() -> None:
    assert held(Layer(GRIDS, kernels=True)) == held(Layer(GRIDS, kernels=False))
