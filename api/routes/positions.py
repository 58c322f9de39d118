"""Positions that a gateway or a phone gathered, sent together."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.deps import permitted
from api.errors import DoorError
from api.once import Command, commanding
from api.routes.answers import PROBLEMS
from api.schemas.positions import NoMomentError, described, gathered_in
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.move import Taken, move_all
from dispatch.gathered import Gathered

router = APIRouter(prefix="/api/positions", tags=["workers"], responses=PROBLEMS)
Mover = Annotated[Actor, permitted(Permission.WORKER_MOVE, Permission.TASK_ANSWER)]
Moving = Annotated[Command, commanding(Permission.WORKER_MOVE, Permission.TASK_ANSWER)]
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": described()}}}}


async def _gathered(request: Request, _: Mover) -> Gathered:
    """Read the body past FastAPI, which would take eight times as long; refusals look the same."""
    if "json" not in request.headers.get("content-type", "json"):
        raise DoorError(415, "unsupported_media_type")
    try:
        return gathered_in(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([dict(one) | {"loc": ("body", *one["loc"])} for one in found]) from None
    except NoMomentError as error:
        loc = ("body", "positions", error.row, "fixed_at")
        raise RequestValidationError([{"loc": loc, "type": "datetime_parsing"}]) from None


Sent = Annotated[Gathered, Depends(_gathered, scope="function")]


@router.post("", openapi_extra=BODY)
async def positions(sent: Sent, by: Moving) -> dict[str, object]:
    """Keep of each worker the newest fix; what is refused is named, and hinders no other. Sent again it changes nothing."""
    return _told(await move_all(sent, by.actor, by.book))


def _told(taken: Taken) -> dict[str, object]:
    refused = [{"index": row, "code": one.code, **one.facts} for row, one in taken.refused.items()]
    return {"kept": taken.kept, "older": taken.older, "refused": refused}
