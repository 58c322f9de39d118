"""History: what happened to an incident, line by line; it is only ever appended to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.clocks import Clock, plain
from data.incidents import Status
from data.needs import Need
from data.outbox import Outbox
from data.schema import metadata, moment, statement
from data.tasks import Task
from data.timers import Timer

incident_event = Table(
    "incident_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id")),
    moment("at"),
    Column("kind", Text, nullable=False),
    Column("status_from", Text),
    Column("status_to", Text),
    Column("actor", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
)

NOTHING: Mapping[str, Sequence[Need]] = MappingProxyType({})
WRITE = text(statement("write_case"))
SINCE = text("""
    SELECT e.id, e.kind, e.at, split_part(e.actor, ':', 1) AS actor, e.actor = :me AS mine, e.status_to AS to, w.code AS worker
    FROM incident_event e LEFT JOIN task t ON t.id = e.task_id
    LEFT JOIN worker w ON w.id = t.worker_id AND place_key(NULL, w.area_path) <@ ANY (scope('worker.view'))
    WHERE e.incident_id = :id AND e.id > :seen ORDER BY e.id LIMIT 20
""")
REVISION = text("SELECT max(id) FROM incident_event WHERE incident_id = :id")
LAST = text("""
    SELECT id, at, kind, actor, status_from, status_to, task_id, facts FROM incident_event
    WHERE incident_id = :id ORDER BY id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an incident's history."""

    incident_id: UUID
    at: datetime
    kind: str
    actor: str
    status_from: Status | None = None
    status_to: Status | None = None
    task_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Since:
    """A line somebody has not seen yet: who did what, without names."""

    id: int
    kind: str
    at: datetime
    actor: str
    mine: bool
    to: str | None
    worker: str | None


class History:
    """Statements on the history."""

    def __init__(self, connection: AsyncConnection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def write(
        self,
        incident_id: UUID,
        lines: Sequence[Event],
        offers: Sequence[Task] = (),
        needs: Mapping[str, Sequence[Need]] = NOTHING,
        timers: Sequence[Timer | Clock] = (),
    ) -> None:
        """Append lines to an incident's history together with what they tell of, in one statement.

        `needs` are those that are new and those that `moved`, by these two words; clocks come with the timers they set.
        Whoever writes has just written the incident or holds it. All of it goes into the outbox.
        """
        self._outbox.stir()
        given = {
            "needs": [_plain(need) for need in needs.get("new", ())],
            "moved": [_plain(need) for need in needs.get("moved", ())],
            "offers": [_plain(task) for task in offers],
            "timers": [_plain(timer) for timer in timers if isinstance(timer, Timer)],
            "clocks": [plain(clock) for clock in timers if isinstance(clock, Clock)],
            "lines": [_plain(line) | {"place": place} for place, line in enumerate(lines)],
        }
        bound = {"incident_id": incident_id, "given": json.dumps(given, default=str)}
        await self._connection.execute(WRITE, bound)

    async def append(self, *lines: Event) -> None:
        """Append to the history of one incident."""
        await self.write(lines[0].incident_id, lines)

    async def since(self, incident_id: UUID, seen: int, me: str) -> list[Since]:
        """Read the lines after one that was seen, oldest first, at most twenty; `mine` are those of `me`."""
        rows = await self._connection.execute(SINCE, {"id": incident_id, "seen": seen, "me": me})
        return [Since(row.id, row.kind, row.at, row.actor, row.mine, row.to, row.worker) for row in rows]

    async def revision(self, incident_id: UUID) -> int:
        """Return the id of an incident's last line: what a person has seen who has seen all."""
        found: int = (await self._connection.execute(REVISION, {"id": incident_id})).scalar_one()
        return found

    async def last(self, incident_id: UUID, limit: int = 20) -> list[Event]:
        """Read an incident's last lines, the newest first."""
        rows = await self._connection.execute(LAST, {"id": incident_id, "limit": limit})
        return [
            Event(
                incident_id, r.at, r.kind, r.actor, _status(r.status_from), _status(r.status_to), r.task_id, r.facts
            )
            for r in rows
        ]


def _plain(record: Need | Task | Timer | Event) -> dict[str, Any]:
    """Return a record's fields by name; `dataclasses.asdict` would copy all that is in them."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def _status(given: str | None) -> Status | None:
    return None if given is None else Status(given)
