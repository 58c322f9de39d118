import math

import pytest

from geo.errors import PointOutOfRangeError
from geo.point import Point


@pytest.mark.parametrize("lng, lat", [(180, 90), (-180, -90), (0, 0), (117.04, 36.66)])
def test_every_place_on_earth_is_a_point(lng: float, lat: float) -> None:
    assert (Point(lng, lat).lng, Point(lng, lat).lat) == (lng, lat)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 180.0000001, -999, 10**400])
def test_a_longitude_off_the_earth_is_refused(bad: float) -> None:
    with pytest.raises(PointOutOfRangeError) as refusal:
        Point(bad, 0)
    assert (refusal.value.code, refusal.value.facts) == ("point_out_of_range", {"axis": "lng"})


@pytest.mark.parametrize("bad", [math.nan, math.inf, 90.0000001, -91])
def test_a_latitude_off_the_earth_is_refused(bad: float) -> None:
    with pytest.raises(PointOutOfRangeError) as refusal:
        Point(100, bad)
    assert refusal.value.facts == {"axis": "lat"}


def test_a_chinese_place_in_the_wrong_order_is_refused_with_the_reason() -> None:
    with pytest.raises(PointOutOfRangeError) as refusal:
        Point(27.0, 118.3)
    assert refusal.value.facts == {"axis": "lat", "hint": "axes_swapped"}
