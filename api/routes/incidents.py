"""Incidents: report, list, look at, close, export."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.deps import Reading, TheCity, permitted, process_of
from api.once import Command, commanding
from api.routes.answers import CSV, PROBLEMS, incident_text, json_text
from api.schemas.incidents import ListIn, ReportIn, csv_of, received
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.export import note_export
from dispatch.desk.receive import receive

router = APIRouter(prefix="/api/incidents", tags=["incidents"], responses=PROBLEMS)
Reporter = Annotated[Command, commanding(Permission.INCIDENT_REPORT)]
Onlooker = Annotated[Actor, permitted(Permission.INCIDENT_VIEW, Permission.INCIDENT_REPORT)]
Exporter = Annotated[Actor, permitted(Permission.INCIDENT_EXPORT)]


@router.post("", status_code=201)
async def report(body: ReportIn, by: Reporter, city: TheCity) -> Response:
    """Report an incident: its grid and the first able worker are found, and the worker is offered the task.

    `receipt` is the code by which the reporter looks at it and judges it; it is shown this once, and null when the
    request is repeated under its key.
    """

    async def work() -> object:
        return received(await receive(body.report(by.actor), city, by.book), by.actor, city)

    return await by.once(work, 201, not_kept="receipt")


@router.get("")
async def listed(wanted: Annotated[ListIn, Query()], actor: Onlooker, reading: Reading) -> Response:
    """List the incidents one may see or has reported, the newest first; `after` takes the `next` of the page before."""
    rows, after = await reading.board.page(wanted.wanted())
    return json_text({"items": rows}, {"next": after})


@router.get("/export", response_class=StreamingResponse, responses=CSV)
async def export(
    request: Request, wanted: Annotated[ListIn, Query()], actor: Exporter, city: TheCity
) -> StreamingResponse:
    """Export the incidents one may see as CSV (UTF-8 with a mark, for spreadsheets); `limit` counts a page, not all."""
    store = process_of(request).store
    await note_export(wanted.named(city), actor, store.books)
    return StreamingResponse(csv_of(wanted.wanted(), actor, store), media_type="text/csv; charset=utf-8")


@router.get("/{incident_id}")
async def one(incident_id: UUID, actor: Onlooker, reading: Reading, city: TheCity) -> Response:
    """Show one incident with its areas, its history and the candidates it was last offered among."""
    return await incident_text(incident_id, reading, city)
