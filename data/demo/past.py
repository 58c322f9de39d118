"""The two weeks before now, as rows of incidents, needs, tasks, timers and history."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from shapely import Point

from data.demo.clocks import clocks_of
from data.demo.facts import facts_of
from data.demo.lines import Told, lines_of
from data.demo.past_rows import IncidentRow, TaskRow
from data.demo.rows import CategoryRow, SlotRow, Town
from data.demo.staff import FROM_THE_DOOR
from data.schema import new_id
from geo.cells import cells_of
from geo.nearest import metres
from geo.point import Point as Place

LEAD, DEPARTMENTS = "lead", "departments"
ACTIVE = frozenset({"offered", "accepted", "on_scene"})
UNSORTED = frozenset({"reported", "received", "verifying", "rejected"})
NO_CLOCK = frozenset({"closed", "rejected", "void", "duplicate", "handled", "inspecting"})
SHELVED_FOR = timedelta(minutes=20)

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """Rows ready to be written."""

    incidents: list[Row] = field(default_factory=list)
    needs: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    timers: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a category asks for, and where its incidents' workers were last seen."""

    category: dict[str, CategoryRow]
    also: dict[str, list[SlotRow]]
    report_in: dict[tuple[str, str], int]
    seen: dict[str, tuple[float, float]]
    workers: dict[str, UUID]


def moment_at(now: datetime, seconds: float | None) -> Any:
    """Return the time `seconds` away from now; None stays None."""
    return None if seconds is None else now + timedelta(seconds=seconds)


def past_of(made: Town, workers: dict[str, UUID], now: datetime) -> Past:
    """Turn a town's past into rows; ids rise with the time of reporting."""
    past, rules = Past(), _rules(made, workers)
    points = np.array([[row.lng, row.lat] for row in made.incidents])
    cells = cells_of(*points.T).tolist()
    ids = [new_id() for _ in made.incidents]
    merged: dict[int, list[int]] = {}
    for number, row in enumerate(made.incidents):
        if row.original is not None:
            merged.setdefault(row.original, []).append(number)
    for number, (row, cell) in enumerate(zip(made.incidents, cells, strict=True)):
        rule = rules.category[row.category]
        incident = _incident(row, rule, (ids[number], cell), now) | {
            "duplicate_of": None if row.original is None else ids[row.original]
        }
        tasks = list(_tasks(row, ids[number], rules, now))
        past.incidents.append(incident | facts_of(row.status, tasks))
        past.tasks.extend(tasks)
        past.needs.extend(_needs(row, incident, tasks, rules))
        past.timers.extend(_timers(incident, tasks, now))
        again = [(made.incidents[other].line, ids[other]) for other in merged.get(number, ())]
        told = Told(row, rule, incident, tasks, again)
        past.events.extend(lines_of(told, now, SHELVED_FOR))
        past.clocks.extend(clocks_of(told, now))
    return past


def _rules(made: Town, workers: dict[str, UUID]) -> Rules:
    also: dict[str, list[SlotRow]] = {}
    for slot in made.slots:
        also.setdefault(slot.category, []).append(slot)
    return Rules(
        category={rule.code: rule for rule in made.categories},
        also=also,
        report_in={(one.category, one.department): one.report_in_minutes for one in made.called},
        seen={position.worker: (position.lng, position.lat) for position in made.positions},
        workers=workers,
    )


def _incident(row: IncidentRow, rule: CategoryRow, known: tuple[UUID, int], now: datetime) -> Row:
    reported = moment_at(now, row.reported_s)
    scene = rule.scene_minutes
    return {
        "id": known[0],
        "category": row.category,
        "layer": rule.layer,
        "urgency": rule.urgency,
        "status": row.status,
        "description": row.description,
        "address": row.address,
        "point": Point(row.lng, row.lat),
        "cell": known[1],
        "given_lng": row.lng,
        "given_lat": row.lat,
        "given_datum": "wgs84",
        "reporter": row.reporter,
        "reported_at": reported,
        "filed_at": reported if row.filed_s is None else moment_at(now, row.filed_s),
        "deadline_at": reported + timedelta(minutes=rule.deadline_minutes),
        "scene_due_at": None if scene is None else reported + timedelta(minutes=scene),
        "closed_at": moment_at(now, row.closed_s),
        "disposition": row.disposition,
    }


