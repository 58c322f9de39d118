import time

import numpy as np
import pyproj
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from geo.errors import ShapeError
from geo.shapes import area_m2, check_area, neighbours

WGS84 = pyproj.Geod(ellps="WGS84")


def reason(shape: object, **limits: float) -> object:
    """Say why `shape` is refused, and require that this took less than a second."""
    start = time.process_time()
    with pytest.raises(ShapeError) as refusal:
        check_area(shape, **limits)  # type: ignore[arg-type]
    assert time.process_time() - start < 1
    assert refusal.value.code == "shape_invalid"
    return refusal.value.facts["reason"]


def pointed_star(corners: int) -> Polygon:
    turn = np.arange(corners) * 2 * np.pi * (corners // 2) / corners
    return Polygon(np.column_stack([117 + 0.1 * np.cos(turn), 36 + 0.1 * np.sin(turn)]))


def saw(teeth: int) -> Polygon:
    """A valid ring whose diagonal edges all have boxes that meet: the worst we know for checking validity."""
    step = np.arange(teeth) * 1e-6
    foot = np.column_stack([step, -step]) + np.where(np.arange(teeth)[:, None] % 2, 1.0, 0.0)
    return Polygon(np.vstack([foot, [[step[-1] + 2, -step[-1] - 1], [-1, -1]]]))


def coast(corners: int) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    away = 0.05 * (1 + 0.5 * np.random.default_rng(1).random(corners))
    return Polygon(np.column_stack([117 + away * np.cos(turn), 36 + away * np.sin(turn)]))


def test_an_area_is_taken_as_a_multipolygon_and_not_changed() -> None:
    ring = shapely.box(117, 36, 117.01, 36.01)
    assert check_area(ring).equals_exact(MultiPolygon([ring]), 0)
    two = MultiPolygon([ring, shapely.box(118, 36, 118.01, 36.01)])
    assert check_area(two) is two


def test_a_long_true_coast_is_taken_in_less_than_a_second() -> None:
    start = time.process_time()
    assert shapely.get_num_coordinates(check_area(coast(19_999))) == 20_000
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "shape", [None, "POLYGON", shapely.Point(1, 2), shapely.GeometryCollection([shapely.box(0, 0, 1, 1)])]
)
def test_what_is_no_polygon_is_refused(shape: object) -> None:
    assert reason(shape) == "not_polygon"


@pytest.mark.parametrize("shape", [Polygon(), MultiPolygon(), MultiPolygon([Polygon()])])
def test_an_empty_shape_is_refused(shape: object) -> None:
    assert reason(shape) == "empty"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_not_finite_are_refused(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        assert reason(Polygon([(117, 36), (117.1, 36), (117.1, bad), (117, 36)])) == "not_finite"


@pytest.mark.parametrize("corner", [(181, 36), (-999, 0), (117, 90.001), (1e308, 1e300)])
def test_coordinates_off_the_earth_are_refused(corner: tuple[float, float]) -> None:
    assert reason(Polygon([(117, 36), (117.1, 36), corner])) == "out_of_range"


def test_metres_given_as_degrees_are_refused() -> None:
    assert reason(shapely.box(39_500_000, 4_050_000, 39_500_300, 4_050_300)) == "out_of_range"


def test_a_third_coordinate_is_refused() -> None:
    assert reason(Polygon([(117, 36, 5), (117.1, 36, 5), (117.1, 36.1, 5)])) == "has_z"


def test_a_shape_across_the_antimeridian_is_refused() -> None:
    assert reason(Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)])) == "crosses_antimeridian"


def test_a_country_is_refused_as_too_large() -> None:
    assert reason(shapely.box(100, 25, 120, 45)) == "too_large"
    assert reason(shapely.box(117, 36, 117.1, 36.1), max_area_m2=1e6) == "too_large"
    with pytest.raises(ShapeError) as refusal:
        check_area(shapely.box(117, 36, 117.1, 36.1), max_area_m2=1e6)
    assert refusal.value.facts["most"] == 1e6 and refusal.value.facts["m2"] == pytest.approx(1e8, rel=0.01)


