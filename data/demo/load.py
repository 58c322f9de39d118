"""Put a demo town into an empty database."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely import Point
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.areas import area, area_level
from data.categories import category, category_department, category_slot
from data.clocks import clock
from data.copying import AT_ONCE, Columns, copy_columns, copy_rows, indexes_later
from data.demo.clocks import load_limits
from data.demo.evaluations import judged
from data.demo.homes import Buildings
from data.demo.past import moment_at, past_of
from data.demo.rows import Town
from data.evaluations import evaluation
from data.grids import grid, grid_layer
from data.ground import building, ground, street
from data.history import incident_event
from data.households import household
from data.incidents import incident
from data.needs import need
from data.outlines import redraw_outlines
from data.receipts import receipt
from data.rosters import duty_exception, duty_pattern
from data.schema import new_id
from data.tasks import task
from data.timers import timer
from data.town import town
from data.units import membership
from data.workers import worker, worker_position
from geo.cells import cells_of

Rows = list[dict[str, Any]]
Written = dict[str, int]
PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = '10min'")
"""Between two statements a large town is thought about for longer than a server's connection may."""
MANY = 200_000
"""Households; for fewer, indexes are kept up as rows come."""


async def fill(connection: AsyncConnection, made: Town) -> Written:
    """Write every row of a town into migrated, empty tables; return the number of rows by table."""
    await connection.execute(PATIENCE)
    now: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    areas = {row.code: new_id() for row in made.areas}
    for table in (category, grid_layer, area_level):  # a demo town has its own words
        await connection.execute(table.delete())
    written = await _ground(connection, made, areas, now)
    written |= await _people(connection, made, areas, now)
    await redraw_outlines(connection)
    return written


async def _ground(connection: AsyncConnection, made: Town, areas: dict[str, UUID], now: datetime) -> Written:
    """Write the town, its tree and grids, what the map shows, and the households."""
    tables: list[tuple[Table, Rows]] = [
        (town, [_columns(made.town) | {"id": 1, "demo_clock": now}]),
        (area_level, [_columns(row) for row in made.levels]),
        (grid_layer, [_columns(row) for row in made.layers]),
        (area, _areas(made, areas)),
        (grid, _grids(made, areas)),
        (ground, [_columns(row) | {"id": new_id()} for row in made.ground]),
        (street, _streets(made)),
    ]
    written = {table.name: await copy_rows(connection, table, rows) for table, rows in tables}
    ids = [new_id() for _ in made.buildings]
    written["building"] = await copy_columns(connection, building, _buildings(made.buildings, ids))
    many = len(made.households) > MANY
    async with indexes_later(connection, household) if many else nullcontext():
        written["household"] = await copy_columns(connection, household, _households(made, ids, areas))
    return written


async def _people(connection: AsyncConnection, made: Town, areas: dict[str, UUID], now: datetime) -> Written:
    """Write the workers, the rules, and what has happened."""
    workers = {row.code: new_id() for row in made.workers}
    past = past_of(made, workers, now)
    told = judged(past, made.place, made.town.demo_seed, now)
    tables: list[tuple[Table, Rows]] = [
        (category, [_columns(row) for row in made.categories]),
        (category_slot, [_columns(row) for row in made.slots]),
        (worker, _workers(made, workers, areas)),
        (worker_position, _positions(made, workers, now)),
        (category_department, _departments(made, workers)),
        (membership, _members(made, workers)),
        (duty_pattern, _patterns(made, workers)),
        (duty_exception, _days(made, workers, now)),
        (incident, past.incidents),
        (need, past.needs),
        (task, past.tasks),
        (timer, past.timers),
        (clock, past.clocks),
        (incident_event, past.events),
        (receipt, told.receipts),
        (evaluation, told.evaluations),
    ]
    written = {table.name: await copy_rows(connection, table, rows) for table, rows in tables}
    await load_limits(connection)
    for placing in PLACE_INCIDENTS:
        await connection.execute(text(placing))
    return written


OTHERS_TABLES = text("""
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND c.relname NOT IN ('alembic_version', 'spatial_ref_sys')
""")
OUR_ROWS = text("""
    SELECT (SELECT count(*) FROM area) + (SELECT count(*) FROM worker) + (SELECT count(*) FROM incident)
         + (SELECT count(*) FROM household) + (SELECT count(*) FROM building) + (SELECT count(*) FROM access_token)
         + (SELECT count(*) FROM category WHERE code <> 'other')
""")


async def is_untouched(connection: AsyncConnection) -> bool:
    """Say whether a database holds nothing but what a migration writes: only then may a demo move in."""
    there = (await connection.execute(text("SELECT to_regclass('access_token') IS NOT NULL"))).scalar_one()
    counted = (await connection.execute(OUR_ROWS if there else OTHERS_TABLES)).scalar_one()
    return bool(counted == 0)


async def incidents_so_far(connection: AsyncConnection) -> int:
    """Count the incidents the town has had."""
    counted: int = (await connection.execute(text("SELECT count(*) FROM incident"))).scalar_one()
    return counted


async def households_so_far(connection: AsyncConnection) -> int:
    """Count the households of the town."""
    counted: int = (await connection.execute(text("SELECT count(*) FROM household"))).scalar_one()
    return counted


