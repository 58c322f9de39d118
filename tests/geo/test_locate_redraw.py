"""Redraws of a locator, one after another and side by side, against one built anew and against shapely."""

from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.locate import Locator
from tests.support.coverages import Floats, Rng, anywhere, at_edges, covering, middles, on_steps, places_for
from tests.support.redraws import LARGE, SMALL, Act, Town

MIDDLES = middles()
ACTS = st.lists(st.sampled_from([*SMALL, *SMALL, *LARGE]), min_size=1, max_size=12)


@dataclass(frozen=True)
class Version:
    """What a locator should say, and what it said when it was new."""

    locator: Locator
    town: Town
    places: Floats
    said: list[int]


def asked(locator: Locator, town: Town, changed: list[object], rng: Rng) -> Version:
    """Ask a version about places at what was redrawn and elsewhere."""
    ground = [shape for shape in changed if isinstance(shape, shapely.Geometry) and not shape.is_empty]
    whole = [shape for shape in town.shapes.values() if shape is not None and not shape.is_empty]
    places = [at_edges(whole or ground, rng, 80), anywhere(ground or whole, rng, 40)] if ground or whole else []
    places += [at_edges(ground, rng, 120), on_steps(ground, rng, 30)] if ground else []
    at = np.ascontiguousarray(np.clip(np.vstack([np.zeros((1, 2)), *places]), (-180, -90), (180, 90)))
    expected = covering(locator.codes, [town.shapes[code] for code in locator.codes], at)
    assert locator.locate_many(*at.T).tolist() == expected
    return Version(locator, town, at, expected)


def redrawn(version: Version, act: Act, rng: Rng, whole: bool) -> Version:
    """Redraw a version; `whole`: compare it also with a locator built anew."""
    changes, nodes = act(version.town, rng)
    town = version.town.after(changes, nodes)
    locator = version.locator.redrawn(changes)
    assert set(locator.codes) == set(town.codes)
    after = asked(locator, town, [*changes.values(), *(version.town.shapes.get(code) for code in changes)], rng)
    if whole:
        anew = Locator(locator.codes, [town.shapes[code] for code in locator.codes])
        assert anew.locate_many(*after.places.T).tolist() == after.said
    return after


def check_old(versions: list[Version]) -> None:
    """See that no redraw changed what an older version says, batch and one by one."""
    for version in versions:
        assert version.locator.locate_many(*version.places.T).tolist() == version.said


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1),
    where=st.sampled_from(sorted(MIDDLES)) | st.none(),
    size=st.floats(-3.5, -1.5).map(lambda power: 10**power),
    acts=ACTS,
    branch=st.booleans(),
)
def test_every_version_answers_as_one_built_anew_and_older_ones_as_before(
    seed: int, where: str | None, size: float, acts: list[Act], branch: bool
) -> None:
    rng = np.random.default_rng(seed)
    middle = rng.uniform((-165, -70), (165, 75)) if where is None else rng.choice(MIDDLES[where])
    town = Town.built(rng, middle - 2.5 * size, size)
    versions = [asked(Locator(town.codes, list(town.shapes.values())), town, [], rng)]
    for number, act in enumerate(acts):
        parent = versions[int(rng.integers(0, len(versions)))] if branch else versions[-1]
        versions.append(redrawn(parent, act, rng, whole=number % 3 == 0))
    check_old(versions)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), acts=st.lists(st.sampled_from([*SMALL, *LARGE]), min_size=2, max_size=4))
def test_redraws_without_kernels_answer_alike(seed: int, acts: list[Act]) -> None:
    rng = np.random.default_rng(seed)
    town = Town.built(rng, np.array([117.0, 36.6]), 0.003, 3)
    version = asked(Locator(town.codes, list(town.shapes.values()), kernels=False), town, [], rng)
    for act in acts:
        version = redrawn(version, act, rng, whole=True)


def test_hundreds_of_redraws_in_one_place_leave_no_trace() -> None:
    rng = np.random.default_rng(21)
    town = Town.built(rng, np.array([117.0, 36.6]), 0.003, 8)
    version = asked(Locator(town.codes, list(town.shapes.values())), town, [], rng)
    kept = [version]
    for number in range(300):
        version = redrawn(version, SMALL[int(rng.integers(0, len(SMALL)))], rng, whole=number % 100 == 99)
        if number % 30 == 0:
            kept.append(version)
    check_old(kept)


def test_a_redraw_that_changes_nothing_or_much_at_once_is_one_too() -> None:
    rng = np.random.default_rng(22)
    town = Town.built(rng, np.array([117.0, 36.6]), 0.003)
    version = asked(Locator(town.codes, list(town.shapes.values())), town, [], rng)
    assert version.locator.redrawn({}).locate_many(*version.places.T).tolist() == version.said
    same = version.locator.redrawn(dict(town.shapes))
    assert same.locate_many(*version.places.T).tolist() == version.said
    none = version.locator.redrawn(dict.fromkeys(town.codes))
    assert set(none.locate_many(*version.places.T).tolist()) == {-1}
    for code in town.codes:
        none = none.redrawn({code: town.shapes[code]})
    assert none.locate_many(*version.places.T).tolist() == version.said


def test_a_redraw_may_be_of_more_grids_over_one_cell_than_a_record_has() -> None:
    rng = np.random.default_rng(23)
    middle = np.array([117.0, 36.6])
    town = Town.built(rng, middle - 1e-5, 2e-6, 9)
    version = asked(Locator(town.codes, list(town.shapes.values()), 10), town, [], rng)
    for number in range(60):
        version = redrawn(version, SMALL[int(rng.integers(0, len(SMALL)))], rng, whole=number % 20 == 0)
    check_old([version])


@pytest.mark.parametrize("corners", [1_000, 100_000])
def test_a_grid_may_get_a_ring_of_any_length(corners: int) -> None:
    rng = np.random.default_rng(24)
    town = Town.built(rng, np.array([117.0, 36.6]), 0.003)
    turn = np.linspace(0, 2 * np.pi, corners + 1)[:-1]
    old = Locator(town.codes, list(town.shapes.values()))
    for far in (0.004, 5e-6):  # over many cells; all in one
        at = far * (1 + 0.01 * rng.random(corners))
        ring = shapely.Polygon(np.column_stack([117.007 + at * np.cos(turn), 36.607 + at * np.sin(turn)]))
        locator = old.redrawn({"G007": ring})
        places = places_for([ring], rng, 400)
        shapes = {**town.shapes, "G007": ring}
        assert locator.locate_many(*places.T).tolist() == covering(town.codes, list(shapes.values()), places)


def test_codes_known_twice_cannot_be_redrawn() -> None:
    locator = Locator(["a", "a"], [shapely.box(0, 0, 1, 1)] * 2)
    with pytest.raises(ValueError, match="twice"):
        locator.redrawn({"a": None})


def test_the_nearest_grid_is_that_of_the_version_asked() -> None:
    from geo.point import Point

    squares = [shapely.box(117 + x, 36, 117.01 + x, 36.01) for x in (0, 0.02, 0.04)]
    old = Locator(list("abc"), squares)
    new = old.redrawn({"c": None})
    nearer = new.redrawn({"a": shapely.box(117.045, 36, 117.05, 36.01)})
    found = [version.nearest(Point(117.06, 36.005)) for version in (old, new, nearer)]
    assert [row for row, _ in found if found] == [2, 1, 0]
