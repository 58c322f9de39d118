"""Street blocks: the ground of areas cut along streets and banks, so that the pieces tile each area.

Everything is cut in degrees and at once: what was cut shares its edges exactly, across areas too.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from geo.flat import metres_per_degree
from geo.shapes import Shapes

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

WATER, MAIN, SECONDARY, LANE, PATH, NOTHING = range(6)
PRICES = np.array([0.1, 0.15, 0.4, 1.0, 1.5, 3.0])
"""What a metre of border costs along each of these: ours; a border of grids is to run along wide roads and water."""
TOUCHING_DEGREES = 1e-8  # a millimetre: what was noded lies as close to the line it came from
OVER_DEGREES = 1e-9  # by which a cut goes beyond the edge it ends at, so that it surely ends there
CUTS = 24  # how deep a block is cut in two and again


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """What ground is cut along: `shapes` (n,) lines in degrees, `kinds` (n,) of `WATER` … `NOTHING`."""

    shapes: NDArray[np.object_]
    kinds: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Where homes are: `places` (h, 2) degrees and how many at each, `counts` (h,)."""

    places: Floats
    counts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks and who borders on whom.

    `shapes` (b,) polygons in degrees, `parents` (b,) the row of the area each lies in, `homes` (b,), `places` (b, 2)
    metres east and north of one origin. `pairs` (m, 2) blocks of one area that share a border, the smaller row
    first, sorted; `metres` (m,) of it, `prices` (m,) what it would cost as a border of grids, `barriers` (m,)
    whether most of it is water or a main road. `streets_m` (b,) metres of lanes and secondary streets around.
    """

    shapes: NDArray[np.object_]
    parents: Ints
    homes: Ints
    places: Floats
    pairs: Ints
    metres: Floats
    prices: Floats
    barriers: NDArray[np.bool_]
    streets_m: Floats


def street_blocks(areas: Shapes, lines: Lines, homes: Homes, most_homes: int) -> Blocks:
    """Cut areas, valid and not overlapping, into blocks; blocks with more homes are cut between their homes.

    A single place with more homes than `most_homes` stays whole. Lines may leave the areas; what ends inside a
    block does not cut it.
    """
    ground = np.asarray(areas, dtype=np.object_)
    faces, parents = _faces(ground, lines)
    counted = _homes_of(faces, homes)
    cuts = _cuts(faces, counted, homes, most_homes)
    if len(cuts):
        more = Lines(np.concatenate([lines.shapes, cuts]), np.concatenate([lines.kinds, np.full(len(cuts), NOTHING)]))
        faces, parents = _faces(ground, more)
        counted = _homes_of(faces, homes)
    numbers = np.zeros(len(faces), dtype=np.int64)
    np.add.at(numbers, counted[counted >= 0], homes.counts[counted >= 0])
    return _joined(faces, parents, numbers, lines)


def _faces(ground: NDArray[np.object_], lines: Lines) -> tuple[NDArray[np.object_], Ints]:
    """Cut the ground; return the pieces by area and place, and each one's area."""
    near = shapely.STRtree(lines.shapes).query(ground, predicate="intersects")[1]
    drawn = np.concatenate([shapely.boundary(ground), lines.shapes[np.unique(near)]])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(drawn))))
    inside = shapely.point_on_surface(faces)
    face, area = shapely.STRtree(ground).query(inside, predicate="covered_by")
    face, first = np.unique(face, return_index=True)
    parents = area[first].astype(np.int64)
    low = shapely.bounds(faces[face])
    order = np.lexsort((low[:, 1], low[:, 0], parents))
    return faces[face][order], parents[order]


def _homes_of(faces: NDArray[np.object_], homes: Homes) -> Ints:
    """Return the face of each home, the first of several, -1 where none: int64 (h,)."""
    found = np.full(len(homes.places), -1, dtype=np.int64)
    home, face = shapely.STRtree(faces).query(shapely.points(homes.places), predicate="covered_by")
    order = np.lexsort((-face, home))
    found[home[order]] = face[order]
    return found


def _cuts(faces: NDArray[np.object_], counted: Ints, homes: Homes, most: int) -> NDArray[np.object_]:
    """Draw lines that cut each face with too many homes, until no part has too many."""
    sums = np.zeros(len(faces), dtype=np.int64)
    np.add.at(sums, counted[counted >= 0], homes.counts[counted >= 0])
    cuts: list[LineString] = []
    for row in np.flatnonzero(sums > most).tolist():
        of_face = np.flatnonzero(counted == row)
        waiting = [(faces[row], of_face, 0)]
        while waiting:
            face, inside, depth = waiting.pop()
            cut = _cut(face, homes.places[inside], homes.counts[inside])
            if cut is None or depth == CUTS:
                continue
            cuts.append(cut)
            parts = shapely.get_parts(shapely.polygonize([shapely.union_all([face.boundary, cut])]))
            holds = shapely.contains_xy(parts[:, None], *homes.places[inside].T[:, None, :])
            pieces = [(part, inside[held], depth + 1) for part, held in zip(parts, holds, strict=True)]
            waiting += [piece for piece in pieces if homes.counts[piece[1]].sum() > most]
    array = np.empty(len(cuts), dtype=np.object_)
    array[:] = cuts
    return array


