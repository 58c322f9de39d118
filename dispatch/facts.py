"""Facts: what an incident's line of history means for the figures, kept on the incident itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from data.categories import LEAD
from data.incidents import ENDED, Incident, Status
from data.ladders import Whom
from data.tasks import Task, TaskStatus

LOOKING = "verify"
"""The place of who is sent to look before a report is filed: that is not handling it."""
STAYS_HANDLED = ENDED | {Status.HANDLED}
"""Whoever comes back from these to handled was handled before: an ending was taken back."""


def with_facts(
    incident: Incident, kind: str, came_from: Status | None, tasks: Iterable[Task], at: datetime
) -> Incident:
    """Return the incident with what a line of this kind makes true of it; `tasks` are all of its tasks as they now are.

    The first acceptance and the first on scene stay for ever. The work counts as handled from the last time it was;
    sent back or opened again, it is not. Opened again counts only for what was closed: the rest is a correction.
    """
    tasks = list(tasks)
    known = replace(
        incident,
        accepted_at=incident.accepted_at or _first(task.accepted_at for task in tasks),
        scene_at=incident.scene_at or _first(task.on_scene_at for task in tasks),
        handler_id=_last_done(tasks),
        department_id=_last_done(task for task in tasks if task.whom is Whom.DEPARTMENTS),
    )
    if kind == "rework":
        return replace(known, handled_at=None, reworks=known.reworks + 1)
    if kind == "reopened":
        return replace(known, handled_at=None, reopenings=known.reopenings + (came_from is Status.CLOSED))
    if known.status is Status.HANDLED and came_from not in STAYS_HANDLED:
        return replace(known, handled_at=at)
    return known


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last_done(tasks: Iterable[Task]) -> UUID | None:
    """Return whose task was done last, one of the first place before all others; None when none is done."""
    done = [task for task in tasks if task.status is TaskStatus.DONE and task.slot != LOOKING]
    last = max(
        done, key=lambda task: (task.slot == LEAD, task.ended_at or task.offered_at, task.attempt_no), default=None
    )
    return None if last is None else last.worker_id
