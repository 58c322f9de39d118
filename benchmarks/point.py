"""Case 2, one point at a time: what a report asks."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import shapely

from benchmarks.ground import COVERED_BY, NONE, Ground, Locates, load
from benchmarks.rows import Limit, Row, interleave, quantile
from geo.point import Point

HOW = "Called from Python one after the other, making the point included; PostGIS by a prepared statement over TCP."
COVERING = """
    SELECT min(row) FROM bench_grid WHERE st_covers(shape, st_setsrid(st_makepoint($1::float8, $2::float8), 4326))
"""
Found = tuple[list[float], list[int]]


async def measure(
    ground: Ground, locator: Locates, connection: "asyncpg.Connection[Any] | None", counts: tuple[int, int]
) -> list[Row]:
    """Measure single points; `counts` are the repetitions and the points. No connection: without PostGIS."""
    repetitions, count = counts
    places = list(zip(ground.lng[:count].tolist(), ground.lat[:count].tolist(), strict=True))
    tree = shapely.STRtree(ground.shapes)

    def ours(lng: float, lat: float) -> int:
        found = locator.locate(Point(lng, lat))
        return NONE if found is None else found

    def by_tree(lng: float, lat: float) -> int:
        return int(min(tree.query(shapely.Point(lng, lat), predicate="covered_by"), default=NONE))

    sides: dict[str, Callable[[], Awaitable[Found]]] = {
        "ours": lambda: _each(ours, places),
        COVERED_BY: lambda: _each(by_tree, places),
    }
    if connection is not None:
        await load(connection, ground)
        sides["PostGIS"] = lambda: _each_by_postgis(connection, places)
    found = await interleave(sides, repetitions)
    return [row for name in sides if name != "ours" for row in _rows(name, found["ours"], found[name])]


def _rows(name: str, ours: list[Found], theirs: list[Found]) -> list[Row]:
    answers = [(mine, other) for (_, mine), (_, other) in zip(ours, theirs, strict=True)]
    differing = sum(a != b for mine, other in answers for a, b in zip(mine, other, strict=True))
    aim = Limit("≤", 1.0, of_peer=True) if name == COVERED_BY else None
    rows = []
    for figure, q in (("p50", 0.5), ("p99", 0.99)):
        mine, peer = (
            quantile(side, [each for each, _ in runs], q, 1e6) for side, runs in (("ours", ours), (name, theirs))
        )
        rows.append(
            Row("locate 1 point", f"{figure}, {name}", "µs", mine, peer, aim=aim, differing=differing, how=HOW)
        )
    return rows


async def _each(ask: Callable[[float, float], int], places: list[tuple[float, float]]) -> Found:
    clock = time.perf_counter
    each, answers = [], []
    for lng, lat in places:
        began = clock()
        answer = ask(lng, lat)
        each.append(clock() - began)
        answers.append(answer)
    return each, answers


async def _each_by_postgis(connection: "asyncpg.Connection[Any]", places: list[tuple[float, float]]) -> Found:
    clock = time.perf_counter
    asked = await connection.prepare(COVERING)
    each, answers = [], []
    for lng, lat in places:
        began = clock()
        row = await asked.fetchval(lng, lat)
        each.append(clock() - began)
        answers.append(NONE if row is None else int(row))
    return each, answers
