"""The locator, compiled and pure, against asking shapely about every grid and every point."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.cells import cells_of, outlines
from geo.locate import Locator
from geo.nearest import EARTH_RADIUS_M
from geo.point import Point
from geo.pure import Pure
from tests.support.extracts import shared_extract

CLOSE = 1e-9  # degrees
BOTH = pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "pure"])


def brute_force(codes: Sequence[str], shapes: Sequence[shapely.Geometry], places: np.ndarray) -> list[int]:
    points = shapely.points(places)
    found = np.full(len(points), -1)
    for row in sorted(range(len(codes)), key=lambda row: (codes[row], row), reverse=True):
        found[shapely.covers(shapes[row], points)] = row
    return found.tolist()


def singly(locator: Locator, places: np.ndarray) -> list[int]:
    rows = [locator.locate(Point(lng, lat)) for lng, lat in places.tolist()]
    return [-1 if row is None else row for row in rows]


def near_edges(shapes: Sequence[shapely.Geometry], rng: np.random.Generator, count: int) -> np.ndarray:
    """Half of the places on or within `CLOSE` of a vertex, the others of an edge."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(parts)]
    starts, ends = np.vstack([ring[:-1] for ring in rings]), np.vstack([ring[1:] for ring in rings])
    edge, along = rng.integers(0, len(starts), count), rng.random((count, 1))
    along[::2] = 0
    away = rng.choice([0, 0, 1e-15, 1e-12, CLOSE / 2], (count, 2)) * rng.uniform(-1, 1, (count, 2))
    return starts[edge] + along * (ends - starts)[edge] + away


def anywhere(shapes: Sequence[shapely.Geometry], rng: np.random.Generator, count: int) -> np.ndarray:
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object))
    margin = np.array([east - west, north - south]) * 0.1
    return rng.uniform(np.array([west, south]) - margin, np.array([east, north]) + margin, (count, 2))


def star(rng: np.random.Generator, middle: np.ndarray, size: float) -> shapely.Polygon:
    corners = int(rng.integers(3, 12))
    turn = np.sort(rng.random(corners)) * 0.5 * np.pi / corners + np.arange(corners) * 2 * np.pi / corners
    spikes = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.3, 1, (corners, 1)) * size
    holes = [middle + spikes * 0.5] if rng.random() < 0.4 else []
    return shapely.Polygon(middle + spikes, holes)


def free_ground(rng: np.random.Generator, middle: np.ndarray, size: float) -> list[shapely.Geometry]:
    """Stars with holes, exclaves, overlaps and gaps."""
    stars = [star(rng, middle + rng.uniform(-1, 1, 2) * size, size) for _ in range(int(rng.integers(2, 8)))]
    joined = shapely.MultiPolygon(stars[:2])
    return [joined, *stars[2:]] if joined.is_valid else stars


def partitioned_ground(rng: np.random.Generator, middle: np.ndarray, size: float) -> list[shapely.Geometry]:
    """A lattice of three by three whose neighbours share their borders exactly."""
    x, y = np.meshgrid(np.arange(4), np.arange(4), indexing="ij")
    nodes = middle + (np.stack([x, y], axis=-1) + rng.uniform(-0.3, 0.3, (4, 4, 2))) * size
    return [
        shapely.Polygon([nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]])
        for i in range(3)
        for j in range(3)
    ]


@BOTH
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    lng=st.floats(-170, 170),
    lat=st.floats(-70, 75),
    size=st.floats(-3.5, -0.5).map(lambda power: 10**power),
    partitioned=st.booleans(),
    resolution=st.sampled_from([None, None, 6, 7]),
)
def test_the_locator_answers_as_asking_every_grid(
    kernels: bool, seed: int, lng: float, lat: float, size: float, partitioned: bool, resolution: int | None
) -> None:
    rng = np.random.default_rng(seed)
    draw = partitioned_ground if partitioned else free_ground
    shapes = [shape for shape in draw(rng, np.array([lng, lat]), size) if shape.is_valid]
    codes = rng.permutation([f"G{row // 2 if seed % 5 == 0 else row}" for row in range(len(shapes))]).tolist()
    locator = Locator(codes, shapes, resolution, kernels=kernels)
    places = np.vstack([near_edges(shapes, rng, 120), anywhere(shapes, rng, 120)])
    borders = shapely.union_all(shapely.boundary(shapes))
    close = shapely.distance(borders, shapely.points(places)) <= CLOSE
    assert close.mean() >= 0.3
    expected = brute_force(codes, shapes, places)
    assert locator.locate_many(*places.T).tolist() == expected
    assert singly(locator, places) == expected


