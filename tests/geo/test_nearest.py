"""Metres against 3-D unit vectors and pyproj, the k nearest against sorting everything."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import PointOutOfRangeError
from geo.nearest import (
    EARTH_RADIUS_M,
    METRES_PER_DEGREE,
    Positions,
    chords2,
    metres,
    metres_of,
    metres_to_boxes,
    metres_to_shapes,
    nearest,
    unit_vectors,
)
from geo.point import Point

SPHERE = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)


def unit(lng: np.ndarray, lat: np.ndarray) -> np.ndarray:
    lng, lat = np.radians(lng), np.radians(lat)
    return np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)], axis=-1)


def by_vectors(to: Point, lng: np.ndarray, lat: np.ndarray) -> np.ndarray:
    here, there = unit(np.float64(to.lng), np.float64(to.lat)), unit(lng, lat)
    across = np.linalg.norm(np.cross(here, there), axis=-1)
    return EARTH_RADIUS_M * np.arctan2(across, there @ here)


def test_metres_agree_with_unit_vectors_all_over_the_earth() -> None:
    rng = np.random.default_rng(3)
    lng, lat = rng.uniform(-180, 180, 5000), rng.uniform(-90, 90, 5000)
    for to in (Point(117, 36.6), Point(-180, 90), Point(180, -3), Point(0, 0)):
        np.testing.assert_allclose(metres(to, lng, lat), by_vectors(to, lng, lat), rtol=1e-7, atol=1e-6)


def test_metres_agree_with_pyproj_across_a_town() -> None:
    rng = np.random.default_rng(4)
    lng, lat = rng.uniform(116.9, 117.1, 300), rng.uniform(36.5, 36.7, 300)
    _, _, theirs = SPHERE.inv(np.full(300, 117.0), np.full(300, 36.6), lng, lat)
    np.testing.assert_allclose(metres(Point(117, 36.6), lng, lat), theirs, rtol=1e-8, atol=1e-6)


def test_the_other_side_of_the_antimeridian_and_of_the_earth_are_as_far_as_they_are() -> None:
    assert metres(Point(179.999, 0), [-179.999], [0])[0] == pytest.approx(222.39, abs=0.01)
    assert metres(Point(0, 0), [180], [0])[0] == pytest.approx(math.pi * EARTH_RADIUS_M)
    assert metres(Point(10, 20), [10], [20])[0] == 0


@settings(deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=30),
    to=st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    k=st.integers(0, 35),
)
def test_the_k_nearest_are_the_first_of_all_sorted(
    places: list[tuple[int, int]], to: tuple[int, int], k: int
) -> None:
    lng, lat = (np.array([place[axis] for place in places]) / 100 for axis in (0, 1))
    at = Point(to[0] / 100, to[1] / 100)
    hits = nearest(at, Positions(lng, lat), k)
    away = metres(at, lng, lat)
    assert hits.rows.tolist() == sorted(range(len(places)), key=lambda row: (away[row], row))[:k]
    assert hits.metres.tolist() == away[hits.rows].tolist()
    assert hits.rows.dtype == np.int64


def test_among_nobody_nobody_is_nearest() -> None:
    assert len(nearest(Point(0, 0), Positions(np.empty(0), np.empty(0)), 5).rows) == 0


@pytest.mark.parametrize("lng, lat", [([math.nan], [0.0]), ([181.0], [0.0]), ([0.0], [math.inf])])
def test_positions_off_the_earth_are_refused(lng: list[float], lat: list[float]) -> None:
    with pytest.raises(PointOutOfRangeError):
        Positions(np.array(lng), np.array(lat))


def test_positions_need_as_many_latitudes_as_longitudes() -> None:
    with pytest.raises(ValueError, match="equally long"):
        Positions(np.zeros(2), np.zeros(3))


def test_positions_do_not_change_with_the_array_they_came_from() -> None:
    lng = np.zeros(2)
    among = Positions(lng, np.zeros(2))
    lng[0] = 9
    assert among.lng.tolist() == [0, 0]


@pytest.mark.parametrize("lat", [0.0, 24.0, 47.0, -60.0])
def test_ground_is_as_far_as_its_nearest_place(lat: float) -> None:
    rng = np.random.default_rng(int(lat) + 100)
    ground = np.array([shapely.Point(100 + x, lat + y).buffer(0.05) for x, y in rng.uniform(-0.35, 0.35, (20, 2))])
    at = Point(100, lat)
    ours = metres_to_shapes(at, ground)
    for shape, away in zip(ground, ours, strict=True):
        edge = shapely.get_coordinates(shapely.segmentize(shape, 1e-4))
        inside = shapely.covers(shape, shapely.Point(at.lng, at.lat))
        assert away == pytest.approx(0 if inside else by_vectors(at, *edge.T).min(), rel=0.001, abs=0.1)
    boxes = metres_to_boxes(at, shapely.bounds(ground))
    assert (boxes <= ours * 1.01 + 1e-6).all()


def test_boxes_across_the_antimeridian_are_near() -> None:
    boxes = np.array([[-180, -1, -179.9, 1], [179.8, -1, 179.85, 1], [math.nan] * 4])
    away = metres_to_boxes(Point(179.95, 0), boxes)
    assert away[:2] == pytest.approx([5560, 11119], rel=0.001) and math.isinf(away[2])


def by_chords(to: Point, lng: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return metres_of(chords2(to, unit_vectors(lng, lat)))


PLACES = (Point(117, 36.6), Point(0, 0), Point(180, -3), Point(-180, 45), Point(77, 90), Point(-12, -90))


@pytest.mark.parametrize("to", PLACES)
def test_chords_are_metres_all_over_the_earth(to: Point) -> None:
    """Beyond three quarters of the way to the other side a chord says less and less: there to a decimetre."""
    rng = np.random.default_rng(6)
    lng, lat = rng.uniform(-180, 180, 4000), rng.uniform(-90, 90, 4000)
    lng[:400], lat[:400] = (
        to.lng + rng.uniform(-0.1, 0.1, 400),
        np.clip(to.lat + rng.uniform(-0.1, 0.1, 400), -90, 90),
    )
    ours, theirs = by_chords(to, lng, lat), by_vectors(to, lng, lat)
    near = theirs < 0.75 * math.pi * EARTH_RADIUS_M
    np.testing.assert_allclose(ours[near], theirs[near], rtol=1e-12, atol=1e-8)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.1)
    np.testing.assert_allclose(ours[near], metres(to, lng, lat)[near], rtol=1e-7, atol=1e-6)


@given(
    st.floats(-180, 180),
    st.floats(-89.9, 89.9),
    st.floats(0, 2 * math.pi),
    st.sampled_from([0.01, 1.0, 50.0, 3000.0]),
)
def test_chords_tell_a_centimetre_from_nothing_everywhere(lng: float, lat: float, way: float, far: float) -> None:
    """One step of a double at 180 degrees is 3 nm on the ground."""
    east = math.sin(way) * far / METRES_PER_DEGREE / math.cos(math.radians(lat))
    north = math.cos(way) * far / METRES_PER_DEGREE
    found = by_chords(Point(lng, lat), np.array([lng + east, lng]), np.array([lat + north, lat]))
    flat = 2 * far / EARTH_RADIUS_M / math.cos(math.radians(lat)) ** 2  # how far the ground is from a plane there
    assert found[0] == pytest.approx(far, rel=flat + 1e-9, abs=2e-8)
    assert found[1] == 0


def test_chords_across_the_antimeridian_and_the_poles_are_as_short_as_they_are() -> None:
    turn = 2 * math.pi * EARTH_RADIUS_M
    assert by_chords(Point(180, 0), np.array([-180.0]), np.array([0.0]))[0] == pytest.approx(0, abs=1e-8)
    assert by_chords(Point(179.999, 0), np.array([-179.999]), np.array([0.0]))[0] == pytest.approx(turn * 0.002 / 360)
    assert by_chords(Point(12, 89.999), np.array([-168.0]), np.array([89.999]))[0] == pytest.approx(
        turn * 0.002 / 360
    )
    assert by_chords(Point(0, -90), np.array([133.0]), np.array([-90.0]))[0] == pytest.approx(0, abs=1e-8)
    assert by_chords(Point(0, 0), np.array([180.0, 0, 0]), np.array([0.0, 90, -90])) == pytest.approx(
        [turn / 2, turn / 4, turn / 4]
    )


def test_a_chord_to_nowhere_is_none_and_none_at_all_are_none() -> None:
    away = by_chords(Point(1, 2), np.array([1.0, math.nan, 1.0]), np.array([2.0, 2.0, math.nan]))
    assert away[0] == 0 and np.isnan(away[1:]).all()
    assert chords2(Point(1, 2), unit_vectors([], [])).shape == (0,)
    assert metres_of([math.inf, 4.1])[0] == pytest.approx(math.pi * EARTH_RADIUS_M)


def test_the_same_place_is_equally_far_however_many_were_measured_with_it() -> None:
    """So that ties stay ties when one worker's vector was made alone and another's among thousands."""
    rng = np.random.default_rng(7)
    lng, lat = rng.uniform(-180, 180, 1003), rng.uniform(-90, 90, 1003)
    together = unit_vectors(lng, lat)
    alone = np.vstack([unit_vectors(lng[row : row + 1], lat[row : row + 1]) for row in range(1003)])
    np.testing.assert_array_equal(together, alone)
    by_axis = np.asfortranarray(together)
    np.testing.assert_array_equal(chords2(Point(117, 36.6), together), chords2(Point(117, 36.6), by_axis))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=30))
def test_chords_order_as_metres_do(places: list[tuple[int, int]]) -> None:
    lng, lat = (np.array([place[axis] for place in places]) / 100 for axis in (0, 1))
    at, away = Point(0.0117, 0.0043), chords2(Point(0.0117, 0.0043), unit_vectors(lng, lat))
    assert np.argsort(away, kind="stable").tolist() == np.argsort(metres(at, lng, lat), kind="stable").tolist()
