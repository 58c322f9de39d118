"""Areas and grids asked for: where in the tree, at which moment."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from api.schemas.fields import Incoming, Moment, Name
from api.schemas.locate import Layer
from data.rights import Permission
from data.store import Reader
from data.tokens import Actor
from dispatch.city import City
from dispatch.errors import UnknownAreaOfTreeError, UnknownGridError, UnknownLayerError

YEARS = range(1900, 2201)


def _of_our_time(at: AwareDatetime) -> AwareDatetime:
    if at.year not in YEARS:
        raise ValueError("no town had or will have grids then")
    return at


AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
At = Annotated[Moment, AfterValidator(_of_our_time)]


class AreasIn(Incoming):
    """Which areas to list: those found, from the root down, or those under an area with what they hold."""

    search: Name | None = Field(default=None, description="part of a code or a name")
    under: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{0,64}$")] | None = Field(
        default=None, description="code of an area, whose children are listed with what they hold; empty: the roots"
    )
    limit: int = Field(default=100, ge=1, le=1000, description="of those found; children are all listed")


class GridsIn(Incoming):
    """Which grids: a layer's, now or as they were or are planned at a moment."""

    layer: Layer = "governance"
    at: At | None = None


class VersionsIn(Incoming):
    """Of which layer; none: of each."""

    layer: Layer | None = None


async def areas_found(wanted: AreasIn, actor: Actor, reading: Reader) -> list[dict[str, Any]]:
    """List what was asked for."""
    if wanted.under is None:
        return await reading.areas.page(wanted.search, wanted.limit)
    if wanted.under and await reading.areas.of_code(wanted.under) is None:
        raise UnknownAreaOfTreeError
    return await _children(wanted.under, actor, reading)


async def one_area(code: str, actor: Actor, reading: Reader) -> dict[str, Any]:
    """Show one area with the way down to it, itself last, and what is under it."""
    found = await reading.areas.of_code(code)
    if found is None:
        raise UnknownAreaOfTreeError
    path = (await reading.areas.paths([found[0]]))[found[0]]
    children = await _children(code, actor, reading)
    return {"code": code, "level": path[-1].level, "name": path[-1].name, "path": path, "children": children}


async def _children(under: str, actor: Actor, reading: Reader) -> list[dict[str, Any]]:
    """List children; of households nothing is said to who may see none."""
    counted = actor.may(Permission.HOUSEHOLD_VIEW)
    return [row if counted else row | {"households": None} for row in await reading.areas.children(under)]


async def features(wanted: GridsIn, city: City, reading: Reader) -> list[str]:
    """List a layer's grids as GeoJSON features (text)."""
    if wanted.at is None:
        city.layer(wanted.layer)
    elif wanted.layer not in {layer["code"] for layer in await reading.grids.layers()}:
        raise UnknownLayerError
    return await reading.board.grids(wanted.layer, wanted.at)


async def versions(code: str, layer: str | None, reading: Reader) -> list[str]:
    """List a grid's versions (JSON text)."""
    found = await reading.board.versions(code, layer)
    if not found:
        raise UnknownGridError
    return found
