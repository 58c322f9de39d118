"""Whether the process lives, and whether it can serve."""

from fastapi import APIRouter, Request

from api.deps import process_of
from api.errors import DoorError

router = APIRouter(tags=["health"])
LOOKED_WITHIN_S = 10.0


@router.get("/livez")
async def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(request: Request) -> dict[str, str]:
    """Say that the database answers, the ground is loaded and changes come through; 503 otherwise."""
    process = process_of(request)
    if not process.ready.is_set() or process.store.feed.seconds_since_look() > LOOKED_WITHIN_S:
        raise DoorError(503, "database_unavailable")
    async with process.store.watcher() as look:
        await look.board.now()
    return {"status": "ready"}
