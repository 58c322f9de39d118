"""The ground of the five demo places, measured by plain geometry from their rows alone."""

from collections import Counter, defaultdict, deque
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from data.demo.place import PLACES, find_place, place_of
from data.demo.rows import Town
from data.demo.town import make_town

CUT = {"xinluo": 30_000}
"""Three of its ten streets: the other seven are made by the same code."""
SMALLER = sorted({*PLACES} - {"xinluo"})
"""Without the one that takes half a minute for its 23,000 plots, and has them from the same code."""


@pytest.fixture(scope="module", params=PLACES)
def town(request: pytest.FixtureRequest) -> Town:
    """Lend each place in turn."""
    return made(request.param)


@cache
def made(key: str) -> Town:
    """Make a place once, of its own size or of that of `CUT`."""
    return make_town(place=place_of(key), households=CUT.get(key))


def in_metres(shapes: Any, town: Town) -> Any:
    """Flatten WGS 84 by the plain rule of the cosine, good to 0.3 %."""
    south = shapely.get_coordinates(town.areas[0].shape)[:, 1].mean()
    return shapely.transform(shapes, lambda xy: xy * [111_320 * np.cos(np.radians(south)), 111_320])


def test_every_level_tiles_the_one_above(town: Town) -> None:
    health = {grid.code for grid in town.grids if grid.layer == "health"}
    shapes = defaultdict(list)
    for area in town.areas:
        if area.code not in health:
            shapes[area.level].append(area.shape)
    shapes["health"] = [grid.shape for grid in town.grids if grid.layer == "health"]
    for level, found in shapes.items():
        assert shapely.is_valid(found).all(), level
        assert shapely.coverage_is_valid(found), level
        assert shapely.equals(shapely.coverage_union_all(found), town.areas[0].shape), level
    assert {len(grid.shape.geoms) for grid in town.grids} == {1}


def test_codes_go_on_from_their_parent_s_and_have_the_digits_of_their_level(town: Town) -> None:
    digits = {level.code: level.digits for level in town.levels}
    codes = {area.code for area in town.areas}
    assert len(codes) == len(town.areas)
    for area in town.areas:
        assert area.code.isdigit()
        assert area.parent is None or (area.parent in codes and area.code.startswith(area.parent))
        assert digits[area.level] in (None, len(area.code))


def test_streets_are_one_connected_network(town: Town) -> None:
    beside = defaultdict(set)
    for street in town.streets:
        corners = list(street.line.coords)
        for one, other in pairwise(corners):
            beside[one].add(other)
            beside[other].add(one)
    start = next(iter(beside))
    seen, waiting = {start}, deque([start])
    while waiting:
        for other in beside[waiting.popleft()] - seen:
            seen.add(other)
            waiting.append(other)
    assert len(seen) == len(beside)
    assert len({street.name for street in town.streets}) == len(town.streets)


def test_no_street_runs_through_a_house(town: Town) -> None:
    houses = in_metres(np.array([building.shape for building in town.buildings]), town)
    tree = shapely.STRtree(houses)
    for street in town.streets:
        assert tree.query(in_metres(street.line, town), predicate="dwithin", distance=4.0).size == 0


@pytest.mark.parametrize("town", SMALLER, indirect=True, scope="module")
def test_plots_tile_the_blocks_and_each_holds_its_building(town: Town) -> None:
    plots, blocks = list(town.plots), np.array(town.blocks)
    assert shapely.coverage_is_valid(blocks)
    shapes = np.array([plot.shape for plot in plots])
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert shapely.get_num_interior_rings(whole) == 0
    assert in_metres(whole.symmetric_difference(town.areas[0].shape), town).area < 150  # of some km², by rounding
    built = [plot for plot in plots if plot.building is not None]
    assert sorted(plot.building for plot in built if plot.building is not None) == list(range(len(town.buildings)))
    houses = [town.buildings[plot.building].shape for plot in built if plot.building is not None]
    assert shapely.contains([plot.shape for plot in built], houses).all()
    empty = {plot.block for plot in plots if plot.building is None}
    assert empty.isdisjoint(plot.block for plot in built)


def test_addresses_are_unique_and_name_the_place(town: Town) -> None:
    place = place_of(town.place)
    addresses = [home.address for home in town.households]
    assert len(set(addresses)) == len(addresses)
    begins = place.above + place.name
    names = {area.name for area in town.areas if area.level == "community"}
    for address in addresses[::97]:
        assert address.startswith(begins)
        assert any(name in address for name in names)
        assert "号" in address


