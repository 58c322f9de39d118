"""Workers: who they are and where their phones were last seen."""

from uuid import UUID

from fastapi import APIRouter, Request

from api.deps import Asking, CommandCentre, Reading, TheCity, Writing, process_of
from api.routes.answers import PROBLEMS
from api.schemas.workers import PositionIn
from dispatch.desk.move import move

router = APIRouter(prefix="/api/workers", tags=["workers"], responses=PROBLEMS)


@router.get("")
async def listed(request: Request, actor: CommandCentre, city: TheCity, reading: Reading) -> list[dict[str, object]]:
    """List the workers with masked names, the last fix (WGS 84) and its state."""
    names = await reading.board.worker_names()
    now = await reading.board.now()
    return [names[id_] | row for id_, row in process_of(request).workers_by_id(now) if id_ in names]


@router.put("/{worker_id}/position")
async def position(worker_id: UUID, body: PositionIn, actor: Asking, book: Writing) -> dict[str, bool]:
    """Say where a worker is; an older fix than the one that stands is not kept."""
    return {"kept": await move(worker_id, body.seen(), actor, book)}
