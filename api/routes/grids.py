"""Grids, categories, and which grid holds a point."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.deps import Asking, Reading, TheCity, permitted
from api.routes.answers import PROBLEMS
from api.schemas.locate import Layer, LocateIn, LocateOneIn, located, located_one
from data.rights import Permission
from data.tokens import Actor

router = APIRouter(prefix="/api", tags=["ground"], responses=PROBLEMS)
OnTheMap = Annotated[Actor, permitted(Permission.GROUND_VIEW)]


@router.get("/categories")
async def categories(actor: Asking, reading: Reading) -> list[dict[str, Any]]:
    """List the categories with their rules, the most urgent first; `other` is always one."""
    return await reading.board.categories()


@router.get("/grids", response_class=Response)
async def grids(actor: OnTheMap, reading: Reading, city: TheCity, layer: Layer = "governance") -> Response:
    """Give the grids of a layer that are in force and one's to see as GeoJSON (RFC 7946), WGS 84."""
    city.layer(layer)
    features = ",".join(await reading.board.grids(layer))
    return Response(f'{{"type":"FeatureCollection","features":[{features}]}}', media_type="application/geo+json")


@router.get("/locate")
async def locate_one(asked: Annotated[LocateOneIn, Query()], actor: OnTheMap, city: TheCity) -> dict[str, Any]:
    """Find the grid that covers a point and its areas, or else the nearest grid, where they are one's to see."""
    return located_one(asked, city, actor.rights)


@router.post("/locate")
async def locate(asked: LocateIn, actor: OnTheMap, city: TheCity) -> dict[str, Any]:
    """Find the grid of each of up to 10,000 points, where it is one's to see."""
    return located(asked, city, actor.rights)
