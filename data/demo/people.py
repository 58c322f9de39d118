"""The workers of a demo town: who they are, what they can do, when they work and where they were last seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
import shapely

from data.demo.duty import usual
from data.demo.frame import Floats
from data.demo.names import people
from data.demo.place import Place
from data.demo.rows import GridRow, PositionRow, StreetRow, WorkerRow

# The closed list of skills: what a category may ask for and a worker may have.
SKILLS = {
    "patrol": "巡查",
    "care": "走访照料",
    "mediation": "调解",
    "fire": "消防",
    "medical": "医护",
    "gas": "燃气",
    "elevator": "电梯",
    "heating": "供热",
    "water": "供排水",
    "electric": "供电照明",
    "city_management": "城市管理",
    "sanitation": "环卫",
    "property": "物业",
    "fire_brigade": "消防救援",
}
HOUSEHOLDS_PER_WORKER = 40  # docs/sources.md#baijiantan: 600 and more workers
FRESH_S, STALE_S = 300, 1_800
STALE_SHARE, LOST_SHARE = 0.08, 0.03
AT_HOME_SHARE, NEXT_DOOR_SHARE = 0.68, 0.2


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of worker, its share of the staff; capacities and shifts (day, night, round the clock) go in turn.

    Without a share the place says how many there are.
    """

    role: str
    skills: tuple[str, ...]
    capacities: tuple[int, ...]
    shifts: str
    share: float | None
    layer: str = "governance"


LEADER = Trade("grid_leader", ("patrol", "care", "mediation"), (4, 3), "drdnd", 0.0)
GRID_WORKER = Trade("grid_worker", ("patrol", "care"), (2, 3, 2, 3, 4), "dndrdndnd", 0.0)
TRADES = (
    Trade("fire", ("fire",), (1,), "r", 0.06),
    Trade("medical", ("medical", "care"), (2, 1, 2), "rdnrd", None, "health"),
    Trade("mediator", ("mediation", "care"), (2, 3), "ddnrd", None),
    Trade("repair", ("elevator",), (1, 2), "rdr", 0.02),
    Trade("repair", ("heating", "water"), (2, 2, 3), "rdrn", 0.04),
    Trade("repair", ("water",), (2,), "rdn", 0.02),
    Trade("repair", ("gas",), (2, 1), "r", 0.02),
    Trade("repair", ("electric",), (2, 3), "rdn", 0.025),
    Trade("city_management", ("city_management",), (3, 2, 4), "drdn", 0.045),
    Trade("city_management", ("sanitation", "city_management"), (4, 3), "ddnr", 0.045),
)


def make_workers(
    grids: Sequence[GridRow], place: Place, households: int, rng: np.random.Generator
) -> tuple[WorkerRow, ...]:
    """Staff the town: a leader and several workers in each governance grid, the trades spread over all grids."""
    codes = {layer: [grid.code for grid in grids if grid.layer == layer] for layer in ("governance", "health")}
    count = max(place.staff.least_per_grid * len(codes["governance"]), round(households / HOUSEHOLDS_PER_WORKER))
    posts: list[tuple[Trade, str]] = [(LEADER, code) for code in codes["governance"]]
    for trade in TRADES:
        homes = [codes[trade.layer][row] for row in rng.permutation(len(codes[trade.layer]))]
        posts += [(trade, code) for code in islice(cycle(homes), max(2, _many(trade, place, households, count)))]
    posts += [(GRID_WORKER, code) for code in islice(cycle(codes["governance"]), count - len(posts))]
    names = people(rng, count)
    return tuple(_hired(posts, names))


def _many(trade: Trade, place: Place, households: int, staff: int) -> int:
    """Count those of a trade: what the place says of them, or their share of the staff."""
    known = {"medical": place.staff.medical, "mediator": place.staff.mediators}
    if trade.share is None:
        return round(known[trade.role] * place.scale(households))
    return round(trade.share * staff)


