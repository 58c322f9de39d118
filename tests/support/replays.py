"""A noon of three matters and two workers, as a record that the hand can reckon with; no database.

One metre a second, thirty seconds until somebody accepts: that is all there is to learn from it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt

import numpy as np

from data.categories import Category, RankBy
from data.incidents import Disposition, Incident, Status
from data.ledger import STEPS, Entries
from data.needs import NeedState, need_of
from data.record import Filed, Kept, Line, Record
from data.rosters import Pattern
from data.tasks import Task, TaskStatus
from data.town import Town
from data.workers import Worker
from tests.support.city import NOON, box_grid, matter, named, rule, somebody
from tests.support.place import middle

ACCEPTED = timedelta(seconds=30)
WEST, EAST = middle(0, 0), middle(1, 0)
NEAR_WEST, NEAR_EAST = (WEST[0] + 0.001, WEST[1]), (EAST[0] + 0.001, EAST[1])
GRIDS = (box_grid(0, 0), box_grid(1, 0))
RULE = rule(ranking=RankBy.NEAREST)
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """Return a moment so many minutes after noon."""
    return NOON + minutes * MINUTE


def away_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return great-circle metres by the haversine formula, on PostGIS's sphere."""
    (lng, lat), (lng2, lat2) = ((radians(a), radians(b)) for a, b in (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lng2 - lng) / 2) ** 2
    return 2 * 6_371_008.771415 * asin(sqrt(half))


def worker(code: str, grid: int) -> Worker:
    """Return somebody at home in a grid who carries one task at a time."""
    home = GRIDS[grid]
    return somebody(code, middle(grid, 0), home_area_id=home.area_id, area_path=home.area_path)


A, B = worker("A", 0), worker("B", 1)


def filed(
    name: str, where: tuple[float, float], times: Sequence[float], who: Worker, asked: Category = RULE
) -> Filed:
    """Return an incident that went straight: minutes after noon of report, offer, scene, done and closing."""
    reported, offered, scene, done, closed = (at(minutes) for minutes in times)
    accepted = offered + ACCEPTED
    id_ = named("incident", name)
    grid = GRIDS[0] if where in (WEST, NEAR_WEST) else GRIDS[1]
    incident = matter(where, id=id_, category=asked.code, reported_at=reported, filed_at=reported)
    incident = _ended(replace(incident, deadline_at=reported + asked.deadline), (accepted, scene, done, closed), who)
    incident = replace(incident, grid_id=grid.id, area_id=grid.area_id, area_path=grid.area_path)
    metres = (scene - accepted).total_seconds()
    task = Task(named("task", name), id_, who.id, TaskStatus.DONE, 1, False, metres, offered, offered + asked.offer)
    task = replace(task, accepted_at=accepted, on_scene_at=scene, ended_at=done)
    need = replace(need_of(asked.slots[0], reported), state=NeedState.DONE, tries=1)
    waits = [] if offered == reported else [(reported, "waiting", Status.FILED)]
    told = [
        (reported, "filed", Status.FILED),
        *waits,
        (offered, "offered", Status.DISPATCHED),
        (accepted, "accepted", Status.DISPATCHED),
        (scene, "on_scene", Status.HANDLING),
        (done, "done", Status.HANDLED),
        (closed, "closed", Status.CLOSED),
    ]
    lines = [Line(n, moment, kind, True, status, None, ()) for n, (moment, kind, status) in enumerate(told)]
    return Filed(incident, {"lead": need}, (task,), tuple(lines))


def _ended(incident: Incident, times: Sequence[datetime], who: Worker) -> Incident:
    accepted, scene, done, closed = times
    return replace(
        incident,
        status=Status.CLOSED,
        disposition=Disposition.RESOLVED,
        accepted_at=accepted,
        scene_at=scene,
        handled_at=done,
        closed_at=closed,
        handler_id=who.id,
    )


def noon(asked: Category = RULE) -> Record:
    """Return the record: the first keeps A busy, the second B, and the third waits for A."""
    some = (
        filed("one", NEAR_WEST, (0, 0, 5.5, 15.5, 35.5), A, asked),
        filed("two", EAST, (1, 1, 5.5, 25.5, 35.5), B, asked),
        filed("three", WEST, (5, 15.5, 18, 23, 28), A, asked),
    )
    return record_of(some, (A, B), asked)


def record_of(some: Sequence[Filed], workers: Sequence[Worker], asked: Category = RULE) -> Record:
    """Return a record of some incidents in a town of two grids, everybody on duty round the clock."""
    columns = {f"{what}_{step}": np.zeros(0, np.int64) for what in ("late", "due") for step in STEPS}
    kept = Kept(
        town=Town("350783", "试城", "Test", "Asia/Shanghai", False),
        rules={asked.code: asked},
        ladders={},
        grids=GRIDS,
        patterns=tuple(
            Pattern(named("pattern", f"{who.code}{day}"), who.id, day, time(0), time(0))
            for who in workers
            for day in range(1, 8)
        ),
        changes=(),
        limits=(),
        years={},
        areas={},
    )
    return Record(
        since=NOON - timedelta(hours=12),
        until=NOON + timedelta(hours=12),
        as_of=NOON + timedelta(days=3),
        kept=kept,
        workers=tuple(workers),
        members={},
        reservations=(),
        filed=tuple(some),
        others=(),
        entries=Entries({"id": np.zeros(0, "S16"), **columns}, {}),
    )
