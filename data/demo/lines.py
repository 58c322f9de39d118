"""The history of a past matter, line by line, in the words the desk uses."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from data.demo.past_rows import IncidentRow, LineRow
from data.demo.rows import CategoryRow

RULES, CENTRE = "rules", "dispatcher"
BY_THE_WORKER = frozenset({"returned", "extension_requested", "whistled"})
SETTLED = frozenset({"rejected", "void", "duplicate"})
MORE_TIME = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Told:
    """A matter with its rows; `merged` are the lines and ids of its duplicates."""

    row: IncidentRow
    rule: CategoryRow
    incident: dict[str, Any]
    tasks: list[dict[str, Any]]
    merged: list[tuple[LineRow | None, UUID]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `to` None: it moves nothing."""

    at: datetime
    kind: str
    actor: str
    to: str | None = None
    task: dict[str, Any] | None = None
    facts: dict[str, Any] | None = None


def lines_of(told: Told, now: datetime, shelved_for: timedelta) -> Iterator[dict[str, Any]]:
    """Write the history by time."""
    found = [*_beginning(told, now), *_of_tasks(told), *_clocks(told, now), *_end(told, now, shelved_for)]
    before: str | None = None
    for line in sorted(found, key=lambda one: one.at):
        after = line.to or before
        yield {
            "incident_id": told.incident["id"],
            "task_id": None if line.task is None else line.task["id"],
            "at": line.at,
            "kind": line.kind,
            "status_from": before,
            "status_to": after,
            "actor": line.actor,
            "facts": json.dumps(line.facts or {}),
        }
        before = after


def _beginning(told: Told, now: datetime) -> Iterator[Line]:
    row, reported = told.row, told.incident["reported_at"]
    if not told.rule.sorted_by_hand:
        yield Line(reported, "filed", row.reporter, "filed")
    else:
        yield Line(reported, "reported", row.reporter, "reported")
        if row.received_s is not None:
            yield Line(now + timedelta(seconds=row.received_s), "received", CENTRE, "received")
        if row.filed_s is not None:
            yield Line(told.incident["filed_at"], "filed", CENTRE, "filed")
    if row.filed_s is not None and row.worker is None:
        yield Line(told.incident["filed_at"], "waiting", RULES)


def _of_tasks(told: Told) -> Iterator[Line]:
    """Tell what the first and those beside did; when the last of them is done, the matter is handled."""
    for task in told.tasks:
        worker, last = f"worker:{task['worker_id']}", task is told.tasks[-1]
        called = task["whom"] == "departments"
        if called:
            reason = told.row.line.reason if told.row.line and told.row.line.kind == "whistled" else None
            first = f"worker:{told.tasks[0]['worker_id']}"
            codes = [task["slot"].removeprefix("dept_").upper()]
            yield Line(task["offered_at"], "whistled", first, facts=_said(departments=codes, reason=reason))
        else:
            yield Line(task["offered_at"], "offered", RULES, "dispatched", task)
        if task["accepted_at"] is not None:
            yield Line(task["accepted_at"], "reported_in" if called else "accepted", worker, None, task)
        if task["on_scene_at"] is not None:
            yield Line(task["on_scene_at"], "on_scene", worker, "handling", task)
        if task["status"] == "done":
            yield Line(task["ended_at"], "done", worker, "handled" if last else None, task)


def _clocks(told: Told, now: datetime) -> Iterator[Line]:
    """Say when it was late: nobody there in time, or not done in time."""
    row, due = told.row, told.incident["deadline_at"]
    settled_s = row.line.s if row.line and row.line.kind in SETTLED else row.ended_s
    settled = now if settled_s is None else now + timedelta(seconds=settled_s)
    if due < settled:
        yield Line(due, "overdue", RULES)
    there = min((task["on_scene_at"] for task in told.tasks if task["on_scene_at"] is not None), default=settled)
    scene = told.incident["scene_due_at"]
    if scene is not None and scene < min(there, settled):
        yield Line(scene, "scene_late", RULES)


def _end(told: Told, now: datetime, shelved_for: timedelta) -> Iterator[Line]:
    row, line = told.row, told.row.line
    for other, id_ in told.merged:
        if other is not None:
            yield Line(now + timedelta(seconds=other.s), "merged", CENTRE, facts={"duplicate": str(id_)})
    if row.closed_s is not None:
        yield Line(told.incident["closed_at"], "closed", CENTRE, "closed", facts={"disposition": row.disposition})
    if line is None or line.kind == "whistled":
        return
    task = told.tasks[0] if line.kind in BY_THE_WORKER else None
    until = {"shelved": now + shelved_for, "extension_requested": told.incident["deadline_at"] + MORE_TIME}
    asked = until.get(line.kind)
    original = told.incident["duplicate_of"]
    yield Line(
        now + timedelta(seconds=line.s),
        line.kind,
        CENTRE if task is None else f"worker:{task['worker_id']}",
        line.kind,
        task,
        _said(reason=line.reason, until=asked and asked.isoformat(), original=original and str(original)),
    )


def _said(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
