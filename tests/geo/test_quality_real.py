"""The look at shapes on ground that is as it is: real extracts, and shapes made to be hard, against every pair tried."""

import numpy as np
import pytest
import shapely

from geo.quality.faults import Fault, Kind
from geo.quality.sheet import NOWHERE, Above, Sheet, faults_of
from geo.quality.things import buildings_overlapping
from tests.support.coverages import KINDS
from tests.support.extracts import EXTRACTS
from tests.support.looked import column
from tests.support.planted import m2
from tests.support.real_ground import areas

NOTICED = 1.0
SHORT = 5e-4  # degrees: so long an edge is as straight on the ellipsoid as in degrees
UNSURE = 0.05  # m² around what is noticed: two ways of measuring differ by so much


def looked_at(codes: list[str], shapes: list[shapely.Geometry]) -> list[Fault]:
    nothing = Above([], column([]))
    return list(faults_of(Sheet("l", "grid", codes, column(shapes), nothing, np.full(len(codes), NOWHERE))))


def pairs_of(faults: list[Fault]) -> dict[tuple[str, str], float]:
    """Return the overlaps, slivers among them, with their m²."""
    wanted = (Kind.OVERLAP, Kind.SLIVER, Kind.BUILDING_OVERLAP)
    return {(str(f.code), f.other): f.amount or 0.0 for f in faults if f.kind in wanted and f.other}


def every_pair(codes: list[str], shapes: list[shapely.Geometry]) -> dict[tuple[str, str], float]:
    """Intersect every shape with every other whose box meets it."""
    found = {}
    for i, one in enumerate(shapes):
        for j in range(i + 1, len(shapes)):
            west, south, east, north = one.bounds
            a, b, c, d = shapes[j].bounds
            if west <= c and a <= east and south <= d and b <= north:
                polygons = [p for p in shapely.get_parts(one.intersection(shapes[j])) if p.geom_type == "Polygon"]
                size = sum(m2(shapely.segmentize(part, SHORT)) for part in polygons)
                if size > NOTICED - UNSURE:
                    found[tuple(sorted((codes[i], codes[j])))] = size
    return found


def held(found: dict[tuple[str, str], float], wanted: dict[tuple[str, str], float]) -> None:
    assert found.keys() - wanted.keys() == set()
    assert {pair for pair in wanted.keys() - found.keys() if wanted[pair] > NOTICED + UNSURE} == set()
    assert {pair: found[pair] for pair in found} == pytest.approx(
        {pair: wanted[pair] for pair in found}, rel=5e-3, abs=0.5
    )


@pytest.mark.parametrize("name", EXTRACTS)
def test_polygons_of_an_extract_are_told_as_every_pair_tells(name: str) -> None:
    codes, shapes = areas(name)
    codes = [f"{code}.{row}" for row, code in enumerate(codes)]
    faults = looked_at(codes, shapes)
    sound = shapely.is_valid(shapes)
    assert {f.code for f in faults if f.kind is Kind.SHAPE_INVALID} == {
        c for c, ok in zip(codes, sound, strict=True) if not ok
    }
    whole = [(c, s) for c, s, ok in zip(codes, shapes, sound, strict=True) if ok]
    wanted = every_pair([c for c, _ in whole], [s for _, s in whole])
    assert wanted or name == "liechtenstein"
    held(pairs_of(faults), wanted)
    held(pairs_of(list(buildings_overlapping(codes, column(shapes)))), wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_shapes_made_to_be_hard_are_told_as_every_pair_tells(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = list(KINDS[kind](rng, np.array([118.3, 27.0]), 0.02))
    codes = [f"{row:03}" for row in range(len(shapes))]
    faults = looked_at(codes, shapes)
    sound = [bool(shapely.is_valid(shape)) for shape in shapes]
    assert [f.code for f in faults if f.kind is Kind.SHAPE_INVALID] == [
        c for c, ok in zip(codes, sound, strict=True) if not ok
    ]
    whole = [(c, s) for c, s, ok in zip(codes, shapes, sound, strict=True) if ok]
    held(pairs_of(faults), every_pair([c for c, _ in whole], [s for _, s in whole]))
