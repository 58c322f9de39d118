"""Put blocks together to shapes that go on sharing their edges exactly, without vertices that nobody needs."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from geo.blocks import Blocks, Floats, Ints

STRAIGHT_DEGREES = 1e-9  # a tenth of a millimetre: a vertex as near to its edge was made by cutting, not by drawing


def dissolve(blocks: Blocks, parts: Ints, drawn: Floats) -> NDArray[np.object_]:
    """Return the ground of each part, numbered from 0: MultiPolygons (p,) in degrees.

    `drawn` (n, 2) are the vertices that areas and lines had before they were cut. Others are dropped where an edge
    goes straight on through them and no third edge begins: an area's edge is then its own again.
    """
    count = int(parts.max()) + 1 if len(parts) else 0
    shapes = np.empty(count, dtype=np.object_)
    shapes[:] = [shapely.coverage_union_all(blocks.shapes[parts == part]) for part in range(count)]
    polygons, part = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    kept = _kept(rings, drawn)
    slim: list[list[Polygon]] = [[] for _ in range(count)]
    for row in range(len(polygons)):
        outer, *inner = [kept[ring] for ring in np.flatnonzero(polygon == row)]
        slim[part[row]].append(Polygon(outer, inner))
    whole = np.empty(count, dtype=np.object_)
    whole[:] = [MultiPolygon(some) for some in slim]
    return whole


def _kept(rings: NDArray[np.object_], drawn: Floats) -> list[Floats]:
    """Return each ring's vertices without those that are not needed by any ring."""
    places, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True)
    first = np.append(True, last[:-1])
    open_rows = np.flatnonzero(~last)  # a ring's last vertex repeats its first
    before = np.where(first[open_rows], _ends(last)[ring[open_rows]] - 1, open_rows - 1)
    after = open_rows + 1
    ids = np.unique(places, axis=0, return_inverse=True)[1].reshape(-1)
    bends = _off(places[open_rows], places[before], places[after]) > STRAIGHT_DEGREES
    beside = np.concatenate([ids[before], ids[after]])
    edges = np.unique(np.column_stack([np.tile(ids[open_rows], 2), beside]), axis=0)
    needed = np.bincount(edges[:, 0], minlength=ids.max() + 1) > 2
    needed[ids[open_rows][bends]] = True
    needed[ids[open_rows][_among(places[open_rows], drawn)]] = True
    keep = open_rows[needed[ids[open_rows]]]
    return np.split(places[keep], np.searchsorted(ring[keep], np.arange(1, len(rings))))


def _ends(last: NDArray[np.bool_]) -> Ints:
    return np.flatnonzero(last).astype(np.int64)


def _off(at: Floats, before: Floats, after: Floats) -> Floats:
    """Return how far vertices lie off the line between their neighbours, degrees."""
    along, to = after - before, at - before
    length = np.hypot(*along.T)
    crossed = np.abs(along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0])
    return np.where(length > 0, crossed / np.where(length > 0, length, 1.0), np.inf)


def _among(places: Floats, drawn: Floats) -> NDArray[np.bool_]:
    """Say which places are among those drawn, to the last bit."""
    both = np.concatenate([drawn, places])
    ids = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1)
    return np.isin(ids[len(drawn) :], ids[: len(drawn)])
