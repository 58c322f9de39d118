"""The units of a demo town: departments, fire brigades, health teams and volunteers, and who belongs to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import cycle, islice

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.demo.duty import ALWAYS, Duty, weekly
from data.demo.frame import Floats, Ints
from data.demo.names import ordinal
from data.demo.neighbours import Houses, Post, hired, sits
from data.demo.place import Place
from data.demo.rows import AreaRow, GridRow, MemberRow, PositionRow, WorkerRow

PARTS = ("doctor", "nurse", "nurse", "public_health")
TEAM_HOURS = (ALWAYS, weekly(time(8), time(20)), weekly(time(8), time(18)))
DEPARTMENTS = {
    "D01": "消防救援大队",
    "D02": "城市管理局",
    "D03": "供水公司",
    "D04": "供热公司",
    "D05": "供电公司",
    "D06": "燃气公司",
    "D07": "住建局物业办",
    "D08": "公安派出所",
    "D09": "卫生健康委员会",
    "D10": "特种设备监察所",
}
BRIGADES = {"B01": "消防救援站一中队", "B02": "消防救援站二中队"}
KINDS = {"department": "department"} | dict.fromkeys(("station", "canteen", "red_station"), "station")
SKILLS = {"health_team": ("medical", "care"), "fire_brigade": ("fire_brigade",), "volunteers": ("care",)}
UNLIMITED = 300
"""What a department takes on at once."""


@dataclass(slots=True)
class Units:
    """The units with their members, where they stand, and the persons by code as they then are."""

    workers: dict[str, WorkerRow]
    made: list[WorkerRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)
    places: dict[str, PositionRow] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    _of_role: dict[str, list[str]] = field(default_factory=dict)

    def add(self, unit: WorkerRow, place: Floats) -> None:
        """Set a unit up at a place."""
        self.made.append(unit)
        self.places[unit.code] = sits(unit.code, place)

    def join(self, unit: WorkerRow, worker: WorkerRow, part: str) -> None:
        """Let somebody belong to a unit."""
        self.members.append(MemberRow(unit.code, worker.code, part))
        self.settled.add(worker.code)

    def at_home(self, role: str, homes: Sequence[str]) -> list[WorkerRow]:
        """Return who of a role is at home in or under one of some areas."""
        if not self._of_role:
            for code, row in self.workers.items():
                self._of_role.setdefault(row.role, []).append(code)
        whole, known = tuple(homes), (self.workers[code] for code in self._of_role.get(role, ()))
        return [row for row in known if row.home_area.startswith(whole)]


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """What units are spread over; `scale` is the town's size, measured by the place's own."""

    place: Place
    areas: Sequence[AreaRow]
    grids: Sequence[GridRow]
    houses: Houses
    scale: float


def make_units(people: Sequence[WorkerRow], land: Land, rng: np.random.Generator) -> Units:
    """Set up all units of a town but its stations, and choose their members among its people."""
    units = Units({row.code: row for row in people})
    _departments(units, land, rng)
    _brigades(units, land)
    _teams(units, land)
    _volunteers(units, land)
    _partners(units, land)
    return units


def unit(code: str, name: str, role: str, home: str, duty: Duty = ALWAYS, capacity: int = 3) -> WorkerRow:
    """Make a unit's row; its kind and skills go with its role."""
    kind = KINDS.get(role, "team")
    skills = SKILLS.get(role, ())
    return WorkerRow(code, name, role, skills, home, capacity, 0, False, duty, kind=kind)


def _departments(units: Units, land: Land, rng: np.random.Generator) -> None:
    """Give each department a public building and a liaison who answers for it; the duty chiefs sit in the first."""
    district, public = land.areas[0].code, land.houses.of("public")
    seats = list(islice(cycle(rng.permutation(public).tolist()), len(DEPARTMENTS) + 1))
    posts = [Post("liaison", (), district, 2, ALWAYS, "full_time")] * len(DEPARTMENTS)
    liaisons = hired(posts, len(units.workers) + 1, rng)
    for (code, name), liaison, seat in zip(DEPARTMENTS.items(), liaisons, seats[1:], strict=True):
        department = unit(code, name, "department", district, capacity=UNLIMITED)
        units.add(department, land.houses.places[seat])
        units.workers[liaison.code] = liaison
        units.places[liaison.code] = sits(liaison.code, land.houses.places[seat])
        units.join(department, liaison, "duty_clerk")
    for chief in units.at_home("duty_chief", [district]):
        units.places[chief.code] = sits(chief.code, land.houses.places[seats[0]])


