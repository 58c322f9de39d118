"""Many timers fall due while servers are killed: each does what it is for exactly once, and soon."""

import argparse
import asyncio
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.chaos.database import filled
from tests.chaos.herd import Herd, herd
from tests.chaos.truth import Truth
from tests.support import wide
from tests.support.place import Place

SIDE, AFTER_S = 4, 3.0
LAG_S = 1.0
"""The first is due after so long: until then all are written. The slowest but one in a hundred may lag so much."""
KILLED_EVERY_S = (0.4, 1.1)
HALF_AND_HALF = """
    WITH given AS (
        SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS task_id, n % 2 = 0 AS offers,
               clock_timestamp() + make_interval(secs => :after + CAST(:seconds AS float8) * n / :count) AS due
        FROM generate_series(0, :count - 1) AS n
    ), crew AS (SELECT id, row_number() OVER (ORDER BY code) - 1 AS n FROM worker),
    made AS (
        INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat,
                              given_datum, grid_id, area_path, reporter, reported_at, filed_at, deadline_at)
        SELECT g.id, 'noise', 'governance', 'urgent', CASE WHEN offers THEN 'dispatched' ELSE 'filed' END, '吵',
               st_centroid(grid.shape), 0, 118.3, 27, 'wgs84', grid.id, grid.area_path, 'test', now(), now(),
               CASE WHEN offers THEN due + interval '1 day' ELSE due END
        FROM given g, (SELECT * FROM grid ORDER BY code LIMIT 1) AS grid
    ), needs AS (
        INSERT INTO need (incident_id, slot, responder, ranking, exclusive, ladder, state, rung, tries, rung_since,
                          layer, area_path)
        SELECT g.id, 'lead', 'person', 'nearest', false, 'urgent', CASE WHEN offers THEN 'taken' ELSE 'held' END, 0, 1,
               now(), 'governance', grid.area_path
        FROM given g, (SELECT * FROM grid ORDER BY code LIMIT 1) AS grid
    ), tasks AS (
        INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, offered_at, offer_expires_at, layer,
                          area_path)
        SELECT g.task_id, g.id, crew.id, 'offered', 1, false, now(), due, 'governance', grid.area_path
        FROM given g JOIN crew ON crew.n = g.n / 2, (SELECT * FROM grid ORDER BY code LIMIT 1) AS grid WHERE offers
    ), loads AS (
        UPDATE worker SET active_tasks = 1 FROM given g JOIN crew ON crew.n = g.n / 2
        WHERE offers AND worker.id = crew.id
    )
    , clocks AS (
        INSERT INTO clock (incident_id, step, round, amount, unit, started_at, running_since, due_at)
        SELECT g.id, 'handle', 1, 60, 'minutes', now(), now(), due FROM given g WHERE NOT offers
    )
    INSERT INTO timer (kind, incident_id, slot, task_id, due_at)
    SELECT CASE WHEN offers THEN 'offer' ELSE 'deadline' END, id, CASE WHEN offers THEN 'lead' END,
           CASE WHEN offers THEN task_id END, due
    FROM given
"""
"""Every other one ends an offer, which then goes to the next worker; the others tell that a deadline has passed."""
DUE = "SELECT incident_id, kind, due_at FROM timer ORDER BY due_at"
DONE = """
    SELECT incident_id, CASE kind WHEN 'overdue' THEN 'deadline' ELSE 'offer' END AS kind, at
    FROM incident_event WHERE kind IN ('overdue', 'expired')
"""


@dataclass(frozen=True)
class Lags:
    """How long after its time each happened, in seconds, how many servers died, and what was wrong."""

    lags: list[float]
    killed: int
    faults: list[str]

    def told(self) -> str:
        """Tell it in a line."""
        p50, p99 = np.quantile(self.lags, (0.5, 0.99)) * 1e3 if self.lags else (np.nan, np.nan)
        most = max(self.lags, default=np.nan) * 1e3
        return (
            f"{len(self.lags)} timers fired, {self.killed} servers killed meanwhile, "
            f"lag p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {most:.0f} ms; {len(self.faults)} faults"
        )


async def timers(given: argparse.Namespace) -> list[str]:
    """Run the long form: 1,000 within 20 seconds."""
    lags = await run(1000, 20.0)
    print(lags.told())
    slow = [] if np.quantile(lags.lags, 0.99) <= LAG_S else ["the slowest of a hundred lagged more than a second"]
    return lags.faults + slow


async def run(count: int, seconds: float, mutations: tuple[str, ...] = ()) -> Lags:
    """Have so many fall due within so many seconds, and count what came of each."""
    async with filled() as (database, place):
        await wide.build(place, SIDE, count, capacity=2)
        async with herd(database.server_url, 2, mutations, database_url=database.server_url, pool_size=6) as servers:
            await place.run(HALF_AND_HALF, after=AFTER_S, seconds=seconds, count=count)
            due = {(row.incident_id, row.kind): row.due_at for row in await place.run(DUE)}
            await _kill(servers, AFTER_S + seconds)
            await servers.ready()
            await asyncio.sleep(2 * LAG_S)
            truth = (await Truth.of(place)).faults()
        return await _lags(place, due, len(servers.killed), [one for found in truth.values() for one in found])


async def _kill(servers: Herd, seconds: float) -> None:
    rng, until = np.random.default_rng(6), time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(rng.uniform(*KILLED_EVERY_S))
        row = len(servers.killed) % servers.size
        await servers.ready(1 - row)
        await asyncio.to_thread(servers.kill, row)
        servers.start(row)


async def _lags(place: Place, due: dict[Any, Any], killed: int, faults: list[str]) -> Lags:
    happened: dict[Any, list[float]] = {key: [] for key in due}
    for row in await place.run(DONE):
        key = (row.incident_id, row.kind)
        if key in happened:
            happened[key].append((row.at - due[key]).total_seconds())
    faults += [f"{kind} of {id_} happened {len(ats)} times" for (id_, kind), ats in happened.items() if len(ats) != 1]
    faults += [
        f"{key[1]} of {key[0]} happened before its time" for key, ats in happened.items() if min(ats, default=0) < 0
    ]
    return Lags([ats[0] for ats in happened.values() if ats], killed, faults)
