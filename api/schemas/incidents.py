"""Reports in, answers out."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.fields import Incoming, Moment, Position, Text
from data.board import Wanted
from data.incidents import Disposition, Given, Status
from data.tokens import Actor
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
        return Report(given, self.category, str(actor), self.description, self.address, self.reported_at)


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


class CloseIn(Incoming):
    """What came of an incident."""

    disposition: Disposition


def received(done: Received) -> dict[str, Any]:
    """Shape the answer to a report."""
    incident, task = done.incident, done.task
    candidates = [candidate.as_json() for candidate in done.candidates]
    worker = next((one["worker"] for one in candidates if "reason" in one), None)
    offered = task and {
        "id": task.id,
        "worker": worker,
        "status": task.status,
        "offer_expires_at": task.offer_expires_at,
    }
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
        "tasks": [offered] if offered else [],
        "candidates": candidates,
        "deadline": incident.deadline_at,
    }