def _brigades(units: Units, land: Land) -> None:
    """Put the fire brigades at both ends of the town; whoever fights fires belongs to one of them."""
    public = land.houses.of("public")
    from_west = public[np.argsort(land.houses.places[public, 0], kind="stable")]
    ends = (from_west[len(from_west) // 5], from_west[-1 - len(from_west) // 5])
    firefighters = units.at_home("fire", [land.areas[0].code])
    for number, ((code, name), seat) in enumerate(zip(BRIGADES.items(), ends, strict=True)):
        home = land.grids[land.houses.grids[seat]].code
        brigade = unit(code, name, "fire_brigade", home)
        units.add(brigade, land.houses.places[seat])
        for worker in firefighters[number :: len(BRIGADES)]:
            units.join(brigade, worker, "firefighter")


def _teams(units: Units, land: Land) -> None:
    """Make the "4+N" teams: all medical staff, and for each team a grid worker and some volunteers of its grid."""
    health = [grid for grid in land.grids if grid.layer == "health"]
    count = max(1, round(land.place.staff.health_teams * land.scale))
    near = nearest_first(land, land.houses.of("public"), [grid.shape for grid in health])
    for number in range(count):
        at = number % len(health)
        turn, grid = number // len(health), health[at]
        name = f"{grid.name}“4+N”服务{'一二三四五六七八九'[turn % 9]}队"
        team = unit(f"T{number + 1:02}", name, "health_team", grid.code, TEAM_HOURS[number % 3], 2)
        units.add(team, land.houses.places[near[at][turn % len(near[at])]])
        beside = range(at, len(health), count) if count < len(health) else [at]
        staff = units.at_home("medical", [health[row].code for row in beside])
        share = staff[turn :: len(range(at, count, len(health)))]
        for place, worker in enumerate(share):
            units.join(team, worker, PARTS[place % len(PARTS)])
        homes = [home for row in beside for home in _inside(health[row].shape, land.grids)]
        for worker in units.at_home("grid_worker", homes)[turn : turn + 1]:
            units.join(team, worker, "grid_worker")
        for worker in units.at_home("hub_household", homes)[turn * 3 : turn * 3 + 1 + number % 3]:
            units.join(team, worker, "volunteer")


def _inside(shape: BaseGeometry, grids: Sequence[GridRow]) -> list[str]:
    small = [grid for grid in grids if grid.layer == "governance"]
    middles = [grid.shape.representative_point() for grid in small]
    return [grid.code for grid, within in zip(small, shapely.contains(shape, middles), strict=True) if within]


def _volunteers(units: Units, land: Land) -> None:
    """Gather volunteers into teams, spread over the communities."""
    communities = [area for area in land.areas if area.level == "community"]
    near = nearest_first(land, land.houses.of("public"), [area.shape for area in communities])
    for number in range(round(land.place.staff.volunteer_teams * land.scale)):
        area, seats = communities[number % len(communities)], near[number % len(communities)]
        turn = number // len(communities)
        name = f"{area.name}志愿服务{'一二三四五六七八九'[turn % 9]}队"
        team = unit(f"V{number + 1:02}", name, "volunteers", area.code, weekly(time(8), time(20)))
        units.add(team, land.houses.places[seats[turn % len(seats)]])
        for worker in units.at_home("hub_household", [area.code])[turn * 4 : turn * 4 + 3]:
            units.join(team, worker, "volunteer")


def _partners(units: Units, land: Land) -> None:
    """Tie the partner units to their communities."""
    communities = [area for area in land.areas if area.level == "community"]
    near = nearest_first(
        land, np.append(land.houses.of("work"), land.houses.of("shop")), [a.shape for a in communities]
    )
    for number in range(round(land.place.staff.partners * land.scale)):
        area, seats = communities[number % len(communities)], near[number % len(communities)]
        turn = number // len(communities)
        name = f"{area.name}共建单位{ordinal(turn + 1)}"
        partner = unit(f"P{number + 1:02}", name, "partner", area.code, weekly(time(9), time(18), range(1, 6)))
        units.add(partner, land.houses.places[seats[turn % len(seats)]])


def nearest_first(land: Land, among: Ints, shapes: Sequence[BaseGeometry]) -> list[Ints]:
    """Return for each shape the rows of some buildings, those nearest to its middle first."""
    places = land.houses.places[among]
    middles = [shapely.get_coordinates(shape.representative_point())[0] for shape in shapes]
    return [among[np.argsort(np.hypot(*(places - middle).T), kind="stable")] for middle in middles]
