"""What tiles hold of a whole town: borders that fit, households that are all counted, streets that are whole."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, box
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from benchmarks.tiles import tiles_over
from data.bulk import insert_many
from data.cluster import Cluster
from data.demo.load import fill
from data.ground import address, building, ground, street
from data.outlines import redraw_outlines
from data.person import anybody_with
from data.rights import Rights
from data.schema import new_id
from data.store import Store, transaction
from geo.cells import cell_of
from geo.point import Point as GeoPoint
from tests.support.cells import tile_of
from tests.support.copies import Copies
from tests.support.demo import demo_town
from tests.support.mvt import Layer, layers_of
from tests.support.place import SOUTH, WEST, Place, middle, square
from tests.support.sql import acting

ALL = {"ground.view": ("",), "household.view": ("",)}
NESTED = (("areas", "street"), ("areas", "community"), ("grids", None), ("health", None))


class Reading:
    """Reads tiles as somebody with rights."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def layer(self, layer: str, at: tuple[int, int, int], **rights: tuple[str, ...]) -> Layer:
        held = {name.replace("_", "."): keys for name, keys in rights.items()} or ALL
        async with self._store.reader(anybody_with(Rights(held))) as reader:
            found = layers_of(bytes(await reader.tile(layer, *at)))
        return found[0] if found else Layer()


@pytest.fixture
def reading(store: Store) -> Reading:
    return Reading(store)


@pytest.fixture(scope="module")
def drawn(cluster: Cluster, copies: Copies) -> Iterator[str]:
    """Lend a database with a demo town, its outlines drawn, for copies to be made of it."""
    with copies.lent() as name:
        asyncio.run(_draw(cluster.url("wangge_owner", name)))
        yield name


async def _draw(url: str) -> None:
    async with transaction(url) as connection:
        await fill(connection, demo_town())
        await redraw_outlines(connection)
        await connection.execute(text("ANALYZE"))


@pytest.fixture
def database(request: pytest.FixtureRequest, copies: Copies) -> Iterator[str]:
    """Lend a copy of the drawn town to whoever asks for the town."""
    with copies.lent(request.getfixturevalue("drawn") if "town" in request.fixturenames else None) as name:
        yield name


@pytest.fixture
def town(place: Place) -> Place:
    """Lend the builder of a drawn town."""
    return place


def bounds() -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds([grid.shape for grid in demo_town().grids]).tolist()
    return west, south, east, north


async def sheets(reading: Reading, at: tuple[int, int, int]) -> tuple[Any, dict[str, NDArray[np.object_]]]:
    """Return the town's shape in a tile, and of each level and layer below it the shapes."""
    areas, grids = await reading.layer("areas", at), await reading.layer("grids", at)
    health = await reading.layer("grids", at, ground_view=("_", "health"))
    levels = [feature["level"] for feature in areas.features]
    found = {
        "district": areas.shapes and [s for s, level in zip(areas.shapes, levels, strict=True) if level == "district"]
    }
    for level in ("street", "community"):
        found[level] = [s for s, its in zip(areas.shapes, levels, strict=True) if its == level]
    found |= {"grids": grids.shapes, "health": health.shapes}
    arrays = {name: np.array(shapes, dtype=np.object_) for name, shapes in found.items()}
    return arrays.pop("district"), arrays


