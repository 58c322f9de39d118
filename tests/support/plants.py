"""Faults to plant in a clean town, each with what must be found: by shapely alone, without the checker."""

from collections.abc import Callable
from dataclasses import replace

import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from tests.support.planted import LEAST, MOST, SOUTH, STEP, WEST, Expected, Home, M, Town, m2, metres


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
