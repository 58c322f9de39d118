"""What locating is measured on: seeded coverages of grids with rough shared borders, and points upon them."""

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.ground import Floats, Ground

SIZES = {"district": 59, "city": 2_000, "20k": 20_000, "100k": 100_000, "nation": 1_000_000}
"""Grids of each set."""
LATTICES = {"district": (8, 8, 330.0), "city": (40, 50, 260.0), "20k": (100, 200, 260.0), "100k": (250, 400, 260.0)}
"""Rows and columns of one lattice, the last cells left out where there are too many; metres a cell."""
CITIES = 500
CITY_ROWS, CITY_COLUMNS = 40, 50
WIDTHS_M = (150.0, 1_000.0)
NATION = (85.0, 22.0, 128.0, 48.0)  # west, south, east, north
SLOTS = (26, 30)  # rows and columns of places for cities; a place is wider than the largest city
TOWN = (109.0, 34.0)  # where the single towns begin
METRES_PER_DEGREE = 111_195.0
CORNER = 0.12  # of a cell: how far a corner may be off the lattice, each way
OFFSETS = (0.12, 0.08, 0.05)
"""How far the middle of a line is moved aside, of its length: with these no border can meet itself or another."""
RING = 4 * 2 ** len(OFFSETS) + 1
NEAR_BORDERS, ON_VERTICES = 0.05, 0.001  # of all points
NEAR_DEGREES = (-8.0, -5.0)  # powers of ten


def coverage_of(size: str, points: int, seed: int = 1) -> Ground:
    """Draw the grids of a set and scatter points over them; codes are in order of rows."""
    rings = rings_of(size, seed)
    lng, lat = scatter(rings, points, seed)
    codes = tuple(f"{number:07d}" for number in range(len(rings)))
    return Ground(codes, np.asarray(shapely.polygons(shapely.linearrings(rings)), dtype=np.object_), lng, lat)


def rings_of(size: str, seed: int = 1) -> Floats:
    """Draw the borders of a set: float64 (grids, RING, 2), degrees rounded to seven places, closed."""
    rng = np.random.default_rng([seed, SIZES[size]])
    if size != "nation":
        rows, columns, width_m = LATTICES[size]
        return lattice((rows, columns), width_m, TOWN, rng)[: SIZES[size]]
    rings = np.empty((SIZES[size], RING, 2))
    each = CITY_ROWS * CITY_COLUMNS
    for number, (corner, width_m) in enumerate(_places(rng)):
        rings[number * each : (number + 1) * each] = lattice((CITY_ROWS, CITY_COLUMNS), width_m, corner, rng)
    return rings


def _places(rng: np.random.Generator) -> Iterable[tuple[tuple[float, float], float]]:
    """Give every city a place of its own: its south-western corner and its cells' width."""
    west, south, east, north = NATION
    high, wide = (north - south) / SLOTS[0], (east - west) / SLOTS[1]
    for slot in np.sort(rng.permutation(SLOTS[0] * SLOTS[1])[:CITIES]).tolist():
        row, column = divmod(slot, SLOTS[1])
        width_m = float(np.exp(rng.uniform(*np.log(WIDTHS_M))))
        degrees = width_m / METRES_PER_DEGREE
        room_lat = high - (CITY_ROWS + 2) * degrees
        room_lng = wide - (CITY_COLUMNS + 2) * degrees / np.cos(np.radians(south + (row + 1) * high))
        corner = (west + column * wide + rng.uniform(0, room_lng), south + row * high + rng.uniform(0, room_lat))
        yield corner, width_m


def lattice(shape: tuple[int, int], width_m: float, corner: tuple[float, float], rng: np.random.Generator) -> Floats:
    """Draw rows and columns of cells that share rough borders, vertex by vertex: (rows * columns, RING, 2)."""
    rows, columns = shape
    corners = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    corners += rng.uniform(-CORNER, CORNER, corners.shape)
    degrees = width_m / METRES_PER_DEGREE
    scale = np.array([degrees / np.cos(np.radians(corner[1] + rows * degrees / 2)), degrees])
    across = np.round(_rough(corners[:, :-1], corners[:, 1:], rng) * scale + corner, 7)
    upward = np.round(_rough(corners[:-1], corners[1:], rng) * scale + corner, 7)
    sides = [across[:-1, :, :-1], upward[:, 1:, :-1], across[1:, :, :0:-1], upward[:, :-1, ::-1]]
    return np.concatenate(sides, axis=2).reshape(rows * columns, RING, 2)


def _rough(first: Floats, last: Floats, rng: np.random.Generator) -> Floats:
    """Draw lines by moving middles aside again and again: (…, 2) and (…, 2) to (…, 2 ** levels + 1, 2)."""
    line = np.stack([first, last], axis=-2)
    for offset in OFFSETS:
        along = np.diff(line, axis=-2)
        aside = along[..., ::-1] * (-1.0, 1.0) * rng.uniform(-offset, offset, (*along.shape[:-1], 1))
        finer = np.empty((*line.shape[:-2], 2 * line.shape[-2] - 1, 2))
        finer[..., ::2, :] = line
        finer[..., 1::2, :] = line[..., :-1, :] + along / 2 + aside
        line = finer
    return line


def scatter(rings: Floats, count: int, seed: int) -> tuple[Floats, Floats]:
    """Scatter points in the boxes of random grids, one in twenty at a border, one in a thousand on a vertex."""
    rng = np.random.default_rng([seed, len(rings), count])
    near, on = round(NEAR_BORDERS * count), round(ON_VERTICES * count)
    owner = rng.integers(len(rings), size=count - near - on)
    low, high = rings.min(axis=1), rings.max(axis=1)
    anywhere = rng.uniform(low[owner], high[owner])
    grid, begin = rng.integers(len(rings), size=near), rng.integers(RING - 1, size=near)
    first, last = rings[grid, begin], rings[grid, begin + 1]
    turn, off = rng.uniform(0, 2 * np.pi, near), 10 ** rng.uniform(*NEAR_DEGREES, near)
    border = (
        first + rng.random((near, 1)) * (last - first) + np.column_stack([np.cos(turn), np.sin(turn)]) * off[:, None]
    )
    vertices = rings[rng.integers(len(rings), size=on), rng.integers(RING, size=on)]
    places = np.concatenate([anywhere, border, vertices])[rng.permutation(count)]
    return places[:, 0].copy(), places[:, 1].copy()


def faults(size: str, shapes: NDArray[np.object_]) -> int:
    """Count grids that are not valid or do not fit their neighbours; of a nation in every fiftieth city."""
    each = CITY_ROWS * CITY_COLUMNS
    parts = [shapes]
    if size == "nation":
        parts = [shapes[at * each : (at + 1) * each] for at in range(0, CITIES, 50)]
    wrong = sum(int(np.count_nonzero(~shapely.is_valid(part))) for part in parts)
    return wrong + sum(not shapely.coverage_is_valid(part) for part in parts)
