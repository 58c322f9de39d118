"""The locator against PostGIS: ST_Covers, the lowest code of several, on the same ground and places.

PostGIS decides by floats alone on which side of an edge a place lies, and is wrong about some that are nearer to it than
floats can tell. There, and there only, fractions decide who is right.
"""

from collections.abc import Sequence

import asyncpg
import numpy as np
import pytest
import shapely

from geo.locate import Locator
from tests.support.coverages import KINDS, Floats, covers_exactly, places_for
from tests.support.extracts import EXTRACTS
from tests.support.real_ground import areas

TOO_CLOSE = 1e-14  # degrees
GRIDS = "INSERT INTO told_grid SELECT code, st_geomfromwkb(shape, 4326) FROM unnest($1::text[], $2::bytea[]) AS g (code, shape)"
PLACES = (
    "INSERT INTO told_place SELECT number - 1, st_setsrid(st_makepoint(lng, lat), 4326) "
    "FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS p (lng, lat, number)"
)
JOIN = (
    'SELECT number, min(code COLLATE "C") AS code FROM told_place LEFT JOIN told_grid ON st_covers(shape, place) '
    "GROUP BY number ORDER BY number"
)


async def covering(
    url: str, codes: Sequence[str], shapes: Sequence[shapely.Geometry], places: Floats
) -> list[str | None]:
    """Ask PostGIS for the code of each place."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE TEMP TABLE told_grid (code text, shape geometry)")
        await connection.execute("CREATE TEMP TABLE told_place (number bigint, place geometry)")
        await connection.execute(GRIDS, codes, [shapely.to_wkb(shape) for shape in shapes])
        await connection.execute(PLACES, *places.T.tolist())
        await connection.execute("CREATE INDEX ON told_grid USING gist (shape)")
        return [row["code"] for row in await connection.fetch(JOIN)]
    finally:
        await connection.close()


async def compare(url: str, codes: Sequence[str], shapes: Sequence[shapely.Geometry], places: Floats) -> None:
    """Ask the locator, with kernels and without, and PostGIS."""
    said = await covering(url, codes, shapes, places)
    assert len(set(said)) > 2
    for kernels in (True, False):
        found = Locator(codes, shapes, kernels=kernels).locate_many(*places.T).tolist()
        answers = [None if row < 0 else codes[row] for row in found]
        differ = [place for place in range(len(places)) if answers[place] != said[place]]
        assert len(differ) <= len(places) / 500
        for place in differ:
            at = shapely.Point(*places[place])
            covered = [codes[row] for row, shape in enumerate(shapes) if covers_exactly(shape, at.x, at.y)]
            assert answers[place] == min(covered, default=None)
            assert min(shape.boundary.distance(at) for shape in shapes) < TOO_CLOSE


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_hard_ground_is_answered_as_postgis_does(kind: str, owner_url: str) -> None:
    rng = np.random.default_rng(51)
    middles = [np.array(at) for at in ((117.0, 36.6), (0.0, 0.0), (25.0, 78.9), (-58.2, 10.4))]
    drawn = [shape for middle in middles for shape in KINDS[kind](rng, middle, 0.01)]
    shapes = [shape for shape in drawn if shape.is_valid]
    codes = rng.permutation([f"{'aAzZ网'[row % 5]}{row // 3}" for row in range(len(shapes))]).tolist()
    await compare(owner_url, codes, shapes, places_for(shapes, rng, 4000))


@pytest.mark.parametrize("name", EXTRACTS)
async def test_real_ground_is_answered_as_postgis_does(name: str, owner_url: str) -> None:
    codes, shapes = areas(name)
    valid = [row for row, shape in enumerate(shapes) if shape.is_valid]
    codes, shapes = [codes[row] for row in valid], [shapes[row] for row in valid]
    await compare(owner_url, codes, shapes, places_for(shapes, np.random.default_rng(52), 6_000))
