"""What is read from an OpenStreetMap extract, in the order of the columns that are written, and what was left out."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shapely import MultiPolygon

SHOWN = 10


class StreetRow(NamedTuple):
    """A street, or a part of one; `line` is WKB in WGS 84 degrees, as all shapes here."""

    id: UUID
    source_ref: str
    name: str | None
    class_: str
    line: bytes


class BuildingRow(NamedTuple):
    """A building; one of several parts has a code of its own."""

    id: UUID
    source_ref: str
    code: str
    name: str | None
    kind: str
    storeys: int
    shape: bytes


class GroundRow(NamedTuple):
    """Water, green or a plaza."""

    id: UUID
    source_ref: str
    kind: str
    name: str | None
    shape: bytes


class AddressRow(NamedTuple):
    """A house number; told of a whole area, its point lies inside that."""

    id: UUID
    source_ref: str
    street: str | None
    number: str
    text: str
    point: bytes
    cell: int


@dataclass(frozen=True, slots=True)
class AdminArea:
    """An area of administration on the map's own level, 1 to 12."""

    source_ref: str
    level: int
    name: str
    shape: MultiPolygon


@dataclass(slots=True)
class Batch:
    """Some thousands of rows, to be written before more are read."""

    streets: list[StreetRow] = field(default_factory=list)
    buildings: list[BuildingRow] = field(default_factory=list)
    ground: list[GroundRow] = field(default_factory=list)
    addresses: list[AddressRow] = field(default_factory=list)


class LeftOut:
    """What was not taken and why, counted; the first of each kind by the map's own reference."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, str]]()
        self.first: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.broken: set[str] = set()

    def add(self, what: str, reason: str, ref: str) -> None:
        """Count one that nobody wants."""
        self.counts[what, reason] += 1
        if len(self.first[what, reason]) < SHOWN:
            self.first[what, reason].append(ref)

    def add_broken(self, what: str, reason: str, ref: str) -> None:
        """Count one that cannot be read whole: what an earlier file told of it stays as it is."""
        self.add(what, reason, ref)
        self.broken.add(ref)
