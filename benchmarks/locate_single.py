"""Locating one point at a time from Python, beside shapely, geopandas and a prepared statement."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import asyncpg
import geopandas
import shapely

from benchmarks.ground import NONE, Ground
from benchmarks.locate_postgis import Each, one_by_one
from benchmarks.rows import Limit, Row, interleave, quantile
from geo.point import Point

HOW = (
    "One call after the other, from two numbers to a row: every side makes the point it asks with, as part of the time. "
    "PostGIS by a prepared statement over a Unix socket."
)
AT_HAND = "One call after the other; the points were made before."
TREE, TREE_PREPARED, SINDEX, POSTGIS = "STRtree", "STRtree boxes, prepared", "gdf.sindex.query", "PostGIS prepared"
AT_HAND_TREE = "STRtree, point at hand"
OURS, OURS_AT_HAND = "ours", "ours, point at hand"
GOALS = {POSTGIS: (30, 80), TREE: (7, 20)}
"""How many times faster the median must be, and is meant to be."""
Ask = Callable[[Any], int | None]


class LocatesOne(Protocol):
    """What is measured: `geo.locate.Locator`, or in a test one that errs."""

    def locate(self, point: Point) -> int | None: ...


async def measure(
    case: str, ground: Ground, locator: LocatesOne, connection: "asyncpg.Connection[Any]", counts: tuple[int, int]
) -> list[Row]:
    """Measure single points; `counts` are the repetitions and the points of each."""
    repetitions, count = counts
    places = list(zip(ground.lng[:count].tolist(), ground.lat[:count].tolist(), strict=True))
    sides = {**_ours(locator, places), **_theirs(ground, places), POSTGIS: lambda: one_by_one(connection, places)}
    await interleave(sides, 1)  # what is loaded at the first call
    found = await interleave(sides, repetitions)
    rows = []
    for name in (POSTGIS, TREE, TREE_PREPARED, SINDEX):
        rows += _rows(case, (OURS, name), found, HOW)
    return [*rows, *_rows(case, (OURS_AT_HAND, AT_HAND_TREE), found, AT_HAND)]


def _ours(locator: LocatesOne, places: list[tuple[float, float]]) -> dict[str, Callable[[], Awaitable[Each]]]:
    points = [Point(lng, lat) for lng, lat in places]
    return {OURS: lambda: _from_numbers(locator, places), OURS_AT_HAND: lambda: each(locator.locate, points)}


def _theirs(ground: Ground, places: list[tuple[float, float]]) -> dict[str, Callable[[], Awaitable[Each]]]:
    tree, prepared = shapely.STRtree(ground.shapes), ground.shapes.copy()
    shapely.prepare(prepared)
    sindex = geopandas.GeoDataFrame(geometry=ground.shapes, crs=4326).sindex
    points = [shapely.Point(lng, lat) for lng, lat in places]

    def by_tree(point: shapely.Point) -> int:
        return int(min(tree.query(point, predicate="intersects"), default=NONE))

    def by_prepared(place: tuple[float, float]) -> int:
        lng, lat = place
        near = tree.query(shapely.Point(lng, lat))
        return int(min(near[shapely.intersects_xy(prepared[near], lng, lat)], default=NONE))

    def by_sindex(place: tuple[float, float]) -> int:
        return int(min(sindex.query(shapely.Point(*place), predicate="intersects"), default=NONE))

    return {
        TREE: lambda: each(lambda place: by_tree(shapely.Point(*place)), places),
        TREE_PREPARED: lambda: each(by_prepared, places),
        SINDEX: lambda: each(by_sindex, places),
        AT_HAND_TREE: lambda: each(by_tree, points),
    }


async def _from_numbers(locator: LocatesOne, places: list[tuple[float, float]]) -> Each:
    """Do as `each`, without a function between: at this speed its call would count."""
    clock, locate = time.perf_counter, locator.locate
    seconds, answers = [], []
    for lng, lat in places:
        began = clock()
        answer = locate(Point(lng, lat))
        seconds.append(clock() - began)
        answers.append(NONE if answer is None else answer)
    return seconds, answers


async def each(ask: Ask, questions: list[Any]) -> Each:
    """Ask one question after the other: the seconds of each, and the answers."""
    clock = time.perf_counter
    seconds, answers = [], []
    for question in questions:
        began = clock()
        answer = ask(question)
        seconds.append(clock() - began)
        answers.append(NONE if answer is None else answer)
    return seconds, answers


def _rows(case: str, pair: tuple[str, str], found: dict[str, list[Each]], how: str) -> list[Row]:
    mine, theirs = (found[name] for name in pair)
    differing = sum(
        a != b for (_, our), (_, their) in zip(mine, theirs, strict=True) for a, b in zip(our, their, strict=True)
    )
    rows = []
    for figure, q in (("p50", 0.5), ("p99", 0.99)):
        ours, peer = (quantile(name, [seconds for seconds, _ in found[name]], q, 1e6) for name in pair)
        must, aim = (
            Limit("≤", round(1 / goal, 4), of_peer=True) if q == 0.5 and goal else None
            for goal in GOALS.get(pair[1], (0, 0))
        )
        rows.append(Row(case, f"1 point, {figure}", "µs", ours, peer, must, aim, differing, how))
    return rows
