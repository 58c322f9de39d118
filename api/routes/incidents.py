"""Incidents: report, list, look at, close."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Asking, CommandCentre, Reading, TheCity, Writing
from api.once import AtMostOnce
from api.routes.answers import PROBLEMS, incident_text, json_text
from api.schemas.incidents import CloseIn, ListIn, ReportIn, received
from dispatch.desk.close import close
from dispatch.desk.receive import receive

router = APIRouter(prefix="/api/incidents", tags=["incidents"], responses=PROBLEMS)


@router.post("", status_code=201)
async def report(body: ReportIn, actor: Asking, city: TheCity, book: Writing, once: AtMostOnce) -> Response:
    """Report an incident: its grid and the first able worker are found, and the worker is offered the task."""

    async def work() -> object:
        return received(await receive(body.report(actor), city, book))

    return await once(work, 201)


@router.get("")
async def listed(wanted: Annotated[ListIn, Query()], actor: CommandCentre, reading: Reading) -> Response:
    """List incidents, the newest first; `after` takes the `next` of the page before."""
    rows, after = await reading.board.page(wanted.wanted())
    return json_text({"items": rows}, {"next": after})


@router.get("/{incident_id}")
async def one(incident_id: UUID, actor: CommandCentre, reading: Reading, city: TheCity) -> Response:
    """Show one incident with its areas, its history and the candidates it was last offered among."""
    return await incident_text(incident_id, reading, city)


@router.post("/{incident_id}/close")
async def closed(incident_id: UUID, body: CloseIn, actor: CommandCentre, book: Writing, once: AtMostOnce) -> Response:
    """Close a handled or waiting incident and say what came of it."""

    async def work() -> object:
        await close(incident_id, body.disposition, actor, book)
        return {"id": incident_id, "status": "closed", "disposition": body.disposition}

    return await once(work)
