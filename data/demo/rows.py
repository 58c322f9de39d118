"""The rows of a demo town, one frozen dataclass per table, with codes and indices in place of ids."""

from dataclasses import dataclass
from datetime import time

from shapely import LineString, MultiPolygon, Polygon


@dataclass(frozen=True, slots=True)
class TownRow:
    """The town itself."""

    code: str
    name: str
    name_en: str
    time_zone: str
    demo: bool
    demo_seed: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of the area tree; rank 1 is the whole town."""

    code: str
    rank: int
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area of the tree; `parent` is an area's code, `path` the codes from the root joined by dots."""

    level: str
    code: str
    name: str
    parent: str | None
    path: str
    shape: MultiPolygon


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A grid layer."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A grid; its area row has the same code."""

    layer: str
    code: str
    name: str
    kind: str
    shape: MultiPolygon


@dataclass(frozen=True, slots=True)
class GroundRow:
    """Water, green or a square; `kind` is water, green or plaza."""

    kind: str
    name: str | None
    shape: Polygon


@dataclass(frozen=True, slots=True)
class StreetRow:
    """One named street in one line; streets that meet share the vertex at the junction exactly.

    `road_class` (column `class`) is main, secondary or lane.
    """

    name: str
    road_class: str
    line: LineString


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building; `kind` is home, shop, public or work."""

    code: str
    name: str | None
    kind: str
    storeys: int
    shape: Polygon


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household; `building` is the row of its building in `Town.buildings`."""

    building: int
    address: str
    lng: float
    lat: float


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker; `home_area` is the code of the home grid's area, shifts are town-local times."""

    code: str
    name: str
    role: str
    skills: tuple[str, ...]
    home_area: str
    capacity: int
    active_tasks: int
    holds_exclusive: bool
    shift_starts: time
    shift_ends: time


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A worker's last fix, `age_s` seconds before now."""

    worker: str
    lng: float
    lat: float
    accuracy_m: float
    age_s: int


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category of matters with its rule."""

    code: str
    standard_ref: str
    kind: str
    standard_code: str
    name: str
    name_en: str
    layer: str
    skill: str | None
    urgency: str
    ranking: str
    exclusive: bool
    deadline_minutes: int
    offer_seconds: int


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident of the last two weeks with its only task.

    Every `*_s` is in seconds relative to now, zero or negative; None where it has not come to that.
    `status` and `task_status` are what these times say: a waiting incident is filed and has no task.
    """

    category: str
    status: str
    description: str
    address: str
    lng: float
    lat: float
    reporter: str
    reported_s: int
    worker: str | None
    task_status: str | None
    offered_s: int | None
    accepted_s: int | None
    on_scene_s: int | None
    ended_s: int | None
    closed_s: int | None
    disposition: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place outside the homes where something may be reported: street, shop, public, work, park or water."""

    kind: str
    lng: float
    lat: float
    address: str


@dataclass(frozen=True, slots=True)
class Town:
    """All rows of one demo town; WGS 84 degrees, longitude first, rounded to 1e-7; parents stand before children."""

    town: TownRow
    levels: tuple[LevelRow, ...]
    areas: tuple[AreaRow, ...]
    layers: tuple[LayerRow, ...]
    grids: tuple[GridRow, ...]
    ground: tuple[GroundRow, ...]
    streets: tuple[StreetRow, ...]
    buildings: tuple[BuildingRow, ...]
    households: tuple[HouseholdRow, ...]
    workers: tuple[WorkerRow, ...]
    positions: tuple[PositionRow, ...]
    categories: tuple[CategoryRow, ...]
    incidents: tuple[IncidentRow, ...]
    spots: tuple[Spot, ...]
