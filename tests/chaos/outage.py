"""PostgreSQL is stopped for a while and started again: servers say so, lose nothing, and go on by themselves."""

import argparse
import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2

from tests.chaos.asking import Persistent
from tests.chaos.crashes import Outcome, calm
from tests.chaos.database import Database, filled
from tests.chaos.ear import Ear
from tests.chaos.herd import Herd, herd
from tests.chaos.reporters import Reporters
from tests.support import wide
from tests.support.client import bearing
from tests.support.place import Place

SIDE, WORKERS, REPORTERS = 4, 200, 6
BEFORE_S, AFTER_S = 2.0, 2.0
RECOVERED_WITHIN_S = 5.0
ASKED_EVERY_S = 0.1


@dataclass
class Health:
    """What the servers said of themselves while the database was gone, and when the first report was taken again."""

    said: Counter[str] = field(default_factory=Counter)
    back_s: float = 0.0


async def outage(given: argparse.Namespace) -> list[str]:
    """Run the long form: ten seconds."""
    outcome = await run(10.0)
    print(outcome.told())
    return outcome.all_faults


async def run(seconds: float) -> Outcome:
    """Stop it for so long, while people report and watch."""
    async with filled() as (database, place):
        await wide.build(place, SIDE, WORKERS, capacity=30)
        async with herd(database.server_url, database_url=database.server_url, pool_size=6) as servers:
            return await _happen(seconds, database, place, servers)


async def _happen(seconds: float, database: Database, place: Place, servers: Herd) -> Outcome:
    chief = await place.token("duty_chief")
    reporters = Reporters(Persistent(servers.addresses, chief), SIDE, 0.05)
    ears = [Ear([*servers.addresses[row:], *servers.addresses[:row]], chief) for row in range(servers.size)]
    listening = [asyncio.create_task(ear.listen()) for ear in ears]
    reporting = asyncio.create_task(reporters.report(REPORTERS))
    await asyncio.sleep(BEFORE_S)
    health = await _stopped(seconds, database, servers, chief)
    await asyncio.sleep(AFTER_S)
    reporters.over.set()
    await reporting
    outcome = await calm(place, reporters, ears)
    await reporters.replay()
    for task in listening:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    outcome.faults["answers that were wrong"] = reporters.faults
    outcome.faults["times that health was told wrongly"] = _wrong(health)
    outcome.counted |= {
        "health while it was stopped": dict(health.said),
        "first report taken after the start": f"{health.back_s:.1f} s",
        "met on the way": dict(reporters.asking.tries),
        "ears came back": f"{sum(ear.came_back for ear in ears)} times",
    }
    return outcome


async def _stopped(seconds: float, database: Database, servers: Herd, token: str) -> Health:
    """Stop the database, ask the servers how they are, start it, and wait until each has taken a report."""
    health = Health()
    await database.stop("fast")
    until = time.monotonic() + seconds
    async with httpx2.AsyncClient(timeout=5) as client:
        while time.monotonic() < until:
            for address in servers.addresses:
                for path in ("livez", "readyz"):
                    health.said[f"{path} {(await client.get(f'{address}/{path}')).status_code}"] += 1
            await asyncio.sleep(ASKED_EVERY_S)
        await database.start()
        began = time.monotonic()
        for address in servers.addresses:
            await _takes_a_report(client, address, token)
        health.back_s = time.monotonic() - began
    return health


async def _takes_a_report(client: httpx2.AsyncClient, address: str, token: str) -> None:
    """Ask until a server is ready and answers from the database."""
    while True:
        ready = await client.get(f"{address}/readyz")
        asked = await client.get(f"{address}/api/board", headers=bearing(token))
        if (ready.status_code, asked.status_code) == (200, 200):
            return
        await asyncio.sleep(ASKED_EVERY_S)


def _wrong(health: Health) -> list[str]:
    wrong = [f"{said}, {n} times" for said, n in health.said.items() if said not in ("livez 200", "readyz 503")]
    late = [f"back after {health.back_s:.1f} s"] if health.back_s > RECOVERED_WITHIN_S else []
    return wrong + late
