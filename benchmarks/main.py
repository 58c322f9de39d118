"""The main benchmark: from a report to the answer, the ground, the ranking, the stream, the tiles, the making."""

from dataclasses import dataclass

from benchmarks import ground, live, machine, making, point, ranks, reports, tiles
from benchmarks.rows import Measured, Row
from benchmarks.town import bed, serving
from data.demo.town import make_town
from geo.locate import Locator


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    repetitions: int = 5
    households: int = 24_000
    alone: int = 200
    crowded: int = 1_500
    connections: int = 16
    points: int = 100_000
    single_points: int = 2_000
    crews: tuple[int, ...] = (600, 20_000)
    ranked: int = 50
    watched: int = 40
    zooms: tuple[int, ...] = (12, 14, 16)


QUICK = Sizes(1, 2_000, 3, 8, 4, 2_000, 100, (600,), 3, 5, (14,))
"""Shows that everything runs and answers alike; its figures mean nothing."""


async def measure(quick: bool) -> Measured:
    """Run every case in one temporary cluster."""
    size = QUICK if quick else Sizes()
    made = make_town(1, size.households)
    rows: list[Row] = []
    async with bed(made) as place:
        facts = await machine.facts(place.owner)
        async with serving(place) as served:
            counts = (size.alone, size.crowded, size.connections)
            rows += await reports.measure(place, served, counts, size.repetitions)
            rows += await live.measure(place, served, size.watched, size.repetitions)
            rows += await tiles.measure(place, served, size.zooms, size.repetitions)
        shapes = {grid.code: grid.shape for grid in made.grids if grid.layer == "governance"}
        scattered = ground.ground_of(shapes, size.points)
        locator = Locator(scattered.codes, list(scattered.shapes))
        rows += await ground.measure(scattered, locator, place.owner, size.repetitions)
        rows += await point.measure(scattered, locator, place.owner, (size.repetitions, size.single_points))
        rows += await ranks.measure(place, size.crews, size.ranked, size.repetitions)
        more, skipped = await making.measure(place.cluster, size.households, size.repetitions)
        facts["load after"] = (await machine.facts(place.owner))["load"]
    return Measured([*rows, *more], facts, skipped, quick)
