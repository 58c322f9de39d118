"""The city: this process's read model of ground, rules and crew. It proposes; the row lock decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.areas import Area
from data.categories import Category
from data.grids import Grid
from data.incidents import Given, Incident
from data.ladders import Ladder, Rung, Whom
from data.town import Town
from data.workers import Worker
from dispatch.clockwork import Clockwork
from dispatch.crew import Crew
from dispatch.errors import FarFromTownError, NoGroundError
from dispatch.layer import Layer
from dispatch.roster import Duty, Reserved
from geo.datum import Datum, point_in
from geo.errors import GeoError
from geo.point import Point

TAKEN_WITHIN_M = 20_000.0
NO_WAIT = timedelta(0)
STRAIGHT = Ladder((Rung(Whom.RANKED, 3, None, NO_WAIT), Rung(Whom.CENTRE, 1, None, NO_WAIT)))


def zone_of(town: Town | None) -> ZoneInfo:
    """Return a town's time zone; UTC while there is none."""
    return ZoneInfo(town.time_zone if town else "UTC")


@dataclass(slots=True)
class City:
    """What the rules need to know, kept true by `data/feed.py`."""

    town: Town | None = None
    kernels: bool = True
    """Whether points are located by compiled kernels."""
    rules: Mapping[str, Category] = field(default_factory=dict)
    layers: Mapping[str, Layer] = field(default_factory=dict)
    paths: Mapping[UUID, tuple[Area, ...]] = field(default_factory=dict)
    ground_until: datetime | None = None
    """When the next grid's validity begins or ends; None when none is foreseen."""
    crew: Crew = field(default_factory=lambda: Crew(()))
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    clockwork: Clockwork = field(default_factory=Clockwork)
    members: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    """Of each team, station and department."""
    duty: Duty = field(default_factory=Duty.nobody)
    reserved: Reserved = field(default_factory=Reserved.nobody)
    roster_until: datetime | None = None
    """When duty and reservations must be read again: they are known for some days only."""

    def ladder(self, code: str) -> Ladder:
        """Return a ladder; where there is none of that name, one that goes from the ranked to the command centre."""
        return self.ladders.get(code, STRAIGHT)

    def on_duty(self, now: datetime) -> NDArray[np.bool_]:
        """Say who of the crew is on duty, bool (n,), read-only. Nobody scheduled is nobody on duty."""
        return self.duty.mask(self.crew.row_of, len(self.crew), now)

    def spoken_for(self, now: datetime, incident_id: UUID) -> NDArray[np.bool_]:
        """Say who of the crew is reserved for something other than an incident, bool (n,), read-only."""
        return self.reserved.mask(self.crew.row_of, len(self.crew), now, incident_id)

    @property
    def zone(self) -> ZoneInfo:
        """The town's time zone, in which shifts and days are counted."""
        return zone_of(self.town)

    def layer(self, code: str) -> Layer:
        """Return a layer that has grids, else raise NoGroundError."""
        layer = self.layers.get(code)
        if layer is None:
            raise NoGroundError
        return layer

    def grid(self, layer: str, code: str) -> Grid | None:
        """Return the grid that is in force under a code."""
        return self.layers[layer].of_code(code) if layer in self.layers else None

    def has_grid(self, code: str) -> bool:
        """Say whether a grid of any layer is in force under a code."""
        return any(layer.of_code(code) for layer in self.layers.values())

    def areas_of(self, grid: Grid | None) -> tuple[Area, ...]:
        """Return the way down the tree to a grid, the grid itself last."""
        return () if grid is None else tuple(self.paths.get(grid.area_id, ()))

    def place(self, incident: Incident) -> Incident:
        """Put an incident into its grid, or name the nearest one when it lies in none.

        Raises
        ------
        FarFromTownError
            If it lies more than 20 km outside; `hint` is `axes_swapped` or `datum` where that would bring it inside.
        NoGroundError
            If the layer has no grids.
        """
        layer = self.layer(incident.layer)
        grid = layer.holding(incident.point)
        if grid is not None:
            return replace(incident, grid_id=grid.id, area_id=grid.area_id, area_path=grid.area_path)
        nearest = layer.nearest(incident.point)
        if nearest is None:
            raise NoGroundError
        if nearest[1] > TAKEN_WITHIN_M:
            raise FarFromTownError(metres=round(nearest[1]), hint=slip(incident.given, layer))
        return replace(incident, nearest_grid_id=nearest[0].id)

    def renew(self, workers: Iterable[Worker]) -> None:
        """Take over changed workers."""
        self.crew = self.crew.apply(workers)


def slip(given: Given, layer: Layer) -> str | None:
    """Name the slip that would explain a position outside: `axes_swapped`, `datum`, or None."""
    if _near(layer, given.lat, given.lng, given.datum):
        return "axes_swapped"
    others = (datum for datum in Datum if datum != given.datum)
    return "datum" if any(_near(layer, given.lng, given.lat, datum) for datum in others) else None


def likely_datum(given: Given, layer: Layer) -> Datum | None:
    """Return the datum in which a position outside every grid would lie in one; None when none does."""
    for datum in Datum:
        point = _point(given.lng, given.lat, datum)
        if datum != given.datum and point is not None and layer.holding(point) is not None:
            return datum
    return None


def _point(lng: float, lat: float, datum: str) -> Point | None:
    try:
        return point_in(lng, lat, datum)
    except GeoError:
        return None


def _near(layer: Layer, lng: float, lat: float, datum: str) -> bool:
    point = _point(lng, lat, datum)
    found = None if point is None else layer.nearest(point)
    return found is not None and found[1] <= TAKEN_WITHIN_M
