"""Everybody who can be sent in a demo town: persons and units, who belongs where, and where each was last seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.demo.duty import DAY, weekly
from data.demo.neighbours import AT_HOME, Houses, at_their_homes, homes_of, make_neighbours
from data.demo.people import make_positions, make_workers
from data.demo.place import Place
from data.demo.rows import AreaRow, DayRow, GridRow, MemberRow, PositionRow, StreetRow, WorkerRow
from data.demo.stations import open_stations
from data.demo.units import Land, Units, make_units

SWAPPED_DAY = 1


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The place, the areas and grids of a town, its streets and buildings."""

    place: Place
    areas: Sequence[AreaRow]
    grids: Sequence[GridRow]
    streets: Sequence[StreetRow]
    houses: Houses


@dataclass(frozen=True, slots=True)
class Staffed:
    """All rows about workers; row i of the positions is worker i's."""

    workers: tuple[WorkerRow, ...]
    members: tuple[MemberRow, ...]
    days: tuple[DayRow, ...]
    positions: tuple[PositionRow, ...]


def staff_town(site: Site, households: int, rng: np.random.Generator) -> Staffed:
    """Staff a town of so many households."""
    place = site.place
    scale = place.scale(households)
    workers = make_workers(site.grids, place, households, rng)
    homes = homes_of(site.areas, site.grids, place)
    people = (*workers, *make_neighbours(homes, place, scale, len(workers) + 1, rng))
    land = Land(place, site.areas, site.grids, site.houses, scale)
    units = make_units(people, land, rng)
    open_stations(units, land)
    everybody = (*units.workers.values(), *units.made)
    return Staffed(everybody, tuple(units.members), tuple(_days(everybody)), _positions(everybody, units, site, rng))


def _positions(
    everybody: Sequence[WorkerRow], units: Units, site: Site, rng: np.random.Generator
) -> tuple[PositionRow, ...]:
    afoot = [row for row in everybody if row.kind == "person" and row.role not in AT_HOME]
    walking = make_positions(afoot, site.grids, site.streets, rng)
    places = {row.worker: row for row in walking} | at_their_homes(everybody, site.houses, rng)
    for code, place in units.places.items():
        there = places.get(code, place)
        places[code] = replace(place, age_s=there.age_s, accuracy_m=there.accuracy_m)
    return tuple(places[row.code] for row in everybody)


def _days(everybody: Sequence[WorkerRow]) -> Iterator[DayRow]:
    """Give one leave today, and let two who work by day swap theirs tomorrow."""
    shifts = [weekly(*shift) for shift in DAY]
    by_day = [row for row in everybody if row.duty in shifts and row.employment == "full_time"]
    absent, early, *others = sorted(by_day, key=lambda row: (row.role != "grid_worker", row.code))
    yield DayRow(absent.code, 0, None, None, "leave")
    late = next(row for row in others if row.duty != early.duty)
    for one, other in ((early, late), (late, early)):
        _, starts, ends = other.duty[0]
        yield DayRow(one.code, SWAPPED_DAY, starts, ends, "swap", swap=1)
