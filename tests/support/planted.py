"""A clean little town, and faults planted in it, each with what must be found: by shapely, numpy and pyproj alone."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import LineString, MultiPolygon, Point, Polygon, box
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


def _middle(town: Town, at: tuple[int, int]) -> tuple[float, float]:
    return WEST + (at[0] + 0.5) * STEP, SOUTH + (at[1] + 0.5) * STEP


def overlap(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a grid take 60 m of its eastern neighbour's ground, which that keeps."""
    one, other = town.at[at], town.at[at[0] + 1, at[1]]
    x, _ = _middle(town, at)
    edge = shapely.centroid(shapely.intersection(town.grids[one], town.grids[other]))
    taken = shapely.intersection(box(x, edge.y - 30 * M, edge.x + 30 * M, edge.y + 30 * M), town.grids[other])
    town.grids[one] = shapely.union(town.grids[one], taken)
    first, second = sorted((one, other))
    return [Expected("overlap", first, second, m2(taken), taken)]


def sliver_overlap(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a grid take a strip two metres wide within its neighbour."""
    one, other = town.at[at], town.at[at[0] + 1, at[1]]
    x, y = _middle(town, (at[0] + 1, at[1]))
    taken = box(x - M, y - 80 * M, x + M, y + 80 * M)
    town.grids[one] = MultiPolygon([*shapely.get_parts(town.grids[one]), taken])
    first, second = sorted((one, other))
    return [Expected("sliver", first, second, m2(taken), taken), Expected("sliver", one, None, m2(taken), taken)]


def gap(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Cut 60 m out of the middle of a grid: nobody claims it, and the community is not covered."""
    code, (x, y) = town.at[at], _middle(town, at)
    hole = box(x - 30 * M, y - 30 * M, x + 30 * M, y + 30 * M)
    town.grids[code] = shapely.difference(town.grids[code], hole)
    parent = town.parents[code]
    return [Expected("gap", parent, None, m2(hole), hole), Expected("parent_uncovered", parent)]


def sliver_gap(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Cut a strip two metres wide out of a grid."""
    code, (x, y) = town.at[at], _middle(town, at)
    hole = box(x - M, y - 80 * M, x + M, y + 80 * M)
    town.grids[code] = shapely.difference(town.grids[code], hole)
    return [Expected("sliver", town.parents[code], None, m2(hole), hole)]


def thin_part(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Give a strip two metres wide in the middle of one grid to its neighbour: all is claimed, once."""
    one, other = town.at[at], town.at[at[0] + 1, at[1]]
    x, y = _middle(town, (at[0] + 1, at[1]))
    strip = box(x - M, y - 80 * M, x + M, y + 80 * M)
    town.grids[other] = shapely.difference(town.grids[other], strip)
    town.grids[one] = MultiPolygon([*shapely.get_parts(town.grids[one]), strip])
    return [Expected("sliver", one, None, m2(strip), strip)]


def outside(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a grid on the southern edge reach 60 m beyond its community."""
    code = town.at[at[0], 0]
    x, _ = _middle(town, at)
    south = box(x - 30 * M, SOUTH - 0.3 * STEP, x + 30 * M, SOUTH + 0.5 * STEP)
    beyond = shapely.difference(south, shapely.union_all(list(town.communities.values())))
    town.grids[code] = shapely.union(town.grids[code], beyond)
    return [Expected("outside_parent", code, town.parents[code], m2(beyond), beyond)]


def invalid(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a health grid cross itself."""
    x, y = _middle(town, (0, 0))
    bow = Polygon([(x, y), (x + 50 * M, y + 50 * M), (x + 50 * M, y), (x, y + 50 * M)])
    town.health.append(("HX", bow))
    return [Expected("shape_invalid", "HX", "self_intersection", None, bow.envelope)]


def empty(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Add a health grid without ground."""
    town.health.append(("HE", None))
    return [Expected("shape_empty", "HE")]


def doubled(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Give two health grids one code."""
    town.health[1] = (town.health[0][0], town.health[1][1])
    return [Expected("code_doubled", town.health[0][0], None, 2)]


def _renamed(wrong: Callable[[str], str], reason: str) -> Callable[[Town, tuple[int, int]], list[Expected]]:
    def plant(town: Town, at: tuple[int, int]) -> list[Expected]:
        code = town.at[at]
        new = wrong(code)
        town.at[at] = new
        town.grids = {new if one == code else one: shape for one, shape in town.grids.items()}
        town.parents[new] = town.parents.pop(code)
        town.homes = [replace(home, grid=new if home.grid == code else home.grid) for home in town.homes]
        town.people = [(new if home == code else home, job, duty) for home, job, duty in town.people]
        return [Expected("code_bad", new, reason)]

    return plant


def in_no_grid(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a household live far outside."""
    place = Point(WEST - 0.02, SOUTH - 0.01 * at[0])
    town.homes.append(Home(place.x, place.y, None, None))
    return [Expected("household_in_no_grid", None, None, None, place.buffer(1e-9))]


def in_other_grid(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Keep a household in a grid far from its own."""
    code, wrong = town.at[at], town.at[at[0] + 1, at[1]]
    home = next(home for home in town.homes if home.grid == code and home.building)
    home.grid = wrong
    return [Expected("household_in_other_grid", code, wrong, None, Point(home.lng, home.lat).buffer(1e-9))]


def off_building(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Put a household 30 m north of its building."""
    code = town.at[at]
    home = next(home for home in town.homes if home.grid == code and home.building)
    assert home.building is not None
    house = town.buildings[home.building]
    home.lng, top = house.centroid.x, house.bounds[3]
    home.lat = top + 30 * M
    away = metres(LineString([(home.lng, top), (home.lng, home.lat)]))
    return [Expected("household_off_building", home.building, None, away, Point(home.lng, home.lat).buffer(1e-9))]


def too_small(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let most households of a grid move away."""
    code = town.at[at]
    own = [home for home in town.homes if home.grid == code]
    town.homes = [home for home in town.homes if home not in own[4:]]
    return [Expected("grid_too_small", code, str(LEAST), 4)]


def too_large(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Let a grid's households be twice as many."""
    code = town.at[at]
    own = [replace(home) for home in town.homes if home.grid == code]
    town.homes += own
    return [Expected("grid_too_large", code, str(MOST), 2 * len(own))]


def _dismissed(
    role: str | None, kind: str, amount: float | None
) -> Callable[[Town, tuple[int, int]], list[Expected]]:
    def plant(town: Town, at: tuple[int, int]) -> list[Expected]:
        code = town.at[at]
        if role is None:
            town.people = [(home, job, duty and home != code) for home, job, duty in town.people]
        else:
            town.people = [one for one in town.people if one[:2] != (code, role)]
        return [Expected(kind, code, None, amount)]

    return plant


def apart(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Add a lane that meets no other street."""
    x, y = _middle(town, at)
    lane = LineString([(x - 20 * M, y), (x + 20 * M, y + 5 * M)])
    town.streets.append(("断头路", lane))
    return [Expected("street_apart", "断头路", None, metres(lane), lane.buffer(1e-6))]


def in_one_another(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Draw a second building over a part of one."""
    name = f"{town.at[at]}B0"
    west, south, east, north = town.buildings[name].bounds
    town.buildings["ZZ"] = box(west + 5 * M, south + 5 * M, east + 5 * M, north + 5 * M)
    shared = box(west + 5 * M, south + 5 * M, east, north)
    return [Expected("building_overlap", name, "ZZ", m2(shared), shared)]


def address_twice(town: Town, at: tuple[int, int]) -> list[Expected]:
    """Give the address of one building to another as well."""
    name, x, y = next(one for one in town.addresses if one[0].startswith(town.at[at]))
    town.addresses.append((name, x + 5 * M, y))
    return [Expected("address_doubled", name, None, 2, Point(x, y).buffer(1e-9))]


PLANTS: dict[str, Callable[[Town, tuple[int, int]], list[Expected]]] = {
    **{one.__name__: one for one in (overlap, sliver_overlap, gap, sliver_gap, thin_part, outside, invalid, empty)},
    **{one.__name__: one for one in (doubled, in_no_grid, in_other_grid, off_building, too_small, too_large)},
    **{one.__name__: one for one in (apart, in_one_another, address_twice)},
    "letters in a code": _renamed(lambda code: code[:-1] + "A", "not_digits"),
    "a short code": _renamed(lambda code: code[:-1], "wrong_length"),
    "a code of another": _renamed(lambda code: "9" + code[1:], "not_under_parent"),
    "no leader": _dismissed("grid_leader", "grid_without_leader", None),
    "no worker": _dismissed("grid_worker", "grid_without_worker", None),
    "nobody on duty": _dismissed(None, "grid_nobody_on_duty", 2),
}
