"""Vector tiles straight from PostGIS (MVT), from the generated Web Mercator columns."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FIRST_ZOOM_OF_BUILDINGS = 14
FIRST_ZOOM_OF_LANES = 14

SOURCES = {
    "ground": ("ground", "shape_3857", "kind, name", "true"),
    "streets": ("street", "line_3857", "name, class", f"(:z >= {FIRST_ZOOM_OF_LANES} OR class <> 'lane')"),
    "buildings": ("building", "shape_3857", "kind, name, storeys", f":z >= {FIRST_ZOOM_OF_BUILDINGS}"),
    "areas": ("area", "shape_3857", "level, code, name", "level <> 'grid'"),
    "grids": (
        "grid",
        "shape_3857",
        "id::text AS id, code, name, kind",
        "layer = 'governance' AND valid @> now()",
    ),
}
"""Layer: table, column, properties, condition."""

TILE = """
    SELECT st_asmvt(t, '{layer}', 4096, 'shape') FROM (
        SELECT st_asmvtgeom({column}, st_tileenvelope(:z, :x, :y), 4096, 64, true) AS shape, {properties}
        FROM {table}
        WHERE {column} && st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096) AND {condition}
        ORDER BY {table}.id  -- the same ground gives the same bytes, whatever the plan
    ) AS t WHERE shape IS NOT NULL
"""
STATEMENTS = {
    layer: text(TILE.format(layer=layer, table=table, column=column, properties=properties, condition=condition))
    for layer, (table, column, properties, condition) in SOURCES.items()
}


async def tile(connection: AsyncConnection, layer: str, z: int, x: int, y: int) -> bytes:
    """Draw one tile of a layer of `SOURCES`; empty bytes when nothing lies there."""
    drawn: bytes = (await connection.execute(STATEMENTS[layer], {"z": z, "x": x, "y": y})).scalar_one()
    return drawn
