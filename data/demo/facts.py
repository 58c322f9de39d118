"""What the tasks of a past matter mean for its figures: the facts that the desk would have noted."""

from collections.abc import Sequence
from typing import Any

DEPARTMENTS = "departments"
AFTER_THE_WORK = frozenset({"handled", "inspecting", "closed"})

type Row = dict[str, Any]


def facts_of(status: str, tasks: Sequence[Row]) -> Row:
    """Return the facts of a matter that stands so, the first one's task first. None of them was sent back or reopened."""
    done = [task for task in tasks if task["status"] == "done"]
    called = [task for task in done if task["whom"] == DEPARTMENTS]
    return {
        "accepted_at": _first(tasks, "accepted_at"),
        "scene_at": _first(tasks, "on_scene_at"),
        "handled_at": done[-1]["ended_at"] if done and status in AFTER_THE_WORK else None,
        "handler_id": done[0]["worker_id"] if done else None,
        "department_id": called[-1]["worker_id"] if called else None,
    }


def _first(tasks: Sequence[Row], name: str) -> Any:
    return min((task[name] for task in tasks if task[name] is not None), default=None)
