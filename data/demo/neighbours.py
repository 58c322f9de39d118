"""The others of a demo town: building heads, hub households, property managers, couriers, and the duty chiefs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import count

import numpy as np
from numpy.typing import NDArray

from data.demo.duty import ALWAYS, Duty, weekly
from data.demo.frame import Floats, Ints
from data.demo.names import people
from data.demo.place import Place
from data.demo.rows import AreaRow, GridRow, PositionRow, WorkerRow

BUILDING_HEADS = 3  # of a grid
DUTY_CHIEFS = 4
AWAKE = (weekly(time(7), time(22)), weekly(time(8), time(23)), weekly(time(6, 30), time(21, 30)))
RIDES = (
    weekly(time(10), time(22)),
    weekly(time(9), time(21), range(1, 7)),
    weekly(time(11), time(1), (2, 3, 4, 5, 6, 7)),
)
SERVICE_DESK = (ALWAYS, weekly(time(8), time(20)), ALWAYS, weekly(time(9), time(21)))
COMMAND = (weekly(time(8), time(20)), weekly(time(20), time(8)))
COMMITTEE_HOURS = weekly(time(18), time(21), range(1, 6))
AFTER = ":"
"""Sorts behind all digits: codes below an area lie between its own and its own with this."""
AT_HOME = frozenset({"building_head", "hub_household", "committee", "duty_chief", "liaison"})
"""Roles of people who sit somewhere until they are sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Houses:
    """The buildings: `kinds` (n,), `places` (n, 2) degrees, `grids` (n,) row of the governance grid each stands in.

    `finest` (n,) is the code of the smallest area each stands in: its grid, or its micro-grid.
    """

    kinds: Sequence[str]
    places: Floats
    grids: Ints
    finest: NDArray[np.str_]

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


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Where people are at home: the residential grids, the hub households' areas and all governance grids, by code."""

    basic: Sequence[str]
    hubs: Sequence[str]
    grids: Sequence[str]
    communities: Sequence[str]


def homes_of(areas: Sequence[AreaRow], grids: Sequence[GridRow], place: Place) -> Homes:
    """Collect them: a hub household heads a micro-grid, and where there are none some do in each grid."""
    governance = [grid for grid in grids if grid.layer == "governance"]
    basic = [grid.code for grid in governance if grid.kind == "basic"]
    micro = [area.code for area in areas if area.level == "micro_grid"]
    hubs = micro or [code for code in basic for _ in range(place.staff.hub_households)]
    communities = [area.code for area in areas if area.level == "community"]
    return Homes(basic, hubs, [grid.code for grid in governance], communities)


def make_neighbours(
    homes: Homes, place: Place, scale: float, first: int, rng: np.random.Generator
) -> tuple[WorkerRow, ...]:
    """Name everybody beside the staff; their codes go on from `first`, `scale` is the town's size."""
    return hired(list(_posts(homes, place, scale, rng)), first, rng)


def hired(posts: Sequence[Post], first: int, rng: np.random.Generator) -> tuple[WorkerRow, ...]:
    """Fill posts with people."""
    named = zip(count(first), posts, people(rng, len(posts)), strict=False)
    return tuple(
        WorkerRow(
            f"W{number:05}", name, p.role, p.skills, p.home, p.capacity, 0, False, p.duty, employment=p.employment
        )
        for number, p, name in named
    )


def _posts(homes: Homes, place: Place, scale: float, rng: np.random.Generator) -> Iterator[Post]:
    for turn, home in enumerate(home for home in homes.basic for _ in range(BUILDING_HEADS)):
        yield Post("building_head", (), home, 2, AWAKE[turn % len(AWAKE)])
    for turn, home in enumerate(homes.hubs):
        yield Post("hub_household", (), home, 2, AWAKE[turn % len(AWAKE)])
    for turn, home in enumerate(homes.grids):
        duty = SERVICE_DESK[turn % len(SERVICE_DESK)]
        yield Post("property", ("property",), home, 3, duty, "full_time")
    for turn in range(max(1, round(place.staff.couriers * scale))):
        home = homes.grids[int(rng.integers(len(homes.grids)))]
        yield Post("mobile", ("patrol", "care"), home, 1, RIDES[turn % len(RIDES)], "mobile")
    for turn in range(DUTY_CHIEFS):
        yield Post("duty_chief", (), place.root, 4, COMMAND[turn % len(COMMAND)], "full_time")
    for turn in range(round(place.staff.committee * scale)):
        home = homes.communities[turn % len(homes.communities)]
        yield Post("committee", (), home, 2, COMMITTEE_HOURS, "part_time")


def at_their_homes(workers: Sequence[WorkerRow], houses: Houses, rng: np.random.Generator) -> dict[str, PositionRow]:
    """Place each building head, hub household and committee member in a home of the own area; by code."""
    homes = houses.of("home")
    homes = homes[np.argsort(houses.finest[homes], kind="stable")]
    codes = houses.finest[homes]
    found = {}
    for worker in workers:
        if worker.role in AT_HOME and worker.role not in ("duty_chief", "liaison"):
            here = worker.home_area
            first, last = np.searchsorted(codes, [here, here + AFTER]).tolist()
            among = homes[first:last] if last > first else homes
            place = houses.places[among[int(rng.integers(len(among)))]]
            found[worker.code] = sits(worker.code, place, int(rng.integers(5, 120)))
    return found


def sits(code: str, place: Floats, age_s: int = 0) -> PositionRow:
    """Place somebody, or a unit, for good."""
    lng, lat = place.tolist()
    return PositionRow(code, lng, lat, 10.0, age_s, still=True)
