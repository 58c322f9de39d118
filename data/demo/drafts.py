"""The buildings of a demo town before they have names: one by one while a block is laid out, then as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.frame import Floats, Ints

SORTS = (
    *(
        "slab",
        "tower",
        "yard",
        "shop",
        "market",
        "shed",
        "tank",
        "office",
        "school",
        "hospital",
        "government",
        "fire",
    ),
    *("pavilion", "business"),
)
"""What a building is in its block."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A building before it has a name.

    Attributes
    ----------
    ring
        Corners (n, 2) in metres, the first side facing its street or along its row.
    sort
        One of `SORTS`.
    units, doors
        Staircases, and flats per storey in all of them; 0 where nobody lives.
    row
        Row of houses, counted from the north.
    road
        The road it fronts, -1 for those inside the block.
    """

    ring: Floats
    sort: str
    storeys: int
    block: int
    units: int = 0
    doors: int = 0
    row: int = 0
    road: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Drafts:
    """The same as columns (n,): a large town has hundreds of thousands.

    `corners` float64 (m, 2) metres, those of building i from `starts[i]` to `starts[i + 1]`; `sort` indexes `SORTS`.
    """

    corners: Floats
    starts: Ints
    sort: Ints
    storeys: Ints
    block: Ints
    units: Ints
    doors: Ints
    row: Ints
    road: Ints

    def __len__(self) -> int:
        return len(self.sort)

    def is_a(self, *sorts: str) -> NDArray[np.bool_]:
        """Say which are of one of some sorts, bool (n,)."""
        return np.isin(self.sort, [SORTS.index(sort) for sort in sorts])

    def middles(self) -> Floats:
        """Return the mean of each one's corners (n, 2)."""
        found: Floats = np.add.reduceat(self.corners, self.starts[:-1]) / np.diff(self.starts)[:, None]
        return found

    def first_corners(self, rows: Ints) -> Floats:
        """Return the first four corners of some (k, 4, 2)."""
        found: Floats = self.corners[self.starts[rows][:, None] + np.arange(4)]
        return found

    def polygons(self, first: int = 0, last: int | None = None) -> NDArray[np.object_]:
        """Draw those from row `first` to `last` (k,), metres."""
        starts = self.starts[first : None if last is None else last + 1]
        owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        rings = shapely.linearrings(self.corners[starts[0] : starts[-1]], indices=owner)
        found: NDArray[np.object_] = np.asarray(shapely.polygons(rings), dtype=np.object_)
        return found

    def capacity(self, storeys: Ints) -> Ints:
        """Count the flats of each with so many storeys (n,)."""
        return self.doors * storeys


@dataclass(slots=True)
class Packing:
    """Drafts put down block by block."""

    _rings: list[Floats] = field(default_factory=list)
    _columns: list[Ints] = field(default_factory=list)

    def add(self, drafts: Sequence[Draft]) -> None:
        """Put down the buildings of one more block."""
        if drafts:
            self._rings.append(np.concatenate([draft.ring for draft in drafts]))
            rows = [
                (len(d.ring), SORTS.index(d.sort), d.storeys, d.block, d.units, d.doors, d.row, d.road)
                for d in drafts
            ]
            self._columns.append(np.array(rows, dtype=np.int64))

    def packed(self) -> Drafts:
        """Return all of them as columns."""
        sizes, *columns = np.concatenate([np.empty((0, 8), np.int64), *self._columns]).T.copy()
        starts = np.concatenate([[0], np.cumsum(sizes)])
        return Drafts(np.concatenate([np.empty((0, 2)), *self._rings]), starts, *columns)
