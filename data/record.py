"""The record: all that is kept of a period, as plain records of one moment. It is read, never written.

What somebody wrote and who reported is not read at all: a replay needs to know when, where and who went.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.calendars import Calendars, Year
from data.categories import Categories, Category, Urgency
from data.engine import Role, engine_for
from data.grids import Grid, Grids
from data.incidents import Disposition, Given, Incident, Status
from data.ladders import Ladder, Ladders, Whom
from data.ledger import Entries, LedgerRows, entries_of
from data.limits import LimitRow, TimeLimits
from data.needs import Need, Needs
from data.proposals import Proposals, ProposedShape
from data.rosters import DayChange, Pattern, Reservation, Rosters
from data.schema import statement
from data.tasks import Task, TaskStatus
from data.town import Town, Towns
from data.units import Units
from data.workers import Worker, Workers
from geo.point import Point

AT_ONCE = 1_000
"""Incidents read in one statement: none of them takes long."""
INCIDENTS = text(statement("record_incidents"))
TASKS = text(statement("tasks") + "WHERE t.incident_id = ANY(:ids) ORDER BY t.incident_id, t.attempt_no")
OTHERS = text(
    statement("tasks")
    + """JOIN incident i ON i.id = t.incident_id
    WHERE t.offered_at < :until AND (t.ended_at IS NULL OR t.ended_at > :since)
      AND NOT (i.filed_at >= :since AND i.filed_at < :until) ORDER BY t.offered_at, t.id"""
)
LINES = text("""
    SELECT id, incident_id, at, kind, actor = 'rules' AS by_rules, status_to, task_id, facts -> 'candidates' AS candidates,
           facts ->> 'until' AS until
    FROM incident_event WHERE incident_id = ANY(:ids) ORDER BY at, id
