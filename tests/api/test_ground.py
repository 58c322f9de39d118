"""The ground as it is handed out: GeoJSON, grids of points, and vector tiles that another program can read."""

import math
from typing import Any

import pytest
import shapely
from shapely import MultiPolygon, box

from geo.datum import Datum, from_wgs84
from tests.support.place import STEP, WEST, middle, square
from tests.support.staff import Staff


async def test_the_grids_in_force_are_geojson_by_the_book(staff: Staff) -> None:
    """RFC 7946: longitude first, no crs, rings closed, the outer ring counter-clockwise, holes clockwise."""
    with_hole = box(118.40, 27.0, 118.43, 27.03).difference(box(118.41, 27.01, 118.42, 27.02))
    await staff.place.add_grid("H1", MultiPolygon([with_hole, box(118.5, 27.0, 118.51, 27.01)]))
    await staff.place.add_grid("OLD", square(7, 7), valid="[2020-01-01,2021-01-01)")
    await staff.place.add_grid("N1", square(8, 8), layer="health")
    await staff.open()
    answer = await staff.client.get("/api/grids")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document.keys() == {"type", "features"}
    assert document["type"] == "FeatureCollection"
    features = {one["properties"]["code"]: one for one in document["features"]}
    assert list(features) == ["G00", "G01", "G10", "G11", "G20", "G21", "H1"]
    for one in features.values():
        assert one.keys() == {"type", "id", "geometry", "properties"}
        assert one["type"] == "Feature"
        assert one["geometry"]["type"] == "MultiPolygon"
        for polygon in one["geometry"]["coordinates"]:
            for number, ring in enumerate(polygon):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert shapely.is_ccw(shapely.linearrings(ring)) == (number == 0)
                assert all(118 < lng < 119 and 27 <= lat < 28 for lng, lat in ring)
    assert len(features["H1"]["geometry"]["coordinates"]) == 2
    drawn = shapely.from_geojson(str(features["H1"]["geometry"]).replace("'", '"'))
    assert drawn.equals(MultiPolygon([with_hole, box(118.5, 27.0, 118.51, 27.01)]))
    assert features["G00"]["properties"] == {
        "code": "G00", "name": "G00网格", "kind": "basic", "layer": "governance", "purpose": None,
        "valid_from": "2020-01-01T00:00:00+00:00", "valid_to": None,
    }  # fmt: skip
    health = (await staff.client.get("/api/grids", params={"layer": "health"})).json()
    assert [one["properties"]["code"] for one in health["features"]] == ["N1"]
    unknown = await staff.client.get("/api/grids", params={"layer": "nowhere"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "no_ground")
    assert "nowhere" not in unknown.text, "what was sent is never repeated"


async def locate(staff: Staff, at: tuple[float, float], datum: str = "wgs84", **more: str) -> Any:
    answer = await staff.client.get("/api/locate", params={"lng": at[0], "lat": at[1], "datum": datum} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_point_is_told_its_grid_its_areas_or_the_nearest_grid(staff: Staff) -> None:
    await staff.open()
    found = await locate(staff, middle(1, 1))
    assert found["grid"]["code"] == "G11"
    assert [area["code"] for area in found["areas"]] == ["C1", "G11"]
    assert found["nearest_grid"] is None
    assert found["point"] == {"lng": round(middle(1, 1)[0], 7), "lat": round(middle(1, 1)[1], 7), "datum": "wgs84"}
    edge = (round(WEST + STEP, 7), middle(0, 0)[1])
    assert (await locate(staff, edge))["grid"]["code"] == "G00"
    beside = await locate(staff, (WEST - STEP, middle(0, 0)[1]))
    assert (beside["grid"], beside["areas"], beside["nearest_grid"]["code"]) == (None, [], "G00")
    west = STEP * math.pi / 180 * 6_371_008.771415 * math.cos(math.radians(middle(0, 0)[1]))
    assert beside["nearest_grid"]["metres"] == pytest.approx(west, rel=0.005)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
async def test_a_point_in_another_datum_is_turned_before_it_is_located(staff: Staff, datum: str) -> None:
    await staff.open()
    lng, lat = (float(axis) for axis in from_wgs84(*middle(2, 0), Datum(datum)))
    found = await locate(staff, (lng, lat), datum)
    assert found["grid"]["code"] == "G20"
    assert found["point"]["lng"] == pytest.approx(middle(2, 0)[0], abs=1e-6)


async def test_many_points_are_told_their_grids_in_order(staff: Staff) -> None:
    await staff.open()
    points = [middle(column, row) for column in range(-1, 4) for row in range(-1, 3)]
    answer = await staff.client.post("/api/locate", json={"points": points, "datum": "wgs84"})
    assert answer.json() == {
        "layer": "governance",
        "codes": [
            f"G{column}{row}" if 0 <= column < 3 and 0 <= row < 2 else None
            for column in range(-1, 4)
            for row in range(-1, 3)
        ],
    }
    many = await staff.client.post("/api/locate", json={"points": [middle(1, 1)] * 10_000, "datum": "wgs84"})
    assert set(many.json()["codes"]) == {"G11"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"points": [[118.3, 27.0]] * 10_001, "datum": "wgs84"}, "invalid_request"),
        ({"points": [], "datum": "wgs84"}, "invalid_request"),
        ({"points": [[118.3, 27.0, 5.0]], "datum": "wgs84"}, "invalid_request"),
        ({"points": [[118.3, 27.0], [27.0, 118.3]], "datum": "wgs84"}, "point_out_of_range"),
        ({"points": [[118.3, 27.0]]}, "invalid_request"),
    ],
)
async def test_points_that_are_none_are_refused(staff: Staff, body: dict[str, Any], code: str) -> None:
    await staff.open()
    answer = await staff.client.post("/api/locate", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert code != "point_out_of_range" or answer.json()["index"] == 1