def edges(shapes: NDArray[np.object_]) -> Counter[Any]:
    """Count the sides of shapes that lie in the tile, each the same from either end."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    sides = np.stack([xy[:-1], xy[1:]], axis=1)[ring[1:] == ring[:-1]]
    inner = ((sides > -64) & (sides < 4160)).all(axis=2).any(axis=1)
    return Counter(tuple(sorted(map(tuple, side))) for side in sides[inner].tolist())


@pytest.mark.parametrize("z", range(8, 18))
async def test_borders_are_shared_to_the_corner_in_every_tile_of_every_level(
    town: Place, reading: Reading, z: int
) -> None:
    tiles = tiles_over(bounds(), z)
    chosen = tiles if len(tiles) < 60 else tiles[:: len(tiles) // 40]
    shared = 0
    for at in chosen:
        whole, below = await sheets(reading, at)
        border = edges(whole)
        assert set(border.values()) <= {1}
        for name, shapes in below.items():
            sides = edges(shapes)
            once = {side for side, count in sides.items() if count == 1}
            assert once == set(border), (at, name)  # the town's own border, and nothing beside it
            assert set(sides.values()) <= {1, 2}, (at, name)
            shared += len(sides) - len(once)
        assert set(edges(below["street"])) <= set(edges(below["community"])) <= set(edges(below["grids"]))
    assert shared > 40


async def test_the_dots_of_a_tile_count_every_household_in_it(town: Place, reading: Reading) -> None:
    places = [tile_of(20, home.lng, home.lat) for home in demo_town().households]
    for z in (12, 13, 15, 16, 17):
        wanted = Counter((x >> (20 - z), y >> (20 - z)) for x, y in places)
        for (x, y), count in sorted(wanted.items())[:: max(1, len(wanted) // 12)]:
            dots = await reading.layer("households", (z, x, y))
            assert sum(dot["n"] for dot in dots.features) == count, (z, x, y)
            cells = [(int(p.x) // 16, int(p.y) // 16, dot.get("grid")) for dot, p in zip_points(dots)]
            assert len(cells) == len(set(cells)) <= count
            assert all(("grid" in dot) == (z >= 16) for dot in dots.features)
    assert (await reading.layer("households", (11, *tile_of(11, *bounds()[:2])))).features == []


def zip_points(dots: Layer) -> list[tuple[dict[str, Any], Any]]:
    return [(dot, shapely.get_geometry(shape, 0)) for dot, shape in zip(dots.features, dots.shapes, strict=True)]


async def test_who_may_see_some_households_is_shown_the_dots_of_those_alone(town: Place, reading: Reading) -> None:
    [[path, count]] = await town.run(
        "SELECT ltree2text(area_path), count(*) FROM household GROUP BY area_path ORDER BY 2 DESC LIMIT 1"
    )
    for z in (12, 17):
        shown = 0
        for at in tiles_over(bounds(), z):
            dots = await reading.layer("households", at, household_view=(f"_.{path}",))
            shown += sum(dot["n"] for dot in dots.features)
            assert (await reading.layer("households", at, ground_view=("",))).features == []
        assert shown == count


async def test_a_street_is_one_line_and_paths_come_last(place: Place, owner_url: str, reading: Reading) -> None:
    lng, lat = middle(0, 0)
    step = 0.0004
    lines: list[tuple[str | None, str, list[tuple[float, float]]]] = [
        ("学院路", "main", [(lng + n * step, lat), (lng + (n + 1) * step, lat)]) for n in range(4)
    ]  # four pieces, two of them drawn the other way round
    lines[1][2].reverse()
    lines[3][2].reverse()
    lines += [(None, "lane", [(lng, lat), (lng, lat + step)]), (None, "path", [(lng, lat), (lng, lat - step)])]
    rows = [{"id": new_id(), "name": name, "class": kind, "line": LineString(line)} for name, kind, line in lines]
    async with transaction(owner_url) as connection:
        await insert_many(connection, street, rows)
    for z, wanted in ((13, {"main"}), (15, {"main", "lane"}), (16, {"main", "lane", "path"})):
        drawn = await reading.layer("streets", (z, *tile_of(z, lng, lat)))
        assert [feature["class"] for feature in drawn.features] == [
            k for k in ("main", "lane", "path") if k in wanted
        ]
        assert drawn.features[0]["name"] == "学院路"
        assert shapely.get_num_geometries(drawn.shapes[0]) == 1
        assert all("name" not in feature for feature in drawn.features[1:])


async def test_what_is_too_small_to_be_seen_waits_for_a_nearer_zoom(
    place: Place, owner_url: str, reading: Reading
) -> None:
    lng, lat = middle(0, 0)
    small, large = box(lng, lat, lng + 0.00004, lat + 0.00004), box(lng, lat, lng + 0.0004, lat + 0.0004)
    pond = box(WEST, SOUTH, WEST + 0.00002, SOUTH + 0.00002)
    spot = {"point": Point(lng, lat), "cell": cell_of(GeoPoint(lng, lat))}
    house = {"name": None, "kind": "home", "storeys": 1}
    async with transaction(owner_url) as connection:
        for code, shape in (("B1", small), ("B2", large)):
            await insert_many(connection, building, [house | {"id": new_id(), "code": code, "shape": shape}])
        await insert_many(connection, ground, [{"id": new_id(), "kind": "water", "name": None, "shape": pond}])
        number = {"id": new_id(), "street": "学院路", "number": "12号", "text": "学院路12号", **spot}
        await insert_many(connection, address, [number | {"building_id": None, "source_ref": None}])
    found = {}
    for layer, at in (("buildings", (lng, lat)), ("addresses", (lng, lat)), ("ground", (WEST, SOUTH))):
        found[layer] = [len((await reading.layer(layer, (z, *tile_of(z, *at)))).features) for z in range(13, 18)]
    assert found == {"buildings": [0, 1, 2, 2, 2], "addresses": [0, 0, 0, 1, 1], "ground": [0, 0, 1, 1, 1]}
    [numbered] = (await reading.layer("addresses", (17, *tile_of(17, lng, lat)))).features
    assert numbered == {"number": "12号"}


async def test_ground_that_is_not_valid_is_drawn_all_the_same(place: Place, reading: Reading) -> None:
    await place.add_block(2, 1)
    bow = "MULTIPOLYGON (((118.30 27.00, 118.31 27.01, 118.31 27.00, 118.30 27.01, 118.30 27.00)))"
    await place.run("UPDATE grid SET shape = st_geomfromtext(:bow, 4326) WHERE code = 'G00'", bow=bow)
    drawn = await reading.layer("grids", (13, *tile_of(13, *middle(0, 0))))
    assert [feature["code"] for feature in drawn.features] == ["G00", "G10"]


async def test_levels_are_ranked_and_what_lies_below_grids_waits(place: Place, reading: Reading) -> None:
    for code, level, above in (("D1", "district", None), ("S1", "street", "D1"), ("M1", "micro_grid", "S1")):
        await place.add_area(code, level, above, square(0, 0))
    at = (WEST + 0.001, SOUTH + 0.001)
    for z, wanted in (
        (14, [("street", 2), ("district", 1)]),
        (15, [("micro_grid", 6), ("street", 2), ("district", 1)]),
    ):
        drawn = await reading.layer("areas", (z, *tile_of(z, *at)))
        assert [(feature["level"], feature["rank"]) for feature in drawn.features] == wanted


async def test_a_connection_that_was_told_of_nobody_counts_no_household(
    town: Place, server_url: str, reading: Reading
) -> None:
    [at] = tiles_over((*bounds()[:2], *bounds()[:2]), 12)
    asked = "SELECT count(*) FROM household_cells(:z, :x, :y, 256)"
    bound = dict(zip("zxy", at, strict=True))
    async with acting(server_url, "wangge_app") as connection:
        assert (await connection.execute(text(asked), bound)).scalar_one() == 0
    assert (await reading.layer("households", at)).features
    async with acting(server_url, "wangge_dispatcher") as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(asked), bound)
