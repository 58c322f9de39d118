"""A city in memory for the rules: grids as boxes on the lattice of `tests.support.place`, no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from data.areas import Area
from data.categories import Category, RankBy, Urgency
from data.grids import Grid
from data.incidents import Given, Incident, Status
from data.needs import Need, need_of
from data.rosters import Pattern
from data.town import Town
from data.workers import Worker
from dispatch.city import City
from dispatch.crew import Crew
from dispatch.layer import Layer
from dispatch.roster import Duty, duty_of
from geo.point import Point
from tests.support.place import square

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""


def named(kind: str, name: str) -> UUID:
    """Return the id of something by its name, always the same."""
    return UUID(bytes=f"{kind}:{name}".encode().ljust(16, b"\0")[:16])


def box_grid(column: int, row: int, community: str = "C1", code: str | None = None) -> Grid:
    """Return the grid on a square of the lattice, named by column and row as `G00`."""
    name = code or f"G{column}{row}"
    return Grid(
        id=named("grid", name),
        layer="governance",
        area_id=named("area", name),
        area_path=f"{community}.{name}",
        parent_id=named("area", community),
        code=name,
        name=f"{name}网格",
        shape=square(column, row),
    )


def rule(code: str = "matter", **given: Any) -> Category:
    """Return a rule: nearest, anybody, one hour, two minutes to accept, unless told otherwise."""
    usual: dict[str, Any] = {
        "layer": "governance",
        "skill": None,
        "urgency": Urgency.URGENT,
        "ranking": RankBy.NEAREST,
        "exclusive": False,
        "deadline": timedelta(hours=1),
        "offer": timedelta(minutes=2),
    }
    return Category(code, **(usual | given))


def somebody(code: str, at: tuple[float, float] | None = None, seen: datetime | None = NOON, **given: Any) -> Worker:
    """Return a worker with room for one task, unless told otherwise; a `city` has everybody on duty round the clock."""
    usual: dict[str, Any] = {
        "id": named("worker", code),
        "code": code,
        "role": "grid_worker",
        "skills": (),
        "home_area_id": None,
        "capacity": 1,
        "active_tasks": 0,
        "holds_exclusive": False,
        "lng": at[0] if at else None,
        "lat": at[1] if at else None,
        "fixed_at": seen if at else None,
        "accuracy_m": 8.0 if at else None,
        "seen_at": seen if at else None,
    }
    return Worker(**(usual | given))


def need(asked: Category, **given: Any) -> Need:
    """Return the first need of an incident under a rule, at the foot of its ladder."""
    return replace(need_of(asked.slots[0], NOON), **given)


def matter(at: tuple[float, float], category: str = "matter", **given: Any) -> Incident:
    """Return a filed incident at a place in WGS 84, in no grid yet."""
    usual: dict[str, Any] = {
        "id": named("incident", "1"),
        "category": category,
        "layer": "governance",
        "urgency": Urgency.URGENT,
        "status": Status.FILED,
        "point": Point(*at),
        "given": Given(*at, "wgs84"),
        "grid_id": None,
        "area_id": None,
        "nearest_grid_id": None,
        "reporter": "dispatcher:1",
        "reported_at": NOON,
        "filed_at": NOON,
        "deadline_at": NOON + timedelta(hours=1),
        "description": "x",
    }
    return Incident(**(usual | given))


@cache
def block(columns: int, rows: int) -> Layer:
    """Return a layer of columns × rows squares; every column is a community of its own."""
    return Layer([box_grid(column, row, f"C{column}") for column in range(columns) for row in range(rows)])


def city(
    layer: Layer | None = None,
    workers: Iterable[Worker] = (),
    rules: Sequence[Category] = (),
    time_zone: str = "Asia/Shanghai",
    shifts: Mapping[str, tuple[time, time] | None] = MappingProxyType({}),
) -> City:
    """Return a city of one layer, everybody on duty round the clock but for whose `shifts` are given by code."""
    held, workers = layer or block(1, 1), list(workers)
    return City(
        duty=on_duty(workers, time_zone, shifts),
        town=Town("350783", "试城", "Test", time_zone, False),
        rules={one.code: one for one in rules or [rule()]},
        layers={"governance": held},
        paths={grid.area_id: (Area("grid", grid.code, grid.name),) for grid in held.grids},
        crew=Crew(workers),
    )


def on_duty(
    workers: Iterable[Worker],
    time_zone: str = "Asia/Shanghai",
    shifts: Mapping[str, tuple[time, time] | None] = MappingProxyType({}),
) -> Duty:
    """Return the duty of the days around noon: the same shift every day, round the clock where none is given."""
    usual = (time(0), time(0))
    told = [(who, shifts.get(who.code, usual)) for who in workers]
    patterns = [
        Pattern(named("pattern", f"{who.code}{weekday}"), who.id, weekday, *shift)
        for who, shift in told
        if shift is not None
        for weekday in range(1, 8)
    ]
    day = NOON.date()
    return duty_of(patterns, [], day - timedelta(days=2), day + timedelta(days=3), ZoneInfo(time_zone))
