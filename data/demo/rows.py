"""The rows of a demo town, one frozen dataclass per table, with codes and indices in place of ids."""

from dataclasses import dataclass
from datetime import time

from shapely import LineString, MultiPolygon, Polygon

from data.demo.homes import Buildings, Homes
from data.demo.parcels import Plots
from data.demo.past_rows import IncidentRow


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
    """A level of the area tree; rank 1 is the whole town. `digits` is the length of its codes where that is standard."""

    code: str
    rank: int
    name: str
    name_en: str
    digits: int | None = None


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
    """A grid layer, and the size it asks of its grids."""

    code: str
    name: str
    name_en: str
    least_households: int | None = None
    most_households: int | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """A grid; its area row has the same code. `purpose` is what a dedicated one is for."""

    layer: str
    code: str
    name: str
    kind: str
    shape: MultiPolygon
    purpose: str | None = None


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
class WorkerRow:
    """A worker, person or unit; `home_area` and `station` are codes of an area and of a worker.

    `duty` are weekly shifts: weekday (1 is Monday) and town-local times; as long as they end no later than they start,
    they run into the next day.
    """

    code: str
    name: str
    role: str
    skills: tuple[str, ...]
    home_area: str
    capacity: int
    active_tasks: int
    holds_exclusive: bool
    duty: tuple[tuple[int, time, time], ...]
    kind: str = "person"
    employment: str | None = None
    station: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Who belongs to a team, station or department, and as what."""

    unit: str
    worker: str
    part: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """What a worker's day is instead of the weekly shifts, `days_on` days from today; without times: off.

    Rows with the same `swap` belong to one swap.
    """

    worker: str
    days_on: int
    starts: time | None
    ends: time | None
    reason: str
    swap: int | None = None


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A worker's last fix, `age_s` seconds before now; `still`: the phone, or the unit, has lain there since."""

    worker: str
    lng: float
    lat: float
    accuracy_m: float
    age_s: int
    still: bool = False


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
    responder: str = "person"
    ladder: str | None = None
    mobile: bool = False
    rest_minutes: int = 0
    scene_minutes: int | None = None
    sorted_by_hand: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SlotRow:
    """Who else goes beside the first; `ladder` none: the one named after the category's urgency."""

    category: str
    slot: str
    responder: str
    skill: str | None
    ranking: str
    exclusive: bool = False
    ladder: str | None = None


@dataclass(frozen=True, slots=True)
class CalledRow:
    """A department, by the code of its worker, that a whistle calls in, and within how long it reports in."""

    category: str
    department: str
    report_in_minutes: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place outside the homes where something may be reported: street, shop, public, work, park or water."""

    kind: str
    lng: float
    lat: float
    address: str


@dataclass(frozen=True, slots=True)
class Town:
    """All rows of one demo town; WGS 84 degrees, longitude first, rounded to 1e-7; parents stand before children.

    `place` is the key of the place it is, `grid_of` the row in `grids` of each building's governance grid. `blocks` are
    the faces between the streets, which the plots tile.
    """

    place: str
    town: TownRow
    levels: tuple[LevelRow, ...]
    areas: tuple[AreaRow, ...]
    layers: tuple[LayerRow, ...]
    grids: tuple[GridRow, ...]
    ground: tuple[GroundRow, ...]
    streets: tuple[StreetRow, ...]
    blocks: tuple[Polygon, ...]
    plots: Plots
    buildings: Buildings
    grid_of: tuple[int, ...]
    households: Homes
    workers: tuple[WorkerRow, ...]
    members: tuple[MemberRow, ...]
    days: tuple[DayRow, ...]
    positions: tuple[PositionRow, ...]
    categories: tuple[CategoryRow, ...]
    slots: tuple[SlotRow, ...]
    called: tuple[CalledRow, ...]
    incidents: tuple[IncidentRow, ...]
    spots: tuple[Spot, ...]
