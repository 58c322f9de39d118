"""What tests draw on the lattice, and where households ended up."""

from typing import Any

import numpy as np
from shapely import MultiPolygon, Polygon, box

from data.importing.drawn import Drawn, Written
from data.importing.writing import write_drawn
from data.store import transaction
from tests.support.place import SOUTH, STEP, WEST, Place

type Shape = Polygon | MultiPolygon


def drawn(*grids: tuple[str, Shape], layer: str | None = "governance", level: str = "grid", **more: Any) -> Drawn:
    shapes = np.empty(len(grids), dtype=np.object_)
    shapes[:] = [shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape]) for _, shape in grids]
    codes = [code for code, _ in grids]
    return Drawn(level, codes, more.pop("names", [f"{code}格" for code in codes]), shapes, layer=layer, **more)


async def write(owner_url: str, what: Drawn, **how: Any) -> Written:
    async with transaction(owner_url) as connection:
        return await write_drawn(connection, what, **how)


def strip(west: float, east: float) -> MultiPolygon:
    """Return the ground between two columns of the lattice."""
    return MultiPolygon([box(WEST + west * STEP, SOUTH, WEST + east * STEP, SOUTH + STEP)])


def middle_of(column: float, size: float) -> MultiPolygon:
    """Return a square about the middle of a row of the lattice."""
    x, y = WEST + column * STEP, SOUTH + STEP / 2
    return MultiPolygon([box(x - size * STEP, y - size * STEP, x + size * STEP, y + size * STEP)])


async def settled(place: Place) -> dict[str, str | None]:
    rows = await place.run("SELECT address, area_path::text AS path FROM household ORDER BY address")
    return {row.address: row.path for row in rows}


async def add_home(place: Place, address: str, column: float) -> None:
    await place.run(
        """INSERT INTO household (id, address, point, cell)
        VALUES (gen_random_uuid(), :address, st_setsrid(st_makepoint(:x, :y), 4326), 0)""",
        address=address,
        x=WEST + column * STEP,
        y=SOUTH + STEP / 2,
    )
