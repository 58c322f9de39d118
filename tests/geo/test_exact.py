"""On which side of a line a point lies, against exact fractions."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.kernels.exact import crosses, lies_on, side

LEAST = 1e-140  # products of two numbers yet smaller are lost
MODERATE = settings(max_examples=250, deadline=None)
COORDINATES = st.one_of(
    st.floats(-180, 180, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > LEAST),
    st.integers(-3, 3).map(float),
    st.integers(-(2**23), 2**23).map(lambda steps: 117 + steps * 2.0**-23),
)
PLACES = st.tuples(COORDINATES, COORDINATES)


def sign(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> int:
    (ax, ay), (bx, by), (cx, cy) = (map(Fraction, place) for place in (a, b, c))
    det = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx)
    return (det > 0) - (det < 0)


def on(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> bool:
    within = all(min(a[axis], b[axis]) <= p[axis] <= max(a[axis], b[axis]) for axis in (0, 1))
    return within and sign(a, b, p) == 0


@st.composite
def nearly_in_line(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Three places, the last a few bits off the line through the others."""
    a, b, t = draw(PLACES), draw(PLACES), draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(-1, 2))
    c = [x + t * (y - x) for x, y in zip(a, b, strict=True)]
    for axis in (0, 1):
        for _ in range(draw(st.integers(0, 2))):
            c[axis] = float(np.nextafter(c[axis], draw(st.sampled_from([-1000, 1000]))))
    return a, b, (c[0] if abs(c[0]) > LEAST else 0.0, c[1] if abs(c[1]) > LEAST else 0.0)


@MODERATE
@given(nearly_in_line() | st.tuples(PLACES, PLACES, PLACES))
@example(((0.5, 0.5), (12.0, 12.0), (24.0, 24.0 + 2**-48)))
@example(((0.0, 0.0), (0.0, 0.01), (-5e-324, 0.005)))
@example(((1.0, 0.0), (1.5, 0.0), (1.0, -5e-324)))
def test_the_side_is_that_of_exact_fractions(places: tuple[tuple[float, float], ...]) -> None:
    a, b, c = places
    assert side(*a, *b, *c) == sign(a, b, c)
    assert side(*b, *a, *c) == -sign(a, b, c)


def test_floats_alone_would_be_wrong_about_the_side() -> None:
    rng = np.random.default_rng(3)
    wrong = 0
    for up, right in rng.integers(0, 256, (2000, 2)).tolist():
        a, b, c = (0.5 + right * 2.0**-53, 0.5 + up * 2.0**-53), (12.0, 12.0), (24.0, 24.0)
        left = (a[0] - c[0]) * (b[1] - c[1]) - (a[1] - c[1]) * (b[0] - c[0])
        wrong += (left > 0) - (left < 0) != sign(a, b, c)
        assert side(*a, *b, *c) == sign(a, b, c)
    assert wrong > 100


@MODERATE
@given(nearly_in_line() | st.tuples(PLACES, PLACES, PLACES))
def test_a_place_lies_on_an_edge_where_fractions_say_so(places: tuple[tuple[float, float], ...]) -> None:
    a, b, p = places
    assert lies_on(*a, *b, *p) == on(a, b, p)


@MODERATE
@given(PLACES, PLACES)
def test_an_edge_s_ends_lie_on_it(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert lies_on(*a, *b, *a) and lies_on(*a, *b, *b)
    assert not lies_on(*a, *a, a[0] + 1, a[1])


def inside(ring: list[tuple[float, float]], p: tuple[float, float]) -> bool:
    """Say by exact fractions whether a place on no edge is inside a ring: by the edges it has to its right."""
    across = [(a, b) for a, b in pairwise(ring) if (a[1] > p[1]) != (b[1] > p[1])]
    return sum(sign(a, b, p) * (1 if b[1] > a[1] else -1) > 0 for a, b in across) % 2 == 1


SMALL = st.tuples(st.integers(-3, 3).map(float), st.integers(-3, 3).map(float))


@settings(max_examples=250, deadline=None)
@given(st.lists(SMALL | PLACES, min_size=3, max_size=7), SMALL | PLACES, SMALL | PLACES)
def test_a_way_from_inside_to_outside_crosses_an_odd_number_of_edges(
    corners: list[tuple[float, float]], p: tuple[float, float], q: tuple[float, float]
) -> None:
    ring = [*corners, corners[0]]
    edges = list(pairwise(ring))
    if any(on(a, b, place) for a, b in edges for place in (p, q)):
        return
    crossed = sum(crosses(*a, *b, *p, *q) for a, b in edges)
    assert crossed % 2 == (inside(ring, p) != inside(ring, q))


@MODERATE
@given(SMALL | PLACES, SMALL | PLACES, SMALL | PLACES, SMALL | PLACES)
def test_an_edge_is_crossed_only_by_who_comes_from_its_other_side(
    a: tuple[float, float], b: tuple[float, float], p: tuple[float, float], q: tuple[float, float]
) -> None:
    if crosses(*a, *b, *p, *q):
        assert sign(a, b, p) * sign(a, b, q) < 0
        assert crosses(*b, *a, *p, *q)
    elif sign(a, b, p) * sign(a, b, q) < 0:
        assert sign(p, q, a) * sign(p, q, b) >= 0  # else it was crossed
