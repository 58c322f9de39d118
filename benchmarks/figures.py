"""Figures at a million incidents: asked over HTTP, beside plain SQL over the same rows; and a month's report of 67 grids."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.door import Door
from benchmarks.figures_drawn import stage
from benchmarks.rows import Measured, Row, Side, at_most, quantile
from benchmarks.town import Bed, Served, bed, serving
from data.demo.place import place_of
from data.demo.town import make_town

SOON_MS, REPORT_S = 300.0, 10.0  # issue 8
SQL, ZONE, BUSY = "plain SQL", "Asia/Shanghai", 503
MONTH, YEAR = ("2025-06-01", "2025-06-30"), ("2025-01-01", "2025-12-31")
QUESTIONS = {
    "a month": (MONTH, ""),
    "a month by grid": (MONTH, "&by=area&level=grid"),
    "a month by worker": (MONTH, "&by=worker"),
    "a year": (YEAR, ""),
    "a year by grid": (YEAR, "&by=area&level=grid"),
    "a year by worker": (YEAR, "&by=worker"),
    "a year by day": (YEAR, "&by=day"),
    "a year by category": (YEAR, "&by=category"),
}
COMPARED = ("a month by grid", "a year by grid")
PLAIN = """
    WITH filed AS (
        SELECT i.*, (filed_at AT TIME ZONE '{zone}')::date AS filed_on,
            (closed_at AT TIME ZONE '{zone}')::date AS closed_on
        FROM incident i
        WHERE filed_at >= date '{first}'::timestamp AT TIME ZONE '{zone}'
          AND filed_at < (date '{last}' + 1)::timestamp AT TIME ZONE '{zone}'
          AND status NOT IN ('reported', 'received', 'verifying', 'rejected', 'void', 'duplicate'))
    SELECT a.code, count(*) AS filed, count(*) FILTER (WHERE status = 'closed') AS closed,
        count(*) FILTER (WHERE closed_on = filed_on) AS same_day,
        count(*) FILTER (WHERE closed_on <= filed_on + 1) AS two_days,
        count(*) FILTER (WHERE closed_on <= filed_on + 2) AS three_days,
        count(*) FILTER (WHERE reworks > 0) AS rework_rate, count(*) FILTER (WHERE stars >= 3 AND solved) AS satisfaction,
        floor(percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM handled_at - reported_at)))::int AS p90
    FROM filed f JOIN area a ON a.path = f.area_path GROUP BY a.code ORDER BY a.code
"""
SHARES = ("same_day", "two_days", "three_days", "rework_rate", "satisfaction")
CHANGED = """
    WITH latest AS (SELECT id FROM incident ORDER BY id DESC LIMIT 1000),
    done AS (UPDATE incident i SET stars = 1, solved = false FROM latest WHERE i.id = latest.id AND i.status = 'closed')
    INSERT INTO outbox (kind, subject_id, at) SELECT 'incident', id, now() FROM latest
