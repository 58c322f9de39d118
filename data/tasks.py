"""Tasks: one responder's part of an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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

from data.incidents import one_of
from data.outbox import Outbox
from data.schema import area_path_column, id_column, metadata, moment, statement


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
    ForeignKeyConstraint(["area_path"], ["area.path"], onupdate="CASCADE"),
    UniqueConstraint("incident_id", "attempt_no"),
    CheckConstraint(one_of("status", TaskStatus), name="status"),
    CheckConstraint("(status IN ('offered', 'accepted', 'on_scene')) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("char_length(reason) <= 1000 AND char_length(result) <= 1000", name="lengths"),
    Index("task_one_active_per_incident", "incident_id", unique=True, postgresql_where=IS_ACTIVE),
    Index(
        "task_one_active_per_exclusive_worker",
        "worker_id",
        unique=True,
        postgresql_where=text("exclusive AND status IN ('offered', 'accepted', 'on_scene')"),
    ),
    Index("task_worker_id_ended_at_idx", "worker_id", "ended_at"),
    Index("task_area_path_idx", "area_path"),
    Index("task_offer_expires_at_idx", "offer_expires_at", postgresql_where=text("status = 'offered'")),
)

COLUMNS = statement("tasks")
INSERT = text(statement("insert_task"))
LOCK = text(COLUMNS + "WHERE t.id = :id FOR UPDATE OF t, i")
LOCK_EXPIRED = text(
    COLUMNS
    + """WHERE t.status = 'offered' AND t.offer_expires_at <= clock_timestamp() AND t.id <> ALL(CAST(:but AS uuid[]))
    ORDER BY t.offer_expires_at LIMIT 1 FOR UPDATE OF t, i SKIP LOCKED"""
)
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


def _task(row: Any) -> Task:
    return Task(row[0], row[1], row[2], TaskStatus(row[3]), *row[4:])


class Tasks:
    """Statements on tasks. Locks are taken in the order task, incident, worker."""

    def __init__(self, connection: AsyncConnection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def insert(self, new: Task) -> None:
        """Write a new offer and put it into the outbox."""
        bound: dict[str, Any] = {
            "id": new.id,
            "incident_id": new.incident_id,
            "worker_id": new.worker_id,
            "status": new.status,
            "attempt_no": new.attempt_no,
            "exclusive": new.exclusive,
            "metres": new.metres,
            "offered_at": new.offered_at,
            "offer_expires_at": new.offer_expires_at,
        }
        self._outbox.stir()
        await self._connection.execute(INSERT, bound)

    async def lock(self, id_: UUID) -> Task | None:
        """Read a task and hold it and its incident until the book closes."""
        row = (await self._connection.execute(LOCK, {"id": id_})).one_or_none()
        return None if row is None else _task(row)

    async def lock_expired(self, but: Sequence[UUID] = ()) -> Task | None:
        """Hold the offer that ran out first and that no other process holds, leaving out some."""
        row = (await self._connection.execute(LOCK_EXPIRED, {"but": list(but)})).one_or_none()
        return None if row is None else _task(row)

    async def save(self, changed: Task) -> None:
        """Write the new step of a task that is locked and put it into the outbox."""
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
