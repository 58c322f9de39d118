"""A demo town holds what its maker promises; everything is measured again from the rows alone."""

from collections import Counter, defaultdict
from dataclasses import fields

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from data.demo.rows import Town
from data.demo.town import make_town
from tests.support.demo import demo_town

METRES_PER_DEGREE = np.array([77_880.0, 111_150.0])  # at 45.69 N, good to 0.1 %


@pytest.fixture(scope="module")
def town() -> Town:
    return demo_town()


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy * METRES_PER_DEGREE)


def shapes_of(town: Town, level: str) -> dict[str, BaseGeometry]:
    return {area.code: area.shape for area in town.areas if area.level == level}


def grids_of(town: Town, layer: str) -> dict[str, BaseGeometry]:
    return {grid.code: grid.shape for grid in town.grids if grid.layer == layer}


def households_by_grid(town: Town) -> Counter[str]:
    grids = grids_of(town, "governance")
    points = shapely.points([(home.lng, home.lat) for home in town.households])
    rows, _ = shapely.STRtree(points).query(list(grids.values()), predicate="contains")
    codes = list(grids)
    return Counter(codes[row] for row in rows)


def test_every_grid_has_300_to_500_households_and_every_household_one_grid(town: Town) -> None:
    counts = households_by_grid(town)
    assert len(counts) == 59
    assert min(counts.values()) >= 300
    assert max(counts.values()) <= 500
    assert sum(counts.values()) == len(town.households) == 24_000


@pytest.mark.parametrize("layer", ["governance", "health"])
def test_the_grids_of_a_layer_tile_the_district(town: Town, layer: str) -> None:
    shapes = list(grids_of(town, layer).values())
    (district,) = shapes_of(town, "district").values()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert shapely.equals(shapely.union_all(shapes), district)
    assert len(grids_of(town, "health")) == 12


def test_every_area_is_exactly_its_children(town: Town) -> None:
    for upper, lower in (("district", "street"), ("street", "community"), ("community", "grid")):
        children = defaultdict(list)
        for area in town.areas:
            if area.level == lower and (lower != "grid" or area.parent in shapes_of(town, "community")):
                children[area.parent].append(area.shape)
        for code, shape in shapes_of(town, upper).items():
            assert shapely.equals(shapely.union_all(children[code]), shape), code


def test_codes_are_those_of_the_parent_with_three_digits_more(town: Town) -> None:
    parents = {area.code: area for area in town.areas}
    for area in town.areas:
        assert len(area.code) == {"district": 6, "street": 9, "community": 12, "grid": 15}[area.level]
        if area.parent is not None:
            assert area.code.startswith(area.parent)
            assert area.path == f"{parents[area.parent].path}.{area.code}"
    assert len(parents) == len(town.areas)
    assert {grid.code for grid in town.grids} == {area.code for area in town.areas if area.level == "grid"}


def test_health_grids_are_made_of_whole_governance_grids(town: Town) -> None:
    small = list(grids_of(town, "governance").values())
    for shape in grids_of(town, "health").values():
        members = [grid for grid in small if shape.contains(grid.representative_point())]
        assert len(members) >= 2
        assert shapely.equals(shapely.union_all(members), shape)


def test_all_coordinates_are_rounded_to_seven_decimals(town: Town) -> None:
    shapes = [*(area.shape for area in town.areas), *(street.line for street in town.streets)]
    shapes += [building.shape for building in town.buildings]
    degrees = shapely.get_coordinates(shapes)
    assert (degrees == np.round(degrees, 7)).all()


def test_grid_borders_run_along_streets(town: Town) -> None:
    streets = shapely.union_all([in_metres(street.line) for street in town.streets]).buffer(0.1)
    for shape in grids_of(town, "governance").values():
        assert in_metres(shape.boundary).difference(streets).length < 1.0


def test_the_town_is_a_few_kilometres_across_at_baijiantan(town: Town) -> None:
    (district,) = shapes_of(town, "district").values()
    west, south, east, north = in_metres(district).bounds
    assert 2_500 < east - west < 6_000
    assert 2_500 < north - south < 6_000
    assert district.centroid.distance(shapely.Point(85.12, 45.69)) < 0.01


def test_one_can_walk_from_any_street_to_any_other(town: Town) -> None:
    group: dict[object, object] = {}

    def head(item: object) -> object:
        while group.setdefault(item, item) != item:
            group[item] = group[group[item]]
            item = group[item]
        return item

    for street in town.streets:
        for vertex in street.line.coords:
            group[head(vertex)] = head(street.name)
    assert len({head(street.name) for street in town.streets}) == 1


