"""Reports in, answers out."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.fields import Incoming, Moment, Position, Text
from api.sheets import harmless
from data.board import Wanted
from data.incidents import Given, Status
from data.person import anybody_with
from data.rights import Permission, Rights
from data.store import Store
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.follow import holder_of
from dispatch.desk.receive import Received
from dispatch.triage import Report


class ReportIn(Position):
    """A report of an incident."""

    category: Annotated[Text, StringConstraints(max_length=64)]
    description: Annotated[Text, StringConstraints(max_length=4000)]
    address: Annotated[Text, StringConstraints(max_length=300)] | None = None
    reported_at: Moment | None = Field(default=None, description="when it was seen; default: now")

    def report(self, actor: Actor) -> Report:
        """Turn it into what the desk takes."""
        given = Given(self.lng, self.lat, self.datum)
        holder = holder_of(actor)
        return Report(given, self.category, str(actor), self.description, self.address, self.reported_at, holder)


class ListIn(Incoming):
    """Which incidents to list."""

    status: Status | None = None
    category: Annotated[Text, StringConstraints(max_length=64)] | None = None
    grid: Annotated[Text, StringConstraints(max_length=64)] | None = Field(default=None, description="a grid's code")
    open: bool = False
    after: UUID | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=1000)

    def wanted(self) -> Wanted:
        """Turn it into what the board takes."""
        return Wanted(self.status, self.category, self.grid, self.open, self.after, self.limit)

    def named(self, city: City) -> dict[str, Any]:
        """Return what was asked for, for the audit: of what was typed only codes that the city knows."""
        category = {"category": self.category} if self.category in city.rules else {}
        grid = {"grid": self.grid} if self.grid is not None and city.has_grid(self.grid) else {}
        return {"status": self.status, "open": self.open, **category, **grid}


def received(done: Received, actor: Actor, city: City) -> dict[str, Any]:
    """Shape the answer to a report: the rules chose among all, the answer names only whom the actor may see."""
    incident = done.incident
    candidates = [candidate.as_json() for candidate in done.candidates if _sees(actor, candidate.worker_id, city)]
    offered = [
        {
            "id": task.id,
            "slot": task.slot,
            "worker": _named(actor, task.worker_id, city),
            "status": task.status,
            "offer_expires_at": task.offer_expires_at,
        }
        for task in done.tasks
    ]
    nearest, datum = done.nearest_grid, done.likely_datum
    return {
        "id": incident.id,
        "status": incident.status,
        "urgency": incident.urgency,
        "category": incident.category,
        "grid": done.grid and {"id": done.grid.id, "code": done.grid.code, "name": done.grid.name},
        **({"nearest_grid": {"id": nearest.id, "code": nearest.code, "name": nearest.name}} if nearest else {}),
        **({"hint": "datum", "likely_datum": datum} if datum else {}),
        "areas": done.areas,
        "tasks": offered,
        "candidates": candidates,
        "deadline": incident.deadline_at,
        "receipt": done.receipt,
    }


def _named(actor: Actor, worker_id: UUID, city: City) -> dict[str, str] | None:
    if not _sees(actor, worker_id, city):
        return None
    return {"id": str(worker_id), "code": city.crew.workers[city.crew.row_of[worker_id]].code}


def _sees(actor: Actor, worker_id: UUID, city: City) -> bool:
    row = city.crew.row_of.get(worker_id)
    path = None if row is None else city.crew.workers[row].area_path
    return worker_id in actor.responders or actor.rights.covers(Permission.WORKER_VIEW, None, path)


COLUMNS = (
    *("id", "status", "urgency", "category", "layer", "grid", "lng", "lat", "address", "description"),
    *("reported_at", "filed_at", "deadline", "closed_at", "disposition"),
)


async def csv_of(wanted: Wanted, actor: Actor, store: Store) -> AsyncIterator[str]:
    """Write every incident that is wanted and the actor's to see and export, page by page in one look, as lines of CSV."""
    within = actor.rights.within_both(Permission.INCIDENT_EXPORT, Permission.INCIDENT_VIEW)
    exporter = anybody_with(Rights(dict(actor.rights.held) | {Permission.INCIDENT_VIEW: within}))
    yield "\ufeff" + _line(COLUMNS)
    async with store.reader(exporter) as reader:
        while True:
            rows, after = await reader.board.page(wanted)
            plain = [json.loads(row) for row in rows]
            yield "".join(_line([_cell(row, name) for name in COLUMNS]) for row in plain)
            if after is None:
                return
            wanted = replace(wanted, after=after)


def _cell(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if name == "grid":
        value = value and value["code"]
    return "" if value is None else str(harmless(value))


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
