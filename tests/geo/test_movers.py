"""The nearest of things that move, against measuring everybody by another formula."""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.cells import icosahedron
from geo.errors import PointOutOfRangeError
from geo.movers import Movers, toward
from geo.nearest import EARTH_RADIUS_M
from geo.point import Point

Floats = NDArray[np.float64]
BOTH = pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "pure"])
LINKED = 0b11
NEAR_M = 1e-5  # what the other formula is right to


def vectors(lng: Floats, lat: Floats) -> Floats:
    east, north = np.deg2rad(lng), np.deg2rad(lat)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)


def great_circle_m(lng: float, lat: float, places: Floats) -> Floats:
    """Measure by the angle between two vectors, as the core does not."""
    here, there = vectors(np.array(lng), np.array(lat)), vectors(places[:, 0], places[:, 1])
    apart = np.linalg.norm(np.cross(here, there), axis=-1)
    return np.asarray(EARTH_RADIUS_M * np.arctan2(apart, there @ here))


def wrapped(lng: Floats, lat: Floats) -> Floats:
    return np.column_stack([(lng + 180) % 360 - 180, np.clip(lat, -90, 90)])


def everywhere(rng: np.random.Generator, count: int) -> Floats:
    return wrapped(rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count))))


def around(middle: Floats, spread: float, rng: np.random.Generator, count: int) -> Floats:
    return wrapped(middle[0] + rng.normal(0, spread, count), middle[1] + rng.normal(0, spread, count))