def test_every_street_has_a_name_of_its_own(town: Town) -> None:
    assert len({street.name for street in town.streets}) == len(town.streets)
    assert {street.road_class for street in town.streets} == {"main", "secondary", "lane"}


def test_buildings_keep_clear_of_each_other_of_streets_and_of_water(town: Town) -> None:
    shapes = np.array([in_metres(building.shape) for building in town.buildings])
    assert 4_000 <= len(shapes) <= 6_000
    assert shapely.is_valid(shapes).all()
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=2.0)
    assert (one == other).all()
    for road_class, half_width in (("main", 12), ("secondary", 8), ("lane", 4)):
        lines = [in_metres(street.line) for street in town.streets if street.road_class == road_class]
        assert tree.query(lines, predicate="dwithin", distance=half_width).size == 0
    water = [in_metres(ground.shape) for ground in town.ground if ground.kind == "water"]
    assert len(water) > 1
    assert tree.query(water, predicate="intersects").size == 0


def test_every_building_stands_in_one_grid(town: Town) -> None:
    shapes = [building.shape for building in town.buildings]
    rows, _ = shapely.STRtree(shapes).query(list(grids_of(town, "governance").values()), predicate="contains")
    assert len(rows) == len(shapes)


def test_every_household_is_inside_its_building_and_fits_its_storeys(town: Town) -> None:
    points = shapely.points([(home.lng, home.lat) for home in town.households])
    buildings = [town.buildings[home.building] for home in town.households]
    assert shapely.contains([building.shape for building in buildings], points).all()
    assert {building.kind for building in buildings} == {"home"}
    for home, building in zip(town.households, buildings, strict=True):
        if home.address.endswith("室"):
            room = home.address[home.address.index("单元") + 2 : -1]
            assert 1 <= int(room[:-2]) <= building.storeys


def test_addresses_are_unique_and_name_the_places_they_lie_in(town: Town) -> None:
    assert len({home.address for home in town.households}) == len(town.households)
    names = {area.code: area.name for area in town.areas}
    grids = grids_of(town, "governance")
    points = shapely.points([(home.lng, home.lat) for home in town.households])
    codes = list(grids)
    streets = {street.name for street in town.streets}
    for row, at in zip(*shapely.STRtree(points).query(list(grids.values()), predicate="contains"), strict=True):
        code, address = codes[row], town.households[at].address
        above = names[code[:6]] + names[code[:9]] + names[code[:12]]
        assert address.startswith(above)
        below = address[len(above) :]
        assert below[: next(at for at, sign in enumerate(below) if sign.isdigit())] in streets


def test_a_house_number_stands_for_one_place_on_its_street(town: Town) -> None:
    places = defaultdict(set)
    for home in town.households:
        number, _, rest = home.address.partition("号")
        places[number].add(rest.rstrip("0123456789单元室幢").split("平房")[0])
    assert max(len(compounds) for compounds in places.values()) == 1


@pytest.mark.parametrize("households", [2_000, 9_000, 32_000])
def test_towns_of_other_sizes_have_grids_of_the_same_size(households: int) -> None:
    town = make_town(seed=5, households=households)
    counts = households_by_grid(town)
    assert sum(counts.values()) == households
    assert 300 <= min(counts.values()) <= max(counts.values()) <= 500
    assert shapely.coverage_is_valid(list(grids_of(town, "governance").values()))
    assert len({home.address for home in town.households}) == households


def test_a_place_too_small_for_a_town_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2000"):
        make_town(households=1_500)


@pytest.mark.parametrize("seed", [2, 7])
def test_other_seeds_keep_the_rules(seed: int) -> None:
    town = demo_town(seed)
    counts = households_by_grid(town)
    assert 300 <= min(counts.values()) <= max(counts.values()) <= 500
    assert shapely.coverage_is_valid(list(grids_of(town, "governance").values()))
    assert 4_000 <= len(town.buildings) <= 6_000
    assert len({home.address for home in town.households}) == 24_000


def test_the_same_seed_gives_the_same_town_and_another_seed_another() -> None:
    one, again, other = (make_town(seed, households=6_000) for seed in (1, 1, 2))
    for column in fields(Town):
        assert getattr(again, column.name) == getattr(one, column.name), column.name
    for table in ("areas", "streets", "buildings", "households", "workers", "positions", "incidents"):
        assert getattr(other, table) != getattr(one, table), table