def _tasks(row: IncidentRow, incident_id: UUID, rules: Rules, now: datetime) -> Iterator[Row]:
    for number, one in enumerate(_asked(row), 1):
        rule, called = rules.category[row.category], one.slot.startswith("dept_")
        whom = "building_head" if rule.ladder == FROM_THE_DOOR and one.slot == LEAD else "ranked"
        minutes = rules.report_in[row.category, one.worker] if called else 0
        offered = moment_at(now, one.offered_s)
        yield {
            "id": new_id(),
            "incident_id": incident_id,
            "worker_id": rules.workers[one.worker],
            "status": one.status,
            "attempt_no": number,
            "exclusive": rule.exclusive if one.slot == LEAD else False,
            "layer": rule.layer,
            "metres": None if called else _metres(row, rules.seen[one.worker]),
            "offered_at": offered,
            "offer_expires_at": offered + timedelta(seconds=60 * minutes or rule.offer_seconds),
            "accepted_at": moment_at(now, one.accepted_s),
            "on_scene_at": moment_at(now, one.on_scene_s),
            "ended_at": moment_at(now, one.ended_s),
            "reason": "not_mine" if one.status == "declined" else None,
            "slot": one.slot,
            "whom": DEPARTMENTS if called else whom,
        }


def _asked(row: IncidentRow) -> Iterator[TaskRow]:
    if row.worker is not None and row.task_status is not None and row.offered_s is not None:
        times = (row.offered_s, row.accepted_s, row.on_scene_s, row.ended_s)
        yield TaskRow(LEAD, row.worker, row.task_status, *times)
    yield from row.beside


def _metres(row: IncidentRow, seen: tuple[float, float]) -> float:
    return float(metres(Place(row.lng, row.lat), np.array([seen[0]]), np.array([seen[1]]))[0])


def _needs(row: IncidentRow, incident: Row, tasks: list[Row], rules: Rules) -> Iterator[Row]:
    """Open the places of an incident that was filed, as its tasks leave them."""
    if row.status in UNSORTED:
        return
    rule = rules.category[row.category]
    asked = {task["slot"]: task for task in tasks}
    first = SlotRow(rule.code, LEAD, rule.responder, rule.skill, rule.ranking, rule.exclusive, rule.ladder)
    called = [
        SlotRow(rule.code, slot, "department", None, "nearest", ladder=DEPARTMENTS)
        for slot in asked
        if slot.startswith("dept_")
    ]
    for slot in (first, *rules.also.get(rule.code, ()), *called):
        task = asked.get(slot.slot)
        yield {
            "incident_id": incident["id"],
            "slot": slot.slot,
            "responder": slot.responder,
            "skill": slot.skill,
            "ranking": slot.ranking,
            "exclusive": slot.exclusive,
            "ladder": slot.ladder or rule.urgency,
            "worker_id": task["worker_id"] if task and slot in called else None,
            "state": _state(row, task),
            "rung": 0,
            "tries": 0 if task is None else 1,
            "rung_since": incident["filed_at"],
            "layer": rule.layer,
        }


def _state(row: IncidentRow, task: Row | None) -> str:
    if task is not None and task["status"] in ACTIVE:
        return "taken"
    if task is not None and task["status"] == "done":
        return "done"
    if row.status in ("shelved", "returned"):
        return "held"
    return "dropped" if row.status in NO_CLOCK else "open"


def _timers(incident: Row, tasks: list[Row], now: datetime) -> Iterator[Row]:
    """Set the clocks of what is still going on."""
    for task in tasks:
        if task["status"] == "offered":
            yield _timer("offer", incident, task["offer_expires_at"], task)
    if incident["status"] in NO_CLOCK:
        return
    if incident["deadline_at"] > now:
        yield _timer("deadline", incident, incident["deadline_at"])
    if incident["scene_due_at"] is not None and incident["scene_due_at"] > now:
        yield _timer("scene", incident, incident["scene_due_at"])
    if incident["status"] == "shelved":
        yield _timer("resume", incident, now + SHELVED_FOR)


def _timer(kind: str, incident: Row, due: datetime, task: Row | None = None) -> Row:
    of_task = {"slot": None, "task_id": None} if task is None else {"slot": task["slot"], "task_id": task["id"]}
    return {"kind": kind, "incident_id": incident["id"], "due_at": due} | of_task
