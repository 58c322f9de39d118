"""Vector tiles straight from PostGIS (MVT), of what the asking person may see.

A table is read through its function `<table>_in(box)`: under a row policy no spatial index would be used.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FIRST_ZOOM_OF_BUILDINGS = 14
FIRST_ZOOM_OF_LANES = 14
FIRST_ZOOM_OF_HOUSEHOLDS = 16

SOURCES = {
    "ground": ("ground", "shape_3857", "kind, name", "true"),
    "streets": ("street", "line_3857", "name, class", f"(:z >= {FIRST_ZOOM_OF_LANES} OR class <> 'lane')"),
    "buildings": ("building", "shape_3857", "kind, name, storeys", f":z >= {FIRST_ZOOM_OF_BUILDINGS}"),
    "areas": ("area", "shape_3857", "level, code, name", "level <> 'grid'"),
    "grids": (
        "grid",
        "shape_3857",
        "id::text AS id, code, name, kind",
        "layer = :shown AND valid @> now()",
    ),
    "households": (
        "household",
        "st_transform(point, 3857)",
        "ltree2text(subpath(area_path, -1)) AS grid",
        f":z >= {FIRST_ZOOM_OF_HOUSEHOLDS}",
    ),
}
"""Layer: table, column, properties, condition. A household is a dot that names nobody: looks at it are not noted."""

TILE = """
    SELECT st_asmvt(t, '{layer}', 4096, 'shape') FROM (
        SELECT st_asmvtgeom({column}, st_tileenvelope(:z, :x, :y), 4096, 64, true) AS shape, {properties}
        FROM {table}_in(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096)) AS seen
        WHERE {condition}
        ORDER BY seen.id  -- the same ground gives the same bytes, whatever the plan
    ) AS t WHERE shape IS NOT NULL
"""
STATEMENTS = {
    layer: text(TILE.format(layer=layer, table=table, column=column, properties=properties, condition=condition))
    for layer, (table, column, properties, condition) in SOURCES.items()
}


async def tile(connection: AsyncConnection, layer: str, at: tuple[int, int, int], shown: str) -> bytes:
    """Draw one tile (z, x, y) of a layer of `SOURCES`, of grids those of the grid layer that is shown.

    Empty bytes when nothing lies there.
    """
    bound = dict(zip("zxy", at, strict=True)) | ({"shown": shown} if layer == "grids" else {})
    drawn: bytes = (await connection.execute(STATEMENTS[layer], bound)).scalar_one()
    return drawn
