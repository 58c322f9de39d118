"""Case 3: who could go, in order — the rules in memory beside an ordering by PostGIS."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np

from benchmarks.reports import draw
from benchmarks.rows import Row, interleave, quantile
from benchmarks.town import Bed
from data.incidents import Given, Incident
from data.ladders import Whom
from data.needs import need_of
from data.rosters import Pattern
from data.schema import new_id
from data.store import Store
from data.workers import Employment, Kind, Worker
from dispatch.city import City
from dispatch.crew import Crew
from dispatch.desk.keep import load_city
from dispatch.ranking import rank
from dispatch.roster import Duty, duty_of
from dispatch.triage import Report, open_incident

STALE_SHARE = 0.1
SHIFTS = (
    (time_of_day(0), time_of_day(0)),
    (time_of_day(8), time_of_day(20)),
    (time_of_day(20), time_of_day(8)),
)
HOW = (
    "By skill, shift and a fresh fix, then great-circle metres, then code; the whole order is compared. Ours asks more: "
    "who is of the kind, suits, rests, is reserved, was asked before. Ours gives ids, PostGIS the row numbers in one "
    "array, over one connection, by a prepared statement on a table of just that."
)
MAKE = """
    DROP TABLE IF EXISTS bench_worker;
    CREATE UNLOGGED TABLE bench_worker (
        row int PRIMARY KEY, skills text[], starts time, ends time, fixed_at timestamptz, point geography(point));
"""
FILL = """
    INSERT INTO bench_worker
    SELECT n::int - 1, string_to_array(skills, ','), starts, ends, fixed_at, st_makepoint(lng, lat)::geography
    FROM unnest($1::text[], $2::time[], $3::time[], $4::timestamptz[], $5::float8[], $6::float8[])
         WITH ORDINALITY AS given (skills, starts, ends, fixed_at, lng, lat, n)
"""
ORDER = """
    SELECT array_agg(row ORDER BY st_distance(point, st_makepoint($1::float8, $2::float8)::geography, false), row)
    FROM bench_worker
    WHERE $3::text = ANY(skills) AND fixed_at >= $4::timestamptz - interval '5 minutes'
      AND CASE WHEN starts < ends THEN $5::time >= starts AND $5::time < ends
               ELSE $5::time >= starts OR $5::time < ends OR starts = ends END
"""
Found = tuple[list[float], list[list[Any]]]


async def measure(place: Bed, crews: tuple[int, ...], count: int, repetitions: int) -> list[Row]:
    """Measure `count` incidents for crews of several sizes."""
    store = Store(place.url("wangge_server"))
    city = City()
    async with store.books.open() as book:
        await load_city(city, book)
        now = await book.now()
    await store.close()
    incidents = [_incident(city, now, told) for told in draw(place.made, count, 3)]
    rows = []
    for size in crews:
        workers = _workers(city, now, size)
        await _load(place.owner, workers)
        town = replace(city, crew=Crew(workers), duty=_duty(workers, now, city.zone))
        rows.append(await _one(town, now, incidents, (place.owner, repetitions)))
    return rows


def _incident(city: City, now: datetime, told: Any) -> Incident:
    report = Report(Given(told.lng, told.lat, "wgs84"), told.category, told.reporter, told.description)
    return city.place(open_incident(report, city.rules, now))


def _workers(city: City, now: datetime, size: int) -> list[Worker]:
    """Scatter workers over the town with the skills of its own people, some with an old fix."""
    rng = np.random.default_rng([size, 13])
    known = [worker for worker in city.crew.workers if _is_sent_alone(worker)]
    west, east = np.nanmin(city.crew.lng), np.nanmax(city.crew.lng)
    south, north = np.nanmin(city.crew.lat), np.nanmax(city.crew.lat)
    lng, lat = rng.uniform(west, east, size), rng.uniform(south, north, size)
    age = np.where(rng.random(size) < STALE_SHARE, 400.0, rng.uniform(1, 200, size))
    like = rng.integers(len(known), size=size)
    fixed = [now - timedelta(seconds=seconds) for seconds in age.tolist()]
    return [
        replace(
            known[like[n]],
            id=new_id(),
            code=f"W{n:06}",
            lng=float(lng[n]),
            lat=float(lat[n]),
            fixed_at=fixed[n],
            seen_at=fixed[n],
            rest_until=None,
        )
        for n in range(size)
    ]


def _is_sent_alone(worker: Worker) -> bool:
    return (
        worker.kind is Kind.PERSON and worker.employment is not Employment.MOBILE and worker.role != Whom.DUTY_CHIEF
    )


def _shift(row: int) -> tuple[time_of_day, time_of_day]:
    return SHIFTS[row % len(SHIFTS)]


def _duty(workers: list[Worker], now: datetime, zone: ZoneInfo) -> Duty:
    """Let the shifts take turns from one worker to the next, the same every day."""
    patterns = [
        Pattern(new_id(), worker.id, weekday, *_shift(row))
        for row, worker in enumerate(workers)
        for weekday in range(1, 8)
    ]
    today = now.astimezone(zone).date()
    return duty_of(patterns, [], today - timedelta(days=1), today + timedelta(days=1), zone)


async def _load(connection: "asyncpg.Connection[Any]", workers: list[Worker]) -> None:
    await connection.execute(MAKE)
    columns = [(",".join(w.skills), *_shift(row), w.seen_at, w.lng, w.lat) for row, w in enumerate(workers)]
    await connection.execute(FILL, *(list(column) for column in zip(*columns, strict=True)))
    await connection.execute("ANALYZE bench_worker")


async def _one(
    city: City, now: datetime, incidents: list[Incident], by: tuple["asyncpg.Connection[Any]", int]
) -> Row:
    connection, repetitions = by
    row_of: dict[UUID, int] = city.crew.row_of
    sides: dict[str, Callable[[], Awaitable[Found]]] = {
        "ours": lambda: _ours(city, now, incidents),
        "PostGIS": lambda: _theirs(connection, city, now, incidents),
    }
    found = await interleave(sides, repetitions)
    differing = 0
    for (_, mine), (_, other) in zip(found["ours"], found["PostGIS"], strict=True):
        differing += sum([row_of[id_] for id_ in a] != b for a, b in zip(mine, other, strict=True))
    ours, peer = (quantile(name, [each for each, _ in found[name]], 0.5) for name in sides)
    return Row(f"rank {len(city.crew)} workers", "p50", "ms", ours, peer, differing=differing, how=HOW)


async def _ours(city: City, now: datetime, incidents: list[Incident]) -> Found:
    each, orders = [], []
    for incident in incidents:
        need = need_of(city.rules[incident.category].slots[0], now)
        began = time.perf_counter()
        order = list(rank(incident, need, Whom.RANKED, city, now).ids())
        each.append(time.perf_counter() - began)
        orders.append(order)
    return each, orders


async def _theirs(
    connection: "asyncpg.Connection[Any]", city: City, now: datetime, incidents: list[Incident]
) -> Found:
    asked = await connection.prepare(ORDER)
    local = now.astimezone(city.zone).time().replace(microsecond=0)
    each, orders = [], []
    for incident in incidents:
        at, skill = incident.point, city.rules[incident.category].skill
        began = time.perf_counter()
        order = await asked.fetchval(at.lng, at.lat, skill, now, local)
        each.append(time.perf_counter() - began)
        orders.append(order or [])
    return each, orders