@BOTH
def test_points_on_the_edges_of_cells_are_answered_as_everywhere(kernels: bool) -> None:
    rng = np.random.default_rng(5)
    shapes = partitioned_ground(rng, np.array([117.0, 36.6]), 0.003)
    locator = Locator([f"{row}" for row in range(9)], shapes, 11, kernels=kernels)
    inner = anywhere(shapes, rng, 300)
    hexagons = outlines(cells_of(*inner.T, 11))
    shrunk = [shapely.affinity.scale(hexagon, 1 / 1.02, 1 / 1.02) for hexagon in hexagons]
    places = near_edges(shrunk, rng, 5000)
    assert locator.locate_many(*places.T).tolist() == brute_force(locator.codes, shapes, places)


@BOTH
def test_the_municipalities_of_liechtenstein_are_found(kernels: bool) -> None:
    import pyogrio

    level = "admin_level='8' AND osm_id IS NOT NULL"
    frame = pyogrio.read_dataframe(shared_extract("liechtenstein"), layer="multipolygons", where=level)
    shapes, codes = list(frame.geometry), frame["osm_id"].tolist()
    rng = np.random.default_rng(8)
    places = np.vstack([anywhere(shapes, rng, 6000), near_edges(shapes, rng, 4000)])
    locator = Locator(codes, shapes, kernels=kernels)
    expected = brute_force(codes, shapes, places)
    assert len(codes) == 11 and len(set(expected)) == 12
    assert locator.locate_many(*places.T).tolist() == expected
    assert singly(locator, places[:2000]) == expected[:2000]


def square(west: float, south: float, size: float = 0.01) -> shapely.Polygon:
    return shapely.box(west, south, west + size, south + size)


@BOTH
def test_a_shared_border_belongs_to_the_grid_with_the_lower_code(kernels: bool) -> None:
    west, east = square(117.0, 36.0), square(117.01, 36.0)
    on_it = Point(117.01, 36.005)
    assert Locator(["b", "a"], [west, east], kernels=kernels).locate(on_it) == 1
    assert Locator(["a", "b"], [west, east], kernels=kernels).locate(on_it) == 0
    assert Locator(["10", "9"], [west, east], kernels=kernels).locate(on_it) == 0  # as text: "10" < "9"
    assert Locator(["a", "a"], [west, east], kernels=kernels).locate(on_it) == 0


@BOTH
def test_a_point_in_no_grid_is_in_no_grid(kernels: bool) -> None:
    locator = Locator(["a"], [square(117.0, 36.0)], kernels=kernels)
    assert locator.locate(Point(118, 36)) is None
    rows = locator.locate_many([118.0, np.nan, np.inf, 999.0, 117.005], [36.0, 36.0, 36.0, 36.0, 36.005])
    assert rows.tolist() == [-1, -1, -1, -1, 0]


@BOTH
def test_a_layer_without_ground_knows_no_place(kernels: bool) -> None:
    for locator in (
        Locator([], [], kernels=kernels),
        Locator(["a", "b"], [None, shapely.MultiPolygon()], kernels=kernels),
    ):
        assert locator.locate(Point(117, 36)) is None
        assert locator.locate_many([117.0], [36.0]).tolist() == [-1]
        assert locator.nearest(Point(117, 36)) is None


@BOTH
def test_rows_are_those_of_the_input_though_some_have_no_ground(kernels: bool) -> None:
    locator = Locator(["c", "b", "a"], [square(117.0, 36.0), None, square(118.0, 36.0)], kernels=kernels)
    assert locator.codes == ("c", "b", "a")
    assert locator.locate_many([117.005, 118.005], [36.005, 36.005]).tolist() == [0, 2]
    assert locator.locate_many(np.empty(0), np.empty(0)).dtype == np.int32


def memory_of(locator: Locator) -> int:
    """Return the bytes of what a locator has about cells."""
    finder = locator._finder
    arrays = [finder._cells, finder._grids] if isinstance(finder, Pure) else [finder.index.pages, finder.index.words]
    return sum(array.nbytes for array in arrays)


@BOTH
def test_a_country_among_grids_does_not_make_millions_of_cells(kernels: bool) -> None:
    grids = [square(117.0 + 0.01 * step, 36.0) for step in range(5)]
    country = shapely.box(100, 25, 120, 45)
    for codes in (list("abcdez"), list("bcdefa")):
        locator = Locator(codes, [*grids, country], kernels=kernels)
        assert memory_of(locator) < 4_000_000
        rng = np.random.default_rng(1)
        places = np.vstack([anywhere([country], rng, 300), near_edges([*grids, country], rng, 600)])
        expected = brute_force(codes, [*grids, country], places)
        assert locator.locate_many(*places.T).tolist() == expected
        assert singly(locator, places) == expected


