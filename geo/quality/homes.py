"""Households: in which grid each lies, whether it is where it is said to be, and how many each grid has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.flat import metres_per_degree
from geo.quality.faults import KEPT, OFF_M, Fault, Findings, Kind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Some households as columns (n,): WGS 84 degrees, the grid each is kept in and its building, as rows, -1 for none.

    `first` is the row of the first among all households.
    """

    lng: Floats
    lat: Floats
    grid: Ints
    building: Ints
    first: int = 0

    def __len__(self) -> int:
        return len(self.lng)


@dataclass(frozen=True, slots=True, eq=False)
class Grids:
    """The grids of a layer that households are kept in: codes in the order of their rows."""

    layer: str
    level: str
    codes: Sequence[str]


def misplaced(homes: Homes, covering: NDArray[np.int32], grids: Grids, found: Findings) -> None:
    """Find households that no grid covers, and those that are kept in another grid than the one that covers them.

    `covering` is the row of the grid that covers each, -1 for none.
    """
    nowhere = np.flatnonzero(covering == NONE)
    _take(found, Kind.HOUSEHOLD_IN_NO_GRID, homes, nowhere, grids)
    other = np.flatnonzero((covering != NONE) & (covering != homes.grid))
    told = [None if row == NONE else grids.codes[row] for row in homes.grid[other[:KEPT]].tolist()]
    codes = [grids.codes[row] for row in covering[other[:KEPT]].tolist()]
    faults = _faults(Kind.HOUSEHOLD_IN_OTHER_GRID, homes, other[:KEPT], grids)
    found.add(_named(fault, code, before) for fault, code, before in zip(faults, codes, told, strict=True))
    found.count_more(Kind.HOUSEHOLD_IN_OTHER_GRID, max(0, len(other) - KEPT))


def off_building(homes: Homes, footprints: NDArray[np.object_], codes: Sequence[str], found: Findings) -> None:
    """Find households more than `OFF_M` from the building they are said to be in; `amount` is metres."""
    said = np.flatnonzero(homes.building != NONE)
    shapes = footprints[homes.building[said]]
    out = ~shapely.intersects_xy(shapes, homes.lng[said], homes.lat[said])
    rows, shapes = said[out], shapes[out]
    metres = metres_between(shapes, homes.lng[rows], homes.lat[rows])
    far = np.flatnonzero(metres > OFF_M)
    largest = far[np.argsort(-metres[far], kind="stable")][:KEPT]
    found.add(
        Fault(
            Kind.HOUSEHOLD_OFF_BUILDING,
            code=codes[homes.building[rows[i]]],
            amount=float(metres[i]),
            unit="m",
            at=(float(homes.lng[rows[i]]), float(homes.lat[rows[i]])),
            row=homes.first + int(rows[i]),
        )
        for i in largest
    )
    found.count_more(Kind.HOUSEHOLD_OFF_BUILDING, len(far) - len(largest))


def metres_between(shapes: NDArray[np.object_], lng: Floats, lat: Floats) -> Floats:
    """Measure how far places are from shapes near by, float64 (n,): each flattened about its own place."""
    flat = shapely.transform(shapes, np.copy)
    degrees, of = shapely.get_coordinates(flat, return_index=True)
    shapely.set_coordinates(flat, (degrees - np.column_stack([lng, lat])[of]) * metres_per_degree(lat)[of])
    return np.asarray(shapely.distance(flat, shapely.Point(0, 0)), dtype=np.float64)


def wrong_sizes(
    grids: Grids, households: Ints, within: tuple[int | None, int | None], basic: Sequence[bool]
) -> Iterator[Fault]:
    """Find basic grids with fewer or more households than a layer's least and most; `other` is the limit."""
    least, most = within
    for code, count, is_basic in zip(grids.codes, households.tolist(), basic, strict=True):
        small, large = least is not None and count < least, most is not None and count > most
        if is_basic and (small or large):
            kind, limit = (Kind.GRID_TOO_SMALL, least) if small else (Kind.GRID_TOO_LARGE, most)
            yield Fault(kind, grids.layer, grids.level, code, str(limit), float(count), "households")


def _faults(kind: Kind, homes: Homes, rows: Ints, grids: Grids) -> list[Fault]:
    lng, lat = homes.lng[rows].tolist(), homes.lat[rows].tolist()
    return [
        Fault(kind, grids.layer, grids.level, at=at, row=homes.first + row)
        for at, row in zip(zip(lng, lat, strict=True), rows.tolist(), strict=True)
    ]


def _take(found: Findings, kind: Kind, homes: Homes, rows: Ints, grids: Grids) -> None:
    found.add(_faults(kind, homes, rows[:KEPT], grids))
    found.count_more(kind, max(0, len(rows) - KEPT))


def _named(fault: Fault, code: str, other: str | None) -> Fault:
    return Fault(fault.kind, fault.layer, fault.level, code, other, at=fault.at, row=fault.row)