PLACE_INCIDENTS = (
    """UPDATE incident i SET (grid_id, area_path) = (
        SELECT g.id, g.area_path FROM grid g WHERE g.layer = i.layer AND st_covers(g.shape, i.point)
        ORDER BY g.code LIMIT 1)""",
    "UPDATE need n SET area_path = i.area_path FROM incident i WHERE i.id = n.incident_id",
    "UPDATE task t SET area_path = i.area_path FROM incident i WHERE i.id = t.incident_id",
)


def _columns(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _areas(made: Town, ids: dict[str, UUID]) -> Rows:
    return [
        {
            "id": ids[row.code],
            "level": row.level,
            "code": row.code,
            "name": row.name,
            "parent_id": None if row.parent is None else ids[row.parent],
            "path": row.path,
            "shape": row.shape,
        }
        for row in made.areas
    ]


def _grids(made: Town, ids: dict[str, UUID]) -> Rows:
    paths = {row.code: row.path for row in made.areas}
    return [
        _columns(row) | {"id": new_id(), "area_id": ids[row.code], "area_path": paths[row.code]} for row in made.grids
    ]


def _streets(made: Town) -> Rows:
    return [{"id": new_id(), "name": s.name, "class": s.road_class, "line": s.line} for s in made.streets]


def _buildings(rows: Buildings, ids: list[UUID]) -> Iterator[Columns]:
    for first in range(0, len(rows), AT_ONCE):
        few = slice(first, min(first + AT_ONCE, len(rows)))
        yield {
            "id": ids[few],
            "code": rows.codes(few.start, few.stop),
            "name": rows.names[few],
            "kind": rows.kinds[few],
            "storeys": rows.storeys[few].tolist(),
            "shape": list(rows.shapes(few.start, few.stop)),
        }


def _households(made: Town, ids: list[UUID], areas: dict[str, UUID]) -> Iterator[Columns]:
    """Give the households with their area: the town's maker knows it, nobody has to look for it."""
    homes, paths = made.households, {row.code: row.path for row in made.areas}
    grids = [(areas[row.code], paths[row.code]) for row in made.grids]
    for first in range(0, len(homes), AT_ONCE):
        few = slice(first, min(first + AT_ONCE, len(homes)))
        rows, places = homes.building[few].tolist(), homes.places[few]
        settled = [grids[made.grid_of[row]] for row in rows]
        yield {
            "id": [new_id() for _ in rows],
            "building_id": [ids[row] for row in rows],
            "address": homes.texts(few.start, few.stop),
            "point": np.asarray(shapely.points(places)).tolist(),
            "cell": cells_of(*places.T).tolist(),
            "area_id": [area_id for area_id, _ in settled],
            "area_path": [path for _, path in settled],
        }


def _workers(made: Town, ids: dict[str, UUID], areas: dict[str, UUID]) -> Rows:
    rows, paths = [], {row.code: row.path for row in made.areas}
    for row in made.workers:
        home = {"home_area_id": areas[row.home_area], "area_path": paths[row.home_area]}
        station = {"station_id": None if row.station is None else ids[row.station]}
        columns = _columns(row) | {"id": ids[row.code]} | home | station
        for name in ("home_area", "station", "duty"):
            del columns[name]
        rows.append(columns)
    return rows


def _positions(made: Town, ids: dict[str, UUID], now: datetime) -> Rows:
    return [
        {
            "worker_id": ids[seen.worker],
            "point": Point(seen.lng, seen.lat),
            "cell": cell,
            "accuracy_m": seen.accuracy_m,
            "fixed_at": moment_at(now, -seen.age_s),
            "heard_at": moment_at(now, -seen.age_s),
            "still": seen.still,
            "given_datum": "wgs84",
        }
        for seen, cell in zip(made.positions, _cells(made.positions), strict=True)
    ]


def _members(made: Town, ids: dict[str, UUID]) -> Rows:
    return [{"unit_id": ids[row.unit], "worker_id": ids[row.worker], "part": row.part} for row in made.members]


def _departments(made: Town, ids: dict[str, UUID]) -> Rows:
    return [
        {"category": row.category, "department_id": ids[row.department], "report_in_minutes": row.report_in_minutes}
        for row in made.called
    ]


def _patterns(made: Town, ids: dict[str, UUID]) -> Rows:
    return [
        {"id": new_id(), "worker_id": ids[row.code], "weekday": weekday, "starts": starts, "ends": ends}
        for row in made.workers
        for weekday, starts, ends in row.duty
    ]


def _days(made: Town, ids: dict[str, UUID], now: datetime) -> Rows:
    today = now.astimezone(ZoneInfo(made.town.time_zone)).date()
    swaps = {row.swap: None if row.swap is None else new_id() for row in made.days}
    return [
        {
            "id": new_id(),
            "worker_id": ids[row.worker],
            "day": today + timedelta(days=row.days_on),
            "starts": row.starts,
            "ends": row.ends,
            "reason": row.reason,
            "swap_id": swaps[row.swap],
            "made_by": "duty_chief",
            "made_at": now,
        }
        for row in made.days
    ]


def _cells(rows: Any) -> list[int]:
    cells: list[int] = cells_of(np.array([row.lng for row in rows]), np.array([row.lat for row in rows])).tolist()
    return cells
