"""Our own H3 cells against h3 itself, on purpose where it is hardest."""

from itertools import combinations

import h3.api.basic_int as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo import cells, lattice
from geo.kernels import sphere, tree

RESOLUTIONS = range(16)
Floats = NDArray[np.float64]


def vectors(lng: Floats, lat: Floats) -> Floats:
    east, north = np.radians(lng), np.radians(lat)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def degrees(places: Floats) -> tuple[Floats, Floats]:
    x, y, z = places.T
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def unit(places: Floats) -> Floats:
    return places / np.linalg.norm(places, axis=-1, keepdims=True)


CORNERS = vectors(*cells.icosahedron().T)
SIDES = np.array([[a, b] for a, b in combinations(CORNERS, 2) if a @ b > 0.4])
TRIPLES = [(a, b, c) for a, b, c in combinations(CORNERS, 3) if min(a @ b, b @ c, c @ a) > 0.4]
MIDDLES = unit(np.array(TRIPLES).sum(axis=1))


def anywhere(count: int, seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))


def around(places: Floats, rng: np.random.Generator, nearest: float, farthest: float) -> Floats:
    """Move each place to a random side by a random power of ten between 10^nearest and 10^farthest radians."""
    aside = unit(np.cross(places, rng.normal(size=places.shape)))
    return unit(places + aside * 10 ** rng.uniform(nearest, farthest, (len(places), 1)))


def bisected(start: Floats, rng: np.random.Generator, resolution: int) -> tuple[Floats, Floats, Floats]:
    """Find places on the edges of h3's cells: from each start about a cell's width to a random side, to the last bit.

    Returned are starts, ways and the share of the way that lies before the edge; ways that meet no edge fall out.
    """
    width = 0.38 / 7 ** (resolution / 2)
    way = unit(np.cross(start, rng.normal(size=start.shape))) * width
    here, there = np.zeros(len(start)), np.ones(len(start))

    def name(share: Floats) -> NDArray[np.int64]:
        return cells.cells_of(*degrees(unit(start + way * share[:, None])), resolution)

    first, last = name(here), name(there)
    keep = first != last
    for _ in range(60):
        middle = (here + there) / 2
        same = name(middle) == first
        here, there = np.where(same, middle, here), np.where(same, there, middle)
    return start[keep], way[keep], here[keep]


def edges(start: Floats, rng: np.random.Generator, resolution: int) -> tuple[Floats, Floats]:
    """Lay places beside edges of h3's cells: 10^-12 to 10^-3 cell widths away, on both sides, and on them."""
    places, way, share = bisected(start, rng, resolution)
    lng, lat = [], []
    for sign in (-1, 0, 1):
        off = share + sign * 10 ** rng.uniform(-12, -3, len(share))
        x, y = degrees(unit(places + way * off[:, None]))
        lng.append(x)
        lat.append(y)
    return np.concatenate(lng), np.concatenate(lat)