def _cut(face: Polygon, places: Floats, counts: Ints) -> LineString | None:
    """Draw the line across the longer side of the homes that leaves about half of them on each side."""
    narrow = np.cos(np.radians(places[0, 1]))
    flat = places * (narrow, 1.0)
    if len(np.unique(flat, axis=0)) < 2:
        return None
    centred = flat - flat.mean(axis=0)
    along = np.linalg.svd(centred, full_matrices=False)[2][0]
    at = centred @ along
    order = np.argsort(at, kind="stable")
    sums = np.cumsum(counts[order])
    gaps = np.diff(at[order])
    off = np.abs(sums[:-1] / sums[-1] - 0.5)
    best = int(np.argmax(np.where(off <= max(0.15, float(off[gaps > 0].min())), gaps, 0.0)))
    middle = flat.mean(axis=0) + along * (at[order][best : best + 2].mean())
    west, south, east, north = face.bounds
    reach = np.array([-along[1], along[0]]) * np.hypot(east - west, north - south)
    line = LineString([(middle - reach) / (narrow, 1.0), (middle + reach) / (narrow, 1.0)])
    return _longest_inside(face, line)


def _longest_inside(face: Polygon, line: LineString) -> LineString | None:
    """Return what cuts the face: each piece of the line inside it, a little longer at both ends."""
    pieces = [one for one in shapely.get_parts(line.intersection(face)) if isinstance(one, LineString)]
    if not pieces:
        return None
    ends = np.concatenate([shapely.get_coordinates(piece) for piece in pieces])
    way = np.diff(shapely.get_coordinates(line), axis=0)[0]
    way /= np.hypot(*way)
    at = (ends - ends[0]) @ way
    return LineString([ends[at.argmin()] - way * OVER_DEGREES, ends[at.argmax()] + way * OVER_DEGREES])


def _joined(faces: NDArray[np.object_], parents: Ints, homes: Ints, lines: Lines) -> Blocks:
    """Find who borders on whom, and along what."""
    west, south, _, north = shapely.total_bounds(faces).tolist()
    metres = metres_per_degree((south + north) / 2)[0]
    first, second, ends = _shared(faces)
    kinds = _kinds(ends, lines)
    lengths = np.hypot(*((ends[:, 2:] - ends[:, :2]) * metres).T)
    streets = np.isin(kinds, (SECONDARY, LANE)) * lengths
    streets_m = np.bincount(first, streets, len(faces)) + np.bincount(second, streets, len(faces))
    within = parents[first] == parents[second]
    pairs, row = np.unique(np.column_stack([first, second])[within], axis=0, return_inverse=True)
    lengths, kinds = lengths[within], kinds[within]
    of_pair = np.bincount(row, lengths, len(pairs)).astype(np.float64)
    blocked = np.bincount(row, lengths * (kinds <= MAIN), len(pairs))
    return Blocks(
        shapes=faces,
        parents=parents,
        homes=homes,
        places=(shapely.get_coordinates(shapely.centroid(faces)) - (west, south)) * metres,
        pairs=pairs.astype(np.int64).reshape(-1, 2),
        metres=of_pair,
        prices=np.bincount(row, lengths * PRICES[kinds], len(pairs)),
        barriers=blocked > of_pair / 2,
        streets_m=streets_m,
    )


def _shared(faces: NDArray[np.object_]) -> tuple[Ints, Ints, Floats]:
    """Pair the faces on both sides of each edge: rows, the smaller first, and the edge's ends (e, 4) degrees."""
    rings, face = shapely.get_rings(faces, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    on = np.flatnonzero(ring[:-1] == ring[1:])
    start, end = places[on], places[on + 1]
    swapped = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(swapped[:, None], np.hstack([end, start]), np.hstack([start, end]))
    of = face[ring[on]].astype(np.int64)
    order = np.lexsort((of, *ends.T[::-1]))
    ends, of = ends[order], of[order]
    twice = np.flatnonzero((ends[:-1] == ends[1:]).all(axis=1) & (of[:-1] != of[1:]))
    return of[twice], of[twice + 1], ends[twice]


def _kinds(ends: Floats, lines: Lines) -> Ints:
    """Say along what each edge runs: the widest of the lines that pass through its middle, else `NOTHING`."""
    places, row = shapely.get_coordinates(lines.shapes, return_index=True)
    on = np.flatnonzero(row[:-1] == row[1:])
    pieces = np.asarray(shapely.linestrings(np.stack([places[on], places[on + 1]], axis=1)))
    middles = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    edge, piece = shapely.STRtree(pieces).query(middles, predicate="dwithin", distance=TOUCHING_DEGREES)
    kinds = np.full(len(ends), NOTHING, dtype=np.int64)
    np.minimum.at(kinds, edge, lines.kinds[row[on][piece]])
    return kinds
