"""Is it one of these? What is known already near by, and following it instead of reporting it again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Reading, TheCity, permitted
from api.once import Command, commanding
from api.plain import json_of
from api.routes.answers import PROBLEMS
from api.schemas.receipts import NearIn
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.follow import follow
from dispatch.desk.near import known_already, perhaps_the_same

router = APIRouter(prefix="/api/incidents", tags=["incidents"], responses=PROBLEMS)
Asker = Annotated[Actor, permitted(Permission.INCIDENT_REPORT)]
Viewer = Annotated[Actor, permitted(Permission.INCIDENT_VIEW)]
Follower = Annotated[Command, commanding(Permission.INCIDENT_REPORT)]


@router.post("/near")
async def near(body: NearIn, actor: Asker, reading: Reading, city: TheCity) -> Response:
    """Ask before reporting: is it one of these? Same kind, open, near in space and time; nothing is written.

    Whoever does not see an incident is told of it only where its category lies in public, and no text.
    """
    items = await known_already(body.report(actor), city, reading)
    return Response(json_of({"items": items}), media_type="application/json")


@router.get("/{incident_id}/near")
async def same(incident_id: UUID, actor: Viewer, reading: Reading) -> Response:
    """Show what may be the same as an incident, with both texts; `minutes`: how much later the other was reported."""
    return Response(json_of(await perhaps_the_same(incident_id, reading)), media_type="application/json")


@router.post("/{incident_id}/follow", status_code=201)
async def followed(incident_id: UUID, by: Follower, city: TheCity) -> Response:
    """Follow an incident instead of reporting it again; `receipt` is shown this once, and null when repeated by key."""

    async def work() -> dict[str, object]:
        given = await follow(incident_id, by.actor, city, by.book)
        return {"receipt": given.code}

    return await by.once(work, 201, not_kept="receipt")