def clusters(rng: np.random.Generator, count: int) -> Floats:
    middles = everywhere(rng, 3)
    return np.concatenate([around(one, 10 ** rng.uniform(-4, 0), rng, count)[: count // 3 + 1] for one in middles])[
        :count
    ]


def face_border(rng: np.random.Generator, count: int) -> Floats:
    """Around the middle of a border between two faces, or around a corner, where five meet."""
    corners = vectors(*np.asarray(icosahedron()).T)
    one = corners[rng.integers(12)]
    others = corners[np.argsort(-corners @ one)[1:6]]
    middle = one if rng.random() < 0.5 else one + others[rng.integers(5)]
    lng, lat = np.degrees(np.arctan2(middle[1], middle[0])), np.degrees(np.arctan2(middle[2], np.hypot(*middle[:2])))
    return around(np.array([lng, lat]), 10 ** rng.uniform(-4, 0.8), rng, count)


def antimeridian(rng: np.random.Generator, count: int) -> Floats:
    return around(np.array([180.0, rng.uniform(-60, 60)]), 10 ** rng.uniform(-4, 0), rng, count)


def pole(rng: np.random.Generator, count: int) -> Floats:
    return wrapped(rng.uniform(-180, 180, count), 90 - np.abs(rng.normal(0, 10 ** rng.uniform(-4, 0), count)))


def one_spot(rng: np.random.Generator, count: int) -> Floats:
    return np.repeat(everywhere(rng, 1), count, axis=0)


WORLDS = {one.__name__: one for one in (everywhere, clusters, face_border, antimeridian, pole, one_spot)}


class World:
    """Movers, and what was told of them."""

    def __init__(self, places: Floats, rng: np.random.Generator, kernels: bool) -> None:
        self.rng, self.places = rng, places.copy()
        count = len(places)
        self.movers = Movers(count, LINKED, kernels=kernels)
        self.seen, self.bits = np.full(count, np.nan), np.zeros(count, np.int64)
        self.there = np.zeros(count, np.bool_)
        self.move(np.arange(count), places)
        self.mark(np.arange(count))

    def move(self, rows: NDArray[np.int64], places: Floats) -> None:
        seen = self.rng.integers(0, 5, len(rows)).astype(float)
        self.movers.move(rows, places[:, 0], places[:, 1], seen)
        for row, place, at in zip(rows, places, seen, strict=True):
            self.places[row], self.seen[row], self.there[row] = np.nan_to_num(place), at, not np.isnan(place[0])

    def mark(self, rows: NDArray[np.int64]) -> None:
        bits = self.rng.integers(0, 16, len(rows)) | np.where(self.rng.random(len(rows)) < 0.7, LINKED, 0)
        self.movers.mark(rows, bits)
        for row, one in zip(rows, bits, strict=True):
            self.bits[row] = one

    def check(self, to: Floats, k: int, needs: int, since: float) -> None:
        """Ask for the nearest of one place, and compare with measuring all."""
        hits = self.movers.nearest(Point(*to), k, needs, since)
        fit = (self.bits & needs == needs) & (self.seen >= since) & self.there
        away = np.where(fit, great_circle_m(*to, self.places), np.inf)
        order = np.argsort(away, kind="stable")[: min(k, int(fit.sum()))]
        assert len(hits.rows) == len(order)
        assert np.all(fit[hits.rows])
        assert len(set(hits.rows.tolist())) == len(hits.rows)
        np.testing.assert_allclose(hits.metres, away[order], rtol=1e-12, atol=NEAR_M)
        np.testing.assert_allclose(hits.metres, away[hits.rows], rtol=1e-12, atol=NEAR_M)
        assert np.all(np.diff(hits.metres) >= 0)


@BOTH
@pytest.mark.parametrize("name", WORLDS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), count=st.sampled_from([0, 1, 2, 9, 60, 400, 2000]), turns=st.integers(1, 4))
def test_the_nearest_are_those_that_measuring_everybody_finds(
    name: str, kernels: bool, seed: int, count: int, turns: int
) -> None:
    rng = np.random.default_rng(seed)
    world = World(WORLDS[name](rng, count), rng, kernels)
    for _ in range(turns):
        asked = WORLDS[name](np.random.default_rng(seed), 3) if count < 3 else world.places[rng.integers(0, count, 3)]
        for to in [*asked, *wrapped(*(asked + rng.normal(0, 0.01, asked.shape)).T), *everywhere(rng, 1)]:
            for k, needs in ((1, LINKED), (5, 0b111), (12, 0b1111), (4, 0), (3, 0b100), (70, LINKED)):
                world.check(to, k, needs, float(rng.integers(-1, 5)))
        if count:
            rows = rng.integers(0, count, count // 3 + 1)
            places = wrapped(*(world.places[rows] + rng.normal(0, 10 ** rng.uniform(-6, 1), (len(rows), 2))).T)
            places[rng.random(len(rows)) < 0.05] = np.nan
            world.move(rows, places)
            world.mark(rng.integers(0, count, count // 4 + 1))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    name=st.sampled_from(sorted(WORLDS)),
    count=st.sampled_from([3, 50, 3000]),
    k=st.sampled_from([7, 64]),
)
def test_with_and_without_kernels_answers_are_the_same_to_the_last_bit(
    seed: int, name: str, count: int, k: int
) -> None:
    pair = []
    for kernels in (True, False):
        rng = np.random.default_rng(seed)
        world = World(WORLDS[name](rng, count), rng, kernels)
        asked = world.places[rng.integers(0, count, 20)] + rng.normal(0, 1e-3, (20, 2))
        lng, lat = wrapped(*asked.T).T
        hits = world.movers.nearest_many(lng, lat, k, LINKED, 2.0)
        ones = [
            world.movers.nearest(Point(*to), k, LINKED, 2.0) for to in zip(lng.tolist(), lat.tolist(), strict=True)
        ]
        for row, one in enumerate(ones):
            assert hits.rows[row, : len(one.rows)].tolist() == one.rows.tolist()
            assert np.all(hits.rows[row, len(one.rows) :] == -1)
            assert np.all(np.isinf(hits.metres[row, len(one.rows) :]))
        pair.append((hits.rows.tobytes(), hits.metres.tobytes()))
    assert pair[0] == pair[1]


@BOTH
@pytest.mark.parametrize("k", [1, 9, 40, 41, 42, 60, 99])
def test_of_equally_near_ones_the_lowest_rows_come_first(kernels: bool, k: int) -> None:
    movers = Movers(120, kernels=kernels)
    rows = np.random.default_rng(1).permutation(120)
    movers.move(rows, np.full(120, 117.0), np.full(120, 30.0), 0)
    assert movers.nearest(Point(117.001, 30.0), k).rows.tolist() == [*range(k)]
    movers.move(rows[:60], np.full(60, 117.0001), np.full(60, 30.0), 0)
    wanted = [*sorted(rows[:60].tolist()), *sorted(rows[60:].tolist())][:k]
    assert movers.nearest(Point(117.001, 30.0), k).rows.tolist() == wanted


@BOTH
def test_nobody_nowhere_and_no_such_row(kernels: bool) -> None:
    movers = Movers(3, LINKED, kernels=kernels)
    assert movers.nearest(Point(0, 0), 5, LINKED).rows.tolist() == []
    movers.mark([0, 1, 2], LINKED)
    assert movers.nearest(Point(0, 0), 5, LINKED).rows.tolist() == []
    movers.move([2, 0], [1.0, np.nan], [1.0, np.nan], 7.0)
    assert movers.nearest(Point(0, 0), 5, LINKED).rows.tolist() == [2]
    assert movers.nearest(Point(0, 0), 5, LINKED, since=7.5).rows.tolist() == []
    assert movers.nearest(Point(0, 0), 0, LINKED).rows.tolist() == []
    assert movers.nearest_many([0.0, 1.0], [0.0, 1.0], 0, LINKED).rows.shape == (2, 0)
    for rows in ([3], [-1]):
        with pytest.raises(IndexError):
            movers.move(rows, [1.0], [1.0], 0)
        with pytest.raises(IndexError):
            movers.mark(rows, 1)


@BOTH
@pytest.mark.parametrize(("lng", "lat"), [(181.0, 0.0), (0.0, -90.5), (np.inf, 0.0), (np.nan, 0.0), (0.0, np.nan)])
def test_what_is_not_on_earth_moves_nobody(kernels: bool, lng: float, lat: float) -> None:
    movers = Movers(2, kernels=kernels)
    movers.move([0, 1], [5.0, 6.0], [5.0, 6.0], 0)
    with pytest.raises(PointOutOfRangeError):
        movers.move([0, 1], [50.0, lng], [50.0, lat], 1)
    assert movers.nearest(Point(5, 5), 2, since=1).rows.tolist() == []
    assert movers.nearest(Point(5, 5)).metres.tolist() == [0.0]
    with pytest.raises(PointOutOfRangeError):
        movers.nearest_many([lng], [lat])


@BOTH
def test_any_array_is_taken(kernels: bool) -> None:
    movers = Movers(10, kernels=kernels)
    places = np.random.default_rng(2).uniform(-5, 5, (20, 2))[::2]
    places.flags.writeable = False
    movers.move(range(10), places[:, 0], places[:, 1], 0)
    movers.mark(np.arange(20, dtype=np.int32)[::2] // 2, [1] * 10)
    assert movers.nearest_many(places[::-1, 0], places[::-1, 1], 1, 1).rows[:, 0].tolist() == [*range(9, -1, -1)]


@pytest.mark.parametrize("away", [24.0, 26.5])
@pytest.mark.parametrize("corner", [0, 5, 9])
def test_whoever_stands_in_the_far_corner_of_a_face_is_not_missed(corner: int, away: float) -> None:
    """There the bound on the plane is tight: Q, the middle of the face and the mover on one line, the mover at the corner."""
    corners = vectors(*np.asarray(icosahedron()).T)
    one = corners[corner]
    near = corners[np.argsort(-corners @ one)[1:6]]
    middle = one + near[0] + near[np.argsort(-near @ near[0])[1]]
    middle /= np.linalg.norm(middle)
    side = one - (one @ middle) * middle
    side /= np.linalg.norm(side)

    def at(degrees: Floats) -> Floats:
        """Go from the middle of the face towards the corner."""
        angle = np.radians(degrees)[:, None]
        there = np.cos(angle) * middle + np.sin(angle) * side
        return np.degrees(np.stack([np.arctan2(there[:, 1], there[:, 0]), np.arcsin(there[:, 2])], axis=-1))

    reached = np.degrees(np.arccos(one @ middle)) - 0.01  # the corner, a kilometre before it
    places = everywhere(np.random.default_rng(corner), 4_000)
    [here, last, second] = at(np.array([reached - away, reached, reached - 2 * away - 0.1]))
    places[great_circle_m(*here, places) < 4.5e6] = -here  # nobody else is near
    places[0], places[1] = last, second
    movers = Movers(len(places))
    movers.move(np.arange(len(places)), places[:, 0], places[:, 1], 0)
    assert movers.nearest(Point(*here), 1).rows.tolist() == [0]


def test_a_growing_crowd_finds_room_and_a_shrinking_one_is_still_found() -> None:
    rng = np.random.default_rng(3)
    places = clusters(rng, 60_000)
    movers = Movers(60_000, LINKED)
    movers.move(np.arange(60_000), places[:, 0], places[:, 1], 0)
    for linked in (10, 100, 3_000, 60_000, 500, 0, 7):
        chosen = rng.permutation(60_000)[:linked]
        bits = np.zeros(60_000, np.int64)
        bits[chosen] = LINKED
        movers.mark(np.arange(60_000), bits)
        to = places[rng.integers(60_000)]
        away = great_circle_m(*to, places[chosen])
        metres = movers.nearest(Point(*to), 20, LINKED).metres
        np.testing.assert_allclose(metres, np.sort(away)[:20], rtol=1e-12, atol=NEAR_M)


def test_who_asks_while_all_move_sees_them_before_or_after_and_never_between() -> None:
    rng = np.random.default_rng(4)
    count = 3_000
    here = around(np.array([117.0, 30.0]), 0.02, rng, count)
    there = here + np.array([0.5, 0.0])
    movers, to, rows = Movers(count), Point(117.0, 30.0), np.arange(count)
    movers.move(rows, here[:, 0], here[:, 1], 0)
    before = movers.nearest(to, 8)
    movers.move(rows, there[:, 0], there[:, 1], 0)
    after = movers.nearest(to, 8)
    allowed = {before.metres.tobytes(), after.metres.tobytes()}
    stop, seen, wrong = threading.Event(), set(), []

    def ask() -> None:
        while not stop.is_set():
            found = movers.nearest(to, 8).metres.tobytes()
            seen.add(found)
            if found not in allowed:
                wrong.append(found)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for turn in range(300):
        places = (here, there)[turn % 2]
        movers.move(rows, places[:, 0], places[:, 1], turn)
    stop.set()
    for thread in asking:
        thread.join()
    assert wrong == []
    assert seen == allowed


def test_unit_vectors_are_right_to_the_last_bits() -> None:
    places = everywhere(np.random.default_rng(5), 100_000)
    assert np.abs(toward(*places.T) - vectors(*places.T)).max() <= 5e-16
