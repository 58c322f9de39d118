"""The ground of a demo town in metres: roads cut at their junctions and the blocks between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.demo.frame import Floats, Ints
from data.demo.lattice import Lattice
from data.demo.roads import Road, canal_line, faces, make_roads, noded, road_of


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The part of a block's border on one road: vertices (n, 2), the block on their left."""

    road: int
    line: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A face of the road network; `canal` where the canal runs through it."""

    shape: Polygon
    density: float
    canal: bool
    fronts: tuple[Front, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Roads, the edges between junctions with the row of their road, blocks, and what touches what.

    `touching` is int64 (n, 3): two rows of blocks and the road between them, once per shared segment;
    `touching_m` float64 (n,) its metres.
    """

    roads: tuple[Road, ...]
    edges: tuple[LineString, ...]
    edge_road: Ints
    blocks: tuple[Block, ...]
    touching: Ints
    touching_m: Floats
    water: Polygon


@dataclass(frozen=True, slots=True, eq=False)
class _Segments:
    """Segments: `ends` (n, 2, 2) metres, `key` (n,) equal in both directions, `owner` (n,) row of the line."""

    ends: Floats
    key: Ints
    owner: Ints


def make_ground(lattice: Lattice, rng: np.random.Generator) -> Ground:
    """Draw the roads and find the blocks between them."""
    roads = make_roads(lattice, rng)
    edges = noded([road.line for road in roads])
    edge_road = road_of(edges, roads)
    middle = canal_line(lattice)
    shapes = [shapely.orient_polygons(face) for face in faces(edges)]
    along_edges, around = _segments(edges), _segments([shape.exterior for shape in shapes])
    order = np.argsort(along_edges.key)
    at = order[np.searchsorted(along_edges.key, around.key, sorter=order)]
    beside = edge_road[along_edges.owner[at]]
    touching, metres = _touching(around, beside)
    density = lattice.density(shapely.get_coordinates(shapely.centroid(shapes)))
    with_canal = shapely.intersects(shapes, middle)
    starts = np.searchsorted(around.owner, np.arange(len(shapes) + 1))
    blocks = [
        Block(shape, float(density[row]), bool(with_canal[row]), _fronts(around.ends[a:b], beside[a:b]))
        for row, (shape, (a, b)) in enumerate(zip(shapes, pairwise(starts.tolist()), strict=True))
    ]
    water = middle.buffer(lattice.land.water_half_m, cap_style="flat")
    assert isinstance(water, Polygon)
    return Ground(tuple(roads), tuple(edges), edge_road, tuple(blocks), touching, metres, water)


def touching_m(shapes: Sequence[Polygon]) -> tuple[Ints, Floats]:
    """Say which shapes share sides: rows (n, 2) once per shared side, and its metres (n,); the shapes are in metres."""
    around = _segments([shape.exterior for shape in shapes], per_m=1_000)
    pairs, metres = _touching(around, around.owner)
    return pairs[:, :2], metres


def _segments(lines: Sequence[LineString], per_m: int = 100) -> _Segments:
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    ends = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[same]
    raster = np.round(ends * per_m).astype(np.int64) + 2**30
    vertex = raster[..., 0] << 31 | raster[..., 1]
    low, high = vertex.min(axis=1), vertex.max(axis=1)
    mixed = low * np.int64(-7046029254386353131) + high * np.int64(6364136223846793005)
    return _Segments(ends, mixed, owner[1:][same])


def _touching(around: _Segments, beside: Ints) -> tuple[Ints, Floats]:
    order = np.argsort(around.key, kind="stable")
    twice = np.flatnonzero(around.key[order][1:] == around.key[order][:-1])
    one, other = order[twice], order[twice + 1]
    metres = np.hypot(*(around.ends[one, 1] - around.ends[one, 0]).T)
    return np.column_stack([around.owner[one], around.owner[other], beside[one]]), metres


def _fronts(ends: Floats, roads: Ints) -> tuple[Front, ...]:
    """Join consecutive segments on one road, starting where the road changes."""
    changes = np.flatnonzero(roads != np.roll(roads, 1))
    if len(changes) == 0:
        return (Front(int(roads[0]), np.concatenate([ends[:, 0], ends[-1:, 1]])),)
    ends, roads = np.roll(ends, -changes[0], axis=0), np.roll(roads, -changes[0])
    limits = [*(changes - changes[0]).tolist(), len(roads)]
    return tuple(
        Front(int(roads[a]), np.concatenate([ends[a:b, 0], ends[b - 1 : b, 1]])) for a, b in pairwise(limits)
    )
