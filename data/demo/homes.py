"""The buildings and households of a demo town as rows that are made when somebody looks: a large town has a million."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from data.demo.drafts import Drafts
from data.demo.frame import Flags, Floats, Frame, Ints

AT_ONCE = 10_000


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


class Rows[Row](Sequence[Row]):
    """Rows by number, made some thousands at a time; two are equal if all their rows are."""

    @abstractmethod
    def some(self, first: int, last: int) -> list[Row]:
        """Make the rows from `first` up to `last`."""

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            first, last, step = at.indices(len(self))
            return self.some(first, last) if step == 1 else [self[row] for row in range(first, last, step)]
        row = at + len(self) if at < 0 else at
        if not 0 <= row < len(self):
            raise IndexError(at)
        return self.some(row, row + 1)[0]

    def __iter__(self) -> Iterator[Row]:
        for first in range(0, len(self), AT_ONCE):
            yield from self.some(first, min(first + AT_ONCE, len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows) or len(self) != len(other):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Homes(Rows[HouseholdRow]):
    """Households as columns (n,): building, WGS 84 place (n, 2), staircase, storey and door from 1.

    `addresses` and `with_rooms` are the buildings': a low house has no room numbers, only a storey above the first.
    """

    building: NDArray[np.int32]
    places: Floats
    unit: NDArray[np.int16]
    storey: NDArray[np.int16]
    door: NDArray[np.int16]
    addresses: Sequence[str]
    with_rooms: Flags

    def __len__(self) -> int:
        return len(self.building)

    def texts(self, first: int, last: int) -> list[str]:
        """Write the addresses from `first` up to `last`."""
        few = slice(first, last)
        building = self.building[few]
        columns = (building, self.with_rooms[building], self.unit[few], self.storey[few], self.door[few])
        known = self.addresses
        return [
            f"{known[row]}{unit}单元{storey}{door:02}室"
            if rooms
            else known[row] + (f"{storey}层" if storey > 1 else "")
            for row, rooms, unit, storey, door in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def some(self, first: int, last: int) -> list[HouseholdRow]:
        """Make the rows from `first` up to `last`."""
        columns = self.building[first:last].tolist(), self.texts(first, last), self.places[first:last].tolist()
        return [HouseholdRow(row, text, lng, lat) for row, text, (lng, lat) in zip(*columns, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Buildings(Rows[BuildingRow]):
    """Buildings as columns (n,): drafts with their storeys, kinds and names."""

    drafts: Drafts
    storeys: Ints
    kinds: Sequence[str]
    names: Sequence[str | None]
    frame: Frame

    def __len__(self) -> int:
        return len(self.drafts)

    def codes(self, first: int, last: int) -> list[str]:
        """Number those from `first` up to `last`."""
        return [f"B{number:06}" for number in range(first + 1, last + 1)]

    def shapes(self, first: int, last: int) -> NDArray[np.object_]:
        """Draw those from `first` up to `last`, WGS 84."""
        found: NDArray[np.object_] = shapely.transform(self.drafts.polygons(first, last), self.frame.to_degrees)
        return found

    def some(self, first: int, last: int) -> list[BuildingRow]:
        """Make the rows from `first` up to `last`."""
        columns = self.names[first:last], self.kinds[first:last], self.storeys[first:last].tolist()
        whole = zip(self.codes(first, last), *columns, self.shapes(first, last), strict=True)
        return [BuildingRow(*row) for row in whole]
