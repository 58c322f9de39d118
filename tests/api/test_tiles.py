"""Tiles: the ground as it is drawn, and for whom."""

import math
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from shapely import LineString, box

from data.bulk import insert_many
from data.ground import building, ground, street
from data.schema import new_id
from data.store import transaction
from data.tiles import SOURCES
from tests.support.client import bearing
from tests.support.place import SOUTH, WEST, middle, square
from tests.support.staff import Staff

SAID = "INSERT INTO outbox (kind, at) VALUES ('ground', now())"
HALF_WORLD_M = 20_037_508.342789244


def tile_at(at: tuple[float, float], z: int) -> tuple[int, int]:
    """Return x and y of the tile that holds a point, by the formula of the slippy map."""
    n = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(at[1]))) / math.pi) / 2
    return int((at[0] + 180) / 360 * n), int(y * n)


def drawn_on(tile: tuple[int, int], z: int) -> Any:
    """Return the square of Web Mercator that a tile draws: its own and 64 of 4,096 parts around."""
    side = 2 * HALF_WORLD_M / (1 << z)
    west, north = tile[0] * side - HALF_WORLD_M, HALF_WORLD_M - tile[1] * side
    return box(west, north - side, west + side, north).buffer(side * 64 / 4096, join_style="mitre")


def mercator(shape: Any) -> Any:
    """Project WGS 84 to Web Mercator."""

    def project(xy: Any) -> Any:
        xy = xy.copy()
        xy[:, 0] *= HALF_WORLD_M / 180
        xy[:, 1] = [math.degrees(math.asinh(math.tan(math.radians(lat)))) * HALF_WORLD_M / 180 for lat in xy[:, 1]]
        return xy

    return shapely.transform(shape, project)


class Tiles:
    """Asks for tiles and lets GDAL read them."""

    def __init__(self, staff: Staff, folder: Path) -> None:
        self._staff, self._folder = staff, folder

    async def raw(self, layer: str, at: tuple[float, float], z: int, **headers: str) -> Any:
        x, y = tile_at(at, z)
        return await self._staff.client.get(f"/tiles/{layer}/{z}/{x}/{y}", headers=headers)

    async def read(self, layer: str, at: tuple[float, float], z: int) -> Any:
        answer = await self.raw(layer, at, z)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        x, y = tile_at(at, z)
        file = self._folder / layer / str(z) / str(x) / f"{y}.pbf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.content)
        assert [str(name) for name, _ in pyogrio.list_layers(file)] == [layer]
        return pyogrio.read_dataframe(file, layer=layer, CLIP="NO")


@pytest.fixture
async def tiles(staff: Staff, owner_url: str, tmp_path: Path) -> Tiles:
    """Lend a town with water, streets and buildings, and tiles of it."""
    lng, lat = middle(0, 0)
    rows: list[tuple[Any, dict[str, Any]]] = [
        (ground, {"kind": "water", "name": "油城河", "shape": box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.002)}),
        (street, {"name": "学院路", "class": "main", "line": LineString([(WEST, lat), (WEST + 0.03, lat)])}),
        (street, {"name": "小巷", "class": "lane", "line": LineString([(lng, SOUTH), (lng, SOUTH + 0.02)])}),
        (
            building,
            {
                "code": "B1",
                "name": None,
                "kind": "home",
                "storeys": 6,
                "shape": box(lng, lat, lng + 0.0005, lat + 0.0005),
            },
        ),
    ]
    async with transaction(owner_url) as connection:
        for table, row in rows:
            await insert_many(connection, table, [{"id": new_id()} | row])
    await staff.place.add_area("D1", "district", None, square(0, 0))
    await staff.open()
    return Tiles(staff, tmp_path)


async def test_a_tile_holds_the_grids_where_they_are(staff: Staff, tiles: Tiles) -> None:
    found = await tiles.read("grids", middle(0, 0), 12)
    assert sorted(found["code"]) == ["G00", "G01", "G10", "G11", "G20", "G21"]
    assert {*found.columns} >= {"id", "code", "name", "kind"}
    row = found[found["code"] == "G00"].iloc[0]
    assert (row["name"], row["kind"]) == ("G00网格", "basic")
    pixel = 2 * HALF_WORLD_M / (1 << 12) / 4096
    assert (
        row.geometry.hausdorff_distance(mercator(square(0, 0)) & drawn_on(tile_at(middle(0, 0), 12), 12)) < 2 * pixel
    )
    [near] = (await tiles.read("grids", middle(1, 1), 18)).itertuples()
    assert near.code == "G11"
    assert near.geometry.equals_exact(drawn_on(tile_at(middle(1, 1), 18), 18), 1.0, normalize=True)


