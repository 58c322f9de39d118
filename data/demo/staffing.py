"""Everybody who can be sent in a demo town: persons and units, who belongs where, and where each was last seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.demo.duty import DAY, weekly
from data.demo.lattice import HOUSEHOLDS_AT_SCALE_ONE
from data.demo.neighbours import AT_HOME, Houses, at_their_homes, make_neighbours
from data.demo.people import make_positions, make_workers
from data.demo.rows import AreaRow, DayRow, GridRow, MemberRow, PositionRow, StreetRow, WorkerRow
from data.demo.units import Land, Units, make_units

SWAPPED_DAY = 1


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The areas and grids of a town, its streets and buildings."""

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
    scale = households / HOUSEHOLDS_AT_SCALE_ONE
    workers = make_workers(site.grids, households, rng)
    district = site.areas[0].code
    people = (*workers, *make_neighbours(site.grids, district, scale, len(workers) + 1, rng))
    units = make_units(people, Land(site.areas, site.grids, site.houses, scale), rng)
    everybody = (*units.workers.values(), *units.made)
    return Staffed(everybody, tuple(units.members), tuple(_days(everybody)), _positions(everybody, units, site, rng))


def _positions(
    everybody: Sequence[WorkerRow], units: Units, site: Site, rng: np.random.Generator
) -> tuple[PositionRow, ...]:
    afoot = [row for row in everybody if row.kind == "person" and row.role not in AT_HOME]
    walking = make_positions(afoot, site.grids, site.streets, rng)
    places = {row.worker: row for row in walking} | at_their_homes(everybody, site.grids, site.houses, rng)
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
