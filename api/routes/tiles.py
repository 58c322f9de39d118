"""Vector tiles of the ground."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response

from api.deps import Asking
from api.errors import DoorError
from api.routes.answers import PROBLEMS
from data.tiles import SOURCES

router = APIRouter(tags=["ground"], responses=PROBLEMS)
DEEPEST = 20


@router.get("/tiles/{layer}/{z}/{x}/{y}", response_class=Response)
async def draw(  # noqa: PLR0913 - a tile's address has four parts
    layer: str,
    z: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Annotated[int, Path(ge=0, lt=1 << DEEPEST)],
    y: Annotated[int, Path(ge=0, lt=1 << DEEPEST)],
    actor: Asking,
    request: Request,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Draw one tile (MVT) of what one may see: ground, streets, buildings, areas, grids, house numbers or households."""
    if layer not in SOURCES or max(x, y) >= 1 << z:
        raise DoorError(404, "not_found")
    tile = await request.app.state.tiles.tile(actor, layer, (z, x, y))
    headers = {"etag": tile.tag, "cache-control": "private, max-age=60", "vary": "authorization, cookie"}
    if if_none_match == tile.tag:
        return Response(status_code=304, headers=headers)
    status = 200 if tile.content else 204
    return Response(tile.content, status, headers, media_type="application/vnd.mapbox-vector-tile")
