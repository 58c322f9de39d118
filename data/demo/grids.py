"""The tree of areas and the layers of grids, cut out of blocks or plots by what the place says about its levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from data.demo.frame import Ints
from data.demo.material import Material, Shapes
from data.demo.micro import allot, shared_out
from data.demo.names import ordinal, stems
from data.demo.partition import Pieces, divide
from data.demo.place import Level, Place
from data.demo.rows import AreaRow, GridRow

COMMUNITY_DIGITS = 12
HEALTH_FROM = 900
"""Where the numbers of health grids begin: no community and no other grid has these."""

type Members = list[int]


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many areas of each deeper level, down to the grids, lie in one."""

    of_level: tuple[int, ...]

    @classmethod
    def of(cls, place: Place, households: int) -> Self:
        """Count the areas of a town of so many households: as many grids as are of the usual size, the others with them."""
        scale, levels = place.scale(households), place.tree[1 : place.grids_at + 1]
        found = [max(1, round(level.count * scale)) for level in levels]
        for row in range(len(found) - 1, 0, -1):
            found[row - 1] = min(found[row - 1], found[row])
        return cls(tuple(found))

    def shared(self) -> list["Numbers"]:
        """Split the levels below the next one as evenly as they go among its areas."""
        parts = self.of_level[0]
        columns = [[count // parts + (row < count % parts) for row in range(parts)] for count in self.of_level[1:]]
        return [Numbers(tuple(column[row] for column in columns)) for row in range(parts)]


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """The areas and grids; `grid_of` int64 (shapes,) is the row of each shape's grid, `finest` its finest area's code.

    The governance grids come first, and of these the `basic` ones.
    """

    areas: tuple[AreaRow, ...]
    grids: tuple[GridRow, ...]
    grid_of: Ints
    finest: NDArray[np.str_]
    basic: int

    def names_above(self, place: Place) -> list[str]:
        """Write what addresses in each basic grid begin with (basic,)."""
        named = {level.code for level in place.levels if level.written}
        areas = {area.code: area for area in self.areas}
        found = []
        for grid in self.grids[: self.basic]:
            codes = areas[grid.code].path.split(".")
            found.append(place.above + "".join(areas[code].name for code in codes if areas[code].level in named))
        return found


@dataclass(slots=True)
class Cutting:
    """A town that is being divided: its place, what it is cut from, and what came of it so far."""

    place: Place
    material: Material
    rng: np.random.Generator
    areas: list[AreaRow] = field(default_factory=list)
    grids: list[tuple[AreaRow, Members]] = field(default_factory=list)
    micro: list[tuple[AreaRow, Members]] = field(default_factory=list)
    health: list[AreaRow] = field(default_factory=list)
    _stems: dict[str, Iterator[str]] = field(default_factory=dict)

    def begin(self, numbers: Numbers) -> None:
        """Divide the whole town."""
        level, everything = self.place.tree[0], list(range(len(self.material.pieces.weights)))
        root = AreaRow(level.code, self.place.root, self.place.name, None, self.place.root, self._shape(everything))
        self.areas.append(root)
        self._below(root, everything, numbers, 1)
        if not self.place.health.under:
            self._health(root, self.place.name, [members for _, members in self.grids], 1)

    def go_on(self, scale: float) -> None:
        """Divide the grids into micro-grids, where the place has them."""
        pieces = self.material.pieces
        for level in self.place.tree[self.place.grids_at + 1 :]:
            flats = np.array([pieces.weights[members].sum() for _, members in self.grids])
            houses = np.array([np.count_nonzero(pieces.weights[members]) for _, members in self.grids])
            counts = allot(flats, houses, round(level.count * scale)).tolist()
            for (grid, members), count in zip(self.grids, counts, strict=True):
                for number, part in enumerate(shared_out(pieces, members, count), 1):
                    area = self._area(level, grid, number, part)
                    self.micro.append((area, part))

    def _below(self, parent: AreaRow, pieces: Members, numbers: Numbers, depth: int) -> None:
        """Divide one area into those of the next level, and each of them further down."""
        level, below = self.place.tree[depth], numbers.shared()
        shares = [inner.of_level[-1] if inner.of_level else 1 for inner in below]
        parts = divide(self.material.pieces, pieces, shares)
        for number, (members, inner) in enumerate(zip(parts, below, strict=True), 1):
            area, before = self._area(level, parent, number, members), len(self.grids)
            if depth == self.place.grids_at:
                self.grids.append((area, members))
            else:
                self._below(area, members, inner, depth + 1)
            if level.code == self.place.health.under:
                stem = area.name.removesuffix(level.title.format(stem="", parent="", ordinal=""))
                self._health(area, stem, [members for _, members in self.grids[before:]], number)

    def _area(self, level: Level, parent: AreaRow, number: int, members: Members) -> AreaRow:
        """Name one area and put it down."""
        stock = self._stems.setdefault(level.stems, stems(self.place.words.get(level.stems, ()), self.rng))
        stem = next(stock) if level.stems else ""
        title = level.title.format(stem=stem, parent=parent.name, ordinal=ordinal(number))
        code = f"{parent.code}{number:0{level.width}}"
        area = AreaRow(level.code, code, title, parent.code, f"{parent.path}.{code}", self._shape(members))
        self.areas.append(area)
        return area

    def _shape(self, members: Sequence[int]) -> MultiPolygon:
        return joined(self.material.shapes[self.material.of(members)])

    def _health(self, parent: AreaRow, title: str, grids: list[Members], number: int) -> None:
        """Join whole grids of one area into its share of the health grids."""
        health, pieces = self.place.health, self.material.pieces
        under = next((level.count for level in self.place.tree if level.code == health.under), 1)
        each = health.count // under + ((number - 1) % under < health.count % under)
        shares = [1] * min(each, len(grids))
        for turn, rows in enumerate(divide(_of_grids(pieces, grids), range(len(grids)), shares), 1):
            own = f"{HEALTH_FROM}{turn:03}" if len(parent.code) < COMMUNITY_DIGITS else f"{HEALTH_FROM + turn}"
            shape = self._shape([piece for row in rows for piece in grids[row]])
            code, name = parent.code + own, f"{title}第{ordinal(turn)}健康网格"
            self.health.append(AreaRow("grid", code, name, parent.code, f"{parent.path}.{code}", shape))


def _of_grids(pieces: Pieces, grids: list[Members]) -> Pieces:
    owner = {piece: grid for grid, members in enumerate(grids) for piece in members}
    borders: list[dict[int, float]] = [{} for _ in grids]
    for piece, grid in owner.items():
        for other, cost in pieces.neighbours[piece].items():
            beyond = owner.get(other, grid)
            if beyond != grid:
                borders[grid][beyond] = borders[grid].get(beyond, 0.0) + cost
    places = np.array([pieces.places[members].mean(axis=0) for members in grids])
    return Pieces(places, np.ones(len(grids)), borders)


def divide_town(place: Place, material: Material, households: int, rng: np.random.Generator) -> Division:
    """Divide the ground into grids of about equal numbers of flats, and name and shape all areas."""
    cutting = Cutting(place, material, rng)
    cutting.begin(Numbers.of(place, households))
    cutting.go_on(place.scale(households))
    grid_of = np.empty(len(material.shapes), dtype=np.int64)
    finest = np.empty(len(material.shapes), dtype="U20")
    for row, (area, members) in enumerate(cutting.grids):
        grid_of[material.of(members)] = row
        finest[material.of(members)] = area.code
    for area, members in cutting.micro:
        finest[material.of(members)] = area.code
    governance = [GridRow("governance", area.code, area.name, "basic", area.shape) for area, _ in cutting.grids]
    health = [GridRow("health", area.code, area.name, "basic", area.shape) for area in cutting.health]
    return Division((*cutting.areas, *cutting.health), (*governance, *health), grid_of, finest, len(governance))


def joined(shapes: Shapes) -> MultiPolygon:
    """Join shapes that share their borders."""
    parts = shapely.get_parts(shapely.coverage_union_all(shapes))
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])