def assert_equal(lng: Floats, lat: Floats, resolution: int) -> int:
    ours, asked = lattice.cells_and_asked(lng, lat, resolution)
    theirs = cells.cells_of(lng, lat, resolution)
    wrong = np.flatnonzero(ours != theirs)
    assert not len(wrong), (
        f"{len(wrong)} of {len(lng)}, the first {lng[wrong[0]]!r} {lat[wrong[0]]!r} at {resolution}"
    )
    return asked


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_are_h3s_anywhere_on_earth(resolution: int) -> None:
    lng, lat = anywhere(40_000, resolution)
    assert assert_equal(lng, lat, resolution) <= 5  # 4 · 10⁻⁶ of the points lie in the band


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_are_h3s_beside_edges_found_by_bisection(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    lng, lat = edges(vectors(*anywhere(1500, resolution)), rng, resolution)
    asked = assert_equal(lng, lat, resolution)
    assert len(lng) > 1500
    assert len(lng) / 4 < asked < len(lng)


@pytest.mark.parametrize("resolution", [9, 11, 12, 13, 14, 15])
def test_cells_are_h3s_beside_edges_in_the_middle_of_faces_where_h3_is_least_exact(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    start = around(np.repeat(MIDDLES, 100, axis=0), rng, -8, -2)
    assert_equal(*edges(start, rng, resolution), resolution)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_are_h3s_at_pentagons_faces_borders_and_middles(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    assert (len(CORNERS), len(SIDES), len(MIDDLES)) == (12, 30, 20)
    pentagons = np.concatenate(
        [np.repeat(CORNERS, 5, axis=0), around(np.repeat(CORNERS, 800, axis=0), rng, -9, -0.5)]
    )
    share = rng.beta(0.3, 0.3, (30, 100, 1))  # most near the ends, where the pentagons are
    borders = unit((SIDES[:, None, 0] * share + SIDES[:, None, 1] * (1 - share)).reshape(-1, 3))
    middles = around(np.repeat(MIDDLES, 30, axis=0), rng, -16, -1)
    places = np.concatenate([pentagons, borders, around(borders, rng, -16, -1), MIDDLES, middles])
    asked = assert_equal(*degrees(places), resolution)
    assert asked < len(places) / 3  # at even resolutions cells' edges run along half of every border


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_cells_are_h3s_at_poles_antimeridian_and_zero(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    tiny = [0.0, -0.0, 5e-324, -5e-324, 2.3e-308, 1e-17, -1e-12]
    lng = [*tiny, 180.0, -180.0, np.nextafter(180, 0), -np.nextafter(180, 0), 90.0, -90.0, 45.0, 135.0]
    lat = [*tiny, 90.0, -90.0, np.nextafter(90, 0), -np.nextafter(90, 0), 89.9999999, -89.99999, 45.0, -45.0]
    x, y = (axis.ravel() for axis in np.meshgrid(lng, lat))
    assert_equal(x, y, resolution)
    x = np.concatenate([180 - 10 ** rng.uniform(-14, 0, 300), 10 ** rng.uniform(-14, 0, 300) - 180])
    assert_equal(x, rng.uniform(-90, 90, 600), resolution)
    y = np.concatenate([90 - 10 ** rng.uniform(-14, 1, 300), 10 ** rng.uniform(-14, 1, 300) - 90])
    assert_equal(rng.uniform(-180, 180, 600), y, resolution)


@settings(max_examples=200, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(RESOLUTIONS))
def test_one_cell_is_h3s(lng: float, lat: float, resolution: int) -> None:
    expected = oracle.latlng_to_cell(lat, lng, resolution)
    assert lattice.cell_of(lng, lat, resolution) == expected
    assert lattice.cells_of([lng], [lat], resolution).tolist() == [expected]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 11), st.sampled_from(RESOLUTIONS), st.floats(-12, 0), st.floats(0, 7))
def test_one_cell_at_a_pentagon_is_h3s(pentagon: int, resolution: int, far: float, bearing: float) -> None:
    lng, lat = cells.icosahedron()[pentagon]
    lng, lat = float(lng + 10**far * np.cos(bearing)), float(lat + 10**far * np.sin(bearing))
    assert lattice.cell_of(lng, lat, resolution) == oracle.latlng_to_cell(lat, lng, resolution)


def test_one_cell_is_the_same_as_many_beside_edges() -> None:
    for resolution in (3, 10, 15):
        rng = np.random.default_rng(resolution)
        lng, lat = edges(vectors(*anywhere(200, resolution)), rng, resolution)
        one = [lattice.cell_of(x, y, resolution) for x, y in zip(lng.tolist(), lat.tolist(), strict=True)]
        assert one == lattice.cells_of(lng, lat, resolution).tolist()


def test_h3_is_asked_about_few_points_of_a_town() -> None:
    rng = np.random.default_rng(6)
    for resolution in (9, 11, 13, 15):
        _, asked = lattice.cells_and_asked(
            rng.uniform(116, 116.2, 400_000), rng.uniform(39.8, 40, 400_000), resolution
        )
        assert asked <= 12  # 4 · 10⁻⁶ of the points lie within 10⁻⁶ of an edge


def test_what_is_not_on_earth_has_no_cell() -> None:
    lng = [np.nan, 0, np.inf, -np.inf, 180.0000001, -181, 0, 0, 1e300, 117.0]
    lat = [0, np.nan, 0, 0, 0, 0, 90.0000001, -91, 0, 36.6]
    many = lattice.cells_of(lng, lat, 9)
    assert many.tolist() == [lattice.NOWHERE] * 9 + [oracle.latlng_to_cell(36.6, 117.0, 9)]
    assert [lattice.cell_of(x, y, 9) for x, y in zip(lng, lat, strict=True)] == many.tolist()


def test_positions_come_as_any_numbers() -> None:
    lng, lat = anywhere(1500, 3)
    expected = cells.cells_of(lng, lat, 8)
    strided = np.column_stack([lng, lat])
    assert (lattice.cells_of(strided[:, 0], strided[:, 1], 8) == expected).all()
    lng.flags.writeable = lat.flags.writeable = False
    assert (lattice.cells_of(lng, lat, 8) == expected).all()
    assert len(lattice.cells_of([], [], 8)) == 0
    assert lattice.cells_of([117], [36], 8).tolist() == [oracle.latlng_to_cell(36, 117, 8)]


def test_wrong_questions_are_refused() -> None:
    for resolution in (-1, 16, 1000):
        with pytest.raises(ValueError):
            lattice.cell_of(117.0, 36.6, resolution)
        with pytest.raises(ValueError):
            lattice.cells_of([117.0], [36.6], resolution)
        with pytest.raises(ValueError, match="resolution"):
            lattice.cells_at([0], [0], [0], resolution)
    with pytest.raises(ValueError, match="one length"):
        lattice.cells_of([117.0, 118.0], [36.6], 9)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_centres_are_h3s_and_places_lead_back(resolution: int) -> None:
    if resolution <= 2:
        every = {cell for base in oracle.get_res0_cells() for cell in oracle.cell_to_children(base, resolution)}
    else:
        rng = np.random.default_rng(resolution)
        around_pentagons = around(np.repeat(CORNERS, 50, axis=0), rng, -9, -1)
        sides = unit(SIDES.sum(axis=1))
        chosen = np.concatenate([vectors(*anywhere(2500, resolution)), around_pentagons, sides, MIDDLES])
        every = {*oracle.get_pentagons(resolution), *cells.cells_of(*degrees(chosen), resolution).tolist()}
    ids = np.array(sorted(every))
    lng, lat = lattice.centres_of(ids)
    theirs = np.array([oracle.cell_to_latlng(cell) for cell in ids.tolist()])
    apart = vectors(lng, lat) - vectors(theirs[:, 1], theirs[:, 0])
    assert np.degrees(np.linalg.norm(apart, axis=1)).max() < 2e-11
    faces, i, j = lattice.places_of(ids)
    assert faces.min() >= 0
    assert (lattice.cells_at(faces, i, j, resolution) == ids).all()
    assert len(set(zip(faces.tolist(), i.tolist(), j.tolist(), strict=True))) == len(ids)
    assert (lattice.cells_of(lng, lat, resolution) == ids).all()


def test_every_position_on_a_face_is_a_cell_and_others_are_none() -> None:
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(-60, 61), np.arange(-60, 61)))
    for face in range(20):
        ids = lattice.cells_at(np.full(len(i), face), i, j, 2)
        there = ids != lattice.NOWHERE
        assert all(map(oracle.is_valid_cell, ids[there].tolist()))
        assert len(set(ids[there].tolist())) == there.sum()
        assert 294 <= there.sum() < 1000  # 5,882 cells of 20 faces; the far corners are no cells
    assert (lattice.cells_at([-1, 20, 0], [0, 0, 2**40], [0, 0, 0], 9) == lattice.NOWHERE).all()


