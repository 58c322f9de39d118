"""What row security costs through the door: the server as it is, beside the same server as the tables' owner."""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.as_owner import AS_OWNER
from benchmarks.door import Door
from benchmarks.reports import LOADS_AGREE, draw, file
from benchmarks.rows import Limit, Row, Side, interleave, quantile, rate
from benchmarks.town import SERVE, Bed, Served, serving
from data.demo.reports import Report

OWNER = "as the owner"
ENOUGH = Limit("≥", 0.85, of_peer=True)
WARMING = 60
LIST = "/api/incidents?limit=100"
HOW = (
    "A server process of its own for each repetition of each side, in turns, on the same database. The peer runs the "
    "same statements on connections of the tables' owner, whom no policy concerns. A duty chief of the whole town asks."
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is asked in one repetition."""

    reports: int
    connections: int
    looks: int
    repetitions: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One repetition of one side, in seconds."""

    took: float
    cpu: float
    databases: float
    """Processor seconds of PostgreSQL while reports came in."""
    reports: list[float]
    boards: list[float]
    lists: list[float]
    shown: tuple[int, int]
    """How many incidents board and list showed."""
    wrong: int


async def measure(place: Bed, counts: Counts) -> list[Row]:
    """Measure reports, the board and a page of the list on both sides."""
    told = draw(place.made, counts.reports, 7)

    async def visited(program: str) -> Visit:
        await place.finish_all()
        async with serving(place, program) as served:
            return await _visit(place, served, told, counts)

    sides = {"ours": partial(visited, SERVE), OWNER: partial(visited, AS_OWNER)}
    found = await interleave(sides, counts.repetitions)
    return _rows(found["ours"], found[OWNER], counts)


async def _visit(place: Bed, served: Served, told: list[Report], counts: Counts) -> Visit:
    doors = [await served.door() for _ in range(counts.connections)]
    await _crowd(doors, told[:WARMING])
    await place.finish_all()
    before, databases, began = served.cpu(), _postgres_cpu(place), time.perf_counter()
    each = await _crowd(doors, told)
    took, cpu, spent = time.perf_counter() - began, served.cpu() - before, _postgres_cpu(place) - databases
    row = await place.owner.fetchrow(LOADS_AGREE)
    assert row is not None
    wrong = abs(row["tasks"] - len(told)) + abs(row["dispatched"] - len(told)) + row["off"]
    boards, board = await _look(doors[0], "/api/board", counts.looks)
    lists, page = await _look(doors[0], LIST, counts.looks)
    for door in doors:
        await door.close()
    shown = (len(json.loads(board)["incidents"]), len(json.loads(page)["items"]))
    return Visit(took, cpu, spent, each, boards, lists, shown, int(wrong))


def _postgres_cpu(place: Bed) -> float:
    """Return the seconds of processor time that the cluster has used, ended processes included; on Linux."""
    postmaster, spent = place.cluster.place.pid(), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text().partition(" ")
        except OSError:
            continue  # it has just ended
        fields = rest.rpartition(")")[2].split()
        if int(pid) == postmaster:
            spent += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            spent += sum(map(int, fields[11:13]))
    return spent / os.sysconf("SC_CLK_TCK")


async def _crowd(doors: list[Door], told: list[Report]) -> list[float]:
    left, each = iter(told), []

    async def work(door: Door) -> None:
        for one in left:
            began = time.perf_counter()
            await file(door, one)
            each.append(time.perf_counter() - began)

    await asyncio.gather(*(work(door) for door in doors))
    return each


async def _look(door: Door, path: str, looks: int) -> tuple[list[float], bytes]:
    each, body = [], b""
    for _ in range(looks + 1):
        began = time.perf_counter()
        status, body = await door.ask("GET", path)
        each.append(time.perf_counter() - began)
        if status != 200:
            raise RuntimeError(f"{path} was answered {status}")
    return each[1:], body


def _rows(ours: list[Visit], owner: list[Visit], counts: Counts) -> list[Row]:
    wrong = sum(visit.wrong for visit in (*ours, *owner))
    unlike = sum(mine.shown != other.shown for mine, other in zip(ours, owner, strict=True))
    case = f"POST /api/incidents, {counts.connections} connections"
    both = (("ours", ours), (OWNER, owner))
    fast, peer = (rate(name, counts.reports, [visit.took for visit in visits]) for name, visits in both)
    slow, slower = (quantile(name, [visit.reports for visit in visits], 0.99) for name, visits in both)
    rows = [
        Row(case, "answered", "/s", fast, peer, must=ENOUGH, differing=wrong, how=HOW),
        Row(case, "p99", "ms", slow, slower, differing=wrong, how=HOW),
    ]
    for whose, part in (("server's", "cpu"), ("PostgreSQL's", "databases")):
        burnt, burning = (
            _per_report(name, [getattr(visit, part) for visit in visits], counts) for name, visits in both
        )
        rows.append(Row(case, f"{whose} CPU per report", "ms", burnt, burning, differing=wrong, how=HOW))
    for name, part in ((f"GET /api/board, {ours[0].shown[0]} open", "boards"), (f"GET {LIST}", "lists")):
        mine, other = (quantile(side, [getattr(visit, part) for visit in visits], 0.5) for side, visits in both)
        rows.append(Row(name, "p50", "ms", mine, other, differing=unlike, how=HOW))
    return rows


def _per_report(name: str, spent: list[float], counts: Counts) -> Side:
    return Side(name, [seconds / counts.reports * 1e3 for seconds in spent], spent)
