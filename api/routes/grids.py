"""Grids, categories, and which grid holds a point."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.deps import Asking, Reading, TheCity
from api.routes.answers import PROBLEMS
from api.schemas.locate import Layer, LocateIn, LocateOneIn, located, located_one

router = APIRouter(prefix="/api", tags=["ground"], responses=PROBLEMS)


@router.get("/categories")
async def categories(actor: Asking, reading: Reading) -> list[dict[str, Any]]:
    """List the categories with their rules, the most urgent first; `other` is always one."""
    return await reading.board.categories()


@router.get("/grids", response_class=Response)
async def grids(actor: Asking, reading: Reading, city: TheCity, layer: Layer = "governance") -> Response:
    """Give the grids of a layer that are in force as GeoJSON (RFC 7946), WGS 84."""
    city.layer(layer)
    features = ",".join(await reading.board.grids(layer))
    return Response(f'{{"type":"FeatureCollection","features":[{features}]}}', media_type="application/geo+json")


@router.get("/locate")
async def locate_one(asked: Annotated[LocateOneIn, Query()], actor: Asking, city: TheCity) -> dict[str, Any]:
    """Find the grid that covers a point, its areas, or else the nearest grid."""
    return located_one(asked, city)


@router.post("/locate")
async def locate(asked: LocateIn, actor: Asking, city: TheCity) -> dict[str, Any]:
    """Find the grid of each of up to 10,000 points."""
    return located(asked, city)
