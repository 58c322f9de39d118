"""Outlines kept beside the shapes: PostGIS, which did not draw them, judges where households and borders lie."""

from typing import Any

import pytest
import shapely
from shapely import Point, Polygon, affinity

from data.demo.load import fill
from data.households import household
from data.outlines import BANDS, redraw_outlines
from data.schema import new_id
from data.store import transaction
from geo.cells import cell_of
from geo.point import Point as GeoPoint
from tests.support.demo import demo_town
from tests.support.place import Place, middle, square

MOVED = """
    SELECT count(*) FROM household h, LATERAL (SELECT
        (SELECT g.code FROM grid g WHERE g.layer = :layer AND st_covers(g.shape_3857, st_transform(h.point, 3857))
         ORDER BY g.code LIMIT 1) AS before,
        (SELECT g.code FROM grid g WHERE g.layer = :layer AND st_covers(g.{outline}, st_transform(h.point, 3857))
         ORDER BY g.code LIMIT 1) AS after) AS found
    WHERE found.before IS DISTINCT FROM found.after
"""
UNCOVERED = """
    SELECT count(*) FROM area child JOIN area parent ON parent.id = child.parent_id
    WHERE NOT st_relate(child.{outline}, parent.{outline}, '2FF***FF*') AND NOT st_equals(child.{outline}, parent.{outline})
      AND NOT st_coveredby(child.{outline}, parent.{outline})
"""
CORNERS = "SELECT sum(st_npoints({outline})), sum(st_npoints(shape_3857)) FROM grid"


async def add_household(place: Place, at: tuple[float, float]) -> None:
    row = {
        "id": new_id(),
        "building_id": None,
        "address": f"{at}",
        "point": Point(at),
        "cell": cell_of(GeoPoint(*at)),
    }
    await place.insert(household, row | {"area_id": None, "area_path": None})


async def shapes(place: Place, column: str, layer: str = "governance") -> list[Any]:
    rows = await place.run(f"SELECT st_asbinary({column}) FROM grid WHERE layer = :l ORDER BY code", l=layer)
    return [None if row[0] is None else shapely.from_wkb(bytes(row[0])) for row in rows]


async def test_a_town_keeps_every_household_and_every_border_in_every_band(place: Place, owner_url: str) -> None:
    async with transaction(owner_url) as connection:
        await fill(connection, demo_town())
        done = await redraw_outlines(connection)
    [[count]] = await place.run(
        "SELECT (SELECT count(*) FROM grid) + (SELECT count(*) FROM area WHERE shape IS NOT NULL)"
    )
    assert done.shapes == count
    before = None
    for band in BANDS:
        outline = f"outline_{band}"
        for layer in ("governance", "health"):
            assert await place.run(MOVED.format(outline=outline), layer=layer) == [(0,)]
            assert shapely.coverage_is_valid(await shapes(place, outline, layer))
        assert await place.run(UNCOVERED.format(outline=outline)) == [(0,)]
        [[drawn, exact]] = await place.run(CORNERS.format(outline=outline))
        assert (before or 0) < drawn < exact
        before = drawn


async def test_a_household_that_would_change_its_grid_keeps_its_border(place: Place, owner_url: str) -> None:
    await place.add_town()
    (west, south, x, north), east, lat = square(0, 0).bounds, square(1, 0).bounds[2], middle(1, 0)[1]
    nose = [(x, lat - 0.0001), (x + 0.00004, lat), (x, lat + 0.0001)]
    left = Polygon([(west, north), (west, south), (x, south), *nose, (x, north)])
    right = Polygon([(east, south), (east, north), (x, north), *reversed(nose), (x, south)])
    await place.add_area("C1")
    await place.add_grid("A1", left, "C1")
    await place.add_grid("A2", right, "C1")
    async with transaction(owner_url) as connection:
        await redraw_outlines(connection)
    assert shapely.get_num_coordinates(await shapes(place, "outline_far")).tolist() == [5, 5]
    await add_household(place, (x + 0.00003, lat))
    async with transaction(owner_url) as connection:
        await redraw_outlines(connection)
    assert shapely.get_num_coordinates(await shapes(place, "outline_far")).tolist() == [8, 8]
    assert await place.run(MOVED.format(outline="outline_far"), layer="governance") == [(0,)]


@pytest.mark.parametrize("gap", [0.0, 0.0004])
async def test_ground_that_overlaps_and_gapes_does_not_fail(place: Place, owner_url: str, gap: float) -> None:
    await place.add_town()
    await place.add_area("C1")
    for column in range(3):
        turned = affinity.rotate(square(column, 0), 4)
        await place.add_grid(f"A{column}", affinity.translate(turned, gap * column), "C1")
        await add_household(place, middle(column, 0.49))
    async with transaction(owner_url) as connection:
        await redraw_outlines(connection)
    for band in BANDS:
        assert await place.run(MOVED.format(outline=f"outline_{band}"), layer="governance") == [(0,)]
        assert all(shape is not None and shape.is_valid for shape in await shapes(place, f"outline_{band}"))


async def test_what_was_is_left_and_what_is_planned_is_drawn_beside_what_is(place: Place, owner_url: str) -> None:
    await place.add_town()
    await place.add_area("C1")
    await place.add_grid("A1", square(0, 0), "C1", valid="[2020-01-01,2021-01-01)")
    await place.add_grid("A2", square(1, 0), "C1", valid="[2021-01-01,2999-01-01)")
    await place.add_grid("A3", square(2, 0), "C1", valid="[2999-01-01,)")
    async with transaction(owner_url) as connection:
        await redraw_outlines(connection)
    rows = await place.run("SELECT outline_far IS NOT NULL FROM grid ORDER BY lower(valid)")
    assert [row[0] for row in rows] == [False, True, True]


async def test_processes_are_told_that_the_ground_changed(place: Place, owner_url: str) -> None:
    async with transaction(owner_url) as connection:
        done = await redraw_outlines(connection)
    assert (done.shapes, done.pieces) == (0, 0)
    assert await place.run("SELECT kind FROM outbox") == [("ground",)]
