"""What is drawn of one level of the tree and to be written, and what became of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.grids import Purpose
from geo.quality import GroundReport

CODE = re.compile(r"[A-Za-z0-9_]{1,64}")  # what `area.code` and its label in a path may hold


@dataclass(frozen=True, slots=True)
class Refused:
    """A feature left out: its number in reading order from 1, its code where it has one, and why."""

    feature: int
    code: str | None
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Shapes (n,) of one level, MultiPolygons in WGS 84, with their codes and names.

    With a `layer` they are its grids; with a `purpose` dedicated ones, cut out of the layer's basic grids. Where each
    `keeps_kind`, grids that are there stay basic or dedicated, and new ones are basic. `features` are their numbers in
    the file, from 1; none: as they come. Where some were `refused` before, nothing is written either.
    """

    level: str
    codes: Sequence[str]
    names: Sequence[str]
    shapes: NDArray[np.object_]
    layer: str | None = None
    purpose: Purpose | None = None
    keeps_kind: bool = False
    source_refs: Sequence[str | None] | None = None
    features: Sequence[int] | None = None
    refused: Sequence[Refused] = ()

    def feature(self, row: int) -> int:
        """Return the number of a row's feature in its file."""
        return row + 1 if self.features is None else self.features[row]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a drawing: nothing was written where anything was `refused`.

    `new`, `redrawn` and `unchanged` count what was drawn; `ended` are grids that are no more, `cut` basic grids that lost
    ground to dedicated ones, `grown` those that got some back, `exclaves` those that lie in more parts than before,
    `beside` grids whose border got a corner more because another was drawn against it. `descents`: pairs of versions,
    ground of the one having become the other's.
    """

    refused: tuple[Refused, ...]
    ground: GroundReport
    new: int = 0
    redrawn: int = 0
    unchanged: int = 0
    ended: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()
    exclaves: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    descents: int = 0
