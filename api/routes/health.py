"""Whether the process lives, and whether it can serve."""

from fastapi import APIRouter, Request

from api.deps import process_of
from api.errors import DoorError

router = APIRouter(tags=["health"])


@router.get("/livez")
async def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(request: Request) -> dict[str, str]:
    """Say that the database answers and the ground is loaded; 503 otherwise."""
    process = process_of(request)
    if not process.ready.is_set():
        raise DoorError(503, "database_unavailable")
    async with process.store.reader() as reader:
        await reader.board.now()
    return {"status": "ready"}
