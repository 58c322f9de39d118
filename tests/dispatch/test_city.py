"""Where an incident is put: in its grid, on a border, near the town, or too far away."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from shapely import MultiPolygon, box

from data.incidents import Given
from data.ladders import Ladder, Rung, Whom
from dispatch.city import likely_datum
from dispatch.errors import FarFromTownError, NoGroundError
from dispatch.layer import Layer
from geo.datum import Datum, from_wgs84
from geo.point import Point
from tests.support.city import NOON, block, box_grid, city, matter, somebody
from tests.support.place import SOUTH, STEP, WEST, middle

METRES_PER_DEGREE = math.pi / 180 * 6_371_008.771415


def placed_in(at: tuple[float, float], layer: Layer | None = None) -> tuple[str | None, str | None]:
    town = city(layer or block(2, 2))
    held = town.layer("governance")
    done = town.place(matter(at))
    grid, nearest = (id_ and held.grid(id_) for id_ in (done.grid_id, done.nearest_grid_id))
    return grid and grid.code, nearest and nearest.code  # type: ignore[union-attr]


def test_an_incident_is_put_into_the_grid_that_covers_it() -> None:
    assert placed_in(middle(1, 0)) == ("G10", None)


def test_on_a_border_the_grid_with_the_lower_code_has_it() -> None:
    edge = round(WEST + STEP, 7)
    assert placed_in((edge, middle(0, 0)[1])) == ("G00", None)
    assert placed_in((edge, round(SOUTH + STEP, 7))) == ("G00", None)
    swapped = Layer([box_grid(0, 0, code="B"), box_grid(1, 0, code="A")])
    assert placed_in((edge, middle(0, 0)[1]), swapped) == ("A", None)


def test_just_outside_the_town_the_nearest_grid_is_named_and_none_has_it() -> None:
    assert placed_in((WEST - 0.05, middle(0, 1)[1])) == (None, "G01")


def test_twenty_kilometres_outside_is_near_and_a_little_more_is_far() -> None:
    lat = SOUTH + STEP / 2
    degrees = 20_000 / METRES_PER_DEGREE
    assert placed_in((middle(0, 0)[0], SOUTH - degrees * 0.999)) == (None, "G00")
    with pytest.raises(FarFromTownError) as refused:
        placed_in((WEST - degrees * 1.01 / math.cos(math.radians(lat)), lat))
    assert refused.value.facts["metres"] == pytest.approx(20_200, rel=0.002)
    assert refused.value.facts["hint"] is None


def test_swapped_axes_are_named_where_they_explain_it() -> None:
    """At 85° east, 45° north (Karamay), both orders are on Earth."""
    there = replace(box_grid(0, 0), shape=MultiPolygon([box(85.1, 45.6, 85.2, 45.7)]))
    town = city(Layer([there]))
    with pytest.raises(FarFromTownError) as refused:
        town.place(matter((45.65, 85.15)))
    assert refused.value.facts["hint"] == "axes_swapped"


def shifted(at: tuple[float, float], datum: Datum) -> tuple[float, float]:
    """Write a WGS 84 position in another datum: in China some hundred metres to the east and south here."""
    lng, lat = from_wgs84(*at, datum)
    return float(lng), float(lat)


def test_a_wrong_datum_is_named_where_it_explains_it() -> None:
    """A point 19.9 km east of the town, written in GCJ-02 and sent as WGS 84, seems to lie beyond 20 km."""
    lat = SOUTH + STEP / 2
    true = WEST + 2 * STEP + 19_900 / METRES_PER_DEGREE / math.cos(math.radians(lat)), lat
    assert placed_in(true) == (None, "G10")
    with pytest.raises(FarFromTownError) as refused:
        placed_in(shifted(true, Datum.GCJ02))
    assert refused.value.facts["hint"] == "datum"


def test_a_layer_without_grids_takes_nothing() -> None:
    with pytest.raises(NoGroundError) as refused:
        city().place(matter(middle(0, 0), layer="health"))
    assert refused.value.facts == {}


def test_the_likely_datum_is_named_where_a_point_in_no_grid_would_lie_in_one() -> None:
    town, by_the_east_edge = block(2, 2), (WEST + 2 * STEP - 0.0005, SOUTH + STEP)
    lng, lat = shifted(by_the_east_edge, Datum.GCJ02)
    assert town.holding(Point(lng, lat)) is None
    assert likely_datum(Given(lng, lat, "wgs84"), town) is Datum.GCJ02
    assert likely_datum(Given(lng + 1, lat, "wgs84"), town) is None


def test_neighbours_share_a_border_and_a_corner_is_none() -> None:
    rings = block(3, 3).rings(box_grid(1, 1).area_id)
    assert rings is not None
    names = {bytes(area.bytes).rstrip(b"\0").decode() for area in rings.neighbours}
    assert names == {"area:G01", "area:G21", "area:G10", "area:G12"}
    same = {bytes(area.bytes).rstrip(b"\0").decode() for area in rings.same_area}
    assert same == {"area:G10", "area:G11", "area:G12", "area:C1"}


def test_the_rings_of_a_grid_end_with_its_layer_and_a_grid_under_nothing_has_no_siblings() -> None:
    alone = [replace(box_grid(column, 0), parent_id=None) for column in range(2)]
    layer = Layer([*alone, box_grid(5, 5), box_grid(6, 5)])
    assert layer.rings(box_grid(3, 3).area_id) is None
    rings = layer.rings(alone[0].area_id)
    assert rings is not None
    assert (rings.own, rings.path) == (alone[0].area_id, "C1.G00")
    assert (rings.neighbours, rings.same_area) == ({alone[1].area_id}, set())


def test_a_town_has_its_own_ladders_and_a_straight_one_for_what_has_none() -> None:
    own = Ladder((Rung(Whom.CENTRE, 1, None, timedelta(0)),))
    town = replace(city(), ladders={"urgent": own})
    assert town.ladder("urgent") is own
    assert [rung.whom for rung in town.ladder("ordinary").rungs] == ["ranked", "centre"]


def test_who_is_on_duty_is_asked_of_the_crew_as_it_is_now() -> None:
    town = city(workers=[somebody("W1"), somebody("W3")], shifts={"W3": None})
    assert town.on_duty(NOON).tolist() == [True, False]
    town.renew([somebody("W2"), somebody("W0")])
    assert [one.code for one in town.crew.workers] == ["W0", "W1", "W2", "W3"]
    assert town.on_duty(NOON).tolist() == [False, True, False, False]