"""
HOW = (
    "Over HTTP with a duty chief's token, all 24 figures with their intervals, one question after the other, on a town "
    "of 67 grids; the ledger stands. Plain SQL: eight of the figures by grid in one statement as the owner, no row "
    "security, no HTTP. Incidents of one year; nine in ten are closed, each has one clock."
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    incidents: int = 1_000_000
    households: int | None = None
    times: int = 20
    of_peer: int = 3


QUICK = Sizes(2_000, 2_500, 2, 1)


async def measure(quick: bool) -> Measured:
    """Run every question in one temporary cluster."""
    size = QUICK if quick else Sizes()
    made = make_town(1, size.households) if quick else make_town(1, None, place_of("jianou"))
    async with bed(made) as place:
        facts = await machine.facts(place.owner)
        await stage(place.owner, size.incidents)
        async with serving(place) as served:
            rows = await _first(served)
            for case, (days, more) in QUESTIONS.items():
                rows.append(await _asked(case, _path(days, more), place, served, size))
            rows += [await _drilled(served, size), await _caught_up(place, served)]
        rows.append(await _reported(place))
        facts["load after"] = (await machine.facts(place.owner))["load"]
    return Measured(rows, facts, (), quick)


def _path(days: tuple[str, str], more: str) -> str:
    return f"/api/figures?from={days[0]}&to={days[1]}{more}"


async def _first(served: Served) -> list[Row]:
    """Ask until the ledger has been read, and meanwhile what others wait for."""
    others: list[float] = []
    door = await served.door()
    beside = asyncio.create_task(_others(await served.door(), others))
    before, began = _memory_mb(served.pid), time.perf_counter()
    status = BUSY
    while status == BUSY:
        status, _ = await door.ask("GET", _path(MONTH, ""))
    took = time.perf_counter() - began
    beside.cancel()
    await asyncio.gather(beside, return_exceptions=True)
    grown = _memory_mb(served.pid) - before
    return [
        Row("the first question", "until it is answered", "s", Side("ours", [took], [took]), how=HOW),
        Row("while it is read", "p99 of an answer to others", "ms", quantile("ours", [others], 0.99)),
        Row("the ledger", "memory the server grew by", "MB", Side("ours", [grown], [took]), how=HOW),
    ]


async def _others(door: Door, took: list[float]) -> None:
    """Ask for what needs no figures, again and again."""
    while True:
        began = time.perf_counter()
        await door.ask("GET", "/api/me")
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))


async def _asked(case: str, path: str, place: Bed, served: Served, size: Sizes) -> Row:
    took, answer = await _timed(served, path, size.times)
    ours = quantile("ours", [took], 0.95)
    if case not in COMPARED:
        return Row(case, "p95", "ms", ours, must=at_most(SOON_MS), how=HOW)
    theirs: list[float] = []
    plain: Sequence[Any] = ()
    days = QUESTIONS[case][0]
    for _ in range(size.of_peer):
        began = time.perf_counter()
        plain = await place.owner.fetch(PLAIN.format(first=days[0], last=days[1], zone=ZONE))
        theirs.append(time.perf_counter() - began)
    peer = quantile(SQL, [theirs], 0.5)
    return Row(case, "p95", "ms", ours, peer, at_most(SOON_MS), differing=_differing(answer, plain), how=HOW)


async def _timed(served: Served, path: str, times: int) -> tuple[list[float], Any]:
    """Ask one thing some times, on a connection of its own: one that rests while SQL is asked is hung up."""
    door = await served.door()
    took, text = [], b"{}"
    for _ in range(times):
        began = time.perf_counter()
        status, text = await door.ask("GET", path)
        took.append(time.perf_counter() - began)
        if status != 200:
            raise RuntimeError(f"{path} was answered {status}: {text[:200]!r}")
    await door.close()
    return took, json.loads(text)


def _differing(answer: Any, plain: Sequence[Any]) -> int:
    """Count the grids of which we say anything else than SQL does."""
    ours = {
        one["key"]: (
            one["figures"]["filed"]["value"],
            one["figures"]["closed"]["value"],
            *(one["figures"][code]["n"] for code in SHARES),
            one["figures"]["time_to_handle"]["p90"],
        )
        for one in answer["groups"]
        if one["figures"]["filed"]["value"]
    }
    theirs = {row["code"]: tuple(row.values())[1:] for row in plain}
    return len({*ours.items()} ^ {*theirs.items()})


async def _drilled(served: Served, size: Sizes) -> Row:
    path = f"/api/figures/cases?from={YEAR[0]}&to={YEAR[1]}&figure=three_days&side=rest"
    took, _ = await _timed(served, path, size.times)
    return Row("cases behind a figure of a year", "p95 of the first 100", "ms", quantile("ours", [took], 0.95))


async def _caught_up(place: Bed, served: Served) -> Row:
    """Ask right after a thousand incidents have changed and the feed has told so."""
    await place.owner.execute(CHANGED)
    await place.owner.execute("NOTIFY wangge")
    await asyncio.sleep(2)
    took, _ = await _timed(served, _path(MONTH, ""), 1)
    return Row("a month, 1,000 changed since", "once", "ms", quantile("ours", [took], 0.5), must=at_most(SOON_MS))


async def _reported(place: Bed) -> Row:
    """Write a month's report by the command, in a process that begins with nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        words = ("report", "--from", MONTH[0], "--to", MONTH[1], "-o", str(file))
        environment = {
            "WANGGE_DATABASE_URL": place.url("wangge_server"),
            "WANGGE_OWNER_DATABASE_URL": place.url("wangge_owner"),
        }
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from api.cli import main; main()", *words, env=os.environ | environment
        )
        await process.wait()
        took = time.perf_counter() - began
        size = file.stat().st_size if file.exists() else 0
    return Row(
        "a month's report of 67 grids",
        "wangge report, a page, process and all",
        "s",
        Side("ours", [took], [took]),
        must=at_most(REPORT_S),
        differing=0 if size else 1,
        how=HOW,
    )
