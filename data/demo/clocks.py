"""The clocks of what has happened: by the minutes of its category, ended, at rest or running as the matter stands."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from data.demo.lines import Told
from data.limits import REMIND_SHARE, SUPERVISE_SHARE
from data.limits_file import LimitFiles, read_limits

WORKED_OUT = frozenset({"handled", "inspecting", "closed"})
CALLED_OFF = frozenset({"rejected", "void", "duplicate"})

type Row = dict[str, Any]


def clocks_of(told: Told, now: datetime) -> Iterator[Row]:
    """Return the clocks of a past matter: until it was done and, where its category says so, until somebody was there."""
    incident = told.incident
    been = min((task["on_scene_at"] for task in told.tasks if task["on_scene_at"] is not None), default=None)
    over, done = _over(told, now), incident["status"] in WORKED_OUT
    yield _clock("handle", told, incident["deadline_at"], over, now) | {
        "late": _late(incident["deadline_at"], over, done)
    }
    if incident["scene_due_at"] is not None:
        met = been or over
        kept = done or been is not None
        yield _clock("arrive", told, incident["scene_due_at"], met, now) | {
            "late": _late(incident["scene_due_at"], met, kept)
        }


def _over(told: Told, now: datetime) -> datetime | None:
    """Return when the work of a matter ended, by being done or called off; None while it goes on."""
    incident, line = told.incident, told.row.line
    done = [task["ended_at"] for task in told.tasks if task["status"] == "done"]
    if incident["status"] in WORKED_OUT:
        ended: datetime | None = max(done) if done else incident["closed_at"]
        return ended
    if incident["status"] in CALLED_OFF:
        filed: datetime = incident["filed_at"]
        return filed if line is None else now + timedelta(seconds=line.s)
    return None


def _late(due: datetime, ended: datetime | None, kept: bool) -> bool | None:
    return None if ended is None or (not kept and ended <= due) else ended > due


def _clock(step: str, told: Told, due: datetime, ended: datetime | None, now: datetime) -> Row:
    incident, line = told.incident, told.row.line
    reported = incident["reported_at"]
    put_by = now + timedelta(seconds=line.s) if incident["status"] == "shelved" and line and ended is None else None
    stopped = ended or put_by
    return {
        "incident_id": incident["id"],
        "step": step,
        "round": 1,
        "amount": (due - reported) // timedelta(minutes=1),
        "unit": "minutes",
        "remind_share": REMIND_SHARE,
        "supervise_share": SUPERVISE_SHARE,
        "started_at": reported,
        "running_since": reported if stopped is None else None,
        "ran": json.dumps([] if stopped is None else [[reported.isoformat(), stopped.isoformat()]]),
        "consumed_seconds": 0 if stopped is None else (stopped - reported).total_seconds(),
        "due_at": due,
        "paused": None if put_by is None else "shelved",
        "ended_at": ended,
        "overdue_at": due if due < (stopped or now) else None,
    }


async def load_limits(connection: AsyncConnection) -> None:
    """Give the town its limits and working hours."""
    words = resources.files("data.demo").joinpath("limits.toml").read_text(encoding="utf-8")
    await LimitFiles(connection).replace(read_limits(words))