@BOTH
@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([(117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01)]),  # crosses itself
        shapely.box(179.99, 0, 180, 0.01),
        shapely.box(-180, 66, -179.99, 66.01),
        shapely.box(20, 89.9, 20.5, 90),
    ],
)
def test_ground_that_cells_do_not_suit_is_tested_exactly(shape: shapely.Polygon, kernels: bool) -> None:
    rng = np.random.default_rng(1)
    places = np.vstack([anywhere([shape], rng, 200), near_edges([shape], rng, 200)])
    places = places[(np.abs(places) <= (180, 90)).all(axis=1)]
    locator = Locator(["a"], [shape], kernels=kernels)
    assert locator.locate_many(*places.T).tolist() == brute_force(["a"], [shape], places)
    assert singly(locator, places) == brute_force(["a"], [shape], places)


def test_without_kernels_a_grid_has_about_50_to_300_cells() -> None:
    for size in np.geomspace(0.001, 0.5, 25):
        finder = Pure(np.array([square(117.0, 36.0, float(size))]), np.zeros(1, np.int32))
        assert 40 < (finder._sure.sum() + len(finder._cells)) / 2 < 420  # wholly inside, touched


def test_codes_and_shapes_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="as many codes"):
        Locator(["a"], [])


@BOTH
def test_several_threads_get_the_same_answers(kernels: bool) -> None:
    rng = np.random.default_rng(9)
    shapes = partitioned_ground(rng, np.array([117.0, 36.6]), 0.01)
    places = np.vstack([near_edges(shapes, rng, 2000), anywhere(shapes, rng, 2000)])
    expected = brute_force([f"{row}" for row in range(9)], shapes, places)
    locator = Locator([f"{row}" for row in range(9)], shapes, kernels=kernels)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: locator.locate_many(*places.T).tolist(), range(8)))
    assert all(answer == expected for answer in answers)


def metres_by_vectors(at: Point, places: np.ndarray) -> np.ndarray:
    def unit(degrees: np.ndarray) -> np.ndarray:
        lng, lat = np.radians(degrees).T
        return np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])

    chord = np.linalg.norm(unit(places) - unit(np.array([[at.lng, at.lat]])), axis=1)
    return 2 * EARTH_RADIUS_M * np.arcsin(chord / 2)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), lat=st.floats(-65, 65), kilometres=st.floats(0.01, 50))
def test_the_nearest_grid_is_right_to_half_a_percent(seed: int, lat: float, kilometres: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = [star(rng, np.array([117.0, lat]) + rng.uniform(-0.05, 0.05, 2), 0.02) for _ in range(6)]
    off = kilometres / 111 * np.array([np.cos(seed) / np.cos(np.radians(lat)), np.sin(seed)])
    at = Point(117.0 + off[0], lat + off[1])
    row, away = Locator(list("abcdef"), shapes).nearest(at) or (-1, -1.0)
    edges = [shapely.get_coordinates(shapely.segmentize(shape, 2e-5)) for shape in shapes]
    covered = brute_force(list("abcdef"), shapes, np.array([[at.lng, at.lat]]))[0]
    if covered >= 0:
        assert (row, away) == (covered, 0)
    else:
        each = [metres_by_vectors(at, edge).min() for edge in edges]
        assert away == pytest.approx(min(each), rel=0.005, abs=1.5)
        assert each[row] == pytest.approx(min(each), rel=0.005, abs=1.5)


def test_equally_near_grids_are_told_apart_by_code() -> None:
    left, right = square(117.0, 36.0), square(117.01, 36.0)
    for codes, expected in (["b", "a"], 1), (["a", "b"], 0):
        row, away = Locator(codes, [left, right]).nearest(Point(117.01, 36.02)) or (-1, -1.0)
        assert row == expected and away == pytest.approx(1111.95, abs=0.01)


def test_the_nearest_of_many_grids_is_found_behind_near_boxes() -> None:
    angles = [(0, 0), (0, 1), (1e-3, 1), (1e-3, 1e-3), (0.9, 1e-3), (0.9, 0)]
    bows = [shapely.Polygon([(117 + 1e-3 * i + x, 36 + y) for x, y in angles]) for i in range(36)]
    dot = square(117.5, 36.5)
    row, away = Locator([f"{i:02d}" for i in range(37)], [*bows, dot]).nearest(Point(117.49, 36.505)) or (
        -1,
        -1.0,
    )
    assert row == 36 and away == pytest.approx(894, abs=2)
