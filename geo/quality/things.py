"""What stands on the ground: streets that lead nowhere, buildings in one another, addresses there twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiLineString, MultiPoint

from geo.flat import flat_m2, metres_per_degree
from geo.quality.faults import APART_M, NOTICED_M2, Fault, Kind
from geo.quality.sheet import Shapes, is_sound, middle, why_invalid

PAIRS_AT_ONCE = 200_000


def streets_apart(names: Sequence[str | None], lines: Shapes) -> Iterator[Fault]:
    """Find the parts of the street network that nothing joins to its longest part; `amount` is metres of street.

    Streets that come within `APART_M` of each other are joined, so that bridges join, too.
    """
    here = np.flatnonzero(~(shapely.is_missing(lines) | shapely.is_empty(lines)))
    if not len(here):
        return
    flat = _flattened(lines[here])
    one, other = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=APART_M)
    group = _groups(len(here), one, other)
    metres = shapely.length(flat)
    longest = np.bincount(group, weights=metres).argmax()
    for which in np.unique(group[group != longest]):
        rows = np.flatnonzero(group == which)
        leading = int(rows[np.argmax(metres[rows])])
        line = lines[here[leading]]
        half = shapely.line_interpolate_point(line, 0.5, normalized=True)
        yield Fault(
            Kind.STREET_APART,
            code=names[int(here[leading])],
            amount=float(metres[rows].sum()),
            unit="m",
            at=(float(half.x), float(half.y)),
            shape=MultiLineString(list(lines[here[rows]])),
        )


def buildings_overlapping(codes: Sequence[str], footprints: Shapes) -> Iterator[Fault]:
    """Find pairs of buildings that share more than `NOTICED_M2`, and invalid buildings."""
    sound = is_sound(footprints)
    for row in np.flatnonzero(~sound).tolist():
        told, at, shape = why_invalid(footprints[row])
        yield Fault(Kind.SHAPE_INVALID, None, None, codes[row], told, None, None, at, shape)
    rows = np.flatnonzero(sound & ~shapely.is_missing(footprints))
    ground = footprints[rows]
    one, other = shapely.STRtree(ground).query(ground)
    once = one < other
    one, other = one[once], other[once]
    for begin in range(0, len(one), PAIRS_AT_ONCE):
        few = slice(begin, begin + PAIRS_AT_ONCE)
        shared = shapely.intersection(ground[one[few]], ground[other[few]])
        m2 = flat_m2(shared)
        for i in np.flatnonzero(m2 > NOTICED_M2):
            first, second = sorted(str(codes[rows[pair[few][i]]]) for pair in (one, other))
            kind, at = Kind.BUILDING_OVERLAP, middle(shared[i])
            yield Fault(kind, None, None, first, second, float(m2[i]), "m2", at, shared[i])


def addresses_doubled(texts: Sequence[str], lng: NDArray[np.float64], lat: NDArray[np.float64]) -> Iterator[Fault]:
    """Find addresses that several points have; `amount` is how many, the shape all of them, the place the first's."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        rows[text].append(row)
    for text, those in rows.items():
        if len(those) > 1:
            places = sorted(zip(lng[those].tolist(), lat[those].tolist(), strict=True))
            many = float(len(those))
            yield Fault(
                Kind.ADDRESS_DOUBLED, None, None, text, None, many, "addresses", places[0], MultiPoint(places)
            )


def _flattened(lines: Shapes) -> Shapes:
    """Lay lines out in metres about their middle: right to a metre in a kilometre, and for what is near far better."""
    degrees = shapely.get_coordinates(lines)
    scale = metres_per_degree((degrees[:, 1].min() + degrees[:, 1].max()) / 2)[0]
    return np.asarray(shapely.transform(lines, lambda places: places * scale), dtype=np.object_)


def _groups(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number what is joined, int64 (count,): the least row of each group, passed along until nothing changes."""
    group = np.arange(count)
    while True:
        least = group.copy()
        np.minimum.at(least, one, group[other])
        np.minimum.at(least, other, group[one])
        least = np.minimum(least, least[least])
        least = least[least]
        if np.array_equal(least, group):
            return group
        group = least
