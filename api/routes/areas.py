"""Areas and grid layers: what a role can be held for."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Reading, permitted
from api.routes.answers import PROBLEMS
from api.schemas.accounts import AreasIn
from data.grids import Grids
from data.rights import Permission
from data.tokens import Actor

router = APIRouter(prefix="/api", tags=["ground"], responses=PROBLEMS)
Viewing = Annotated[Actor, permitted(Permission.GROUND_VIEW)]


@router.get("/areas")
async def areas(wanted: Annotated[AreasIn, Query()], actor: Viewing, reading: Reading) -> dict[str, Any]:
    """List the areas one may see, from the root down."""
    return {"items": await reading.areas.page(wanted.search, wanted.limit)}


@router.get("/layers")
async def layers(actor: Viewing, reading: Reading) -> list[dict[str, Any]]:
    """List the grid layers by code."""
    return await Grids(reading.connection).layers()
