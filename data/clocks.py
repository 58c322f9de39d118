"""Clocks: how long each step of an incident has taken of the time it may take. Rows, written with the case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.limits import Limit, Step, Unit
from data.schema import metadata, moment, one_of


class Paused(StrEnum):
    """Why a clock stands still."""

    SHELVED = "shelved"
    WAITING = "waiting"


clock = Table(
    "clock",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("round", SmallInteger, primary_key=True, autoincrement=False),
    Column("amount", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("remind_share", Double),
    Column("supervise_share", Double),
    Column("extra_seconds", Double, nullable=False, server_default=text("0")),
    moment("started_at"),
    moment("running_since", required=False),
    Column("ran", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("consumed_seconds", Double, nullable=False, server_default=text("0")),
    moment("due_at"),
    Column("missing_year", SmallInteger),
    Column("paused", Text),
    moment("ended_at", required=False),
    Column("late", Boolean),
    moment("reminded_at", required=False),
    moment("overdue_at", required=False),
    moment("supervised_at", required=False),
    CheckConstraint(one_of("step", Step), name="step"),
    CheckConstraint(one_of("unit", Unit), name="unit"),
    CheckConstraint(one_of("paused", Paused), name="paused"),
    CheckConstraint("round > 0 AND amount > 0", name="numbers"),
    CheckConstraint(
        "CASE WHEN ended_at IS NULL THEN late IS NULL AND (running_since IS NULL) = (paused IS NOT NULL)"
        " ELSE running_since IS NULL END",
        name="runs_rests_or_ended",
    ),
    Index("clock_waiting_idx", "incident_id", postgresql_where=text("paused = 'waiting' AND ended_at IS NULL")),
)
"""One for each step of an incident that has a limit, and each round: a step begun anew is the next round.

`ran` are the times it ran, `[[from, until], …]`, without the present one, which began at `running_since`; from them
`consumed_seconds` is counted, in the limit's own measure. `extra_seconds`, of the same measure, were granted beside the
limit. `late` none: it has not ended, was called off before it was due, or a year is missing from the calendar.
"""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands. It runs, rests (`paused`) or has ended; `consumed` and `extra` are in the limit's measure.

    While it rests `due_at` is when it would have been due. `missing_year`: the calendar lacks it; `due_at` is then no
    later than the limit really ends.
    """

    limit: Limit
    round: int
    started_at: datetime
    running_since: datetime | None
    due_at: datetime
    ran: tuple[tuple[datetime, datetime], ...] = ()
    consumed: timedelta = timedelta(0)
    extra: timedelta = timedelta(0)
    missing_year: int | None = None
    paused: Paused | None = None
    ended_at: datetime | None = None
    late: bool | None = None
    reminded_at: datetime | None = None
    overdue_at: datetime | None = None
    supervised_at: datetime | None = None

    @property
    def step(self) -> Step:
        """The step it times."""
        return self.limit.step


OF = text("""
    SELECT clock_timestamp() AS now, c.* FROM (SELECT) one LEFT JOIN clock c ON c.incident_id = :id
    ORDER BY c.step, c.round
""")
UNSETTLED = text("""
    SELECT DISTINCT incident_id FROM clock
    WHERE missing_year IS NOT NULL OR ended_at IS NULL AND (NOT :working OR unit IN ('working_hours', 'working_days'))
    ORDER BY incident_id
""")
MISSING = text("""
    SELECT missing_year AS year, count(DISTINCT incident_id) AS incidents FROM clock
    WHERE missing_year IS NOT NULL GROUP BY missing_year ORDER BY missing_year
""")


class Clocks:
    """Statements on clocks; they are written with the lines that tell of them, see `data.history`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, incident_id: UUID) -> tuple[datetime, tuple[Clock, ...]]:
        """Read what PostgreSQL's clock says, and an incident's clocks by step and round."""
        rows = (await self._connection.execute(OF, {"id": incident_id})).all()
        return rows[0].now, tuple(_clock(row) for row in rows if row.step is not None)

    async def unsettled(self, *, working: bool) -> list[UUID]:
        """Read the incidents with a clock that has not ended (`working`: in working time), or lacks a year."""
        return list(await self._connection.scalars(UNSETTLED, {"working": working}))

    async def missing(self) -> dict[int, int]:
        """Count, by year that is missing from the calendar, the incidents whose clocks need it."""
        return {row.year: row.incidents for row in await self._connection.execute(MISSING)}


def plain(one: Clock) -> dict[str, Any]:
    """Return a clock's columns as JSON takes them, but for the incident's id."""
    return {
        "step": one.limit.step,
        "round": one.round,
        "amount": one.limit.amount,
        "unit": one.limit.unit,
        "remind_share": one.limit.remind_share,
        "supervise_share": one.limit.supervise_share,
        "extra_seconds": one.extra.total_seconds(),
        "started_at": one.started_at,
        "running_since": one.running_since,
        "ran": [[since.isoformat(), until.isoformat()] for since, until in one.ran],
        "consumed_seconds": one.consumed.total_seconds(),
        "due_at": one.due_at,
        "missing_year": one.missing_year,
        "paused": one.paused,
        "ended_at": one.ended_at,
        "late": one.late,
        "reminded_at": one.reminded_at,
        "overdue_at": one.overdue_at,
        "supervised_at": one.supervised_at,
    }


def _clock(row: Any) -> Clock:
    return Clock(
        limit=Limit(Step(row.step), row.amount, Unit(row.unit), row.remind_share, row.supervise_share),
        round=row.round,
        started_at=row.started_at,
        running_since=row.running_since,
        due_at=row.due_at,
        ran=tuple((datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in row.ran),
        consumed=timedelta(seconds=row.consumed_seconds),
        extra=timedelta(seconds=row.extra_seconds),
        missing_year=row.missing_year,
        paused=None if row.paused is None else Paused(row.paused),
        ended_at=row.ended_at,
        late=row.late,
        reminded_at=row.reminded_at,
        overdue_at=row.overdue_at,
        supervised_at=row.supervised_at,
    )
