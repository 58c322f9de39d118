"""Areas from files into the tree and its grids: all or nothing, versions kept, checked against PostGIS."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from shapely import MultiPolygon, Polygon, box, get_coordinates
from shapely.geometry import mapping

from data.importing.areas import load_areas, name_town
from data.importing.drawn import Written
from data.importing.errors import UnknownLayerError, UnknownLevelError
from data.importing.files import ReadAreas, read_areas
from data.store import Store, transaction
from dispatch.city import City
from dispatch.desk.keep import load_city
from geo.datum import Datum
from geo.point import Point
from tests.support.extracts import shared_extract
from tests.support.place import Place, square

MUNICIPALITIES = "admin_level='8' AND osm_id IS NOT NULL"
NAMES = {
    "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan", "Schellenberg", "Triesen",
    "Triesenberg", "Vaduz",
}  # fmt: skip
Shape = Polygon | MultiPolygon


def written(folder: Path, *areas: tuple[str, str, Shape]) -> Path:
    """Write a GeoJSON file of areas with code and name."""
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": mapping(shape)}
        for code, name, shape in areas
    ]
    file = folder / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


async def load(owner_url: str, read: ReadAreas, level: str = "grid", layer: str | None = "governance") -> Written:
    async with transaction(owner_url) as connection:
        return await load_areas(connection, read, level, layer)


async def counts(place: Place) -> tuple[int, int, int]:
    [row] = await place.run(
        "SELECT (SELECT count(*) FROM area), (SELECT count(*) FROM grid), (SELECT count(*) FROM outbox)"
    )
    return tuple(row)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return written(tmp_path, ("A1", "甲", square(0, 0)), ("A2", "乙", square(1, 0)))


async def test_areas_become_grids_of_a_layer_and_the_city_is_told(place: Place, owner_url: str, two: Path) -> None:
    done = await load(owner_url, read_areas(two, Datum.WGS84))
    assert (done.refused, done.new, done.redrawn, done.unchanged) == ((), 2, 0, 0)
    found = await place.run(
        """SELECT g.code, g.name, g.kind, ltree2text(a.path) AS path, a.level, st_equals(g.shape, a.shape) AS same,
            upper_inf(g.valid) AS in_force
        FROM grid g JOIN area a ON a.id = g.area_id ORDER BY g.code"""
    )
    assert [tuple(row) for row in found] == [
        ("A1", "甲", "basic", "A1", "grid", True, True),
        ("A2", "乙", "basic", "A2", "grid", True, True),
    ]
    assert [row.kind for row in await place.run("SELECT kind FROM outbox")] == ["ground"]


async def test_the_same_file_again_changes_nothing(place: Place, owner_url: str, two: Path) -> None:
    await load(owner_url, read_areas(two, Datum.WGS84))
    before = await place.run("SELECT id, valid FROM grid ORDER BY id")
    done = await load(owner_url, read_areas(two, Datum.WGS84))
    assert (done.new, done.redrawn, done.unchanged) == (0, 0, 2)
    assert await place.run("SELECT id, valid FROM grid ORDER BY id") == before


async def test_a_redrawn_area_gets_a_new_version_from_now_on_and_keeps_its_old_one(
    place: Place, owner_url: str, tmp_path: Path, two: Path
) -> None:
    await load(owner_url, read_areas(two, Datum.WGS84))
    larger = written(tmp_path, ("A1", "甲", box(118.30, 27.00, 118.31, 27.02)), ("A2", "乙", square(1, 0)))
    done = await load(owner_url, read_areas(larger, Datum.WGS84))
    assert (done.new, done.redrawn, done.unchanged) == (0, 1, 1)
    versions = await place.run(
        """SELECT g.code, st_covers(g.shape, st_setsrid(st_makepoint(118.305, 27.015), 4326)) AS larger,
            upper_inf(valid) AS in_force, lower(valid) = lag(upper(valid)) OVER (ORDER BY valid) AS seamless,
            g.area_id = a.id AS same_area
        FROM grid g JOIN area a ON a.code = g.code WHERE g.code = 'A1' ORDER BY valid"""
    )
    assert [tuple(row) for row in versions] == [("A1", False, False, None, True), ("A1", True, True, True, True)]
    assert await counts(place) == (2, 3, 2)


async def test_a_second_layer_on_the_same_areas_makes_grids_of_its_own(
    place: Place, owner_url: str, two: Path
) -> None:
    await load(owner_url, read_areas(two, Datum.WGS84))
    done = await load(owner_url, read_areas(two, Datum.WGS84), layer="health")
    assert done.unchanged == 2
    found = await place.run("SELECT layer, count(*) FROM grid GROUP BY layer ORDER BY layer")
    assert [tuple(row) for row in found] == [("governance", 2), ("health", 2)]


async def test_areas_without_a_layer_are_no_grids(place: Place, owner_url: str, two: Path) -> None:
    await load(owner_url, read_areas(two, Datum.WGS84), level="community", layer=None)
    assert (await counts(place))[:2] == (2, 0)


async def test_children_hang_under_the_area_that_holds_them(
    place: Place, owner_url: str, tmp_path: Path, two: Path
) -> None:
    whole = written(tmp_path, ("D", "区", box(118.29, 26.99, 118.33, 27.02)))
    await load(owner_url, read_areas(whole, Datum.WGS84), level="district", layer=None)
    two = written(tmp_path, ("A1", "甲", square(0, 0)), ("A2", "乙", square(1, 0)))
    await load(owner_url, read_areas(two, Datum.WGS84))
    paths = await place.run("SELECT ltree2text(path) AS path FROM area ORDER BY path")
    assert [row.path for row in paths] == ["D", "D.A1", "D.A2"]


BAD: dict[str, tuple[list[tuple[str, str, Shape]], set[tuple[str, str]]]] = {
    "a doubled code": (
        [("A1", "甲", square(0, 0)), ("A1", "乙", square(1, 0))],
        {("A1", "code_doubled")},
    ),
    "outside its parent": (
        [("A1", "甲", square(0, 0)), ("A2", "乙", square(9, 9))],
        {("A2", "outside_parent")},
    ),
    "a bow-tie": (
        [
            ("A1", "甲", Polygon([(118.30, 27.0), (118.31, 27.01), (118.31, 27.0), (118.30, 27.01)])),
            ("A2", "乙", square(1, 0)),
        ],
        {("A1", "self_crossing")},
    ),
    "a code that is no label": ([("A-1", "甲", square(0, 0))], {("A-1", "code_invalid")}),
    "the code of an area of another level": ([("D", "甲", square(0, 0))], {("D", "code_of_other_level")}),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_file_with_a_fault_writes_nothing_at_all(
    what: str, place: Place, owner_url: str, tmp_path: Path
) -> None:
    await place.add_area("D", "district", None, MultiPolygon([box(118.29, 26.99, 118.33, 27.02)]))
    before = await counts(place)
    areas, faults = BAD[what]
    done = await load(owner_url, read_areas(written(tmp_path, *areas), Datum.WGS84))
    assert {(one.code, one.reason) for one in done.refused} == faults
    assert (done.new, done.redrawn, done.unchanged) == (0, 0, 0)
    assert await counts(place) == before


async def test_an_unknown_level_or_layer_is_refused_by_name(owner_url: str, two: Path) -> None:
    read = read_areas(two, Datum.WGS84)
    with pytest.raises(UnknownLevelError) as level:
        await load(owner_url, read, level="planet")
    assert "community" in str(level.value.facts["levels"])
    with pytest.raises(UnknownLayerError):
        await load(owner_url, read, layer="planet")


async def test_a_file_in_gcj02_lands_in_wgs84(place: Place, owner_url: str, two: Path) -> None:
    """At this place GCJ-02 lies some 480 m to the east and 300 m to the south of WGS 84."""
    await load(owner_url, read_areas(two, Datum.GCJ02))
    [row] = await place.run(
        "SELECT st_xmin(shape) - 118.30 AS east, st_ymin(shape) - 27.00 AS north FROM grid WHERE code = 'A1'"
    )
    assert -0.007 < row.east < -0.003
    assert 0.001 < row.north < 0.005


async def test_the_town_is_named_once(place: Place, owner_url: str) -> None:
    for name in ("甲城", "乙城"):
        async with transaction(owner_url) as connection:
            await name_town(connection, "350783", name, "Asia/Shanghai")
    assert [row.name for row in await place.run("SELECT name FROM town")] == ["甲城"]


@cache
def municipalities() -> ReadAreas:
    return read_areas(shared_extract("liechtenstein"), Datum.WGS84, MUNICIPALITIES)


@cache
def house_numbers() -> Any:
    """Return lng, lat (n, 2) of everything with a house number: nodes, and a point in each building that has one."""
    wanted = "other_tags LIKE '%\"addr:housenumber\"=>%'"
    nodes = pyogrio.read_dataframe(shared_extract("liechtenstein"), layer="points", where=wanted).geometry
    buildings = pyogrio.read_dataframe(shared_extract("liechtenstein"), layer="multipolygons", where=wanted).geometry
    return get_coordinates([*nodes, *buildings.representative_point()])


async def test_liechtenstein_s_municipalities_hold_what_postgis_says_they_hold(
    place: Place, store: Store, owner_url: str
) -> None:
    read = municipalities()
    assert set(read.names) == NAMES
    done = await load(owner_url, read)
    assert (done.refused, done.new) == ((), 11)

    city = City()
    async with store.books.open() as book:
        await load_city(city, book)
    layer = city.layer("governance")
    rng = np.random.default_rng(7)
    scattered = rng.uniform([9.45, 47.03], [9.66, 47.29], size=(10_000, 2))
    houses = house_numbers()
    assert len(houses) > 1000
    corners = get_coordinates(read.shapes)[::37]
    points = np.vstack([scattered, houses, corners])

    rows = layer.locator.locate_many(points[:, 0], points[:, 1])
    found = [None if row < 0 else layer.grids[row].code for row in rows.tolist()]
    by_postgis = await place.run(
        """SELECT (SELECT g.code FROM grid g WHERE st_covers(g.shape, p.at) ORDER BY g.code LIMIT 1) AS code
        FROM (SELECT n, st_setsrid(st_makepoint(x, y), 4326) AS at
              FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS given (x, y, n)) AS p
        ORDER BY p.n""",
        x=points[:, 0].tolist(),
        y=points[:, 1].tolist(),
    )
    assert found == [row.code for row in by_postgis]
    assert sum(code is None for code in found) > 1000
    assert sum(code is not None for code in found) > 4000
    of_houses = found[len(scattered) : len(scattered) + len(houses)]
    assert set(of_houses) - {None} <= set(read.codes)
    assert sum(code is None for code in of_houses) < 100, "the extract reaches a little over the border"
    assert None not in found[len(scattered) + len(houses) :], "every corner belongs to a municipality"
    one_by_one = [layer.holding(Point(*at)) for at in points[::50].tolist()]
    assert [grid and grid.code for grid in one_by_one] == found[::50]
