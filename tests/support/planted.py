"""A clean little town to plant faults in, and how to measure on it: by shapely, numpy and pyproj alone."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

WEST, SOUTH, STEP = 118.30, 27.00, 0.004  # a grid is about 400 m wide
M = 1e-5  # degrees: about a metre
ACROSS = 8
PER_BUILDING, BUILDINGS = 3, 4
LEAST, MOST = 10, 14
GEOD = Geod(ellps="WGS84")
Rng = np.random.Generator


@dataclass(frozen=True)
class Expected:
    """A fault that must be found; `near` is metres or m² that the amount may differ by, as a share."""

    kind: str
    code: str | None = None
    other: str | None = None
    amount: float | None = None
    within: BaseGeometry | None = None


@dataclass
class Home:
    """A household: where, in which grid by code, in which building by code."""

    lng: float
    lat: float
    grid: str | None
    building: str | None


@dataclass
class Town:
    """Everything by code, in dictionaries and lists that planting changes."""

    grids: dict[str, BaseGeometry] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    communities: dict[str, BaseGeometry] = field(default_factory=dict)
    health: list[tuple[str, BaseGeometry | None]] = field(default_factory=list)
    buildings: dict[str, Polygon] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    streets: list[tuple[str | None, LineString]] = field(default_factory=list)
    addresses: list[tuple[str, float, float]] = field(default_factory=list)
    people: list[tuple[str, str, bool]] = field(default_factory=list)
    """Code of the grid at home, role, on duty."""
    at: dict[tuple[int, int], str] = field(default_factory=dict)


def clean_town(rng: Rng) -> Town:
    """Draw a town without faults: streets and borders bend at random, neighbours share every corner."""
    town = Town()
    nodes = np.stack(np.meshgrid(np.arange(ACROSS + 1), np.arange(ACROSS + 1), indexing="ij"), axis=-1).astype(float)
    nodes = np.round((WEST, SOUTH) + (nodes + rng.uniform(-0.12, 0.12, nodes.shape)) * STEP, 7)
    bends = {
        (i, j, i + di, j + dj): _bend(rng, nodes[i, j], nodes[i + di, j + dj])
        for di, dj in ((1, 0), (0, 1))
        for i in range(ACROSS + 1 - di)
        for j in range(ACROSS + 1 - dj)
    }
    for (i, j, k, m), bend in bends.items():
        town.streets.append((f"路{i}{j}{k}{m}", LineString([nodes[i, j], bend, nodes[k, m]])))
    for i in range(ACROSS):
        for j in range(ACROSS):
            _settle(rng, town, (i, j), _ring(nodes, bends, i, j))
    for community in sorted(set(town.parents.values())):
        own = np.array([shape for code, shape in town.grids.items() if town.parents[code] == community])
        town.communities[community] = shapely.coverage_union_all(own)
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    town.health = [(f"H{i}{j}", town.grids[town.at[i, j]]) for i, j in corners]
    return town


def _bend(rng: Rng, one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round((one + other) / 2 + rng.uniform(-0.06, 0.06, 2) * STEP, 7)


def _ring(
    nodes: NDArray[np.float64], bends: dict[tuple[int, int, int, int], NDArray[np.float64]], i: int, j: int
) -> Polygon:
    south, north = bends[i, j, i + 1, j], bends[i, j + 1, i + 1, j + 1]
    west, east = bends[i, j, i, j + 1], bends[i + 1, j, i + 1, j + 1]
    return Polygon([nodes[i, j], south, nodes[i + 1, j], east, nodes[i + 1, j + 1], north, nodes[i, j + 1], west])


def _settle(rng: Rng, town: Town, at: tuple[int, int], shape: Polygon) -> None:
    community = f"350783001{1 + at[1] // (ACROSS // 2):03}"
    code = f"{community}{at[0] * ACROSS + at[1] + 1:03}"
    town.at[at], town.grids[code], town.parents[code] = code, shape, community
    town.people += [(code, "grid_leader", True), (code, "grid_worker", True)]
    middle = np.array([WEST, SOUTH]) + (np.array(at) + 0.5) * STEP
    for n, (dx, dy) in enumerate([(-1, -1), (-1, 1), (1, -1), (1, 1)][:BUILDINGS]):
        x, y = middle + np.array([dx, dy]) * 0.2 * STEP + rng.uniform(-3, 3, 2) * M
        name = f"{code}B{n}"
        town.buildings[name] = box(x - 10 * M, y - 10 * M, x + 10 * M, y + 10 * M)
        town.addresses.append((f"{name}号", x, y))
        for dx, dy in rng.uniform(-8, 8, (PER_BUILDING, 2)) * M:
            town.homes.append(Home(x + dx, y + dy, code, name))


def m2(shape: BaseGeometry) -> float:
    """Measure a shape on the ellipsoid, along geodesics."""
    return abs(float(GEOD.geometry_area_perimeter(shapely.normalize(shape))[0]))


def metres(line: BaseGeometry) -> float:
    """Measure a line on the ellipsoid."""
    return float(GEOD.geometry_length(line))