""")
AREAS = text("SELECT code, ltree2text(path) AS path FROM area ORDER BY path")
PROPOSED_FOR = text("SELECT layer FROM proposal WHERE id = :id")
BEGIN = text("SET TRANSACTION READ ONLY")
NOW = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history; `candidates` are those whom an offer was decided among, `until` the deadline it set or asked for."""

    id: int
    at: datetime
    kind: str
    by_rules: bool
    status_to: Status | None
    task_id: UUID | None
    candidates: Sequence[Mapping[str, Any]]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """An incident of the record with its places, its tasks in the order of their offers, and its history."""

    incident: Incident
    needs: Mapping[str, Need]
    tasks: tuple[Task, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The town's own settings: what a replay may change."""

    town: Town | None
    rules: Mapping[str, Category]
    ladders: Mapping[str, Ladder]
    grids: tuple[Grid, ...]
    patterns: tuple[Pattern, ...]
    changes: tuple[DayChange, ...]
    limits: tuple[LimitRow, ...]
    years: Mapping[int, Year]
    areas: Mapping[str, str]
    """Paths in the tree by code."""


@dataclass(frozen=True, slots=True)
class Record:
    """A period as it is kept: from `since` on, until before `until`, seen at `as_of`.

    `others` are tasks of incidents that were filed before or after, as far as they reach into the period; `entries` the
    incidents as figures are made of them, by id.
    """

    since: datetime
    until: datetime
    as_of: datetime
    kept: Kept
    workers: tuple[Worker, ...]
    members: Mapping[UUID, frozenset[UUID]]
    reservations: tuple[Reservation, ...]
    filed: tuple[Filed, ...]
    others: tuple[Task, ...]
    entries: Entries


async def read_record(url: str, first: date, last: date) -> Record:
    """Read the town's days from `first` to `last`: every statement sees the same moment, and nothing can be written."""
    async with _snapshot(url) as connection:
        zone = _zone(await Towns(connection).the())
        days = (first, last + timedelta(days=1))
        since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
        return await record_of(connection, since, until)


async def read_proposal(url: str, id_: UUID) -> tuple[str, list[ProposedShape]] | None:
    """Read the layer of a proposal and the shapes it would have there; None when there is no such proposal."""
    async with _snapshot(url) as connection:
        layer: str | None = (await connection.execute(PROPOSED_FOR, {"id": id_})).scalar_one_or_none()
        return None if layer is None else (layer, await Proposals(connection).shapes(id_))


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[AsyncConnection]:
    engine = engine_for(url, Role.DISPATCHER, pool_size=1).execution_options(isolation_level="REPEATABLE READ")
    try:
        async with engine.connect() as connection:
            await connection.execute(BEGIN)
            yield connection
    finally:
        await engine.dispose()


async def record_of(connection: AsyncConnection, since: datetime, until: datetime) -> Record:
    """Read a period on a connection that sees one moment."""
    as_of: datetime = (await connection.execute(NOW)).scalar_one()
    period = {"since": since, "until": until}
    others = [_task(row) for row in await connection.execute(OTHERS, period)]
    filed, ledger = await _filed(connection, period), LedgerRows(connection)
    names = await ledger.names()
    return Record(
        since=since,
        until=until,
        as_of=as_of,
        kept=await _kept(connection, since, until),
        workers=tuple(await Workers(connection).all()),
        members=await Units(connection).members(),
        reservations=tuple(await Rosters(connection).reservations(since, until)),
        filed=filed,
        others=tuple(others),
        entries=entries_of(await ledger.of([one.incident.id for one in filed]), names),
    )


async def _kept(connection: AsyncConnection, since: datetime, until: datetime) -> Kept:
    town, rosters = await Towns(connection).the(), Rosters(connection)
    zone, day = _zone(town), timedelta(days=1)
    first, last = since.astimezone(zone).date() - day, until.astimezone(zone).date() + day
    return Kept(
        town=town,
        rules=await Categories(connection).all(),
        ladders=await Ladders(connection).all(),
        grids=tuple(await Grids(connection).in_force()),
        patterns=tuple(await rosters.patterns(first, last)),
        changes=tuple(await rosters.changes(first, last)),
        limits=await TimeLimits(connection).all(),
        years=await Calendars(connection).all(),
        areas={row.code: row.path for row in await connection.execute(AREAS)},
    )


def _zone(town: Town | None) -> ZoneInfo:
    return ZoneInfo(town.time_zone if town else "UTC")


async def _filed(connection: AsyncConnection, period: Mapping[str, datetime]) -> tuple[Filed, ...]:
    incidents = [_incident(row) for row in await connection.execute(INCIDENTS, dict(period))]
    found: list[Filed] = []
    for some in batched(incidents, AT_ONCE):
        ids = [one.id for one in some]
        needs = await Needs(connection).of(ids)
        tasks: dict[UUID, list[Task]] = defaultdict(list)
        for row in await connection.execute(TASKS, {"ids": ids}):
            tasks[row.incident_id].append(_task(row))
        lines: dict[UUID, list[Line]] = defaultdict(list)
        for row in await connection.execute(LINES, {"ids": ids}):
            lines[row.incident_id].append(_line(row))
        found += [Filed(one, needs[one.id], tuple(tasks[one.id]), tuple(lines[one.id])) for one in some]
    return tuple(found)


def _incident(row: Any) -> Incident:
    return Incident(
        id=row.id,
        category=row.category,
        layer=row.layer,
        urgency=Urgency(row.urgency),
        status=Status(row.status),
        point=Point(row.lng, row.lat),
        given=Given(row.lng, row.lat, "wgs84"),
        grid_id=row.grid_id,
        area_id=row.area_id,
        nearest_grid_id=row.nearest_grid_id,
        reporter="",
        reported_at=row.reported_at,
        filed_at=row.filed_at,
        deadline_at=row.deadline_at,
        description="",
        area_path=row.area_path,
        closed_at=row.closed_at,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        duplicate_of=row.duplicate_of,
        scene_due_at=row.scene_due_at,
        accepted_at=row.accepted_at,
        scene_at=row.scene_at,
        handled_at=row.handled_at,
        reworks=row.reworks,
        reopenings=row.reopenings,
        handler_id=row.handler_id,
        department_id=row.department_id,
    )


def _task(row: Any) -> Task:
    return Task(**row._asdict() | {"status": TaskStatus(row.status), "whom": Whom(row.whom)})


def _line(row: Any) -> Line:
    status = None if row.status_to is None else Status(row.status_to)
    until = None if row.until is None else datetime.fromisoformat(row.until)
    return Line(row.id, row.at, row.kind, row.by_rules, status, row.task_id, row.candidates or (), until)
