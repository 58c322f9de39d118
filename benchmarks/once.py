"""Once and in time: reports for a minute, racing claims, offers on a worker's stream, many viewers, a deaf receiver."""

from dataclasses import dataclass

from benchmarks import machine, once_claims, once_load, once_receiver, once_viewers
from benchmarks.once_town import ground
from benchmarks.rows import Measured, Row


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one run does."""

    workers: int = 20_000
    seconds: float = 60.0
    warming: int = 3_000
    claims: int = 800
    repetitions: int = 3
    offered_s: float = 10.0
    phones: int = 60
    watched_s: float = 20.0
    viewers: int = 1_000
    deaf: int = 50
    deaf_s: float = 10.0


QUICK = Sizes(200, 0.5, 20, 40, 1, 0.5, 3, 0.5, 10, 0, 0.5)
"""Shows that everything runs and answers alike; its figures mean nothing."""


async def measure(quick: bool) -> Measured:
    """Run every case, each in a cluster of its own."""
    size = QUICK if quick else Sizes()
    rows: list[Row] = []
    notes: list[str] = []
    async with ground(size.workers, capacity=3) as town:
        facts = await machine.facts(town.owner)
        more, left = await once_load.measure(town, size.seconds, size.warming)
        rows += more
        notes.append(f"rows after the reports: {left}")
        rows += await once_receiver.measure(town, size.deaf_s)
    async with ground(size.claims, capacity=1) as town:
        rows += await once_claims.measure(town, size.claims, size.repetitions)
    async with ground(size.phones, capacity=30_000) as town:
        rows += await once_viewers.offers(town, size.phones, size.offered_s)
        rows += await once_viewers.viewers(town, (size.viewers, size.deaf), size.watched_s)
        facts["load after"] = (await machine.facts(town.owner))["load"]
    return Measured(rows, facts, notes, quick)
