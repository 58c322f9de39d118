"""Locating at the limit: the core beside every library and engine, one thread, equal on every point."""

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import (
    locate_cells,
    locate_engines,
    locate_growth,
    locate_key,
    locate_postgis,
    locate_redraw,
    locate_single,
    locate_start,
    machine,
)
from benchmarks.ground import WITHIN, Contestant, Ground
from benchmarks.locate_pairs import (
    FAILURES,
    INTERSECTS,
    OURS,
    OURS_2,
    PREPARED,
    TREE,
    TREE_COVERED,
    Contest,
    LocatesMany,
    contend,
    drop,
    in_process,
    ours,
    timed,
)
from benchmarks.locate_sets import SIZES, coverage_of, faults
from benchmarks.rows import Limit, Measured, Row
from geo.locate import Locator

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "img" / "locate-growth.svg"
PURE = "kernels=False"
PURE_UP_TO = 2_000  # grids
POSTGIS = (locate_postgis.GRIDS_INDEXED, locate_postgis.POINTS_INDEXED)
SJOIN = (INTERSECTS, WITHIN)
SHAPELY = (PREPARED, TREE, TREE_COVERED)
GOALS: Mapping[str, Mapping[tuple[str, ...], tuple[float, float]]] = {
    "city": {POSTGIS: (100, 250), SJOIN: (12, 30), SHAPELY: (6, 15)},
    "nation": {POSTGIS: (60, 250)},
}
"""Set, forms of one peer: how many times the fastest of these forms we must reach, and aim at."""
DRAWN = (OURS, PREPARED, TREE, *SJOIN, locate_engines.DUCKDB_2, locate_engines.SEDONA_2, *POSTGIS)
HOW = (
    "Everybody starts from points and grids in its own form, the grids indexed; of several grids the lowest code "
    "answers, chosen for the peers after the clock has stopped. sjoin within leaves out points on borders: its meaning, "
    "not an error. PostGIS and SedonaDB use both cores where they can."
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything one repetition does."""

    repetitions: int = 5
    builds: int = 3
    points: int = 1_000_000
    single_points: int = 2_000
    redraws: int = 1_000


QUICK = Sizes(1, 1, 3_000, 50, 6)
"""Shows that everything runs and answers alike; its figures mean nothing."""


@dataclass(slots=True)
class Seen:
    """What a run gathers."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    costs: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Name of a side: grids, nanoseconds a point."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the size, and whether all smaller ones come before it."""
    parser.add_argument("--size", choices=list(SIZES), help="of the set of grids; city unless given")
    parser.add_argument(
        "--growth", action="store_true", help="measure all smaller sets too, and draw cost against size"
    )


async def measure(quick: bool, given: argparse.Namespace) -> Measured:
    """Measure the set that is asked for; with `--growth` also all that are smaller."""
    size, last = QUICK if quick else Sizes(), given.size or ("district" if quick else "city")
    names = list(SIZES)[: list(SIZES).index(last) + 1] if given.growth else [last]
    seen, grounds, locators = Seen(), {}, {}
    async with locate_postgis.server() as connection:
        facts = {**await machine.facts(connection), **locate_engines.versions(), "PostgreSQL's settings": _settings()}
        for name in names:
            grounds[name] = coverage_of(name, size.points)
            if faults(name, grounds[name].shapes):
                raise ValueError(f"the generator made grids of {name} that are not valid")
            locators[name] = Locator(grounds[name].codes, grounds[name].shapes)
            print(f"· {name}", file=sys.stderr)
            await contest(name, grounds[name], locators[name], (seen, connection, size))
            if name in ("city", last):
                await _details(name, grounds[name], locators[name], (seen, connection, size))
            gc.collect()
        facts["load after"] = (await machine.facts(connection))["load"]
    if len(names) > 1:
        seen.rows += await locate_growth.measure(grounds, locators, size.repetitions)
    if len(names) > 1 and not quick:
        locate_growth.draw(PICTURE, {name: seen.costs[name] for name in DRAWN if name in seen.costs})
    return Measured(seen.rows, facts, seen.skipped, quick)


def _settings() -> str:
    return ", ".join(f"{name} = {value}" for name, value in locate_postgis.SETTINGS.items())


Bench = tuple[Seen, "asyncpg.Connection[Any] | None", Sizes]


async def contest(size: str, ground: Ground, locator: LocatesMany, bench: Bench) -> None:
    """Let everybody locate all points of a set; without a connection PostGIS stays away."""
    seen, connection, sizes = bench
    dropped = Contest()
    sides: dict[str, Contestant] = {**ours(ground, locator)}
    if len(ground.codes) <= PURE_UP_TO:
        pure = Locator(ground.codes, ground.shapes, kernels=False)
        sides[PURE] = timed(lambda: pure.locate_many(ground.lng, ground.lat))
    sides |= in_process(ground)
    for names, prepare in locate_engines.ENGINES.items():
        with _or_dropped(dropped, names):
            sides |= prepare(ground)
    plans: dict[str, str] = {}
    if connection is not None:
        with _or_dropped(dropped, locate_postgis.FORMS):
            await locate_postgis.load(connection, ground)
            plans = await locate_postgis.plans(connection)
            sides |= locate_postgis.sides(connection, len(ground.lng))
    for form, plan in plans.items():
        print(f"{size}, {form}:\n{plan}", flush=True)
    found = await contend(ground, sides, sizes.repetitions)
    found.dropped |= dropped.dropped
    for name in found.seconds:
        cost = found.side(name, len(ground.lng)).value
        seen.costs.setdefault(name, []).append((len(ground.codes), 1e3 / cost))
    seen.rows += _rows(size, len(ground.lng), found, plans)
    seen.skipped += [f"{size}, {name}: {reason}" for name, reason in found.dropped.items()]


@contextmanager
def _or_dropped(contest: Contest, names: Sequence[str]) -> Iterator[None]:
    """Note the names as dropped out where a peer says that the set is too much for it."""
    try:
        yield
    except FAILURES as error:
        for name in names:
            drop(contest, name, error)


def _rows(size: str, count: int, found: Contest, plans: Mapping[str, str]) -> list[Row]:
    """Return a row for every peer, with a goal where it is the best form of its kind, and for those dropped out."""
    goals = {found.best(forms): goal for forms, goal in GOALS.get(size, {}).items()}
    case, mine = f"{size}, {count} points", found.side(OURS, count)
    rows = []
    for name, unlike in found.unlike.items():
        how = f"{HOW}\n{plans[name]}" if name in plans else HOW
        if name == OURS_2:
            rows.append(Row(case, name, "M/s", found.side(name, count), mine, differing=unlike, how=how))
            continue
        must, aim = (Limit("≥", goal, of_peer=True) for goal in goals[name]) if name in goals else (None, None)
        rows.append(Row(case, "located", "M/s", mine, found.side(name, count), must, aim, unlike, how))
    for name, reason in found.dropped.items():
        rows.append(Row(case, f"{name} did not run: {reason.replace('|', '/')}", "M/s", mine, how=reason))
    return rows


async def _details(size: str, ground: Ground, locator: Locator, bench: Bench) -> None:
    """Measure all that is not a whole array of points."""
    seen, connection, sizes = bench
    seen.rows += await locate_key.measure(size, ground, locator, sizes.repetitions)
    seen.rows += await locate_cells.measure(size, ground, sizes.repetitions)
    single = (sizes.repetitions, sizes.single_points)
    if connection is not None:
        seen.rows += await locate_single.measure(size, ground, locator, connection, single)
    seen.rows += await locate_redraw.measure(size, ground, locator, (sizes.repetitions, sizes.redraws))
    (ROOT / "var" / "bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "var" / "bench") as folder:
        seen.rows += await locate_start.measure(size, ground, locator, Path(folder), sizes.builds)
