"""The roads of a demo town in metres: main and secondary roads drawn on the lattice, lanes cut into the cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Polygon

from data.demo.frame import Flags, Floats, Ints
from data.demo.lattice import Lattice

HALF_WIDTH_M = {"main": 15.0, "secondary": 10.0, "lane": 5.0}
STEP_M = 36.0
NODE_M = 0.01
OUT_OF_TOWN_M = 380.0
OVERSHOOT_M = 3.0


@dataclass(frozen=True, slots=True)
class Road:
    """A line of the plan; `course` is ew, ns, canal, avenue or lane."""

    line: LineString
    road_class: str
    course: str


def make_roads(lattice: Lattice, rng: np.random.Generator) -> list[Road]:
    """Draw all roads, main roads first, lanes last; they cross and end on each other to the centimetre."""
    roads = _trimmed([*_main_roads(lattice, rng), *_secondary_roads(lattice, rng)])
    canal = canal_line(lattice)
    for cell in faces(noded([road.line for road in roads])):
        if cell.intersects(canal):
            continue
        density = float(lattice.density(shapely.get_coordinates(cell.centroid))[0])
        roads += [Road(line, "lane", "lane") for line in _lanes(cell, density, rng)]
    return _trimmed(roads)


def canal_line(lattice: Lattice) -> LineString:
    """Draw the middle of the canal, from far outside the town to far outside."""
    u = np.arange(lattice.us[0] - 700, lattice.us[-1] + 700, 20.0)
    return LineString(lattice.bend(u, lattice.canal(u)))


def road_of(edges: list[LineString], roads: list[Road]) -> Ints:
    """Say on which road each edge lies."""
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    return nearest_line([road.line for road in roads], middles)


def nearest_line(lines: Sequence[LineString], points: NDArray[np.object_]) -> Ints:
    """Find the line nearest to each point, by its sides: a tree of lines across the whole town finds nothing fast."""
    corners, owner = shapely.get_coordinates(lines, return_index=True)
    sides = np.flatnonzero(owner[1:] == owner[:-1])
    between = np.stack([corners[sides], corners[sides + 1]], axis=1)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(between)))
    found: Ints = owner[sides][tree.nearest(points)].astype(np.int64)
    return found


def _trimmed(roads: list[Road]) -> list[Road]:
    """Cut the overshoot off all roads and give them their junctions as vertices."""
    edges = noded([road.line for road in roads])
    owner = road_of(edges, roads)
    trimmed = []
    for row, road in enumerate(roads):
        line = shapely.line_merge(MultiLineString([edges[edge] for edge in np.flatnonzero(owner == row)]))
        trimmed += [Road(part, road.road_class, road.course) for part in shapely.get_parts(line)]
    return trimmed


def noded(lines: list[LineString]) -> list[LineString]:
    """Cut lines into edges from junction to junction, vertices on a 1 cm raster, short loose ends dropped."""
    edges = shapely.get_parts(shapely.union_all(lines, grid_size=NODE_M))
    ends = shapely.get_coordinates([shapely.get_point(edges, 0), shapely.get_point(edges, -1)])
    _, node, count = np.unique(np.round(ends / NODE_M), axis=0, return_inverse=True, return_counts=True)
    loose = (count[node.reshape(2, -1)] == 1).any(axis=0) & (shapely.length(edges) < 4 * OVERSHOOT_M)
    return list(edges[~loose])


def faces(edges: list[LineString]) -> list[Polygon]:
    """Find the faces between edges, in the order of their centres from south to north."""
    found = shapely.get_parts(shapely.polygonize(edges))
    order = np.lexsort(np.round(shapely.get_coordinates(shapely.centroid(found)), 2).T)
    return [found[row] for row in order]


def _runs(flags: Flags) -> Iterator[tuple[int, int]]:
    steps = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    yield from zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True)


def _along(first: float, last: float) -> Floats:
    """Step from first to last, a little over both ends: a road ends on another that bends."""
    first, last = first - OVERSHOOT_M, last + OVERSHOOT_M
    return np.linspace(first, last, max(2, round((last - first) / STEP_M) + 1))


def _through(stops: Floats, rng: np.random.Generator | None = None) -> Floats:
    """Step through all stops, so that roads share their junctions; with `rng` sometimes led on out of town."""
    over = np.full(2, OVERSHOOT_M)
    if rng is not None:
        over += OUT_OF_TOWN_M * rng.uniform(0.5, 1, 2) * (rng.random(2) < 0.6)
    stops = np.concatenate([[stops[0] - over[0]], stops, [stops[-1] + over[1]]])
    parts = [np.linspace(a, b, max(2, round((b - a) / STEP_M) + 1))[:-1] for a, b in pairwise(stops.tolist())]
    return np.concatenate([*parts, stops[-1:]])


def _main_roads(lattice: Lattice, rng: np.random.Generator) -> Iterator[Road]:
    columns, bands = lattice.kept.shape
    padded = np.pad(lattice.kept, 1)
    for column in range(columns + 1):
        limits = lattice.limits(lattice.us[column])
        inner = 0 < column < columns
        for low, high in _runs((padded[column] | padded[column + 1])[1:-1]):
            v = _through(limits[low : high + 1], rng if inner else None)
            yield Road(LineString(lattice.bend(np.full_like(v, lattice.us[column]), v)), "main", "ns")
    for band in range(bands + 1):
        by_canal = band in (lattice.strip, lattice.strip + 1)
        inner = 0 < band < bands and not by_canal
        for low, high in _runs((padded[:, band] | padded[:, band + 1])[1:-1]):
            u = _through(lattice.us[low : high + 1], rng if inner else None)
            line = LineString(lattice.bend(u, lattice.limit(band, u)))
            yield Road(line, "secondary" if by_canal else "main", "canal" if by_canal else "ew")
    avenue = _avenue(lattice)
    if len(avenue) > 1:
        corners = [(lattice.us[column], lattice.limits(lattice.us[column])[band]) for column, band in avenue]
        u, v = shapely.get_coordinates(LineString(corners).segmentize(STEP_M)).T
        yield Road(LineString(lattice.bend(u, v)), "main", "avenue")


def _avenue(lattice: Lattice) -> list[tuple[int, int]]:
    """Choose the junctions (column, band limit) of the one road that cuts across the lattice."""
    columns, bands = lattice.kept.shape
    column, band = columns // 2 - 1, lattice.strip + 1
    junctions = [(column, band)]
    while column < columns and band < bands and lattice.kept[column, band]:
        column, band = column + 1, band + 1
        junctions.append((column, band))
    return junctions


def _secondary_roads(lattice: Lattice, rng: np.random.Generator) -> Iterator[Road]:
    columns, bands = lattice.kept.shape
    middle_u = lattice.us[:-1] + np.diff(lattice.us) * rng.uniform(0.42, 0.58, columns)
    share_v = rng.uniform(0.42, 0.58, (bands,))
    centres = lattice.bend(np.repeat(middle_u, bands), np.tile((lattice.vs[:-1] + lattice.vs[1:]) / 2, columns))
    likely = 0.55 + 0.6 * lattice.density(centres).reshape(columns, bands)
    usable = lattice.kept.copy()
    usable[:, lattice.strip] = False
    for column, band in _avenue(lattice)[:-1]:
        usable[column, band] = False
    split_u = usable & (rng.random(usable.shape) < likely)
    split_v = usable & (rng.random(usable.shape) < likely - 0.08)
    for column in range(columns):
        u = middle_u[column]
        for low, high in _runs(split_u[column]):
            v = _along(*lattice.limits(float(u))[[low, high]].tolist())
            yield Road(LineString(lattice.bend(np.full_like(v, u), v)), "secondary", "ns")
    for band in range(bands):
        for low, high in _runs(split_v[:, band]):
            us = _along(float(lattice.us[low]), float(lattice.us[high]))
            v = (1 - share_v[band]) * lattice.limit(band, us) + share_v[band] * lattice.limit(band + 1, us)
            yield Road(LineString(lattice.bend(us, v)), "secondary", "ew")


def _lanes(cell: Polygon, density: float, rng: np.random.Generator) -> Iterator[LineString]:
    """Cut a cell by straight lanes until its parts are small enough for a block, smaller in the centre."""
    waiting, wanted = [cell], 46_000 - 27_000 * density
    while waiting:
        part = waiting.pop()
        corners = shapely.get_coordinates(shapely.oriented_envelope(part))[:4]
        sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
        if part.area < wanted * rng.uniform(0.9, 1.6) or min(sides[:2]) < 95:
            continue
        start = int(np.argmax(sides[:2]))
        long, wide = corners[start + 1] - corners[start], corners[(start + 2) % 4] - corners[start + 1]
        shares = rng.uniform(0.42, 0.58) + rng.uniform(-0.025, 0.025, 2) * [1, -1]
        cut = LineString(
            [corners[start] + shares[0] * long - wide * 0.1, corners[start] + shares[1] * long + wide * 1.1]
        )
        chord = cut.intersection(part)
        if isinstance(chord, LineString) and chord.length > 40:
            yield chord
            waiting += list(shapely.get_parts(shapely.ops.split(part, cut)))
