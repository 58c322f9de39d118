"""The locator, compiled and pure, on ground made to be hard, against shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.cells import icosahedron
from geo.locate import Locator
from geo.point import Point
from tests.support.coverages import (
    CLOSE,
    KINDS,
    STEP,
    Floats,
    Rng,
    Shapes,
    anywhere,
    at_edges,
    covering,
    face_borders,
    middles,
    places_for,
    star,
)

BOTH = pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "pure"])
MIDDLES = middles()
MANY = 400  # places of one ground
UNHURRIED = list(HealthCheck)


def agree(locator: Locator, shapes: Shapes, places: Floats) -> None:
    """Ask in one batch and one by one, and compare with shapely."""
    expected = covering(locator.codes, shapes, places)
    assert locator.locate_many(*places.T).tolist() == expected
    some = slice(0, None, 5)
    rows = [locator.locate(Point(*place)) for place in places[some].tolist()]
    assert [-1 if row is None else row for row in rows] == expected[some]


def ground(rng: Rng, kinds: list[str], middle: Floats, size: float) -> tuple[list[str], list[shapely.Geometry]]:
    """Draw ground of some kinds in one place: codes, some given twice, and shapes in no order."""
    shapes = [shape for kind in kinds for shape in KINDS[kind](rng, middle + rng.uniform(-0.3, 0.3, 2) * size, size)]
    order = rng.permutation(len(shapes)).tolist()
    codes = [f"G{int(rng.integers(0, 2 * len(shapes)))}" for _ in shapes]
    return codes, [shapes[row] for row in order]


@settings(max_examples=120, deadline=None, suppress_health_check=UNHURRIED)
@given(
    seed=st.integers(0, 2**32 - 1),
    where=st.sampled_from(sorted(MIDDLES)) | st.none(),
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    size=st.floats(-3.5, -0.7).map(lambda power: 10**power),
    resolution=st.sampled_from([None, None, None, 6, 8, 11, 13]),
)
def test_hard_ground_is_answered_as_shapely_does(
    seed: int, where: str | None, kinds: list[str], size: float, resolution: int | None
) -> None:
    rng = np.random.default_rng(seed)
    middle = rng.uniform((-165, -70), (165, 75)) if where is None else rng.choice(MIDDLES[where])
    codes, shapes = ground(rng, kinds, middle, size)
    enough = resolution if resolution is None or size < 0.03 else min(resolution, 8)
    agree(Locator(codes, shapes, enough), shapes, places_for(shapes, rng, MANY))


@settings(max_examples=15, deadline=None, suppress_health_check=UNHURRIED)
@given(
    seed=st.integers(0, 2**32 - 1),
    where=st.sampled_from(sorted(MIDDLES)),
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=2),
    size=st.floats(-3.5, -1).map(lambda power: 10**power),
)
def test_hard_ground_is_answered_without_kernels_as_shapely_does(
    seed: int, where: str, kinds: list[str], size: float
) -> None:
    rng = np.random.default_rng(seed)
    codes, shapes = ground(rng, kinds, rng.choice(MIDDLES[where]), size)
    agree(Locator(codes, shapes, kernels=False), shapes, places_for(shapes, rng, MANY))


def test_three_in_ten_of_the_places_are_at_edges() -> None:
    rng = np.random.default_rng(1)
    for kind in KINDS:
        _, shapes = ground(rng, [kind], np.array([117.0, 36.6]), 0.01)
        places = shapely.points(places_for(shapes, rng, 1000))
        edges = shapely.union_all(shapely.boundary(shapes))
        assert (shapely.distance(edges, places) <= CLOSE).mean() >= 0.3


@pytest.mark.parametrize("count", [31, 32, 33, 64, 65, 200])
def test_any_number_of_grids_may_lie_over_one_cell(count: int) -> None:
    rng = np.random.default_rng(count)
    middle = np.array([117.0, 36.6])
    shapes = [star(rng, middle + rng.uniform(-1e-6, 1e-6, 2), 2e-5) for _ in range(count)]
    codes = rng.permutation([f"{number:03d}" for number in range(count)]).tolist()
    places = places_for(shapes, rng, 3000)
    agree(Locator(codes, shapes), shapes, places)
    agree(Locator(codes, shapes, 9), shapes, places)  # all of it in one cell
    whole = [shapely.box(116.9, 36.5, 117.1, 36.7)] * count
    agree(Locator([*codes, *codes], [*shapes, *whole]), [*shapes, *whole], places)


@BOTH
def test_a_ring_of_a_hundred_thousand_corners_is_answered(kernels: bool) -> None:
    rng = np.random.default_rng(7)
    turn = np.linspace(0, 2 * np.pi, 100_001)[:-1]
    far = 0.05 + (0.002 if kernels else 1e-5) * rng.random(100_000)
    ring = shapely.Polygon(np.column_stack([117 + far * np.cos(turn), 36.6 + far * np.sin(turn)]))
    shapes = [ring, shapely.box(117, 36.6, 117.06, 36.66)]
    agree(Locator(["b", "a"], shapes, kernels=kernels), shapes, places_for(shapes, rng, 3000))


@BOTH
@pytest.mark.parametrize("far, x, y", [(1, 0.3, 0.2), (1, -60, 65), (0.3, 117, 74.5), (1, 174.0 - 1, -41)])
def test_long_edges_are_followed(far: float, x: float, y: float, kernels: bool) -> None:
    rng = np.random.default_rng(8)
    long = shapely.Polygon([(x - far, y - far), (x + far, y + 0.95 * far), (x - far, y + far)])
    flat = shapely.Polygon([(x - far, y - far / 4), (x + far, y - far / 4), (x, y + far / 2)])
    along = at_edges([long, flat], rng, 400)
    small = [shapely.box(a - 1e-3, b - 1e-3, a + 1e-3, b + 1e-3) for a, b in along[:20]]
    shapes = [long, *small, flat]
    codes = ["b", *[f"c{row}" for row in range(20)], "a"]
    places = np.vstack([along, places_for(small, rng, MANY)])
    agree(Locator(codes, shapes, kernels=kernels), shapes, places)


@pytest.mark.parametrize(
    "middle, turn", [(15.414901775394487, 45), (101.9339111092419, 30), (53.064828390864083, -60)]
)
def test_edges_bent_both_ways_on_a_face_are_followed(middle: float, turn: int) -> None:
    rng = np.random.default_rng(9)
    half = 2 * np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    first, last = np.array([middle, 0]) - half, np.array([middle, 0]) + half
    shapes = [shapely.Polygon([first, last, (first[0], last[1])])]
    for along in (0.2, 0.8):  # where it is bent most, small grids make the cells small
        x, y = first + along * (last - first)
        steps = np.arange(-3, 3) * 0.0005
        shapes += [shapely.box(x + a, y + b, x + a + 0.0005, y + b + 0.0005) for a in steps for b in steps]
    share = rng.choice([0.2, 0.8], (4000, 1)) + rng.uniform(-0.0005, 0.0005, (4000, 1))
    beside = rng.choice([0, 1e-12, CLOSE, 1e-6, 1e-5], (4000, 2)) * rng.uniform(-1, 1, (4000, 2))
    places = np.ascontiguousarray(first + share * (last - first) + beside)
    agree(Locator(["a", *[f"b{row}" for row in range(72)]], shapes), shapes, places)


@BOTH
def test_ground_wider_than_the_lattice_suits_is_told_from_the_others_by_code(kernels: bool) -> None:
    rng = np.random.default_rng(10)
    wide = shapely.box(-4.5, -1, 4.5, 1)
    small = KINDS["lattice"](rng, np.array([0.0, 0.0]), 0.1)
    ring = shapely.Polygon(shapely.box(-70, -40, 70, 40).exterior, [shapely.box(-0.02, -0.02, 0.02, 0.02).exterior])
    shapes = [wide, *small, ring]
    for codes in (["a", *"bcdefghij", "k"], ["f", *"abcdeghij", "0"], ["y", *"bcdefghij", "z"]):
        places = np.vstack([places_for(small, rng, MANY), places_for([wide, ring], rng, MANY)])
        agree(Locator(codes, shapes, kernels=kernels), shapes, places)


def test_ground_around_every_corner_of_the_icosahedron_is_answered() -> None:
    rng = np.random.default_rng(11)
    for x, y in icosahedron():
        if abs(x) > 170:
            continue
        for size in (1e-3, 0.05, 0.4):
            shapes = [star(rng, np.array([x, y]), size), *KINDS["lattice"](rng, np.array([x, y]), size, 2)]
            places = np.vstack([places_for(shapes, rng, 200), [(x, y)]])
            agree(Locator(list("cabde"), shapes), shapes, places)


def test_ground_over_every_border_of_a_face_is_answered() -> None:
    rng = np.random.default_rng(12)
    for x, y in face_borders():
        if abs(x) > 170 or abs(y) > 76:
            continue
        for size in (1e-3, 0.3):
            shapes = KINDS["lattice"](rng, np.array([x, y]), size)
            agree(Locator(list("ihgfedcba"), shapes), shapes, places_for(shapes, rng, 200))


def test_more_than_a_thousand_grids_may_lie_over_the_borders_of_faces() -> None:
    corners = np.radians(icosahedron()[[0, 2]])
    vectors = np.column_stack([
        np.cos(corners[:, 1]) * np.cos(corners[:, 0]), np.cos(corners[:, 1]) * np.sin(corners[:, 0]), np.sin(corners[:, 1]),
    ])  # fmt: skip
    share = np.linspace(0.02, 0.98, 1300)[:, None]
    x, y, z = (vectors[0] * share + vectors[1] * (1 - share)).T
    lng, lat = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    shapes = list(shapely.box(lng - 0.002, lat - 0.002, lng + 0.002, lat + 0.002))
    rng = np.random.default_rng(13)
    agree(Locator([f"{row:04d}" for row in range(1300)], shapes), shapes, at_edges(shapes, rng, 4000))


@pytest.mark.parametrize("step", [STEP, STEP / 2, STEP / 65536 * 4096])
def test_edges_through_every_place_an_anchor_could_have_do_no_harm(step: float) -> None:
    rng = np.random.default_rng(14)
    x, y, across = round(117 / step) * step, round(36 / step) * step, 400 * STEP
    corners = [(x - 20 * step, y)]
    for tooth in range(200):
        up = y + 2 * tooth * step
        corners += [(x, up), (x + across, up), (x + across, up + step), (x, up + step)]
    comb = shapely.Polygon([*corners, (x - 20 * step, y + 399 * step)])
    steps = rng.integers((-30, -8), (430, 808), (3000, 2)) * (STEP, step / 2)
    places = np.vstack([np.array([x, y]) + steps, at_edges([comb], rng, 500)])
    for resolution in (None, 11):
        agree(Locator(["a"], [comb], resolution), [comb], places)


@BOTH
def test_numbers_that_are_no_places_and_the_least_ones_there_are(kernels: bool) -> None:
    shapes = [shapely.box(0, 0, 0.01, 0.01), shapely.box(-0.01, -0.01, 0, 0), shapely.box(170, 0, 180, 10)]
    locator = Locator(["b", "a", "c"], shapes, kernels=kernels)
    wrong = [np.nan, np.inf, -np.inf, 181.0, np.nextafter(180, 181), -181.0, 1e300]
    rows = locator.locate_many([*wrong, *[0.0] * 7], [*[0.0] * 7, *np.array(wrong) / (1, 1, 1, 2, 2, 2, 1)])
    assert rows.tolist() == [-1] * 14
    least = 5e-324
    places = [
        (0.0, 0.0),
        (-0.0, -0.0),
        (0.0, -0.0),
        (least, 0.005),
        (-least, 0.005),
        (least, least),
        (-1e-310, -0.005),
    ]
    ends = [(180.0, 5.0), (-180.0, 5.0), (0.0, 90.0), (0.0, -90.0)]
    agree(locator, shapes, np.array([*places, *ends]))


@BOTH
@pytest.mark.parametrize("resolution", [-1, 0, 5, 14])
def test_a_resolution_whose_cells_are_too_large_or_small_is_refused(resolution: int, kernels: bool) -> None:
    with pytest.raises(ValueError, match="resolution"):
        Locator(["a"], [shapely.box(0, 0, 1, 1)], resolution, kernels=kernels)


def test_several_threads_split_a_batch_of_hard_places() -> None:
    rng = np.random.default_rng(15)
    codes, shapes = ground(rng, ["free", "lattice", "spiky", "nested"], np.array([0.0, 0.0]), 0.02)
    places = np.vstack([places_for(shapes, rng, 1000)] * 50 + [anywhere(shapes, rng, 1)])
    one = Locator(codes, shapes, threads=2)
    expected = covering(codes, shapes, places[:1000])
    assert one.locate_many(*places.T, threads=3)[:1000].tolist() == expected
    assert np.array_equal(one.locate_many(*places.T, threads=2), one.locate_many(*places.T))
