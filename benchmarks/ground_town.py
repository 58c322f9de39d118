"""The ground's benchmark: tiles of towns of 10⁵ and 10⁶ households, drawn and kept; how long it takes to load them."""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks import ground_load, ground_osm, ground_tiles, machine
from benchmarks.rows import Measured, Row, Side
from benchmarks.town import Bed, bed
from data.demo.town import make_town
from data.outlines import redraw_outlines
from data.store import transaction

MULTIPLY = text("""
    INSERT INTO household (id, building_id, address, point, cell, area_id, area_path)
    SELECT gen_random_uuid(), building_id, address || ' +' || n, point, cell, area_id, area_path
    FROM (SELECT h.building_id, h.address, h.cell, h.area_id, h.area_path, n,
                 st_translate(h.point, (random() - 0.5) * 2e-4, (random() - 0.5) * 2e-4) AS point
          FROM household h, generate_series(2, :times) AS n) AS more
""")
"""As many households more, each up to 10 m from one that is there."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    households: int = 100_000
    times: int = 10
    repetitions: int = 5
    zooms: tuple[int, ...] = ()
    loaded: tuple[int, ...] = (100_000, 1_000_000)


QUICK = Sizes(2_000, 2, 1, (14,), (2_000,))
"""Shows that everything runs and answers alike; its figures mean nothing."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what only this benchmark takes."""
    parser.add_argument("--osm", type=Path, metavar="FILE", help="load this OpenStreetMap extract as well")


async def measure(quick: bool, given: Namespace) -> Measured:
    """Measure a town, then the same ground with ten times its households, then the loading of an extract."""
    size, rows = QUICK if quick else Sizes(), list[Row]()
    async with bed(make_town(1, size.households)) as place:
        facts = await machine.facts(place.owner)
        rows.append(await _redrawn(place, size.households, size.repetitions))
        rows += await ground_tiles.measure(place, size.households, size.repetitions, size.zooms)
        many = size.households * size.times
        async with transaction(place.url("wangge_owner")) as connection:
            await connection.execute(MULTIPLY, {"times": size.times})
        await place.owner.execute("VACUUM ANALYZE household")
        rows.append(await _redrawn(place, many, 1))
        rows += await ground_tiles.measure(place, many, min(size.repetitions, 3), size.zooms)
    rows += await ground_load.measure(size.loaded)
    if given.osm is not None:
        rows += await ground_osm.measure(given.osm, min(size.repetitions, 3))
    skipped = [] if given.osm is not None else ["loading of an OpenStreetMap extract: none was named by --osm"]
    return Measured(rows, facts, skipped, quick=quick)


async def _redrawn(place: Bed, households: int, repetitions: int) -> Row:
    seconds = []
    for _ in range(repetitions):
        began = time.perf_counter()
        async with transaction(place.url("wangge_owner")) as connection:
            drawn = await redraw_outlines(connection)
        seconds.append(time.perf_counter() - began)
    how = f"{drawn.shapes} areas and grids of {drawn.pieces} pieces, three bands; every household looked at."
    return Row(f"{households:,} households", "outlines redrawn", "s", Side("ours", seconds, seconds), how=how)
