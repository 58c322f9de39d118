"""A grid layer as the rules see it: which grid holds a point, and whose neighbours are whose."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shapely import MultiPolygon

from data.grids import Grid
from geo.locate import Locator
from geo.point import Point
from geo.shapes import neighbours


@dataclass(frozen=True, slots=True)
class Rings:
    """Whose people come first for a grid: its own, those that share a border, its parent area and all of that."""

    own: UUID
    path: str
    neighbours: frozenset[UUID]
    same_area: frozenset[UUID]


class Layer:
    """The grids of one layer that are in force. Immutable; a redraw makes a new one, from the one `before`."""

    def __init__(self, grids: Sequence[Grid], before: "Layer | None" = None, *, kernels: bool = True) -> None:
        self.grids = tuple(sorted(grids, key=lambda grid: grid.code))
        shapes = [grid.shape for grid in self.grids]
        self.locator = self._locator(shapes, before, kernels)
        self._rows = {grid.id: row for row, grid in enumerate(self.grids)}
        self._of_area = {grid.area_id: row for row, grid in enumerate(self.grids)}
        self._of_parent: dict[UUID | None, set[UUID]] = defaultdict(set)
        for grid in self.grids:
            self._of_parent[grid.parent_id].add(grid.area_id)
        self._of_code = {grid.code: grid for grid in self.grids}
        self._rings: dict[UUID, Rings] = {}
        self._beside: list[set[UUID]] = [set() for _ in self.grids]
        for left, right in neighbours(shapes):
            self._beside[left].add(self.grids[right].area_id)
            self._beside[right].add(self.grids[left].area_id)

    def _locator(self, shapes: list[MultiPolygon], before: "Layer | None", kernels: bool) -> Locator:
        codes = [grid.code for grid in self.grids]
        if before is None or before.locator.codes != tuple(codes) or len(set(codes)) != len(codes):
            return Locator(codes, shapes, kernels=kernels)
        pairs = zip(before.grids, self.grids, strict=True)
        return before.locator.redrawn({new.code: new.shape for old, new in pairs if old.shape != new.shape})

    def holding(self, point: Point) -> Grid | None:
        """Return the grid that covers a point; of several the one with the lowest code."""
        row = self.locator.locate(point)
        return None if row is None else self.grids[row]

    def nearest(self, point: Point) -> tuple[Grid, float] | None:
        """Return the nearest grid and the metres to it, 0 inside; None when the layer has no grids."""
        found = self.locator.nearest(point)
        return None if found is None else (self.grids[found[0]], found[1])

    def grid(self, id_: UUID) -> Grid | None:
        """Return a grid in force by its id."""
        row = self._rows.get(id_)
        return None if row is None else self.grids[row]

    def of_code(self, code: str) -> Grid | None:
        """Return a grid in force by its code."""
        return self._of_code.get(code)

    def rings(self, area_id: UUID) -> Rings | None:
        """Return whose people come first for a grid's area; None when it has no grid in force any more."""
        row = self._of_area.get(area_id)
        if row is None:
            return None
        if area_id not in self._rings:
            self._rings[area_id] = self._rings_of(row)
        return self._rings[area_id]

    def _rings_of(self, row: int) -> Rings:
        own = self.grids[row]
        around = {own.parent_id, *self._of_parent[own.parent_id]} if own.parent_id else ()
        return Rings(own.area_id, own.area_path, frozenset(self._beside[row]), frozenset(around))
