"""Tasks: one responder's part of an incident."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.categories import LEAD
from data.ladders import Whom
from data.outbox import Outbox
from data.schema import area_path_column, id_column, metadata, moment, one_of, statement


class TaskStatus(StrEnum):
    """The steps of a task."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ON_SCENE = "on_scene"
    DONE = "done"
    FAILED = "failed"


ACTIVE = frozenset({TaskStatus.OFFERED, TaskStatus.ACCEPTED, TaskStatus.ON_SCENE})
PUT_ASIDE = "put_aside"
"""Why a task was taken back from somebody who is not to blame."""
ASKED_AGAIN_AFTER = timedelta(minutes=30)
IS_ACTIVE = text("status IN ('offered', 'accepted', 'on_scene')")

task = Table(
    "task",
    metadata,
    id_column(),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("worker_id", ForeignKey("worker.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt_no", SmallInteger, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("metres", Float),
    moment("offered_at"),
    moment("offer_expires_at"),
    moment("accepted_at", required=False),
    moment("on_scene_at", required=False),
    moment("ended_at", required=False),
    Column("reason", Text),
    Column("result", Text),
    Column("layer", Text, nullable=False),
    area_path_column(),
    Column("slot", Text, nullable=False, server_default="lead"),
    Column("whom", Text, nullable=False, server_default="ranked"),
    Column("by_hand", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["area_path"], ["area.path"], onupdate="CASCADE"),
    UniqueConstraint("incident_id", "attempt_no"),
    CheckConstraint(one_of("status", TaskStatus), name="status"),
    CheckConstraint("(status IN ('offered', 'accepted', 'on_scene')) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("char_length(reason) <= 1000 AND char_length(result) <= 1000", name="lengths"),
    ForeignKeyConstraint(["incident_id", "slot"], ["need.incident_id", "need.slot"]),
    CheckConstraint(one_of("whom", Whom), name="whom"),
    Index("task_one_active_per_slot", "incident_id", "slot", unique=True, postgresql_where=IS_ACTIVE),
    Index(
        "task_one_active_per_incident_and_worker", "incident_id", "worker_id", unique=True, postgresql_where=IS_ACTIVE
    ),
    Index(
        "task_one_active_per_exclusive_worker",
        "worker_id",
        unique=True,
        postgresql_where=text("exclusive AND status IN ('offered', 'accepted', 'on_scene')"),
    ),
    Index("task_worker_id_ended_at_idx", "worker_id", "ended_at"),
    Index("task_area_path_idx", "area_path"),
)

COLUMNS = statement("tasks")
OF = text(COLUMNS + "WHERE t.incident_id = :id ORDER BY t.attempt_no")
WHOSE = text("SELECT incident_id, worker_id FROM task WHERE id = :id")
SAVE = text(statement("save_task"))


@dataclass(frozen=True, slots=True)
class Task:
    """One offer to one worker and what became of it. `metres` is the great-circle way at the time of the offer."""

    id: UUID
    incident_id: UUID
    worker_id: UUID
    status: TaskStatus
    attempt_no: int
    exclusive: bool
    metres: float | None
    offered_at: datetime
    offer_expires_at: datetime
    accepted_at: datetime | None = None
    on_scene_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    result: str | None = None
    slot: str = LEAD
    whom: Whom = Whom.RANKED
    by_hand: bool = False


def asked_lately(tasks: Iterable[Task], now: datetime) -> tuple[UUID, ...]:
    """Return whom an incident is or was lately offered to, in the order of the offers: as data/sql/incidents.sql has it.

    Whoever has waited for a row's lock has of other tables only what stood there when the waiting began; of tasks that
    are read afterwards this is what is so now.
    """
    asked = (
        one
        for one in sorted(tasks, key=lambda task: task.attempt_no)
        if one.ended_at is None
        or (one.status is not TaskStatus.DONE and one.reason != PUT_ASIDE and one.ended_at > now - ASKED_AGAIN_AFTER)
    )
    return tuple(one.worker_id for one in asked)


@dataclass(frozen=True, slots=True)
class Whose:
    """Which incident a task belongs to, and whose it is. Neither ever changes."""

    incident_id: UUID
    worker_id: UUID


def _task(row: Any) -> Task:
    return Task(**row._asdict() | {"status": TaskStatus(row.status), "whom": Whom(row.whom)})


class Tasks:
    """Statements on tasks; whoever writes holds their incident's row. Locks: timer, incident, then workers."""

    def __init__(self, connection: AsyncConnection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def whose(self, id_: UUID) -> Whose | None:
        """Read to which incident and worker a task belongs; None when there is no such task."""
        row = (await self._connection.execute(WHOSE, {"id": id_})).one_or_none()
        return None if row is None else Whose(row.incident_id, row.worker_id)

    async def of(self, incident_id: UUID) -> list[Task]:
        """Read all tasks of an incident in the order in which they were offered."""
        return [_task(row) for row in await self._connection.execute(OF, {"id": incident_id})]

    async def save(self, changed: Task) -> None:
        """Write the new step of a task and put it into the outbox; an offer that is answered needs its timer no more."""
        bound = {
            "id": changed.id,
            "status": changed.status,
            "accepted_at": changed.accepted_at,
            "on_scene_at": changed.on_scene_at,
            "ended_at": changed.ended_at,
            "reason": changed.reason,
            "result": changed.result,
        }
        self._outbox.stir()
        await self._connection.execute(SAVE, bound)
