"""The security benchmark: what row security, signing in and scoped streams cost, beside the same without."""

from dataclasses import dataclass, field
from functools import partial

from benchmarks import boxes, costs, guarded, machine, sign_ins, tiles, watchers
from benchmarks.guarded import Counts
from benchmarks.rows import Measured, Row
from benchmarks.town import bed, serving
from data.demo.town import make_town

LAYERS = ("buildings", "streets", "households")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    households: int = 24_000
    many_households: int = 220_000
    guarded: Counts = field(default_factory=partial(Counts, reports=1_000, connections=16, looks=20, repetitions=7))
    repetitions: int = 5
    boxes: int = 20
    requests: int = 300
    open: int = 2_000
    boards: int = 5
    watched: watchers.Sizes = field(default_factory=partial(watchers.Sizes, leaders=60, reports=40, quiet_s=10.0))
    zooms: tuple[int, ...] = (14, 16)
    sign_ins: int = 10


QUICK = Sizes(2_000, 2_000, Counts(8, 4, 2, 1), 1, 3, 5, 20, 2, watchers.Sizes(6, 4, 1.0), (16,), 2)
"""Shows that everything runs and answers alike; its figures mean nothing."""


async def measure(quick: bool) -> Measured:
    """Run every case, in two temporary clusters one after the other."""
    size, rows = QUICK if quick else Sizes(), list[Row]()
    async with bed(make_town(1, size.households)) as place:
        facts = await machine.facts(place.owner)
        rows += await guarded.measure(place, size.guarded)
        rows += await costs.requests(place, size.requests, size.repetitions)
        rows += await sign_ins.measure(place, size.sign_ins, size.repetitions)
        async with serving(place) as served:
            rows += await watchers.measure(place, served, size.watched, size.repetitions)
            rows += await costs.board(place, served, size.open, size.boards, size.repetitions)
            rows += await tiles.measure(place, served, size.zooms, size.repetitions, LAYERS)
    async with bed(make_town(1, size.many_households)) as place:
        rows += await boxes.measure(place, size.boxes, size.repetitions)
        facts["load after"] = (await machine.facts(place.owner))["load"]
    return Measured(rows, facts, quick=quick)
