"""Timers: what must happen at a time. A row each, claimed by any process; it ends in the transaction of its effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment, one_of


class TimerKind(StrEnum):
    """What a timer is for."""

    OFFER = "offer"
    CLIMB = "climb"
    SCENE = "scene"
    DEADLINE = "deadline"
    RESUME = "resume"
    RESERVED = "reserved"
    REMIND = "remind"
    SUPERVISE = "supervise"


timer = Table(
    "timer",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("slot", Text),
    Column("task_id", ForeignKey("task.id"), index=True),
    moment("due_at"),
    CheckConstraint(one_of("kind", TimerKind), name="kind"),
    CheckConstraint("(kind = 'offer') = (task_id IS NOT NULL)", name="offer_of_a_task"),
    Index("timer_due_at_idx", "due_at"),
    Index("timer_once", "incident_id", "kind", "due_at", "slot", unique=True, postgresql_nulls_not_distinct=True),
)

COLUMNS = "SELECT id, kind, incident_id, slot, task_id, due_at FROM timer "
CLAIM = text(
    COLUMNS
    + """WHERE due_at <= (SELECT clock_timestamp()) AND id <> ALL(CAST(:but AS bigint[]))
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
)
SECONDS_TO_NEXT = text("SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM timer")
SET = text("""
    INSERT INTO timer (kind, incident_id, slot, task_id, due_at) VALUES (:kind, :incident_id, :slot, :task_id, :due_at)
    ON CONFLICT DO NOTHING
""")
DROP = text("DELETE FROM timer WHERE id = :id")
PUT_OFF = text("UPDATE timer SET due_at = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :id")
DROP_OF = text("""
    DELETE FROM timer WHERE id IN (
        SELECT id FROM timer WHERE incident_id = :incident_id AND kind = ANY(:kinds) FOR UPDATE SKIP LOCKED)
""")


@dataclass(frozen=True, slots=True)
class Timer:
    """One thing that must happen; `id` None while it is not written."""

    kind: TimerKind
    incident_id: UUID
    slot: str | None
    task_id: UUID | None
    due_at: datetime
    id: int | None = None


def _timer(row: Any) -> Timer:
    return Timer(TimerKind(row.kind), row.incident_id, row.slot, row.task_id, row.due_at, row.id)


class Timers:
    """Statements on timers. Nobody but the process that fires a timer waits for its row, so that none blocks another."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, but: Sequence[int] = ()) -> Timer | None:
        """Hold the timer that has been due longest and that no other process holds, leaving out some."""
        row = (await self._connection.execute(CLAIM, {"but": list(but)})).one_or_none()
        return None if row is None else _timer(row)

    async def seconds_to_next(self) -> float | None:
        """Return the seconds until the next is due, negative when it is late; None when there is none."""
        found: float | None = (await self._connection.execute(SECONDS_TO_NEXT)).scalar_one()
        return found

    async def set(self, new: Timer) -> None:
        """Write a timer, unless the same one stands already."""
        bound = {
            "kind": new.kind,
            "incident_id": new.incident_id,
            "slot": new.slot,
            "task_id": new.task_id,
            "due_at": new.due_at,
        }
        await self._connection.execute(SET, bound)

    async def end(self, fired: Timer) -> None:
        """Drop a timer that was claimed, in the transaction of its effect."""
        await self._connection.execute(DROP, {"id": fired.id})

    async def put_off(self, failed: Timer, seconds: int) -> None:
        """Have a timer that was claimed come again later."""
        await self._connection.execute(PUT_OFF, {"id": failed.id, "seconds": seconds})

    async def drop(self, incident_id: UUID, *kinds: TimerKind) -> None:
        """Drop an incident's timers of some kinds; one that is just being fired finds nothing left to do."""
        await self._connection.execute(DROP_OF, {"incident_id": incident_id, "kinds": list(kinds)})
