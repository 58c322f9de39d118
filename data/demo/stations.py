"""The stations of a demo town: service stations, elders' canteens, and who sits in them."""

from dataclasses import replace
from datetime import time
from itertools import cycle, islice

import numpy as np

from data.demo.duty import STATION_HOURS, around_the_clock, part_time, weekly
from data.demo.grids import COMMUNITY_DIGITS
from data.demo.names import ordinal
from data.demo.neighbours import sits
from data.demo.rows import AreaRow, WorkerRow
from data.demo.units import Land, Units, nearest_first, unit

CANTEEN_HOURS = weekly(time(10, 30), time(18, 30))
HELPERS = (("mediator", "social_worker"), ("grid_worker", "grid_worker"))
"""Who sits in a manned station: role, and as what."""


def open_stations(units: Units, land: Land) -> None:
    """Open the stations that the place has; part-timers work at the red ones, or where there are none at the manned."""
    staff, scale = land.place.staff, land.scale
    service = _opened(units, land, ("S", "station", "服务站"), _over(land, round(staff.stations * scale)))
    count, seats = round(staff.manned * scale), len(service)
    manned = [station for row, station in enumerate(service) if row * count % seats < count]
    for station in manned:
        _man(units, station)
    red = _opened(units, land, ("R", "red_station", "红色网格驿站"), _over(land, round(staff.red_stations * scale)))
    _opened(units, land, ("C", "canteen", "长者食堂"), _over(land, round(staff.canteens * scale)))
    own = [area for area in land.areas if area.code in {grid.code for grid in land.grids if grid.purpose}]
    _opened(units, land, ("Z", "station", "驿站"), own)
    _part_timers(units, red or manned, round(staff.part_timers * scale))


def _over(land: Land, count: int) -> list[AreaRow]:
    """Spread so many over the areas of the stations' level, some having more than one."""
    basic = {grid.code for grid in land.grids if grid.layer == "governance" and grid.kind == "basic"}
    level = land.place.staff.station_level
    among = [area for area in land.areas if area.level == level and (level != "grid" or area.code in basic)]
    return [among[row * len(among) // count] for row in range(count)]


def _opened(units: Units, land: Land, what: tuple[str, str, str], areas: list[AreaRow]) -> list[WorkerRow]:
    """Open a station of one sort in each of some areas, at the shop nearest to its middle that is still free."""
    (letter, role, word), found = what, list[WorkerRow]()
    seats = nearest_first(land, land.houses.of("shop"), [area.shape for area in areas])
    hours = CANTEEN_HOURS if role == "canteen" else STATION_HOURS
    turns: dict[str, int] = {}
    for number, (area, near) in enumerate(zip(areas, seats, strict=True), 1):
        turn = turns[area.code] = turns.get(area.code, 0) + 1
        name = area.name.removesuffix("网格") + word + (f"第{ordinal(turn)}点" if turn > 1 else "")
        station = unit(f"{letter}{number:02}", name, role, area.code, hours)
        units.add(station, land.houses.places[near[min(turn - 1, len(near) - 1)]])
        found.append(station)
    return found


def _man(units: Units, station: WorkerRow) -> None:
    """Let a social worker and a grid worker of its area sit in a station, or of its community if the area has none."""
    seen = units.places[station.code]
    place = np.array([seen.lng, seen.lat])
    for role, part in HELPERS:
        community = station.home_area[:COMMUNITY_DIGITS]
        for worker in (_unsettled(units, role, station.home_area) or _unsettled(units, role, community))[:1]:
            units.workers[worker.code] = replace(worker, station=station.code)
            units.places[worker.code] = replace(sits(worker.code, place, 60), still=False)
            units.join(station, worker, part)


def _part_timers(units: Units, stations: list[WorkerRow], count: int) -> None:
    for turn, station in enumerate(islice(cycle(stations), count)):
        role = ("repair", "city_management", "grid_worker")[turn // len(stations) % 3]
        street = station.home_area[:9]
        for worker in (_unsettled(units, role, street) or _unsettled(units, "grid_worker", street))[:1]:
            duty = part_time(turn)
            units.workers[worker.code] = replace(worker, station=station.code, employment="part_time", duty=duty)
            units.join(station, worker, "part_time")


def _unsettled(units: Units, role: str, home: str) -> list[WorkerRow]:
    """Return who of a role is at home in an area and belongs to no unit; who works round the clock comes last."""
    free = [row for row in units.at_home(role, [home]) if row.code not in units.settled]
    return sorted(free, key=lambda row: around_the_clock(row.duty))
