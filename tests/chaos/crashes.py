"""Servers are killed, PostgreSQL crashes, clients ask again: nothing is lost, doubled, forgotten or told otherwise."""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from tests.chaos.asking import Persistent
from tests.chaos.crew import Crew, tokens_of
from tests.chaos.database import Database, filled
from tests.chaos.ear import Ear
from tests.chaos.herd import Herd, herd
from tests.chaos.reporters import Reporters
from tests.chaos.truth import Truth
from tests.support import wide
from tests.support.place import Place
from tests.support.racing_server import ALSO_DROPPED

SIDE, WORKERS, CAPACITY = 4, 30, 2
REPORTERS, PHONES = 12, 6
OFFERS_S = 2
POOL_SIZE = 6
KILLED_EVERY_S = (0.4, 1.1)
ENOUGH = 1_000
"""Incidents, in a minute."""
CALM_WITHIN_S = 5.0
"""Few workers and short offers: much declines, runs out, waits and is offered again."""


@dataclass(frozen=True)
class Plan:
    """For how long, how often PostgreSQL crashes, and what is taken out."""

    seconds: float
    crashes: int = 3
    without: tuple[str, ...] = ()
    pause_s: float = 0.5
    """Of each reporter after each report."""


@dataclass
class Outcome:
    """What happened, and what was wrong at the end."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    counted: dict[str, object] = field(default_factory=dict)
    incidents: int = 0
    killed: list[int] = field(default_factory=list)
    """The pids of the servers."""

    def told(self) -> str:
        """Tell it in lines."""
        lines = [f"{name}: {value}" for name, value in self.counted.items()]
        return "\n".join([*lines, *(f"{len(found)} {name}" for name, found in self.faults.items())])

    @property
    def all_faults(self) -> list[str]:
        """Return everything that was wrong."""
        return [f"{name}: {one}" for name, found in self.faults.items() for one in found]


async def crashes(given: argparse.Namespace) -> list[str]:
    """Run the long form, say what happened, and return what was wrong."""
    plan = Plan(given.seconds, without=tuple(given.without or ()))
    outcome = await run(plan)
    print(outcome.told())
    few = [] if plan.without or given.seconds < 60 or outcome.incidents >= ENOUGH else ["too few incidents"]
    return outcome.all_faults + few


async def run(plan: Plan) -> Outcome:
    """Let it all happen to a town of its own."""
    async with filled() as (database, place):
        await wide.build(place, SIDE, 0, CAPACITY, OFFERS_S)
        workers = await wide.hire(place, SIDE, WORKERS, CAPACITY)
        for name in plan.without:
            for statement in filter(str.strip, ALSO_DROPPED.get(name, "").split(";")):
                await place.run(statement)
        settings: dict[str, Any] = {"database_url": database.server_url, "pool_size": POOL_SIZE}
        async with herd(database.server_url, 2, plan.without, **settings) as servers:
            return await _happen(plan, database, place, servers, workers)


async def _happen(plan: Plan, database: Database, place: Place, servers: Herd, workers: Sequence[UUID]) -> Outcome:
    chief = await place.token("duty_chief")
    crew = Crew(place, list(servers.addresses), await tokens_of(place, list(workers)), chief)
    reporters = Reporters(Persistent(servers.addresses, chief), SIDE, plan.pause_s)
    ear = Ear(servers.addresses, chief)
    working = [asyncio.create_task(one) for one in (reporters.report(REPORTERS), crew.work(PHONES))]
    listening = asyncio.create_task(ear.listen())
    crashed = await _break(plan, database, place, servers)
    for one in (reporters, crew):
        one.over.set()
    await asyncio.gather(*working)
    await servers.ready()
    outcome = await calm(place, reporters, [ear])
    await reporters.replay()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    outcome.killed = servers.killed
    outcome.faults |= {"answers that were wrong": [*reporters.faults, *crew.faults]}
    outcome.counted |= {
        "servers killed": len(servers.killed),
        "PostgreSQL crashed": crashed,
        "keys": reporters.begun,
        "replayed": reporters.replayed,
        "met on the way": dict(reporters.asking.tries),
        "the crew said": dict(crew.said),
        "the ear came back": f"{ear.came_back} times, {ear.reloaded} of them to load anew",
    }
    return outcome


async def _break(plan: Plan, database: Database, place: Place, servers: Herd) -> int:
    """Kill servers in turn for as long as planned, and crash PostgreSQL now and then between; return how often it crashed."""
    rng, began, crashed = np.random.default_rng(5), time.monotonic(), 0
    while (passed := time.monotonic() - began) < plan.seconds or crashed < plan.crashes:
        await asyncio.sleep(rng.uniform(*KILLED_EVERY_S))
        row = len(servers.killed) % servers.size
        await servers.ready(1 - row)  # the one killed last; on a busy machine that takes longer than the pause
        await asyncio.to_thread(servers.kill, row)
        servers.start(row)
        if crashed < plan.crashes and passed > plan.seconds * (crashed + 1) / (plan.crashes + 1):
            await (database.kill_a_backend(place) if crashed % 2 else database.crash())
            crashed += 1
    return crashed


async def calm(place: Place, reporters: Reporters, ears: Sequence[Ear]) -> Outcome:
    """Look until nothing is wrong, for so long at most."""
    began, by_now = time.monotonic(), (await Truth.of(place)).revisions()
    while True:
        truth = await Truth.of(place)
        faults = truth.faults() | _kept(truth, reporters) | _heard(by_now, ears)
        took = time.monotonic() - began
        if not any(faults.values()) or took > CALM_WITHIN_S:
            break
        await asyncio.sleep(0.3)
    statuses = dict(Counter(row.status for row in truth.rows["incident"]))
    tasks = dict(Counter(row.status for row in truth.rows["task"]))
    counted = {"incidents": len(truth.rows["incident"]), "calm after": f"{took:.1f} s", "they stand": statuses}
    return Outcome(faults, counted | {"tasks": tasks}, len(truth.rows["incident"]))


def _kept(truth: Truth, reporters: Reporters) -> dict[str, list[str]]:
    there = {str(row.id) for row in truth.rows["incident"]}
    told = Counter(_id_in(answer) for answer in reporters.answered.values())
    lost = [f"{id_} was acknowledged" for id_ in told if id_ not in there]
    double = [f"{id_} was the answer to {n} keys" for id_, n in told.items() if n > 1]
    if len(there) != len(reporters.answered):
        double.append(f"{len(reporters.answered)} keys were answered, there are {len(there)} incidents")
    return {"lost incidents": lost, "duplicates": double}


def _heard(last: Mapping[str, int], ears: Sequence[Ear]) -> dict[str, list[str]]:
    """Offers go on running out, so the ears are held to what had happened when calm began."""
    missed = [
        f"incident {id_} stands at line {line}, heard {ear.heard.get(id_)}"
        for ear in ears
        for id_, line in last.items()
        if ear.heard.get(id_, 0) < line
    ]
    return {"changes missed on the stream": missed}


def _id_in(answer: bytes) -> str:
    return str(json.loads(answer)["id"])
