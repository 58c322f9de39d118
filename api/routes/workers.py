"""Workers: who they are and where their phones were last seen."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, TheCity, permitted
from api.once import Command, commanding
from api.routes.answers import PROBLEMS
from api.schemas.workers import HeartbeatIn, PositionIn
from api.shown import workers
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.move import hear, move

router = APIRouter(prefix="/api/workers", tags=["workers"], responses=PROBLEMS)
Onlooker = Annotated[Actor, permitted(Permission.WORKER_VIEW)]
Moving = Annotated[Command, commanding(Permission.WORKER_MOVE, Permission.TASK_ANSWER)]


@router.get("")
async def listed(actor: Onlooker, city: TheCity, reading: Reading) -> list[dict[str, object]]:
    """List the workers one may see with masked names, the last fix (WGS 84) and its state."""
    names, now = await reading.board.worker_names(), await reading.board.now()
    seen = [(UUID(row["id"]), row) for row in workers(city, actor.rights, now)]
    return [names[id_] | row for id_, row in seen if id_ in names]


@router.put("/{worker_id}/position")
async def position(worker_id: UUID, body: PositionIn, by: Moving) -> dict[str, bool]:
    """Say where a worker is; an older fix than the one that stands is not kept."""
    return {"kept": await move(worker_id, body.seen(), by.actor, by.book)}


@router.post("/{worker_id}/heartbeat")
async def heartbeat(worker_id: UUID, body: HeartbeatIn, by: Moving) -> dict[str, bool]:
    """Say that a worker's phone lives; while it lies `still`, its last position counts as true."""
    await hear(worker_id, body.still, by.actor, by.book)
    return {"heard": True}