def test_numbers_that_are_no_cells_have_no_place() -> None:
    rng = np.random.default_rng(9)
    good = [oracle.latlng_to_cell(y, x, r) for r in RESOLUTIONS for x, y in zip(*anywhere(20, r), strict=True)]
    good += [cell for r in RESOLUTIONS for cell in oracle.get_pentagons(r)]
    good += [cell for pentagon in oracle.get_pentagons(1) for cell in oracle.cell_to_children(pentagon, 3)]
    flipped = [cell ^ 1 << int(bit) for cell in good for bit in rng.integers(0, 63, 8)]
    deleted = [cell | 1 << 3 * (15 - r) for r in range(1, 16) for cell in oracle.get_pentagons(r)]
    odd = [0, 1, -1, -2, 2**63 - 1, -(2**63), *(good[0] | 127 << 45, -good[0])]
    given_ = np.array([*good, *flipped, *deleted, *odd])
    valid = np.array([cell > 0 and oracle.is_valid_cell(cell) for cell in given_.tolist()])
    assert valid[: len(good)].all() and not valid[-len(odd) - len(deleted) :].any()
    lng, lat = lattice.centres_of(given_)
    assert ((~np.isnan(lng)) == valid).all() and ((~np.isnan(lat)) == valid).all()
    assert ((lattice.places_of(given_)[0] >= 0) == valid).all()


def test_planes_are_those_of_the_faces() -> None:
    lng, lat = anywhere(5000, 12)
    lng[:2], lat[2:4], lng[4:6] = np.nan, 90.1, -180.1
    faces, a, b = np.empty(len(lng), np.int8), np.empty(len(lng)), np.empty(len(lng))
    sphere.to_planes(lng, lat, faces, a, b)
    assert (faces[:6] == -1).all() and (a[:6] == 0).all() and (b[:6] == 0).all()
    faces, a, b, places = faces[6:], a[6:], b[6:], vectors(lng[6:], lat[6:])
    x, y, down = np.einsum("kij,kj->ik", sphere.FACES[faces], places)
    assert np.allclose([x / down, y / down], [a, b], rtol=0, atol=1e-14)
    assert (np.argmax(places @ sphere.FACES[:, 2].T, axis=1) == faces).all()
    assert (1 + np.min([a - b / 2, b - a / 2, -(a + b) / 2], axis=0) > -1e-14).all()


def test_tables_are_whole() -> None:
    """Sixteen base cells reach onto a face; a pentagon's corner is entered by three digits, the others by all."""
    places = {base: int(count) for base, count in enumerate(tree.PLACE_COUNTS)}
    pentagons = {oracle.get_base_cell_number(cell) for cell in oracle.get_pentagons(0)}
    assert sum(places.values()) == 20 * 16
    assert {base for base, count in places.items() if count == 5} == pentagons
    for base, count in places.items():
        for place in tree.PLACES[base, :count].tolist():
            turns = [place >> 12 + 3 * digit & 7 for digit in range(1, 7)]
            assert sum(turn != tree.UNKNOWN for turn in turns) == (3 if base in pentagons else 6)