def test_density_falls_from_the_centre(town: Town) -> None:
    land = place_of(town.place).land
    homes = in_metres(shapely.points(town.households.places), town)
    ground = in_metres(town.areas[0].shape, town)
    west, south, east, north = ground.bounds
    half = np.array([east - west, north - south]) / 2
    turn = np.radians(land.turn_degrees)
    middle = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ (np.array(land.centre) * half)
    centre = shapely.Point(middle[0] + (west + east) / 2, middle[1] + (south + north) / 2)
    away = shapely.distance(homes, centre)
    rings = np.quantile(shapely.distance(shapely.points(shapely.get_coordinates(ground)), centre), [0.5, 0.9])
    inner, outer = centre.buffer(rings[0]), centre.buffer(rings[1])
    within = (away < rings[0]).sum() / inner.intersection(ground).area
    beyond = ((away >= rings[0]) & (away < rings[1])).sum() / outer.difference(inner).intersection(ground).area
    assert within > 1.1 * beyond


def test_a_place_lies_where_it_is_and_has_words_of_its_own() -> None:
    places = [place_of(key) for key in PLACES]
    for place in places:
        assert 73 < place.centre[0] < 135
        assert 18 < place.centre[1] < 54
    towns = [made(key) for key in SMALLER]
    communities = Counter(area.name for town in towns for area in town.areas if area.level == "community")
    assert max(communities.values()) == 1
    rivers = {place.land.river for place in places}
    assert len(rivers) == len({place.county for place in places}) == len(places)


@pytest.mark.parametrize("word", ["jianou", "JIANOU", "建瓯", "建瓯市", "Jian'ou"])
def test_a_place_is_found_by_pinyin_and_by_its_name(word: str) -> None:
    found = find_place(word)
    assert found is not None
    assert found.key == "jianou"
    assert find_place(word[:-1]) in (None, found)


def test_the_same_seed_gives_the_same_place_and_another_seed_another() -> None:
    one, again, other = (make_town(seed, place=place_of("quwo")) for seed in (4, 4, 5))
    for column in fields(Town):
        same = getattr(one, column.name) == getattr(again, column.name)
        assert np.all(same) if column.name != "plots" else list(one.plots) == list(again.plots), column.name
    assert one.households != other.households


@pytest.mark.parametrize("town", ["quwo"], indirect=True, scope="module")
def test_every_micro_grid_holds_its_hub_household_and_somebody_else(town: Town) -> None:
    micro = {area.code: area.shape for area in town.areas if area.level == "micro_grid"}
    assert micro
    places = {seen.worker: shapely.Point(seen.lng, seen.lat) for seen in town.positions}
    heads = [worker for worker in town.workers if worker.role == "hub_household"]
    assert Counter(worker.home_area for worker in heads) == dict.fromkeys(micro, 1)
    for worker in heads:
        assert micro[worker.home_area].covers(places[worker.code])
    points = np.asarray(shapely.points(town.households.places))
    inside, _ = shapely.STRtree(points).query(list(micro.values()), predicate="contains")
    assert np.bincount(inside, minlength=len(micro)).min() >= 1


@pytest.mark.parametrize("town", ["wannianbu"], indirect=True, scope="module")
def test_dedicated_grids_are_cut_out_and_nobody_lives_in_them(town: Town) -> None:
    own = [grid for grid in town.grids if grid.kind == "dedicated"]
    assert own
    points = np.asarray(shapely.points(town.households.places))
    assert shapely.STRtree(points).query([grid.shape for grid in own], predicate="intersects").size == 0
    houses = [building for building in town.buildings if building.name and building.kind in ("work", "shop")]
    tree = shapely.STRtree([house.shape for house in houses])
    for grid in own:
        inside = tree.query(grid.shape, predicate="contains")
        assert len(inside) >= (1 if grid.purpose == "tower" else 5)
    assert len({grid.name for grid in own}) == len(own)


@pytest.mark.parametrize(
    ("place", "households"), [("jianou", 60_000), ("quwo", 1_500), ("wannianbu", 8_000), ("xinluo", 9_000)]
)
def test_a_place_can_be_made_in_another_size(place: str, households: int) -> None:
    town = make_town(2, households, place_of(place))
    counts = np.bincount(np.array(town.grid_of)[town.households.building])
    least, most = place_of(place).grid_households
    assert counts.sum() == households == len({home.address for home in town.households})
    assert least <= counts[counts > 0].min() <= counts.max() <= most
    assert shapely.coverage_is_valid([grid.shape for grid in town.grids if grid.layer == "governance"])


@pytest.mark.parametrize(("place", "households"), [("quwo", 10_001), ("baijiantan", 1_000_001), ("wannianbu", 100)])
def test_a_place_of_an_impossible_size_is_refused(place: str, households: int) -> None:
    with pytest.raises(ValueError, match=r"at least \d+ and at most"):
        make_town(1, households, place_of(place))
