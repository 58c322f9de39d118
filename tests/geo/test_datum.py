"""Datums against gcoord, an independent library for Node (fetched by `npm ci`)."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datum import CHINA, Datum, from_wgs84, point_in, to_wgs84
from geo.errors import PointOutOfRangeError, UnknownDatumError
from geo.nearest import metres
from geo.point import Point

ROOT = Path(__file__).parents[2]
CITIES = {
    "Jian'ou": (118.305, 27.023),
    "Quwo": (111.476, 35.641),
    "Baijiantan": (85.132, 45.691),
    "Xinluo": (117.037, 25.098),
    "Hefei": (117.227, 31.821),
}
SHIFTED_METRES = {
    "Jian'ou": 608,
    "Quwo": 570,
    "Baijiantan": 266,
    "Xinluo": 579,
    "Hefei": 568,
}  # WGS 84 → GCJ-02
LIXIA_BD09 = (117.04918347610868, 36.66600223072647)  # one record of a live system, as kept and as shown
LIXIA_GCJ02 = (117.04261569143314, 36.66021865082022)
GCOORD = """
const gcoord = require('gcoord');
const [points, from, to] = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(points.map(p => gcoord.transform(p, gcoord[from], gcoord[to]))));
"""


def gcoord(points: np.ndarray, source: str, target: str) -> np.ndarray:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    question = json.dumps([points.tolist(), source, target])
    answer = subprocess.run([node, "-e", GCOORD], input=question, text=True, capture_output=True, cwd=ROOT)
    if "Cannot find module" in answer.stderr:
        pytest.skip("gcoord is not installed: npm ci")
    assert answer.returncode == 0, answer.stderr
    return np.array(json.loads(answer.stdout))


def across_china() -> np.ndarray:
    west, south, east, north = CHINA
    rng = np.random.default_rng(20260101)
    lng, lat = rng.uniform(west + 0.1, east - 0.1, 2000), rng.uniform(south + 0.1, north - 0.1, 2000)
    return np.vstack([np.column_stack([lng, lat]), list(CITIES.values())])


@pytest.mark.parametrize("datum, theirs", [(Datum.GCJ02, "GCJ02"), (Datum.BD09, "BD09")])
def test_we_shift_as_gcoord_does(datum: Datum, theirs: str) -> None:
    places = across_china()
    ours = np.column_stack(from_wgs84(*places.T, datum))
    np.testing.assert_allclose(ours, gcoord(places, "WGS84", theirs), rtol=0, atol=1e-11)


@pytest.mark.parametrize("datum, theirs", [(Datum.GCJ02, "GCJ02"), (Datum.BD09, "BD09")])
def test_gcoord_shifts_our_way_back_to_where_we_started(datum: Datum, theirs: str) -> None:
    places = across_china()
    back = np.column_stack(to_wgs84(*places.T, datum))
    np.testing.assert_allclose(gcoord(back, "WGS84", theirs), places, rtol=0, atol=5e-11)  # 0.005 mm


@pytest.mark.parametrize(
    "datum, theirs, within_degrees",
    [
        (Datum.GCJ02, "GCJ02", 1.01e-6),  # gcoord stops its iteration at 1e-6 degrees
        (
            Datum.BD09,
            "BD09",
            3.2e-6,
        ),  # and its BD-09 → GCJ-02 is one step, 2e-6 degrees off its own way there
    ],
)
def test_we_shift_back_as_roughly_as_gcoord_does(datum: Datum, theirs: str, within_degrees: float) -> None:
    places = across_china()
    ours = np.column_stack(to_wgs84(*places.T, datum))
    np.testing.assert_allclose(ours, gcoord(places, theirs, "WGS84"), rtol=0, atol=within_degrees)


def test_the_record_of_lixia_is_the_same_place_in_both_datums() -> None:
    one, other = point_in(*LIXIA_BD09, Datum.BD09), point_in(*LIXIA_GCJ02, Datum.GCJ02)
    assert metres(one, [other.lng], [other.lat])[0] < 0.25  # the live system converts in one step, see above


@pytest.mark.parametrize("city", CITIES)
def test_a_city_is_shifted_by_as_much_as_was_measured(city: str) -> None:
    place = Point(*CITIES[city])
    lng, lat = from_wgs84(place.lng, place.lat, Datum.GCJ02)
    assert metres(place, [lng], [lat])[0] == pytest.approx(SHIFTED_METRES[city], rel=0.03)


@pytest.mark.parametrize("datum", Datum)
@settings(deadline=None)
@given(lng=st.floats(72.1, 137.7), lat=st.floats(0.9, 55.7))
def test_there_and_back_closes_within_a_tenth_of_a_millimetre(datum: Datum, lng: float, lat: float) -> None:
    there = from_wgs84(lng, lat, datum)
    back_lng, back_lat = to_wgs84(*there, datum)
    assert metres(Point(lng, lat), [back_lng], [back_lat])[0] < 1e-4
    again = from_wgs84(back_lng, back_lat, datum)
    assert metres(Point(float(there[0]), float(there[1])), [again[0]], [again[1]])[0] < 1e-4


@pytest.mark.parametrize("datum", Datum)
@pytest.mark.parametrize("place", [(9.52, 47.14), (-74.0, 40.7), (139.7, 35.7), (151.2, -33.9), (-180.0, -90.0)])
def test_nothing_is_shifted_outside_china(datum: Datum, place: tuple[float, float]) -> None:
    assert point_in(*place, datum) == Point(*place)
    assert from_wgs84(*place, datum) == place


def test_the_box_of_china_includes_its_edges_and_nothing_more() -> None:
    west, south, east, north = CHINA
    for lng, lat in [(west, 40.0), (east, 40.0), (100.0, south), (100.0, north)]:
        assert from_wgs84(lng, lat, Datum.GCJ02) != (lng, lat)
    for lng, lat in [(west - 1e-9, 40.0), (east + 1e-9, 40.0), (100.0, south - 1e-9), (100.0, north + 1e-9)]:
        assert from_wgs84(lng, lat, Datum.GCJ02) == (lng, lat)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_cgcs2000_is_taken_as_wgs84(datum: Datum) -> None:
    assert point_in(117.04, 36.66, datum) == Point(117.04, 36.66)


def test_arrays_keep_their_shape_and_are_not_changed() -> None:
    lng, lat = np.full((2, 3), 117.0), np.full((2, 3), 36.0)
    east, north = to_wgs84(lng, lat, Datum.BD09)
    assert east.shape == north.shape == (2, 3) and (lng == 117).all() and (lat == 36).all()
    assert np.ptp(east) == np.ptp(north) == 0


def test_what_is_not_a_number_stays_so_and_harms_no_neighbour() -> None:
    lng, lat = to_wgs84([math.nan, 117.0], [36.0, 36.0], Datum.GCJ02)
    assert math.isnan(lng[0]) and (lng[1], lat[1]) == tuple(map(float, to_wgs84(117.0, 36.0, Datum.GCJ02)))


def test_a_datum_is_named_in_lower_case_text_too() -> None:
    assert point_in(*LIXIA_GCJ02, "gcj02") == point_in(*LIXIA_GCJ02, Datum.GCJ02)


@pytest.mark.parametrize("given_datum", ["GCJ-02", "", "epsg:4326", "x" * 5000])
def test_an_unknown_datum_is_refused(given_datum: str) -> None:
    with pytest.raises(UnknownDatumError) as refusal:
        point_in(117, 36, given_datum)
    assert refusal.value.facts["known"] == ["wgs84", "gcj02", "bd09", "cgcs2000"]
    assert len(str(refusal.value)) < 200


def test_a_place_off_the_earth_is_refused_in_any_datum() -> None:
    with pytest.raises(PointOutOfRangeError):
        point_in(117, 360, Datum.BD09)
    with pytest.raises(PointOutOfRangeError):
        point_in(math.nan, 36, "gcj02")
