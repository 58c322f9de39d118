"""Rosters: who is on duty when — weekly patterns, what differs on a day, and times for which somebody is reserved."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.ext.asyncio import AsyncConnection

from data.bulk import insert_many
from data.schema import id_column, metadata, moment, statement

duty_pattern = Table(
    "duty_pattern",
    metadata,
    id_column(),
    Column("worker_id", ForeignKey("worker.id"), nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
    Column("from_day", Date),
    Column("until_day", Date),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint("until_day >= from_day", name="days"),
    Index("duty_pattern_worker_id_idx", "worker_id", "weekday"),
)
"""Weekday 1 is Monday; times are the town's; `ends` <= `starts` runs into the next day, equal means 24 hours."""

duty_exception = Table(
    "duty_exception",
    metadata,
    id_column(),
    Column("worker_id", ForeignKey("worker.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("starts", Time),
    Column("ends", Time),
    Column("reason", Text, nullable=False),
    Column("swap_id", Uuid),
    Column("made_by", Text, nullable=False),
    moment("made_at"),
    CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="whole"),
    CheckConstraint("reason IN ('leave', 'extra', 'changed', 'swap')", name="reason"),
    Index("duty_exception_worker_id_day_idx", "worker_id", "day"),
)
"""What a worker's day is instead of the pattern; without times: off. Rows of one act, with one `made_at`, add up."""

reservation = Table(
    "reservation",
    metadata,
    id_column(),
    Column("worker_id", ForeignKey("worker.id"), nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("incident_id", ForeignKey("incident.id")),
    Column("purpose", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    moment("made_at"),
    CheckConstraint(
        "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL", name="bounded"
    ),
    CheckConstraint("char_length(purpose) BETWEEN 1 AND 300", name="purpose"),
    ExcludeConstraint(("worker_id", "="), ("during", "&&"), name="reservation_one_at_a_time"),
    Index("reservation_incident_id_idx", "incident_id"),
)
"""A time for which somebody is spoken for: an interval, never a flag. An incident's own reservation is no bar to it."""

PATTERNS = text("""
    SELECT id, worker_id, weekday, starts, ends, from_day, until_day FROM duty_pattern
    WHERE (from_day IS NULL OR from_day <= :last) AND (until_day IS NULL OR until_day >= :first)
      AND (CAST(:ids AS uuid[]) IS NULL OR worker_id = ANY(CAST(:ids AS uuid[])))
    ORDER BY worker_id, weekday, starts, id
""")
CHANGES = text("""
    SELECT id, worker_id, day, starts, ends, reason, made_at, swap_id FROM duty_exception
    WHERE day BETWEEN :first AND :last AND (CAST(:ids AS uuid[]) IS NULL OR worker_id = ANY(CAST(:ids AS uuid[])))
    ORDER BY worker_id, day, made_at, starts, id
""")
OF_SWAP = text("""
    SELECT id, worker_id, day, starts, ends, reason, made_at, swap_id FROM duty_exception WHERE swap_id = :swap_id
    ORDER BY worker_id, day, starts
""")
RESERVATIONS = text("""
    SELECT id, worker_id, lower(during) AS starts, upper(during) AS ends, incident_id, purpose FROM reservation
    WHERE during && tstzrange(:since, :until) AND (CAST(:ids AS uuid[]) IS NULL OR worker_id = ANY(CAST(:ids AS uuid[])))
    ORDER BY lower(during), id
""")
RESERVATION = text("""
    SELECT id, worker_id, lower(during) AS starts, upper(during) AS ends, incident_id, purpose FROM reservation
    WHERE id = :id
""")
RESERVED_FOR = text("""
    SELECT worker_id FROM reservation
    WHERE incident_id = :incident_id AND during @> CAST(:now AS timestamptz) ORDER BY lower(during), id
""")
RESERVE = text("""
    INSERT INTO reservation (id, worker_id, during, incident_id, purpose, made_by, made_at)
    VALUES (:id, :worker_id, tstzrange(:starts, :ends), :incident_id, :purpose, :made_by, now())
    ON CONFLICT DO NOTHING RETURNING id
""")
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('wangge roster', 0))")
PEOPLE = text(statement("roster_people"))
COUNTS = text(statement("roster_counts"))


class Reason(StrEnum):
    """Why a day differs from the pattern. `extra` adds to it, everything else stands instead of it."""

    LEAVE = "leave"
    EXTRA = "extra"
    CHANGED = "changed"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shift that comes back every week: `weekday` 1 is Monday, the times are the town's.

    `ends` <= `starts` runs into the next day, equal means 24 hours. Both days are inclusive, None is open.
    """

    id: UUID
    worker_id: UUID
    weekday: int
    starts: time
    ends: time
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a worker's day is instead of the pattern, or `extra` to it; without times: off.

    What was said in one act has one `made_at` and adds up; the last act on a day stands instead of those before.
    """

    id: UUID
    worker_id: UUID
    day: date
    starts: time | None
    ends: time | None
    reason: Reason
    made_at: datetime
    swap_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A time for which a worker is spoken for: from `starts` on, until before `ends`."""

    id: UUID
    worker_id: UUID
    starts: datetime
    ends: datetime
    incident_id: UUID | None
    purpose: str


@dataclass(frozen=True, slots=True)
class People:
    """Whom a roster's page shows: some or, where `ids` is None, all; within an area, by a part of the code.

    The page begins after the code `after`.
    """

    ids: Collection[UUID] | None = None
    path: str | None = None
    search: str | None = None
    after: str | None = None
    limit: int = 500


class Rosters:
    """Statements on rosters and reservations. Where `ids` is None, everybody's."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> None:
        """Let nobody else write rosters until this book closes: what is refused is decided on several people's days."""
        await self._connection.execute(HOLD)

    async def patterns(self, first: date, last: date, ids: Collection[UUID] | None = None) -> list[Pattern]:
        """Read the patterns in force on any day from `first` to `last`."""
        rows = await self._connection.execute(PATTERNS, _between(first, last, ids))
        return [Pattern(*row) for row in rows]

    async def changes(self, first: date, last: date, ids: Collection[UUID] | None = None) -> list[DayChange]:
        """Read what differs from the patterns on days from `first` to `last`."""
        return _changes(await self._connection.execute(CHANGES, _between(first, last, ids)))

    async def set_patterns(self, worker_id: UUID, patterns: Sequence[Pattern]) -> None:
        """Put these patterns in the place of all that a worker has."""
        await self._connection.execute(text("DELETE FROM duty_pattern WHERE worker_id = :id"), {"id": worker_id})
        rows = [asdict(one) for one in patterns]
        await insert_many(self._connection, duty_pattern, rows)

    async def change(self, changes: Iterable[DayChange], made_by: str) -> None:
        """Write what differs on some days."""
        rows = [asdict(one) | {"made_by": made_by} for one in changes]
        await insert_many(self._connection, duty_exception, rows)

    async def drop_changes(self, worker_id: UUID, day: date) -> int:
        """Drop what was said of a worker's day but for swaps, which are taken back as a whole; return how many rows."""
        drop = text("DELETE FROM duty_exception WHERE worker_id = :id AND day = :day AND reason <> 'swap'")
        return (await self._connection.execute(drop, {"id": worker_id, "day": day})).rowcount

    async def swap(self, swap_id: UUID) -> list[DayChange]:
        """Read all rows of a swap; none when there is no such swap."""
        return _changes(await self._connection.execute(OF_SWAP, {"swap_id": swap_id}))

    async def drop_swap(self, swap_id: UUID) -> None:
        """Drop a swap, of all who took part."""
        await self._connection.execute(text("DELETE FROM duty_exception WHERE swap_id = :id"), {"id": swap_id})

    async def reservations(
        self, since: datetime, until: datetime, ids: Collection[UUID] | None = None
    ) -> list[Reservation]:
        """Read the reservations that touch the time between two moments, the earliest first."""
        bound = {"since": since, "until": until, "ids": None if ids is None else list(ids)}
        return [Reservation(*row) for row in await self._connection.execute(RESERVATIONS, bound)]

    async def reservation(self, id_: UUID) -> Reservation | None:
        """Read one reservation; None when there is none."""
        row = (await self._connection.execute(RESERVATION, {"id": id_})).one_or_none()
        return None if row is None else Reservation(*row)

    async def reserved_for(self, incident_id: UUID, now: datetime) -> list[UUID]:
        """Read who is reserved at a moment for an incident, the earliest first."""
        rows = await self._connection.execute(RESERVED_FOR, {"incident_id": incident_id, "now": now})
        return list(rows.scalars())

    async def reserve(self, new: Reservation, made_by: str) -> bool:
        """Write a reservation; False when the worker is spoken for during a part of that time."""
        bound = asdict(new) | {"made_by": made_by}
        return (await self._connection.execute(RESERVE, bound)).first() is not None

    async def drop_reservation(self, id_: UUID) -> None:
        """Drop a reservation."""
        await self._connection.execute(text("DELETE FROM reservation WHERE id = :id"), {"id": id_})

    async def people(self, wanted: People) -> tuple[list[dict[str, Any]], str | None]:
        """Read a page of those a roster shows, and the code after which the next page starts."""
        bound = asdict(wanted) | {"ids": None if wanted.ids is None else list(wanted.ids), "limit": wanted.limit + 1}
        rows = [dict(row._mapping) for row in await self._connection.execute(PEOPLE, bound)]
        page = rows[: wanted.limit]
        return page, page[-1]["code"] if len(rows) > len(page) else None

    async def skills(self, ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
        """Read the skills of some workers."""
        rows = await self._connection.execute(
            text("SELECT id, skills FROM worker WHERE id = ANY(:ids)"), {"ids": list(ids)}
        )
        return {row.id: frozenset(row.skills) for row in rows}

    async def counts(self, layer: str, on: Collection[UUID], path: str | None = None) -> list[dict[str, Any]]:
        """Count for each of the layer's grids the persons at home there and how many of them are among `on`, by code."""
        rows = await self._connection.execute(COUNTS, {"layer": layer, "on": list(on), "path": path})
        return [dict(row._mapping) for row in rows]


def _between(first: date, last: date, ids: Collection[UUID] | None) -> dict[str, Any]:
    return {"first": first, "last": last, "ids": None if ids is None else list(ids)}


def _changes(rows: Iterable[Any]) -> list[DayChange]:
    return [DayChange(row[0], row[1], row[2], row[3], row[4], Reason(row.reason), row[6], row[7]) for row in rows]