def _hired(posts: list[tuple[Trade, str]], names: list[str]) -> Iterator[WorkerRow]:
    turn: dict[Trade, int] = {}
    for number, ((trade, home), name) in enumerate(zip(posts, names, strict=True), 1):
        at = turn[trade] = turn.get(trade, -1) + 1
        skills = (*trade.skills, "mediation") if trade is GRID_WORKER and at % 7 == 3 else trade.skills
        duty = usual(trade.shifts[at % len(trade.shifts)], at)
        capacity = trade.capacities[at % len(trade.capacities)]
        row = WorkerRow(f"W{number:05}", name, trade.role, skills, home, capacity, 0, False, duty)
        yield replace(row, employment="part_time" if trade.role == "mediator" else "full_time")


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Places on the streets by grid: `places` (n, 2) degrees, those of grid i from `starts[i]` to `starts[i + 1]`."""

    places: Floats
    starts: list[int]


def make_positions(
    workers: Sequence[WorkerRow], grids: Sequence[GridRow], streets: Sequence[StreetRow], rng: np.random.Generator
) -> tuple[PositionRow, ...]:
    """Place every worker on a street: most in the own grid or next to it, the others anywhere."""
    beats = _beats(grids, streets)
    row_of = {grid.code: row for row, grid in enumerate(grids)}
    near = _next_door(grids)
    ways, lots = rng.random(len(workers)), rng.random((len(workers), 2))
    ages, accuracies = _ages(len(workers), rng), np.round(rng.gamma(3.0, 4.0, len(workers)) + 3, 1)
    whole = [row for row, grid in enumerate(grids) if grid.layer == "governance"]
    found = []
    for number, worker in enumerate(workers):
        home = row_of[worker.home_area]
        choice = near[home] if ways[number] < AT_HOME_SHARE + NEXT_DOOR_SHARE else whole
        grid = home if ways[number] < AT_HOME_SHARE else choice[int(lots[number, 0] * len(choice))]
        first, last = beats.starts[grid], beats.starts[grid + 1]
        lng, lat = beats.places[first + int(lots[number, 1] * (last - first))].tolist()
        found.append(PositionRow(worker.code, lng, lat, float(accuracies[number]), int(ages[number])))
    return tuple(found)


def _ages(count: int, rng: np.random.Generator) -> list[int]:
    """Draw the ages of fixes in seconds: mostly fresh, exactly the given shares stale and lost."""
    stale, lost = round(STALE_SHARE * count), round(LOST_SHARE * count)
    fresh = rng.integers(0, 240, count - stale - lost)
    old = rng.integers(FRESH_S + 60, STALE_S - 300, stale), rng.integers(STALE_S + 200, 9 * STALE_S, lost)
    return list(rng.permutation(np.concatenate([fresh, *old])).tolist())


def _beats(grids: Sequence[GridRow], streets: Sequence[StreetRow]) -> Beats:
    step = 0.0004
    lines = [street.line for street in streets]
    lengths = shapely.length(lines)
    stops = [np.arange(step / 2, length, step) for length in lengths]
    row = np.repeat(np.arange(len(lines)), [len(stop) for stop in stops])
    points = shapely.line_interpolate_point(np.array(lines)[row], np.concatenate(stops))
    places = np.round(shapely.get_coordinates(points), 7)
    shapes = [grid.shape for grid in grids]
    grid, point = shapely.STRtree(np.array(shapely.points(places))).query(shapes, predicate="intersects")
    off = np.setdiff1d(np.arange(len(grids)), grid)  # a courtyard or a tower's own ground: no street runs there
    middles = shapely.get_coordinates(shapely.point_on_surface(np.array(shapes, dtype=np.object_)[off]))
    grid, point = np.append(grid, off), np.append(point, len(places) + np.arange(len(off)))
    places = np.concatenate([places, np.round(middles, 7)])
    order = np.lexsort((point, grid))
    starts = np.searchsorted(grid[order], np.arange(len(grids) + 1)).tolist()
    return Beats(places[point[order]], starts)


def _next_door(grids: Sequence[GridRow]) -> list[list[int]]:
    """List for each grid the grids of its layer that touch it, itself included."""
    shapes = [grid.shape for grid in grids]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    near: list[list[int]] = [[] for _ in grids]
    for a, b in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if grids[a].layer == grids[b].layer:
            near[a].append(b)
    return near
