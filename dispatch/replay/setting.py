"""A town under a setting: its city with nobody at work yet."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from shapely import Point as Spot

from data.grids import Grid
from data.incidents import Incident
from data.record import Record
from data.workers import Kind, Worker
from dispatch.calendar import Calendar
from dispatch.city import City, zone_of
from dispatch.clockwork import Clockwork
from dispatch.crew import Crew
from dispatch.errors import FarFromTownError, NoGroundError
from dispatch.layer import Layer
from dispatch.replay.difference import Difference, Setting
from dispatch.replay.side import HEARD, Side
from dispatch.roster import duty_of, reserved_of

DAY = timedelta(days=1)


def side_of(setting: Setting, record: Record, differs: Difference | None = None) -> Side:
    """Build the town under a setting, with nobody at work yet and everybody at home, wherever grids are drawn."""
    zone = zone_of(record.kept.town)
    first, last = (moment.astimezone(zone).date() for moment in (record.since, max(record.until, record.as_of)))
    layers = _layers(setting.grids)
    city = City(
        town=record.kept.town,
        kernels=False,
        rules=setting.rules,
        layers=layers,
        crew=Crew(_at_home(record.workers, record.kept.grids), kernels=False),
        ladders=setting.ladders,
        members=record.members,
        duty=duty_of(setting.patterns, setting.changes, first - DAY, last + DAY, zone),
        reserved=reserved_of(record.reservations),
        clockwork=Clockwork.of(_calendar(record), setting.limits),
    )
    return Side(city, differs or Difference())


def _calendar(record: Record) -> Calendar:
    town = record.kept.town
    years = {year: one.days for year, one in record.kept.years.items()}
    return Calendar(zone_of(town), () if town is None else town.hours, years)


def _layers(grids: Sequence[Grid]) -> dict[str, Layer]:
    of_layer: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        of_layer[grid.layer].append(grid)
    return {code: Layer(some, kernels=False) for code, some in of_layer.items()}


def _at_home(workers: Sequence[Worker], grids: Sequence[Grid]) -> list[Worker]:
    """Put persons into their home grid, those without one where they were seen last, all of them free."""
    by_code = sorted(grids, key=lambda grid: (grid.layer, grid.code), reverse=True)
    home = {grid.area_id: grid.shape.representative_point() for grid in by_code}
    above = {step: at for grid in by_code for step in _below(grid) if (at := home[grid.area_id])}
    return [_free(worker, home, above) for worker in workers]


def _below(grid: Grid) -> list[str]:
    steps = grid.area_path.split(".")
    return [".".join(steps[: place + 1]) for place in range(len(steps))]


def _free(worker: Worker, home: Mapping[UUID, Spot], above: Mapping[str, Spot]) -> Worker:
    free = replace(worker, active_tasks=0, holds_exclusive=False, rest_until=None)
    if worker.kind is not Kind.PERSON:
        return free
    at = _place(worker, home, above)
    lng, lat = (worker.lng, worker.lat) if at is None else at
    return replace(free, lng=lng, lat=lat, seen_at=None if lng is None else HEARD)


def _place(worker: Worker, home: Mapping[UUID, Spot], above: Mapping[str, Spot]) -> tuple[float, float] | None:
    """Return a point of the home grid, or of the first grid below the home area, or of the grid it lies in."""
    found = home.get(worker.home_area_id) if worker.home_area_id else None
    steps = (worker.area_path or "").split(".")
    for length in range(len(steps), 0, -1):
        found = found or above.get(".".join(steps[:length]))
    return None if found is None else (found.x, found.y)


def placed(side: Side, incident: Incident) -> Incident:
    """Put an incident where it lies under a setting."""
    if not side.differs.ground:
        return incident
    nowhere = replace(incident, grid_id=None, area_id=None, area_path=None, nearest_grid_id=None)
    try:
        return side.city.place(nowhere)
    except (FarFromTownError, NoGroundError):
        return nowhere
