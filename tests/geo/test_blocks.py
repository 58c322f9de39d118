"""Street blocks and how they are merged, held against plain geometry and a plain flood fill."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box

from geo.blocks import LANE, MAIN, NOTHING, PATH, SECONDARY, WATER, Blocks, Homes, Lines, street_blocks
from geo.dissolve import dissolve
from geo.dividing import Divided, divide
from geo.neighbouring import Wanted

WEST, SOUTH, STEP = 118.3, 27.0, 0.01
RULE = Wanted(300, 500)


def areas(*columns: int) -> np.ndarray:
    """Return areas side by side, each so many hundredths of a degree wide, two high."""
    edges = np.concatenate([[0], np.cumsum(columns)])
    made = np.empty(len(columns), dtype=object)
    made[:] = [
        MultiPolygon([box(WEST + a * STEP, SOUTH, WEST + b * STEP, SOUTH + 2 * STEP)]) for a, b in pairwise(edges)
    ]
    return made


def streets(width: int, seed: int, each: int = 5) -> Lines:
    """Return crooked streets across everything: `each` to a hundredth, every fifth a main one."""
    rng = np.random.default_rng(seed)
    made, kinds = [], []
    for axis, (reach, count) in enumerate([(width, 2 * each), (2, width * each)]):
        for number in range(1, count):
            at = number * STEP / each
            along = np.linspace(-0.1, reach + 0.1, 12) * STEP
            aside = at + rng.uniform(-0.2, 0.2, 12) * STEP / each
            places = np.column_stack([along, aside] if axis == 0 else [aside, along])
            places += np.array([WEST, SOUTH])
            made.append(LineString(places))
            kinds.append(MAIN if number % 5 == 0 else [SECONDARY, LANE, PATH][number % 3])
    return Lines(np.array(made, dtype=object), np.array(kinds))


def homes(width: float, count: int, seed: int, each: int = 4) -> Homes:
    rng = np.random.default_rng(seed)
    places = rng.uniform((WEST, SOUTH), (WEST + width * STEP, SOUTH + 2 * STEP), (count, 2))
    return Homes(places, np.full(count, each))


def dissolved(blocks: Blocks, divided: Divided, ground: np.ndarray, lines: Lines) -> np.ndarray:
    drawn = np.concatenate([shapely.get_coordinates(ground), shapely.get_coordinates(lines.shapes)])
    return dissolve(blocks, divided.parts, drawn)


def in_one_piece(shape: MultiPolygon) -> bool:
    """Flood from the first polygon to all that share a border with it."""
    left = list(shape.geoms)
    reached = [left.pop()]
    for one in reached:
        beside = [other for other in left if one.intersection(other).length > 0]
        left = [other for other in left if other not in beside]
        reached += beside
    return not left


@given(st.integers(0, 10**6), st.lists(st.integers(1, 3), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_blocks_tile_every_area_exactly_and_hold_each_home_once(seed: int, columns: list[int]) -> None:
    ground, lines = areas(*columns), streets(sum(columns), seed)
    lived = homes(sum(columns), 500, seed)
    blocks = street_blocks(ground, lines, lived, 20)
    assert shapely.coverage_is_valid(blocks.shapes)
    for row, area in enumerate(ground):
        whole = shapely.union_all(blocks.shapes[blocks.parents == row])
        assert whole.symmetric_difference(area).area < 1e-12 * area.area
    inside = [int(lived.counts[shapely.contains_xy(shape, *lived.places.T)].sum()) for shape in blocks.shapes]
    assert inside == blocks.homes.tolist() and sum(inside) == 2_000
    assert blocks.homes.max() <= 20


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_neighbours_are_those_that_share_a_border_within_an_area(seed: int) -> None:
    ground = areas(1, 1)
    blocks = street_blocks(ground, streets(2, seed, each=3), homes(2, 100, seed), 50)
    phi = np.radians(SOUTH + STEP)  # docs/sources.md#degree-lengths
    metres = np.array([
        111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi), 111_132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi),
    ])  # fmt: skip
    flat = shapely.transform(blocks.shapes, lambda places: places * metres)
    found = {}
    for a in range(len(flat)):
        for b in range(a + 1, len(flat)):
            length = flat[a].intersection(flat[b]).length
            if blocks.parents[a] == blocks.parents[b] and length > 1e-6:
                found[a, b] = length
    assert [tuple(pair) for pair in blocks.pairs.tolist()] == sorted(found)
    assert blocks.metres == pytest.approx([found[pair] for pair in sorted(found)], rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_grids_keep_to_the_rule_in_one_piece_and_tile_their_area(seed: int) -> None:
    ground, lines = areas(2, 1, 3), streets(6, seed)
    lived = homes(6, 3_000, seed)
    blocks = street_blocks(ground, lines, lived, 50)
    divided = divide(blocks, RULE, seed)
    shapes = dissolved(blocks, divided, ground, lines)
    counts = [int(lived.counts[shapely.contains_xy(shape, *lived.places.T)].sum()) for shape in shapes]
    assert sum(counts) == 12_000 and min(counts) >= 300 and max(counts) <= 500
    assert shapely.coverage_is_valid(shapes) and shapely.is_valid(shapes).all()
    assert all(in_one_piece(shape) for shape in shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(sum(area.area for area in ground), rel=1e-12)
    for shape in shapes:
        assert sum(shape.intersection(area).area > 1e-12 for area in ground) == 1


def test_the_same_seed_draws_the_same_grids() -> None:
    ground, lines, lived = areas(2, 2), streets(4, 1), homes(4, 2_000, 1)
    first, second, other = (
        divide(street_blocks(ground, lines, lived, 50), RULE, seed).parts.tolist() for seed in (7, 7, 8)
    )
    assert first == second
    assert len(set(first)) == len(set(other))


def test_a_river_is_a_border_where_both_sides_can_be_divided() -> None:
    ground, lines = areas(4), streets(4, 3)
    banks = [LineString([(WEST + x * STEP, SOUTH - 0.001), (WEST + x * STEP, SOUTH + 0.021)]) for x in (1.98, 2.02)]
    wet = Lines(np.array([*lines.shapes, *banks], dtype=object), np.append(lines.kinds, [WATER, WATER]))
    lanes = Lines(wet.shapes, np.where(wet.kinds == MAIN, LANE, wet.kinds))
    lived = homes(1.9, 1_000, 3)
    across = Homes(
        np.concatenate([lived.places, lived.places + np.array([2.05 * STEP, 0])]), np.tile(lived.counts, 2)
    )
    blocks = street_blocks(ground, lanes, across, 50)
    divided = divide(blocks, RULE, 1)
    for shape in dissolved(blocks, divided, ground, lanes):
        sides = {bool(x > WEST + 2 * STEP) for x, y in across.places if shape.contains(shapely.Point(x, y))}
        assert len(sides) == 1


def test_a_river_is_crossed_where_one_side_has_too_few() -> None:
    ground = areas(2)
    bank = LineString([(WEST + STEP, SOUTH - 0.001), (WEST + STEP, SOUTH + 0.021)])
    lines = Lines(np.array([*streets(2, 2).shapes, bank], dtype=object), np.append(streets(2, 2).kinds, WATER))
    few = Homes(np.array([[WEST + 1.5 * STEP, SOUTH + 0.5 * STEP]]), np.array([50]))
    many = homes(0.9, 100, 2)
    lived = Homes(np.concatenate([few.places, many.places]), np.concatenate([few.counts, many.counts]))
    blocks = street_blocks(ground, lines, lived, 50)
    divided = divide(blocks, RULE, 1)
    assert divided.parts.max() == 0 and divided.crossed > 0


def test_ground_that_lies_apart_joins_the_nearest_of_its_area() -> None:
    island = box(WEST + 4 * STEP, SOUTH, WEST + 4.2 * STEP, SOUTH + 0.2 * STEP)
    ground = areas(2)
    ground[0] = MultiPolygon([*ground[0].geoms, island])
    lines, lived = streets(2, 5), homes(2, 250, 5)
    blocks = street_blocks(ground, lines, lived, 50)
    divided = divide(blocks, RULE, 1)
    shapes = dissolved(blocks, divided, ground, lines)
    assert len(divided.apart) == 1
    assert [shape.covers(island) for shape in shapes].count(True) == 1
    assert len(shapes) == 3 or len(shapes) == 2


def test_one_place_with_many_homes_is_not_cut() -> None:
    tower = Homes(np.full((1, 2), (WEST + 0.5 * STEP, SOUTH + 0.5 * STEP)), np.array([800]))
    blocks = street_blocks(areas(1), streets(1, 1), tower, 50)
    assert blocks.homes.max() == 800


def test_ground_without_a_street_is_cut_between_its_homes() -> None:
    nothing = Lines(np.empty(0, dtype=object), np.empty(0, dtype=np.int64))
    lived = homes(2, 400, 9)
    ground = areas(2)
    blocks = street_blocks(ground, nothing, lived, 50)
    assert blocks.homes.max() <= 50 and shapely.coverage_is_valid(blocks.shapes)
    divided = divide(blocks, RULE, 1)
    counts = np.bincount(divided.parts, blocks.homes)
    assert ((counts >= 300) & (counts <= 500)).all()


def test_an_area_without_homes_is_one_grid() -> None:
    empty = Homes(np.empty((0, 2)), np.empty(0, dtype=np.int64))
    blocks = street_blocks(areas(1, 1), streets(2, 1), empty, 50)
    assert divide(blocks, RULE, 1).parts.max() == 1


@pytest.mark.parametrize(
    ("count", "parts", "packable"),
    [(0, 1, False), (299, 1, False), (300, 1, True), (500, 1, True), (501, 1, False), (549, 1, False),
     (551, 2, False), (599, 2, False), (600, 2, True), (1_000, 3, True), (1_001, 3, True), (4_000, 10, True)],
)  # fmt: skip
def test_a_number_of_homes_is_divided_with_the_least_excess(count: int, parts: int, packable: bool) -> None:
    assert (RULE.parts(count), RULE.packable(count)) == (parts, packable)


@given(st.integers(1, 20_000), st.integers(1, 400), st.integers(0, 400))
def test_no_other_number_of_parts_has_less_excess(count: int, least: int, more: int) -> None:
    rule = Wanted(least, least + more)
    best = min(k * rule.off(count / k) for k in range(1, count // least + 3))
    chosen = rule.parts(count)
    assert chosen * rule.off(count / chosen) == pytest.approx(best)
    assert rule.packable(count) == any(k * least <= count <= k * rule.most for k in range(1, count // least + 1))


def test_a_cut_vertex_stays_only_where_borders_meet() -> None:
    ground = areas(2, 2)
    line = LineString([(WEST + STEP, SOUTH - 0.001), (WEST + STEP, SOUTH + 0.021)])
    lines = Lines(np.array([line], dtype=object), np.array([LANE]))
    lived = homes(4, 10, 1)
    blocks = street_blocks(ground, lines, lived, 50)
    one = dissolve(blocks, blocks.parents, np.concatenate([shapely.get_coordinates(ground)]))
    assert [shapely.get_num_coordinates(shape) for shape in one] == [5, 5]
    assert all(Polygon(shape.geoms[0]).equals(area) for shape, area in zip(one, ground, strict=True))
    assert NOTHING not in (WATER, MAIN, SECONDARY, LANE, PATH)


def test_a_city_of_thousands_of_blocks_is_divided_too() -> None:
    ground, lines, lived = areas(3), streets(3, 4, each=22), homes(3, 6_000, 4)
    blocks = street_blocks(ground, lines, lived, 50)
    assert len(blocks.homes) > 2_000
    open_everywhere = replace(blocks, barriers=np.zeros(len(blocks.barriers), dtype=bool))
    divided = divide(open_everywhere, RULE, 1)
    shapes = dissolved(blocks, divided, ground, lines)
    counts = np.bincount(divided.parts, blocks.homes)
    assert counts.sum() == 24_000 and counts.min() >= 300 and counts.max() <= 500
    assert all(in_one_piece(shape) for shape in shapes) and shapely.coverage_is_valid(shapes)


def test_borders_run_along_main_streets_rather_than_lanes() -> None:
    ground = areas(4)
    crossing = [
        LineString([(WEST + x * STEP, SOUTH - 0.001), (WEST + x * STEP, SOUTH + 0.021)])
        for x in np.arange(0.1, 4, 0.1)
    ]
    along = [
        LineString([(WEST - 0.001, SOUTH + y * STEP), (WEST + 0.041, SOUTH + y * STEP)])
        for y in np.arange(0.1, 2, 0.1)
    ]
    kinds = np.array([MAIN if at == 21 else LANE for at in range(len(crossing))] + [LANE] * len(along))
    lines = Lines(np.array([*crossing, *along], dtype=object), kinds)
    blocks = street_blocks(ground, lines, homes(4, 225, 1), 50)
    unblocked = replace(blocks, barriers=np.zeros(len(blocks.barriers), dtype=bool))
    shapes = dissolved(blocks, divide(unblocked, RULE, 1), ground, lines)
    assert len(shapes) == 2
    border = shapes[0].intersection(shapes[1])
    on_the_main_street = border.intersection(crossing[21].buffer(1e-9)).length
    assert on_the_main_street > 0.5 * border.length, "the one main street among 39"
