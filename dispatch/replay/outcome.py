"""Outcomes: what a replay comes to, as rows of a ledger from which the same figures are counted as from the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from data.categories import Category
from data.clocks import Clock
from data.ledger import CODED, DISPOSITIONS, NONE, STATUSES, STEPS, Entries
from data.limits import Step
from data.record import Record
from data.tasks import Task
from data.workers import Worker
from dispatch.city import zone_of
from dispatch.figures.counting import Counting
from dispatch.figures.groups import Known
from dispatch.figures.telling import told
from dispatch.figures.wanted import Wanted
from dispatch.ledger import Ledger, moment_us
from dispatch.replay.course import Course

MOMENTS = ("reported_at", "filed_at", "closed_at", "accepted_at", "scene_at", "handled_at")
SHOWN = (
    *("filed", "closed", "open", "closure_rate", "same_day", "two_days", "three_days"),
    *(f"on_time_{step}" for step in STEPS),
    *("time_to_accept", "time_to_scene", "time_to_handle"),
)
"""Figures of what a setting may change; what residents say and what is done twice is as in the record."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Incidents as they went, their tasks, and the rows that figures are counted from."""

    courses: tuple[Course, ...]
    entries: Entries
    tasks: tuple[Task, ...]


def outcome_of(courses: Sequence[Course], record: Record, *, clocks_anew: bool) -> Outcome:
    """Turn what came of a replay into rows; clocks of what went as in the record are the record's unless limits changed."""
    known = {} if clocks_anew else _clocks_of(record.entries)
    names: dict[str, list[Any]] = {
        "category": sorted({one.story.incident.category for one in courses}),
        "layer": sorted({one.story.incident.layer for one in courses}),
        "area": sorted({one.case.incident.area_path for one in courses if one.case.incident.area_path is not None}),
        "worker": sorted(worker.id for worker in record.workers),
    }
    places = {kind: {name: at for at, name in enumerate(some)} for kind, some in names.items()}
    rows = [_row(one, places, known.get(one.story.incident.id) if one.follows else None) for one in courses]
    columns = {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}
    if rows:
        columns["id"] = np.array([row["id"] for row in rows], "S16")
    tasks = tuple(task for one in courses for task in one.case.tasks.values())
    return Outcome(tuple(courses), Entries(columns, names), tasks)


def _row(course: Course, places: Mapping[str, Mapping[Any, int]], known: Mapping[str, int] | None) -> dict[str, Any]:
    """Return one incident by the names of the ledger's columns."""
    incident = course.case.incident
    coded = {
        "category": incident.category,
        "layer": incident.layer,
        "area": incident.area_path,
        "handler": incident.handler_id,
        "department": incident.department_id,
    }
    moments = {name: getattr(incident, name) for name in MOMENTS}
    disposition = course.story.incident.disposition if incident.closed_at is not None else None
    clocks = {step: _late(course.case.clocks, step) for step in STEPS}
    dues = {step: _due(course.case.clocks, step) for step in STEPS}
    found = {f"late_{step}": late for step, late in clocks.items()} | {f"due_{s}": due for s, due in dues.items()}
    return {
        "id": incident.id.bytes,
        **{name: places[CODED[name]].get(value, -1) for name, value in coded.items()},
        "status": STATUSES.index(incident.status),
        "disposition": -1 if disposition is None else DISPOSITIONS.index(disposition),
        **{name: NONE if at is None else moment_us(at) for name, at in moments.items()},
        "reworks": incident.reworks,
        "reopenings": incident.reopenings,
        "stars": 0,
        "solved": -1,
        **(known if known is not None else found),
    }


def _clocks_of(entries: Entries) -> dict[UUID, dict[str, int]]:
    """Read how the record's own clocks ended, by incident."""
    names = [f"{what}_{step}" for what in ("late", "due") for step in STEPS]
    columns = [entries.columns[name].tolist() for name in names]
    ids = [UUID(bytes=bytes(id_).ljust(16, b"\0")) for id_ in entries.columns["id"]]
    return {id_: dict(zip(names, row, strict=True)) for id_, *row in zip(ids, *columns, strict=True)}


def _late(clocks: Sequence[Clock], step: Step) -> int:
    """Return 1 if any round of a clock ended late, 0 if all that ended were in time, -1 if none has."""
    said = [one.late for one in clocks if one.step is step and one.ended_at is not None and one.late is not None]
    return -1 if not said else int(any(said))


def _due(clocks: Sequence[Clock], step: Step) -> int:
    """Return when the round that runs is due."""
    runs = [
        moment_us(one.due_at)
        for one in clocks
        if one.step is step and one.ended_at is None and one.paused is None and one.missing_year is None
    ]
    return min(runs, default=int(NONE))


def figures_of(outcome: Outcome, record: Record, rules: Mapping[str, Category], now: datetime) -> dict[str, Any]:
    """Count the figures of a period over the outcome of a replay, as they are counted over the town's own ledger."""
    zone = zone_of(record.kept.town)
    last = (record.until - timedelta(microseconds=1)).astimezone(zone).date()
    wanted = Wanted(record.since.astimezone(zone).date(), last)
    known = Known(categories={code: {"skill": rule.skill} for code, rule in rules.items()})
    ledger = Ledger(zone, [outcome.entries] if outcome.courses else [])
    total = told(Counting(wanted, known, moment_us(now)).count(ledger))["total"]
    return {code: total[code] for code in SHOWN}


@dataclass(frozen=True, slots=True)
class Load:
    """What one worker carried: how many tasks were accepted, and for how many hours somebody was at them or on the way."""

    code: str
    tasks: int
    hours: float


def loads_of(tasks: Sequence[Task], workers: Sequence[Worker], now: datetime) -> dict[str, Load]:
    """Return the load of everybody who accepted something, by code; what has not ended counts until `now`."""
    codes = {worker.id: worker.code for worker in workers}
    found: dict[str, Load] = {}
    for task in sorted(tasks, key=lambda task: task.offered_at):
        code = codes.get(task.worker_id)
        if task.accepted_at is None or code is None:
            continue
        spent = ((task.ended_at or now) - task.accepted_at).total_seconds() / 3600
        was = found.get(code, Load(code, 0, 0.0))
        found[code] = Load(code, was.tasks + 1, was.hours + spent)
    return dict(sorted(found.items()))


def gini(values: Sequence[float]) -> float | None:
    """Return how unequally something is spread: 0 where all have the same, towards 1 where one has all; None: nothing."""
    some = np.sort(np.asarray(values, np.float64))
    if not len(some) or some.sum() <= 0:
        return None
    ranks = np.arange(1, len(some) + 1)
    return float((2 * (ranks * some).sum() / (len(some) * some.sum())) - (len(some) + 1) / len(some))
