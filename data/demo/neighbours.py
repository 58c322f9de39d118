"""The others of a demo town: building heads, hub households, property managers, couriers, and the duty chiefs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import count

import numpy as np

from data.demo.duty import ALWAYS, Duty, weekly
from data.demo.frame import Floats, Ints
from data.demo.names import people
from data.demo.rows import GridRow, PositionRow, WorkerRow

BUILDING_HEADS, HUB_HOUSEHOLDS = 3, 2  # a grid
COURIERS = 39  # docs/sources.md#jianou
DUTY_CHIEFS = 4
AWAKE = (weekly(time(7), time(22)), weekly(time(8), time(23)), weekly(time(6, 30), time(21, 30)))
RIDES = (
    weekly(time(10), time(22)),
    weekly(time(9), time(21), range(1, 7)),
    weekly(time(11), time(1), (2, 3, 4, 5, 6, 7)),
)
SERVICE_DESK = (ALWAYS, weekly(time(8), time(20)), ALWAYS, weekly(time(9), time(21)))
COMMAND = (weekly(time(8), time(20)), weekly(time(20), time(8)))
AT_HOME = frozenset({"building_head", "hub_household", "duty_chief", "liaison"})
"""Roles of people who sit somewhere until they are sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Houses:
    """The buildings: `kinds` (n,), `places` (n, 2) degrees, `grids` (n,) row of the governance grid each stands in."""

    kinds: Sequence[str]
    places: Floats
    grids: Ints

    def of(self, kind: str) -> Ints:
        """Return the rows of the buildings of a kind."""
        return np.flatnonzero(np.array(self.kinds) == kind).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody does beside the grid's own staff, for the grid or area `home`."""

    role: str
    skills: tuple[str, ...]
    home: str
    capacity: int
    duty: Duty
    employment: str | None = None


def make_neighbours(
    grids: Sequence[GridRow], district: str, scale: float, first: int, rng: np.random.Generator
) -> tuple[WorkerRow, ...]:
    """Name everybody beside the staff; their codes go on from `first`, `scale` is the town's size."""
    posts = list(_posts([grid.code for grid in grids if grid.layer == "governance"], district, scale, rng))
    return hired(posts, first, rng)


def hired(posts: Sequence[Post], first: int, rng: np.random.Generator) -> tuple[WorkerRow, ...]:
    """Fill posts with people."""
    named = zip(count(first), posts, people(rng, len(posts)), strict=False)
    return tuple(
        WorkerRow(
            f"W{number:05}", name, p.role, p.skills, p.home, p.capacity, 0, False, p.duty, employment=p.employment
        )
        for number, p, name in named
    )


def _posts(homes: list[str], district: str, scale: float, rng: np.random.Generator) -> Iterator[Post]:
    for turn, home in enumerate(home for home in homes for _ in range(BUILDING_HEADS)):
        yield Post("building_head", (), home, 2, AWAKE[turn % len(AWAKE)])
    for turn, home in enumerate(home for home in homes for _ in range(HUB_HOUSEHOLDS)):
        yield Post("hub_household", (), home, 2, AWAKE[turn % len(AWAKE)])
    for turn, home in enumerate(homes):
        duty = SERVICE_DESK[turn % len(SERVICE_DESK)]
        yield Post("property", ("property",), home, 3, duty, "full_time")
    for turn in range(max(1, round(COURIERS * scale))):
        home = homes[int(rng.integers(len(homes)))]
        yield Post("mobile", ("patrol", "care"), home, 1, RIDES[turn % len(RIDES)], "mobile")
    for turn in range(DUTY_CHIEFS):
        yield Post("duty_chief", (), district, 4, COMMAND[turn % len(COMMAND)], "full_time")


def at_their_homes(
    workers: Sequence[WorkerRow], grids: Sequence[GridRow], houses: Houses, rng: np.random.Generator
) -> dict[str, PositionRow]:
    """Place each building head and hub household in a home of the own grid; by code."""
    homes, row_of = houses.of("home"), {grid.code: row for row, grid in enumerate(grids)}
    here = [homes[houses.grids[homes] == row] for row in range(int(houses.grids.max()) + 1)]
    found = {}
    for worker in workers:
        if worker.role in ("building_head", "hub_household"):
            among = here[row_of[worker.home_area]]
            place = houses.places[among[int(rng.integers(len(among)))]]
            found[worker.code] = sits(worker.code, place, int(rng.integers(5, 120)))
    return found


def sits(code: str, place: Floats, age_s: int = 0) -> PositionRow:
    """Place somebody, or a unit, for good."""
    lng, lat = place.tolist()
    return PositionRow(code, lng, lat, 10.0, age_s, still=True)
