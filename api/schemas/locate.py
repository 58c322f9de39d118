"""Points in, grids out."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field, StringConstraints

from api.schemas.fields import Degrees, Incoming, Text
from data.rights import Permission, Rights
from dispatch.city import City
from geo.datum import Datum, point_in, to_wgs84
from geo.errors import PointOutOfRangeError

Layer = Annotated[Text, StringConstraints(max_length=64)]
MOST_POINTS = 10_000


class LocateOneIn(Incoming):
    """One point, in a query: there numbers are texts."""

    lng: Annotated[float, Field(allow_inf_nan=False)]
    lat: Annotated[float, Field(allow_inf_nan=False)]
    datum: Datum
    layer: Layer = "governance"


class LocateIn(Incoming):
    """Many points in one datum, as [lng, lat] pairs in degrees."""

    points: list[tuple[Degrees, Degrees]] = Field(min_length=1, max_length=MOST_POINTS)
    datum: Datum
    layer: Layer = "governance"


def located_one(asked: LocateOneIn, city: City, rights: Rights) -> dict[str, Any]:
    """Find the grid that covers a point, else name the nearest; `in_scope` False: it is not the asking person's to see."""
    layer = city.layer(asked.layer)
    point = point_in(asked.lng, asked.lat, asked.datum)
    grid, nearest = layer.holding(point), layer.nearest(point)
    beside = None if grid or nearest is None else nearest
    found = grid or (beside and beside[0])
    in_scope = found is not None and rights.covers(Permission.GROUND_VIEW, found.layer, found.area_path)
    grid, beside = (grid, beside) if in_scope else (None, None)
    return {
        "in_scope": in_scope,
        "grid": grid and {"id": grid.id, "code": grid.code, "name": grid.name},
        "areas": city.areas_of(grid),
        "nearest_grid": beside and {"code": beside[0].code, "name": beside[0].name, "metres": round(beside[1], 1)},
        "point": {"lng": round(point.lng, 7), "lat": round(point.lat, 7), "datum": "wgs84"},
    }


def located(asked: LocateIn, city: City, rights: Rights) -> dict[str, Any]:
    """Find the grid of each point by code; None where none covers it, or none that is the asking person's to see.

    Raises
    ------
    PointOutOfRangeError
        If any point is not on Earth; the first is named by its place in the list.
    """
    layer = city.layer(asked.layer)
    given = np.array(asked.points, dtype=np.float64)
    off = np.flatnonzero((np.abs(given[:, 0]) > 180) | (np.abs(given[:, 1]) > 90))
    if off.size:
        raise PointOutOfRangeError(index=int(off[0]))
    lng, lat = to_wgs84(given[:, 0], given[:, 1], asked.datum)
    rows = layer.locator.locate_many(lng, lat)
    codes = [
        grid.code if rights.covers(Permission.GROUND_VIEW, grid.layer, grid.area_path) else None
        for grid in layer.grids
    ]
    return {"layer": asked.layer, "codes": [None if row < 0 else codes[row] for row in rows.tolist()]}
