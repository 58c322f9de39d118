"""Vector tiles of the ground."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from api.deps import Asking, Reading
from api.errors import DoorError
from api.routes.answers import PROBLEMS
from data.tiles import SOURCES

router = APIRouter(tags=["ground"], responses=PROBLEMS)
DEEPEST = 20


@router.get("/tiles/{layer}/{z}/{x}/{y}", response_class=Response)
async def tile(  # noqa: PLR0913 - a tile's address has four parts
    layer: str,
    z: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Annotated[int, Path(ge=0, lt=1 << DEEPEST)],
    y: Annotated[int, Path(ge=0, lt=1 << DEEPEST)],
    actor: Asking,
    reading: Reading,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Draw one tile (MVT) of what one may see: ground, streets, buildings, areas, grids or households."""
    if layer not in SOURCES or max(x, y) >= 1 << z:
        raise DoorError(404, "not_found")
    drawn = await reading.tile(layer, z, x, y)
    tag = f'"{hashlib.blake2b(drawn, digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, max-age=60", "vary": "authorization, cookie"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    status = 200 if drawn else 204
    return Response(drawn, status, headers, media_type="application/vnd.mapbox-vector-tile")
