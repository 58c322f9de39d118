"""The places a demo town can be: plain data, one file of `places/` each; their figures are in docs/sources.md."""

import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from data.demo.frame import Frame
from data.demo.names import STOCK, Words

DEFAULT = "baijiantan"
PLACES = (DEFAULT, "jianou", "quwo", "xinluo", "wannianbu")
NEVER = 0


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the tree, `count` areas of it at the place's own size; 0: a word the town has, and no area yet.

    `digits` is the length of its codes where that is standard, `width` of which the area adds itself. `title` is what an
    area is called, made of {stem}, {parent} and {ordinal}; stems come from the words named `stems`.
    """

    code: str
    name: str
    name_en: str
    count: int = 0
    digits: int | None = None
    width: int = 3
    title: str = "{parent}第{ordinal}"
    stems: str = ""
    written: bool = False
    """Whether addresses name it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of grids with the size it asks of them, in households."""

    code: str
    name: str
    name_en: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How many health grids lie over the same ground, under the areas of which level; empty: under the whole town."""

    count: int
    under: str = ""


@dataclass(frozen=True, slots=True)
class Dedicated:
    """Grids for one purpose, cut out of the residential ones, each with a station of its own; `title` holds {name}."""

    purpose: str
    count: int
    title: str


@dataclass(frozen=True, slots=True)
class Land:
    """How the ground looks; metres and degrees."""

    river: str
    belt: str
    turn_degrees: float = -11.0
    column_m: float = 540.0
    row_m: float = 500.0
    water_half_m: float = 12.0
    strip_half_m: float = 40.0
    columns_to_rows: tuple[int, int] = (7, 6)
    centre: tuple[float, float] = (0.03, 0.16)
    second_centre: tuple[float, float] = (-0.42, -0.5)
    towers: float = 0.0
    """Share of the ground that is high houses, added to the usual one."""
    work: float = 1.0
    yards: float = 1.0
    """How much more than usual is ground to work on, and ground with low houses in rows."""


@dataclass(frozen=True, slots=True)
class Staff:
    """People and units at the place's own size."""

    medical: int
    mediators: int
    health_teams: int
    stations: int
    station_level: str
    manned: int
    part_timers: int
    couriers: int
    least_per_grid: int = 6
    hub_households: int = 2
    """Of a grid; where there are micro-grids, one of each instead."""
    canteens: int = NEVER
    red_stations: int = NEVER
    volunteer_teams: int = NEVER
    committee: int = NEVER
    partners: int = NEVER


@dataclass(frozen=True, slots=True)
class Place:
    """One place; `households` is its own size, `least` and `most` how small and large it can be made.

    `county` is the six-digit code of the county, `root` that of the area that is the whole town, `above` what addresses
    begin with before it. Grids are cut from whole blocks, or from `plots` where blocks are too few.
    """

    key: str
    name: str
    name_en: str
    also: tuple[str, ...]
    county: str
    root: str
    above: str
    time_zone: str
    centre: tuple[float, float]
    households: int
    least: int
    most: int
    grid_households: tuple[int, int]
    land: Land
    staff: Staff
    levels: tuple[Level, ...]
    layers: tuple[Layer, ...]
    health: Health
    words: Words = field(hash=False)
    dedicated: tuple[Dedicated, ...] = ()
    cut_from_plots: bool = False

    @property
    def frame(self) -> Frame:
        """The metre frame around the centre."""
        return Frame(*self.centre)

    @property
    def tree(self) -> tuple[Level, ...]:
        """The levels that have areas, from the whole town down."""
        return tuple(level for level in self.levels if level.count)

    @property
    def grids_at(self) -> int:
        """Which level of `tree` the grids are."""
        return next(row for row, level in enumerate(self.tree) if level.code == "grid")

    def scale(self, households: int) -> float:
        """Say how large a town of so many households is, measured by the place's own size."""
        return households / self.households

    def named(self, word: str) -> bool:
        """Say whether somebody who writes this means this place."""
        return word.strip().lower() in {self.key, self.name, self.name_en.lower(), *self.also}


@cache
def place_of(key: str) -> Place:
    """Read one of the places."""
    book = tomllib.loads(files("data.demo").joinpath("places", f"{key}.toml").read_text(encoding="utf-8"))
    words = {**STOCK} | {name: tuple(said.split()) for name, said in book.pop("words").items()}
    return Place(
        key=key,
        land=_made(Land, book.pop("land")),
        staff=_made(Staff, book.pop("staff")),
        levels=tuple(_made(Level, row) for row in book.pop("levels")),
        layers=tuple(_made(Layer, row) for row in book.pop("layers")),
        health=_made(Health, book.pop("health")),
        dedicated=tuple(_made(Dedicated, row) for row in book.pop("dedicated", [])),
        words=words,
        **{name: _given(value) for name, value in book.items()},
    )


def places() -> tuple[Place, ...]:
    """Read all places, the usual one first."""
    return tuple(place_of(key) for key in PLACES)


def find_place(word: str) -> Place | None:
    """Find the place that somebody means, by its name in 中文 or in pinyin; None where there is none."""
    return next((place for place in places() if place.named(word)), None)


def _made[Record](record: type[Record], row: dict[str, Any]) -> Record:
    known = {one.name for one in fields(record)}  # type: ignore[arg-type]
    if unknown := row.keys() - known:
        raise ValueError(f"{record.__name__} has no {sorted(unknown)}")
    return record(**{name: _given(value) for name, value in row.items()})


def _given(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
