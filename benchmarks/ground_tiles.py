"""Tiles of a large town, drawn and kept, beside the statement one would write first."""

import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import shapely

from benchmarks.door import Door
from benchmarks.rows import Row, Side, at_most, quantile
from benchmarks.tiles import Tile, tiles_over
from benchmarks.town import Bed, serving
from data.engine import Role
from data.rights import EVERYWHERE, Permission
from data.tokens import rights_for

DRAWN_MS, KEPT_MS, FROM_ZOOM = 50.0, 5.0, 13  # facts/maps.md, goals
PROMISED_UP_TO = 100_000  # households
MOST_TILES = 60
LAYERS: dict[str, tuple[int, ...]] = {
    "households": (12, 13, 14, 16),
    "grids": (10, 12, 14, 16),
    "areas": (10, 12, 14, 16),
    "buildings": (14, 16),
    "streets": (12, 14, 16),
    "ground": (12, 14),
}
FIRST_THOUGHT = """
    SELECT st_asmvt(t, 'x', 4096, 'shape') FROM (
        SELECT st_asmvtgeom(st_transform({shape}, 3857), st_tileenvelope($1, $2, $3), 4096, 64, true) AS shape, {columns}
        FROM {table}_in(st_tileenvelope($1, $2, $3, margin => 64.0 / 4096)) {only}
    ) AS t WHERE shape IS NOT NULL
"""
PEERS = {
    "households": FIRST_THOUGHT.format(shape="point", columns="id::text AS id", table="household", only=""),
    "grids": FIRST_THOUGHT.format(
        shape="shape", columns="id::text AS id, code, name", table="grid", only="WHERE layer = 'governance'"
    ),
    "areas": FIRST_THOUGHT.format(
        shape="shape", columns="level, code, name", table="area", only="WHERE level <> 'grid'"
    ),
    "buildings": FIRST_THOUGHT.format(shape="shape", columns="kind, name", table="building", only=""),
    "streets": FIRST_THOUGHT.format(shape="line", columns="name, class", table="street", only=""),
    "ground": FIRST_THOUGHT.format(shape="shape", columns="kind, name", table="ground", only=""),
}
PEER = "transformed for each request, nothing thinned or simplified"
SERVED = """
    SELECT set_config('wangge.account', '00000000-0000-0000-0000-000000000000', true),
           set_config('wangge.rights', $1, true)
"""


async def measure(place: Bed, households: int, repetitions: int, zooms: Sequence[int] = ()) -> list[Row]:
    """Ask for each tile: from a server without a cache, from one that has it already, and as the peer draws it."""
    west, south, east, north = shapely.total_bounds([grid.shape for grid in place.made.grids]).tolist()
    wanted = {
        (layer, zoom): _some(tiles_over((west, south, east, north), zoom))
        for layer, all_zooms in LAYERS.items()
        for zoom in all_zooms
        if not zooms or zoom in zooms
    }
    drawn, kept, first = {}, {}, {}
    async with serving(place) as served:
        door = await served.door()
        for key, tiles in wanted.items():
            drawn[key] = [await _asked(door, key[0], tiles) for _ in range(repetitions)]
        await door.close()
    async with serving(place, tile_cache_mb=1_000) as served:
        door = await served.door()
        for key, tiles in wanted.items():
            await _asked(door, key[0], tiles)
            kept[key] = [await _asked(door, key[0], tiles) for _ in range(repetitions)]
        await door.close()
    peer = await _connected(place)
    for key, tiles in wanted.items():
        first[key] = [await _first_thought(peer, key[0], tiles) for _ in range(repetitions)]
    await peer.close()
    rows = []
    for key in wanted:
        rows += _rows(key, households, drawn[key], kept[key], first[key])
    return rows


type Pass = list[tuple[float, bytes]]
"""Seconds and bytes of each tile."""


def _some(tiles: list[Tile]) -> list[Tile]:
    return tiles[:: -(-len(tiles) // MOST_TILES)]


async def _asked(door: Door, layer: str, tiles: Sequence[Tile]) -> Pass:
    found = []
    for z, x, y in tiles:
        began = time.perf_counter()
        status, body = await door.ask("GET", f"/tiles/{layer}/{z}/{x}/{y}")
        found.append((time.perf_counter() - began, body))
        if status not in (200, 204):
            raise RuntimeError(f"tile {layer} {z}/{x}/{y}: {status}")
    return found


async def _connected(place: Bed) -> "asyncpg.Connection[Any]":
    dsn = place.url("wangge_server").replace("+asyncpg", "")
    return await asyncpg.connect(dsn, server_settings={"role": Role.APP.value})


async def _first_thought(connection: "asyncpg.Connection[Any]", layer: str, tiles: Sequence[Tile]) -> Pass:
    rights = rights_for(Permission.GROUND_VIEW, Permission.HOUSEHOLD_VIEW, keys=(EVERYWHERE,)).text
    found = []
    for tile in tiles:
        began = time.perf_counter()
        async with connection.transaction(readonly=True):
            await connection.fetch(SERVED, rights)
            body = await connection.fetchval(PEERS[layer], *tile)
        found.append((time.perf_counter() - began, body))
    return found


def _rows(
    key: tuple[str, int], households: int, drawn: Sequence[Pass], kept: Sequence[Pass], first: Sequence[Pass]
) -> list[Row]:
    layer, zoom = key
    case = f"{households:,} households, tile {layer} z{zoom}"
    bodies = [[body for _, body in one] for one in (*drawn, *kept)]
    differing = sum(a != b for other in bodies[1:] for a, b in zip(bodies[0], other, strict=True))
    largest, theirs = (max(len(body) for _, body in one[0]) for one in (drawn, first))
    how = f"{len(drawn[0])} tiles; the largest {largest} bytes, the peer's {theirs}; drawn or kept, the bytes are equal."
    promised = zoom >= FROM_ZOOM and households <= PROMISED_UP_TO
    rows = []
    for q, name in ((0.5, "p50"), (0.99, "p99")):
        must = at_most(DRAWN_MS) if promised and q == 0.99 else None
        peer = _side(PEER, first, q)
        rows.append(Row(case, f"drawn, {name}", "ms", _side("ours", drawn, q), peer, must, None, differing, how))
    ours = _side("ours", kept, 0.99)
    rows.append(Row(case, "kept, p99", "ms", ours, None, at_most(KEPT_MS), None, differing, how))
    return rows


def _side(name: str, passes: Sequence[Pass], q: float) -> Side:
    return quantile(name, [[took for took, _ in one] for one in passes], q)
