"""Outlines for small scales: borders that stay shared, points that stay in their area, whatever the ground is like."""

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.outlines import Outlines

SIDE = 10_000.0
Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


def cells(rng: np.random.Generator, count: int, rough: float, side: float = SIDE) -> Shapes:
    """Cut a square into cells whose borders are rough, and equal on both sides."""
    seeds = shapely.multipoints(rng.uniform(0, side, (count, 2)))
    cut = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds)), shapely.box(0, 0, side, side))
    lines = shapely.segmentize(shapely.union_all(shapely.boundary(cut)), side / count**0.5 / 20)
    corners, which = np.unique(shapely.get_coordinates(lines), axis=0, return_inverse=True)
    moved = shapely.set_coordinates(lines, (corners + rng.uniform(-rough, rough, corners.shape))[which.ravel()])
    found: Shapes = np.asarray(shapely.get_parts(shapely.polygonize([shapely.node(moved)])), dtype=np.object_)
    return found


def nested(leaves: Shapes, columns: int) -> Shapes:
    """Join cells into areas: those whose middle lies in the same of columns × columns squares."""
    middles = shapely.get_coordinates(shapely.point_on_surface(leaves)) // (SIDE / columns)
    key = middles[:, 0] * columns + middles[:, 1]
    return np.array([shapely.coverage_union_all(leaves[key == one]) for one in np.unique(key)], dtype=np.object_)


def holders(shapes: Shapes, points: Floats) -> list[int]:
    """Ask shapely about every shape which points it covers; of several the first holds it, -1 for none."""
    found = np.full(len(points), -1)
    for row in range(len(shapes) - 1, -1, -1):
        if shapes[row] is not None:
            found[shapely.covers(shapes[row], shapely.points(points))] = row
    return found.tolist()


def edges(shapes: Shapes) -> set[tuple[tuple[float, float], ...]]:
    """List the sides of shapes, each the same from either end."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    pairs = zip(map(tuple, xy[:-1][same]), map(tuple, xy[1:][same]), strict=True)
    return {tuple(sorted(pair)) for pair in pairs}


@pytest.mark.parametrize("tolerance", [2.5, 30.0, 200.0])
def test_neighbours_parents_and_layers_share_their_borders_corner_by_corner(tolerance: float) -> None:
    rng = np.random.default_rng(3)
    leaves = cells(rng, 150, 6)
    parents, others = nested(leaves, 4), nested(leaves, 3)
    drawn = Outlines([leaves, parents, others], rng.uniform(0, SIDE, (2_000, 2))).draw(tolerance)
    fine, coarse, other = drawn.shapes
    for sheet in drawn.shapes:
        assert shapely.coverage_is_valid(sheet)
        assert shapely.area(sheet).sum() == pytest.approx(shapely.union_all(sheet).area)
    assert edges(coarse) <= edges(fine)
    assert edges(other) <= edges(fine)
    members = shapely.STRtree(parents).query(shapely.point_on_surface(leaves), predicate="intersects")[1]
    for row in range(len(parents)):
        assert shapely.equals(coarse[row], shapely.union_all(fine[members == row]))
    assert shapely.get_num_coordinates(fine).sum() < shapely.get_num_coordinates(leaves).sum()


@pytest.mark.parametrize("tolerance", [30.0, 150.0, 600.0])
def test_no_point_changes_its_area_however_close_to_a_border(tolerance: float) -> None:
    rng = np.random.default_rng(5)
    leaves = cells(rng, 80, 12)
    corners = shapely.get_coordinates(leaves)
    near = corners[rng.integers(0, len(corners), 300)] + rng.uniform(-3, 3, (300, 2))
    points = np.concatenate([rng.uniform(-200, SIDE + 200, (3_000, 2)), near, corners[::40]])
    sheets = [leaves, nested(leaves, 3)]
    drawn = Outlines(sheets, points).draw(tolerance)
    for sheet, shapes in zip(sheets, drawn.shapes, strict=True):
        assert holders(shapes, points) == holders(sheet, points)
    assert drawn.eased > 0


def test_without_points_nothing_is_eased_and_with_them_only_their_neighbourhood() -> None:
    leaves = cells(np.random.default_rng(7), 100, 10)
    none = Outlines([leaves], np.zeros((0, 2))).draw(60.0)
    assert (none.eased, none.exact) == (0, 0)
    ring = shapely.get_coordinates(leaves[40])[:-1]
    beside = ring.mean(axis=0) + (ring - ring.mean(axis=0)) * 0.999
    some = Outlines([leaves], beside).draw(60.0)
    assert 0 < some.eased <= 1 + len(shapely.STRtree(leaves).query(leaves[40], predicate="intersects"))
    assert edges(some.shapes[0]) & edges(none.shapes[0])


def test_ground_that_overlaps_and_gapes_is_drawn_too() -> None:
    rng = np.random.default_rng(11)
    leaves = cells(rng, 60, 6)
    gappy = np.delete(leaves, [3, 17, 40])
    gappy[5] = gappy[5].buffer(40)
    shifted = np.array([shapely.transform(leaf, lambda xy: xy + 0.3) for leaf in leaves[::2]], dtype=np.object_)
    islands = shapely.buffer(shapely.points(rng.uniform(500, 9_500, (30, 2))), rng.uniform(5, 80, 30))
    unfit = [shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), None, shapely.Polygon()]
    sheets = [leaves, gappy, shifted, islands, np.array(unfit, dtype=np.object_)]
    points = rng.uniform(0, SIDE, (4_000, 2))
    for tolerance in (10.0, 100.0):
        drawn = Outlines(sheets, points).draw(tolerance)
        assert drawn.shapes[-1].tolist() == [None, None, None]
        for sheet, shapes in zip(sheets[:-1], drawn.shapes[:-1], strict=True):
            assert holders(shapes, points) == holders(sheet, points)
            assert shapely.is_valid(shapes[~shapely.is_missing(shapes)]).all()


def test_an_island_smaller_than_the_tolerance_stays() -> None:
    street = shapely.box(0, 0, 1_000, 1_000)
    tower = shapely.box(480, 480, 500, 510)
    drawn = Outlines([np.array([street - tower, tower], dtype=np.object_)], np.array([[490.0, 495.0]])).draw(200.0)
    around, inside = drawn.shapes[0]
    assert inside.equals(tower)
    assert around.equals(street - tower)


def test_no_ground_is_no_outline() -> None:
    nothing = np.zeros(0, dtype=np.object_)
    drawn = Outlines([nothing, np.array([None], dtype=np.object_)], np.array([[1.0, 2.0]])).draw(10.0)
    assert [sheet.tolist() for sheet in drawn.shapes] == [[], [None]]
