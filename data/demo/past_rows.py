"""The rows of what happened in a demo town, with codes and indices in place of ids."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What somebody was asked beside the first; times as in `IncidentRow`."""

    slot: str
    worker: str
    status: str
    offered_s: int
    accepted_s: int | None
    on_scene_s: int | None
    ended_s: int | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """What the command centre or the worker said last, in the words of the history."""

    kind: str
    s: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident of the last two weeks with the first one's task, and those of others `beside`.

    Every `*_s` is in seconds relative to now, zero or negative; None where it has not come to that.
    `status` and `task_status` are what these times say: a waiting incident is filed and has no task.
    `line` is what moved it out of the usual order; `original` the place of what it is a duplicate of in `Town.incidents`.
    """

    category: str
    status: str
    description: str
    address: str
    lng: float
    lat: float
    reporter: str
    reported_s: int
    received_s: int | None
    filed_s: int | None
    worker: str | None
    task_status: str | None
    offered_s: int | None
    accepted_s: int | None
    on_scene_s: int | None
    ended_s: int | None
    closed_s: int | None
    disposition: str | None
    beside: tuple[TaskRow, ...] = ()
    line: LineRow | None = None
    original: int | None = None