def test_a_bow_tie_is_refused_where_it_crosses() -> None:
    with pytest.raises(ShapeError) as refusal:
        check_area(Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    assert refusal.value.facts == {"reason": "self_crossing", "lng": 0.5, "lat": 0.5}


@pytest.mark.parametrize(
    "shape",
    [
        Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [[(2, 2), (3, 2), (3, 3)]]),  # a hole outside
        MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(0.5, 0, 1.5, 1)]),  # parts that overlap
        Polygon([(0, 0), (1, 0), (2, 0)]),  # no ground at all
    ],
)
def test_whatever_else_is_invalid_counts_as_crossing_itself(shape: shapely.Geometry) -> None:
    assert reason(shape) == "self_crossing"


@pytest.mark.parametrize("corners", [201, 2001, 5001])
def test_a_star_that_crosses_itself_is_refused_at_once(corners: int) -> None:
    assert reason(pointed_star(corners)) == "self_crossing"


@pytest.mark.parametrize(
    "shape", [coast(100_000), pointed_star(100_001), coast(20_001)], ids=["coast", "star", "one"]
)
def test_too_many_vertices_are_refused_before_anything_is_computed(shape: Polygon) -> None:
    assert reason(shape) == "too_many_vertices"


@pytest.mark.parametrize("shape", [saw(19_000), pointed_star(19_999)], ids=["saw", "star"])
def test_edges_too_entangled_to_check_are_refused(shape: Polygon) -> None:
    with pytest.raises(ShapeError) as refusal:
        check_area(shape)
    assert refusal.value.facts["entangled"] is True
    assert reason(shape) == "too_many_vertices"


def test_areas_are_those_on_the_ellipsoid() -> None:
    rng = np.random.default_rng(2)
    for lng, lat in rng.uniform((-179, -80), (179, 80), (60, 2)):
        shape = shapely.Point(lng, lat).buffer(rng.uniform(0.001, 0.2))
        theirs, _ = WGS84.geometry_area_perimeter(shapely.segmentize(shape, 0.001))
        assert area_m2([shape])[0] == pytest.approx(abs(theirs), rel=2e-6)


def test_holes_do_not_count_and_nothing_has_no_area() -> None:
    ring = shapely.box(117, 36, 117.1, 36.1)
    hole = shapely.box(117.02, 36.02, 117.03, 36.03)
    whole, pierced, part, none, empty = area_m2([ring, ring - hole, hole, None, Polygon()])
    assert pierced == pytest.approx(whole - part) and none == empty == 0


def test_the_whole_earth_is_as_large_as_it_is() -> None:
    assert area_m2([shapely.box(-180, -90, 180, 90)])[0] == pytest.approx(5.10065621724e14, rel=1e-11)


def test_neighbours_share_a_border_and_not_just_a_corner() -> None:
    squares = [shapely.box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)]
    assert neighbours(squares).tolist() == [
        [0, 1], [0, 3], [1, 2], [1, 4], [2, 5], [3, 4], [3, 6], [4, 5], [4, 7], [5, 8], [6, 7], [7, 8],
    ]  # fmt: skip


def test_neighbours_are_as_many_as_measuring_every_pair_finds() -> None:
    rng = np.random.default_rng(6)
    cells = list(shapely.voronoi_polygons(shapely.MultiPoint(rng.random((40, 2)))).geoms)
    cells[3] = MultiPolygon([cells[3], shapely.box(30, 30, 31, 31)])
    cells += [shapely.box(31, 30, 32, 31), shapely.box(30.2, 30.2, 30.5, 30.5), None, Polygon()]
    measured = [
        [a, b]
        for a in range(len(cells) - 2)
        for b in range(a + 1, len(cells) - 2)
        if shapely.length(shapely.intersection(cells[a].boundary, cells[b].boundary)) > 0
    ]
    pairs = neighbours(cells)
    assert pairs.tolist() == measured and [3, 40] in measured
    assert pairs.dtype == np.int64


def test_nothing_has_no_neighbours() -> None:
    assert neighbours([]).shape == neighbours([None]).shape == (0, 2)