async def test_each_layer_carries_its_own_properties(tiles: Tiles) -> None:
    at = middle(0, 0)
    wanted: dict[str, dict[str, object]] = {
        "ground": {"kind": "water", "name": "油城河"},
        "streets": {"name": "学院路", "class": "main"},
        "buildings": {"kind": "home", "storeys": 6},
        "areas": {"level": "district", "code": "D1", "name": "D1区"},
    }
    for layer, properties in wanted.items():
        found = (await tiles.read(layer, (WEST + 0.001, SOUTH + 0.001) if layer == "ground" else at, 14)).iloc[0]
        assert {name: found[name] for name in properties} == properties


async def test_small_things_are_drawn_only_where_they_can_be_seen(tiles: Tiles) -> None:
    at = middle(0, 0)
    assert set((await tiles.read("streets", at, 13))["class"]) == {"main"}
    assert set((await tiles.read("streets", at, 14))["class"]) == {"main", "lane"}
    assert (await tiles.raw("buildings", at, 13)).status_code == 204
    assert len(await tiles.read("buildings", at, 14)) == 1


async def test_a_tile_that_has_not_changed_is_not_sent_again(staff: Staff, tiles: Tiles) -> None:
    at = middle(0, 0)
    first = await tiles.raw("grids", at, 12)
    again = await tiles.raw("grids", at, 12, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["cache-control"].startswith("private")
    await staff.place.run("UPDATE grid SET name = '新名' WHERE code = 'G00'")
    await staff.place.run(SAID)
    changed = await tiles.raw("grids", at, 12, **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_where_nothing_is_the_tile_is_empty(staff: Staff, tiles: Tiles) -> None:
    answer = await tiles.raw("grids", (0.0, 0.0), 12)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_grids_of_the_past_and_of_other_layers_are_not_drawn(staff: Staff, tiles: Tiles) -> None:
    await staff.place.run("UPDATE grid SET valid = '[2020-01-01,2021-01-01)' WHERE code = 'G00'")
    await staff.place.run("UPDATE grid SET layer = 'health' WHERE code = 'G01'")
    found = await tiles.read("grids", middle(0, 0), 12)
    assert sorted(found["code"]) == ["G10", "G11", "G20", "G21"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/nowhere/0/0/0", 404),
        ("/tiles/worker/0/0/0", 404),
        ("/tiles/grids/1/2/0", 404),
        ("/tiles/grids/1/0/2", 404),
        ("/tiles/grids/21/0/0", 422),
        ("/tiles/grids/-1/0/0", 422),
        ("/tiles/grids/1/-1/0", 422),
        ("/tiles/grids/a/0/0", 422),
        ("/tiles/grids/1.0/0/x", 422),
        ("/tiles/grids/0/0/0%00", 422),
        ("/tiles/gri'ds/0/0/0", 404),
    ],
)
async def test_a_tile_that_cannot_be_is_refused(staff: Staff, path: str, status: int) -> None:
    await staff.open()
    answer = await staff.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_may_not_see_grids_and_areas_is_drawn_the_town_without_them(staff: Staff, tiles: Tiles) -> None:
    resident = bearing(await staff.place.token("resident"))
    at = middle(0, 0)
    drawn = {layer: (await tiles.raw(layer, at, 14, **resident)).status_code for layer in SOURCES}
    public = {"ground": 200, "streets": 200, "buildings": 200, "addresses": 204}
    assert drawn == public | {"areas": 204, "grids": 204, "households": 204}
    asked = {"params": {"lng": at[0], "lat": at[1], "datum": "wgs84"}, "headers": resident}
    for answer in (
        await staff.client.get("/api/locate", **asked),
        await staff.client.post("/api/locate", json={"points": [at], "datum": "wgs84"}, headers=resident),
        await staff.client.get("/api/grids", headers=resident),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_whose_ground_is_one_area_is_told_of_that_alone(staff: Staff, tiles: Tiles) -> None:
    one = bearing(await staff.place.token("worker", area_code="G00"))
    found = (await staff.client.get("/api/grids", headers=one)).json()
    assert [feature["properties"]["code"] for feature in found["features"]] == ["G00"]
    body = {"points": [middle(0, 0), middle(1, 0)], "datum": "wgs84"}
    assert (await staff.client.post("/api/locate", json=body, headers=one)).json()["codes"] == ["G00", None]
    assert (await tiles.raw("grids", middle(0, 0), 18, **one)).status_code == 200
    assert (await tiles.raw("grids", middle(1, 1), 18, **one)).status_code == 204
