"""Case 5: vector tiles of every layer over the whole town, drawn anew for each request."""

import time
from collections.abc import Collection

import numpy as np
import shapely

from benchmarks.door import Door
from benchmarks.rows import Row, at_most, quantile
from benchmarks.town import Bed, Served
from data.tiles import SOURCES

SOON_MS, FROM_ZOOM = 50.0, 13  # facts/maps.md, goals
MERCATOR_LIMIT = 85.0511
Tile = tuple[int, int, int]


def tiles_over(bounds: tuple[float, float, float, float], zoom: int) -> list[Tile]:
    """List z, x, y of the tiles that a box of degrees west, south, east, north meets."""
    west, south, east, north = bounds

    def at(lng: float, lat: float) -> tuple[int, int]:
        up = np.arcsinh(np.tan(np.radians(np.clip(lat, -MERCATOR_LIMIT, MERCATOR_LIMIT))))
        return int((lng + 180) / 360 * 2**zoom), int((1 - up / np.pi) / 2 * 2**zoom)

    (left, top), (right, bottom) = at(west, north), at(east, south)
    return [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


async def measure(
    place: Bed, served: Served, zooms: tuple[int, ...], repetitions: int, layers: Collection[str] = tuple(SOURCES)
) -> list[Row]:
    """Ask for each tile once in every repetition, over one connection; the server keeps none."""
    west, south, east, north = shapely.total_bounds([grid.shape for grid in place.made.grids]).tolist()
    door = await served.door()
    rows = []
    for layer in layers:
        for zoom in zooms:
            wanted = tiles_over((west, south, east, north), zoom)
            rows += await _layer(door, layer, wanted, repetitions)
    await door.close()
    return rows


async def _layer(door: Door, layer: str, wanted: list[Tile], repetitions: int) -> list[Row]:
    runs, bodies = [], []
    for _ in range(repetitions):
        each, drawn = [], []
        for z, x, y in wanted:
            began = time.perf_counter()
            status, body = await door.ask("GET", f"/tiles/{layer}/{z}/{x}/{y}")
            each.append(time.perf_counter() - began)
            drawn.append((status, body))
        runs.append(each)
        bodies.append(drawn)
    wrong = sum(status not in (200, 204) or (status == 200) != bool(body) for run in bodies for status, body in run)
    changed = sum(a != b for run in bodies[1:] for a, b in zip(bodies[0], run, strict=True))
    zoom, largest = wanted[0][0], max(len(body) for _, body in bodies[0])
    how = f"{len(wanted)} tiles, the largest {largest} bytes; no cache in the server; same bytes every time."
    must = at_most(SOON_MS) if zoom >= FROM_ZOOM else None
    case, differing = f"tile {layer} z{zoom}", wrong + changed
    return [
        Row(case, f"p50 of {len(wanted)}", "ms", quantile("ours", runs, 0.5), differing=differing, how=how),
        Row(
            case, f"p99 of {len(wanted)}", "ms", quantile("ours", runs, 0.99), must=must, differing=differing, how=how
        ),
    ]
