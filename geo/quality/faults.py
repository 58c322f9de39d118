"""What a fault is, when it counts as one, and the list that faults are gathered in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest

from shapely import Geometry

NOTICED_M2 = 1.0  # smaller overlaps and gaps come from rounding coordinates, not from drawing
THIN = 0.005  # area by squared perimeter: a strip fifty times as long as it is wide; a square has 0.0625
OFF_M = 1.0  # households farther from their building are off it: footprints are drawn to about a metre
APART_M = 1.0  # street ends nearer than this meet: lines are drawn to about a metre, too
KEPT = 5_000  # faults of one kind that are listed, the largest first; all are counted


class Kind(StrEnum):
    """What can be wrong with the ground, in the order in which it is told."""

    SHAPE_INVALID = "shape_invalid"
    SHAPE_EMPTY = "shape_empty"
    OVERLAP = "overlap"
    GAP = "gap"
    SLIVER = "sliver"
    OUTSIDE_PARENT = "outside_parent"
    PARENT_UNCOVERED = "parent_uncovered"
    CODE_BAD = "code_bad"
    CODE_DOUBLED = "code_doubled"
    HOUSEHOLD_IN_NO_GRID = "household_in_no_grid"
    HOUSEHOLD_IN_OTHER_GRID = "household_in_other_grid"
    HOUSEHOLD_OFF_BUILDING = "household_off_building"
    GRID_TOO_LARGE = "grid_too_large"
    GRID_TOO_SMALL = "grid_too_small"
    GRID_WITHOUT_LEADER = "grid_without_leader"
    GRID_WITHOUT_WORKER = "grid_without_worker"
    GRID_NOBODY_ON_DUTY = "grid_nobody_on_duty"
    STREET_APART = "street_apart"
    BUILDING_OVERLAP = "building_overlap"
    ADDRESS_DOUBLED = "address_doubled"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: of which kind, on which layer or level, of what, how much, and where (WGS 84 degrees).

    `code` and `other` name what it is about: areas and grids by code, buildings by code, streets by name. For a code
    that is bad `other` is the reason, for an invalid shape too, for a grid's size the limit that is passed. `row` is
    the household's row among those that were looked at.
    """

    kind: Kind
    layer: str | None = None
    level: str | None = None
    code: str | None = None
    other: str | None = None
    amount: float | None = None
    unit: str | None = None
    at: tuple[float, float] | None = None
    shape: Geometry | None = None
    row: int | None = None

    @property
    def rank(self) -> tuple[float, str, str, str, str, tuple[float, float]]:
        """What faults of one kind are sorted by: the largest first, then by code and place."""
        words = (self.layer or "", self.level or "", self.code or "", self.other or "")
        return (-(self.amount or 0.0), *words, self.at or (0.0, 0.0))


class Findings:
    """Faults of all kinds: every one is counted, the `KEPT` largest of each kind are kept."""

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter({kind: 0 for kind in Kind})
        self._kept: dict[Kind, list[Fault]] = {}

    def add(self, faults: Iterable[Fault]) -> None:
        """Take in faults of any kinds, in any order."""
        found: dict[Kind, list[Fault]] = {}
        for fault in faults:
            found.setdefault(fault.kind, []).append(fault)
        for kind, some in found.items():
            self.counts[kind] += len(some)
            self._kept[kind] = nsmallest(KEPT, [*self._kept.get(kind, ()), *some], key=lambda fault: fault.rank)

    def count_more(self, kind: Kind, count: int) -> None:
        """Count faults that are too many to be kept."""
        self.counts[kind] += count

    def of(self, kind: Kind) -> list[Fault]:
        """Return the faults of one kind that are kept, the largest first."""
        return self._kept.get(kind, [])

    @property
    def all(self) -> list[Fault]:
        """The faults that are kept, by kind."""
        return [fault for kind in Kind for fault in self.of(kind)]

    @property
    def clean(self) -> bool:
        """Say whether nothing at all was found."""
        return not any(self.counts.values())
