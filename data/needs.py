"""Needs: the places of an incident that somebody must fill, and how far up the ladder each has come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.categories import RankBy, Slot
from data.schema import area_path_column, metadata, moment, one_of
from data.workers import Kind


class NeedState(StrEnum):
    """Whether a place is filled."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    HELD = "held"
    DROPPED = "dropped"


need = Table(
    "need",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("responder", Text, nullable=False),
    Column("skill", Text),
    Column("ranking", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("ladder", Text, nullable=False),
    Column("worker_id", ForeignKey("worker.id")),
    Column("state", Text, nullable=False),
    Column("rung", SmallInteger, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    moment("rung_since"),
    Column("layer", Text, nullable=False),
    area_path_column(),
    ForeignKeyConstraint(["area_path"], ["area.path"], onupdate="CASCADE"),
    CheckConstraint("slot ~ '^[a-z][a-z0-9_]{0,63}$'", name="slot"),
    CheckConstraint(one_of("responder", Kind), name="responder"),
    CheckConstraint(one_of("ranking", RankBy), name="ranking"),
    CheckConstraint(one_of("state", NeedState), name="state"),
    Index("need_open_idx", "incident_id", postgresql_where=text("state IN ('open', 'held')")),
)
"""`open` waits for whoever is free, `held` for the command centre's hand. `worker_id`: only this one will do."""


@dataclass(frozen=True, slots=True)
class Need:
    """One place to fill. `tries` counts the offers on this rung, `rung_since` when it was reached."""

    slot: str
    responder: Kind
    skill: str | None
    ranking: RankBy
    exclusive: bool
    ladder: str
    worker_id: UUID | None
    state: NeedState
    rung: int
    tries: int
    rung_since: datetime


OF = text("""
    SELECT incident_id, slot, responder, skill, ranking, exclusive, ladder, worker_id, state, rung, tries, rung_since
    FROM need WHERE incident_id = ANY(:ids) ORDER BY incident_id, slot <> 'lead', slot
""")


def need_of(slot: Slot, now: datetime, worker_id: UUID | None = None) -> Need:
    """Open a need at the foot of its ladder."""
    rule = (slot.code, slot.responder, slot.skill, slot.ranking, slot.exclusive, slot.ladder)
    return Need(*rule, worker_id, NeedState.OPEN, 0, 0, now)


def _need(row: Any) -> Need:
    rule = (row.slot, Kind(row.responder), row.skill, RankBy(row.ranking), row.exclusive, row.ladder)
    return Need(*rule, row.worker_id, NeedState(row.state), row.rung, row.tries, row.rung_since)


class Needs:
    """Statements on needs; they are written with the lines that tell of them, see `data.history`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, ids: Collection[UUID]) -> Mapping[UUID, dict[str, Need]]:
        """Read the needs of these incidents by slot, the first one first."""
        found: dict[UUID, dict[str, Need]] = {id_: {} for id_ in ids}
        for row in await self._connection.execute(OF, {"ids": list(ids)}):
            found[row.incident_id][row.slot] = _need(row)
        return found
