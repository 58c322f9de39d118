"""The two weeks before now, as rows of incidents, tasks and history."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from shapely import Point

from data.demo.rows import CategoryRow, IncidentRow, Town
from data.schema import new_id
from geo.cells import cells_of
from geo.nearest import metres
from geo.point import Point as Place

RULES = "rules"


@dataclass(frozen=True, slots=True)
class Past:
    """Rows ready to be written."""

    incidents: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


def moment_at(now: datetime, seconds: float | None) -> Any:
    """Return the time `seconds` away from now; None stays None."""
    return None if seconds is None else now + timedelta(seconds=seconds)


def past_of(made: Town, workers: dict[str, UUID], now: datetime) -> Past:
    """Turn a town's past into rows; ids rise with the time of reporting."""
    past = Past()
    rules = {rule.code: rule for rule in made.categories}
    seen = {position.worker: (position.lng, position.lat) for position in made.positions}
    ordered = sorted(made.incidents, key=lambda row: row.reported_s)
    cells = cells_of(np.array([row.lng for row in ordered]), np.array([row.lat for row in ordered])).tolist()
    for row, cell in zip(ordered, cells, strict=True):
        new = _incident(row, rules[row.category], cell, now)
        past.incidents.append(new)
        offered = None
        if row.worker is not None:
            offered = _task(row, rules[row.category], new["id"], workers[row.worker], now)
            offered["metres"] = _metres(row, seen.get(row.worker))
            past.tasks.append(offered)
        past.events.extend(_events(row, new["id"], offered, now))
    return past


def _incident(row: IncidentRow, rule: CategoryRow, cell: int, now: datetime) -> dict[str, Any]:
    reported = moment_at(now, row.reported_s)
    return {
        "id": new_id(),
        "category": row.category,
        "layer": rule.layer,
        "urgency": rule.urgency,
        "status": row.status,
        "description": row.description,
        "address": row.address,
        "point": Point(row.lng, row.lat),
        "cell": cell,
        "given_lng": row.lng,
        "given_lat": row.lat,
        "given_datum": "wgs84",
        "reporter": row.reporter,
        "reported_at": reported,
        "filed_at": reported,
        "deadline_at": reported + timedelta(minutes=rule.deadline_minutes),
        "closed_at": moment_at(now, row.closed_s),
        "disposition": row.disposition,
    }


def _task(row: IncidentRow, rule: CategoryRow, incident_id: UUID, worker_id: UUID, now: datetime) -> dict[str, Any]:
    offered = moment_at(now, row.offered_s)
    return {
        "id": new_id(),
        "incident_id": incident_id,
        "worker_id": worker_id,
        "status": row.task_status,
        "attempt_no": 1,
        "exclusive": rule.exclusive,
        "layer": rule.layer,
        "offered_at": offered,
        "offer_expires_at": offered + timedelta(seconds=rule.offer_seconds),
        "accepted_at": moment_at(now, row.accepted_s),
        "on_scene_at": moment_at(now, row.on_scene_s),
        "ended_at": moment_at(now, row.ended_s),
    }


def _metres(row: IncidentRow, seen: tuple[float, float] | None) -> float | None:
    if seen is None:
        return None
    return float(metres(Place(row.lng, row.lat), np.array([seen[0]]), np.array([seen[1]]))[0])


def _events(
    row: IncidentRow, incident_id: UUID, offered: dict[str, Any] | None, now: datetime
) -> list[dict[str, Any]]:
    """Write the history in the words the desk uses."""
    worker = f"worker:{offered['worker_id']}" if offered else RULES
    steps = [
        (row.reported_s, "filed", None, "filed", row.reporter, None),
        (row.offered_s, "offered", "filed", "dispatched", RULES, offered),
        (row.accepted_s, "accepted", "dispatched", "dispatched", worker, offered),
        (row.on_scene_s, "on_scene", "dispatched", "handling", worker, offered),
        (row.ended_s, "done", "handling", "handled", worker, offered),
        (row.closed_s, "closed", "handled", "closed", "dispatcher", None),
    ]
    if offered is None:
        steps.append((row.reported_s, "waiting", "filed", "filed", RULES, None))
    return [
        {
            "incident_id": incident_id,
            "task_id": by and by["id"],
            "at": moment_at(now, seconds),
            "kind": kind,
            "status_from": before,
            "status_to": after,
            "actor": actor,
            "facts": json.dumps({"disposition": row.disposition} if kind == "closed" else {}),
        }
        for seconds, kind, before, after, actor, by in steps
        if seconds is not None
    ]
