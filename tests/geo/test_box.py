"""A box of degrees: what it holds, and what is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.box import Box

LNG, LAT = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "27.0,118.3,27.1,118.4",
        "118.4,27.1,118.5,27.0",
        "nan,27,118,28",
        "118,nan,119,28",
        "118,27,inf,28",
        "1e400,27,119,28",
        "-181,27,119,28",
        "118,27,181,28",
        "118,-91,119,28",
        "118;27;119;28",
    ],
)
def test_what_is_no_box_is_none(given: str) -> None:
    assert Box.read(given) is None


@pytest.mark.parametrize(
    "given", ["118.3,27,118.4,27.1", "-180,-90,180,90", "179,-17,-179,-16", " 1, 2 ,3,4", "1,2,1,2"]
)
def test_a_box_may_be_a_point_the_earth_or_lie_across_the_antimeridian(given: str) -> None:
    assert Box.read(given) == Box(*(float(side) for side in given.split(",")))


@given(LNG, LAT, LNG, LAT, st.lists(st.tuples(LNG, LAT), max_size=20))
def test_a_box_holds_what_lies_between_its_sides_going_east(
    west: float, a: float, east: float, b: float, places: list[tuple[float, float]]
) -> None:
    south, north = sorted((a, b))
    box = Box(west, south, east, north)
    places += [(west, south), (east, north)]
    lng, lat = (np.array(axis, np.float64) for axis in zip(*places, strict=True))

    def within(x: float, y: float) -> bool:
        from_west = x >= west
        round_the_earth = west > east and (x >= west or x <= east)
        return south <= y <= north and (round_the_earth or (west <= east and from_west and x <= east))

    assert box.holds(lng, lat).tolist() == [within(x, y) for x, y in places]


def test_nowhere_lies_in_no_box() -> None:
    nowhere = np.array([np.nan])
    assert not Box(-180, -90, 180, 90).holds(nowhere, nowhere).any()
    assert not Box(170, -90, -170, 90).holds(nowhere, nowhere).any()
