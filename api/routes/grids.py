"""Grids, categories, and which grid holds a point."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.deps import Asking, Reading, TheCity, permitted
from api.routes.answers import PROBLEMS, json_text
from api.schemas.ground import AreaCode, GridsIn, VersionsIn, features, versions
from api.schemas.locate import LocateIn, LocateOneIn, located, located_one
from data.rights import Permission
from data.tokens import Actor

router = APIRouter(prefix="/api", tags=["ground"], responses=PROBLEMS)
OnTheMap = Annotated[Actor, permitted(Permission.GROUND_VIEW)]


@router.get("/categories")
async def categories(actor: Asking, reading: Reading) -> list[dict[str, Any]]:
    """List the categories with their rules, the most urgent first; `other` is always one."""
    return await reading.board.categories()


@router.get("/grids", response_class=Response)
async def grids(wanted: Annotated[GridsIn, Query()], actor: OnTheMap, reading: Reading, city: TheCity) -> Response:
    """Give the grids of a layer in force now or `at` a moment, and one's to see, as GeoJSON (RFC 7946), WGS 84."""
    found = ",".join(await features(wanted, city, reading))
    return Response(f'{{"type":"FeatureCollection","features":[{found}]}}', media_type="application/geo+json")


@router.get("/grids/{code}/versions", response_class=Response)
async def grid_versions(
    code: Annotated[AreaCode, Path()], wanted: Annotated[VersionsIn, Query()], actor: OnTheMap, reading: Reading
) -> Response:
    """List a grid's versions, the first first, with where their ground came from and where it went."""
    return json_text({"items": await versions(code, wanted.layer, reading)})


@router.get("/locate")
async def locate_one(asked: Annotated[LocateOneIn, Query()], actor: OnTheMap, city: TheCity) -> dict[str, Any]:
    """Find the grid that covers a point and its areas, or else the nearest grid, where they are one's to see."""
    return located_one(asked, city, actor.rights)


@router.post("/locate")
async def locate(asked: LocateIn, actor: OnTheMap, city: TheCity) -> dict[str, Any]:
    """Find the grid of each of up to 10,000 points, where it is one's to see."""
    return located(asked, city, actor.rights)
