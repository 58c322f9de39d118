"""The tree of areas, and grid layers: what a role can be held for."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.deps import Reading, permitted
from api.routes.answers import PROBLEMS
from api.schemas.ground import AreaCode, AreasIn, areas_found, one_area
from data.rights import Permission
from data.tokens import Actor

router = APIRouter(prefix="/api", tags=["ground"], responses=PROBLEMS)
Viewing = Annotated[Actor, permitted(Permission.GROUND_VIEW)]


@router.get("/areas")
async def areas(wanted: Annotated[AreasIn, Query()], actor: Viewing, reading: Reading) -> dict[str, Any]:
    """List the areas one may see, from the root down, or those under one with what they hold."""
    return {"items": await areas_found(wanted, actor, reading)}


@router.get("/areas/{code}")
async def area(code: Annotated[AreaCode, Path()], actor: Viewing, reading: Reading) -> dict[str, Any]:
    """Show an area with the way down to it and what is right under it: grids in force by layer, households."""
    return await one_area(code, actor, reading)


@router.get("/layers")
async def layers(actor: Viewing, reading: Reading) -> list[dict[str, Any]]:
    """List the grid layers by code."""
    return await reading.grids.layers()
