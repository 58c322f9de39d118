import math

import pytest
import shapely
from shapely import MultiPolygon, Polygon

from geo.quality import check_ground
from geo.shapes import area_m2
from tests.support.extracts import shared_extract

BOW_TIE = Polygon([(117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01)])


def square(x: float, y: float, size: float = 0.01) -> Polygon:
    return shapely.box(117 + x, 36 + y, 117 + x + size, 36 + y + size)


def m2(shape: shapely.Geometry) -> float:
    return float(area_m2([shape])[0])


def test_ground_drawn_well_is_clean() -> None:
    shapes = [square(0, 0), square(0.01, 0), square(0, 0.01), square(0.01, 0.01)]
    report = check_ground(list("abcd"), shapes, [square(0, 0, 0.02)] * 4)
    assert report.clean and (report.shapes, report.vertices) == (4, 20)
    assert report.m2 == pytest.approx(m2(square(0, 0, 0.02)))


def test_an_overlap_is_named_with_both_rows_and_its_size() -> None:
    report = check_ground(list("abc"), [square(0, 0), square(0.5, 0.5), square(0.009, 0)])
    (overlap,) = report.overlaps
    assert (overlap.first, overlap.second) == (0, 2)
    assert overlap.m2 == pytest.approx(m2(shapely.box(117.009, 36, 117.01, 36.01)))
    assert not report.clean


def test_the_same_ground_twice_overlaps_wholly() -> None:
    report = check_ground(["a", "a"], [square(0, 0), square(0, 0)])
    assert report.overlaps[0].m2 == pytest.approx(m2(square(0, 0)))
    assert report.doubled == {"a": (0, 1)}


def test_ground_within_other_ground_overlaps() -> None:
    report = check_ground(["a", "b"], [square(0, 0), square(0.004, 0.004, 0.001)])
    assert report.overlaps[0].m2 == pytest.approx(m2(square(0.004, 0.004, 0.001)))


def test_enclosed_ground_that_nobody_claims_is_a_gap() -> None:
    hole = square(0.004, 0.004, 0.002)
    report = check_ground(["a"], [square(0, 0) - hole])
    (gap,) = report.gaps
    assert gap.m2 == pytest.approx(m2(hole)) and hole.covers(shapely.Point(gap.at.lng, gap.at.lat))


def test_an_enclave_that_another_claims_is_no_gap() -> None:
    hole = square(0.004, 0.004, 0.002)
    assert check_ground(["a", "b"], [square(0, 0) - hole, hole]).clean


def test_ground_of_a_parent_that_nobody_claims_is_a_gap() -> None:
    street = square(0, 0, 0.02)
    report = check_ground(["a", "b"], [square(0, 0), square(0.01, 0.01)], [street, street])
    assert [gap.m2 for gap in report.gaps] == pytest.approx([m2(square(0.01, 0)), m2(square(0, 0.01))])
    assert report.gaps[0].m2 >= report.gaps[1].m2


def test_what_the_child_of_one_parent_takes_from_another_is_outside_but_no_gap() -> None:
    west, east = square(0, 0), square(0.01, 0)
    taken = shapely.box(117.01, 36, 117.011, 36.01)
    report = check_ground(["a", "b"], [west | taken, east - taken], [west, east])
    assert report.gaps == () and report.overlaps == ()
    (outside,) = report.outside_parent
    assert outside.row == 0 and outside.m2 == pytest.approx(m2(taken))


def test_a_row_without_a_parent_is_outside_of_none() -> None:
    report = check_ground(["a", "b"], [square(0, 0), square(5, 5)], [square(0, 0), None])
    assert report.clean


def test_what_rounding_leaves_is_not_counted() -> None:
    report = check_ground(["a", "b"], [square(0, 0), square(0.01 - 1e-9, 0)], [square(0, 0, 0.02 - 1e-9)] * 2)
    assert report.overlaps == () and report.outside_parent == ()


def test_broken_rows_are_named_and_harm_no_other() -> None:
    not_finite = Polygon([(117, 36), (117.1, 36), (117.1, math.inf), (117, 36)])
    shapes = [None, BOW_TIE, MultiPolygon(), square(0, 0), not_finite, square(0.009, 0)]
    report = check_ground(list("abcdef"), shapes, [square(0, 0, 0.03), None, None, BOW_TIE, None, square(0, 0)])
    assert (report.empty, report.invalid) == ((0, 2), (1, 4))
    assert [(overlap.first, overlap.second) for overlap in report.overlaps] == [(3, 5)]
    assert [outside.row for outside in report.outside_parent] == [5]


def test_nothing_at_all_is_clean() -> None:
    assert check_ground([], []).clean
    assert check_ground(["a"], [BOW_TIE]).invalid == (0,)


def test_the_municipalities_of_liechtenstein_are_drawn_well() -> None:
    import pyogrio

    level = "admin_level='8' AND osm_id IS NOT NULL"
    frame = pyogrio.read_dataframe(shared_extract("liechtenstein"), layer="multipolygons", where=level)
    report = check_ground(frame["osm_id"].tolist(), list(frame.geometry))
    assert report.clean and report.shapes == 11
    assert report.m2 == pytest.approx(160.5e6, rel=0.01)  # the country's 160.5 km²
    assert report.m2 == pytest.approx(frame.to_crs(32632).area.sum(), rel=0.001)
    moved = [shapely.affinity.translate(frame.geometry[0], 0.001), *frame.geometry[1:]]
    worse = check_ground(frame["osm_id"].tolist(), moved)
    assert {overlap.first for overlap in worse.overlaps} == {0}
