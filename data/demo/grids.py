"""The tree of areas and the two layers of grids, cut out of the blocks so that every border is a street."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from data.demo.frame import Ints, shape_in_degrees
from data.demo.ground import Ground
from data.demo.names import DISTRICT, STOCK, ordinal, stems
from data.demo.partition import Pieces, divide
from data.demo.rows import AreaRow, GridRow, LayerRow, LevelRow

DISTRICT_CODE = "650204"  # docs/sources.md#baijiantan
HOUSEHOLDS_PER_GRID = 24_000 / 59  # docs/sources.md#baijiantan: 59 grids of 300-500 households
GRIDS_PER_SUBDISTRICT, GRIDS_PER_COMMUNITY, HEALTH_GRIDS_PER_SUBDISTRICT = 20, 5, 4
HEALTH_COMMUNITY = "900"  # stands where a community's digits would: health grids lie under the sub-district
# How dear a metre of border is along a road of each class: borders follow the wide ones.
BORDER_COST = {"main": 0.35, "secondary": 0.8, "lane": 1.5}
LEVELS = (
    LevelRow("district", 1, "区县", "District"),
    LevelRow("street", 2, "街道", "Sub-district"),
    LevelRow("community", 3, "社区", "Community"),
    LevelRow("section", 4, "片区", "Section"),
    LevelRow("grid", 5, "网格", "Grid"),
    LevelRow("micro_grid", 6, "微网格", "Micro-grid"),
)
LAYERS = (LayerRow("governance", "全科网格", "All-subject grids"), LayerRow("health", "健康网格", "Health grids"))


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """The areas and grids; `grid_of` int64 (blocks,) is the row of each block's grid among the governance grids."""

    areas: tuple[AreaRow, ...]
    grids: tuple[GridRow, ...]
    grid_of: Ints

    def full_name(self, grid: int) -> str:
        """Write district, sub-district and community of a governance grid as addresses begin with them."""
        code = self.grids[grid].code
        names = {area.code: area.name for area in self.areas if area.code in (code[:6], code[:9], code[:12])}
        return names[code[:6]] + names[code[:9]] + names[code[:12]]


type Blocks = list[int]
type Shapes = NDArray[np.object_]


def divide_town(ground: Ground, flats: Ints, households: int, rng: np.random.Generator) -> Division:
    """Divide the blocks into grids of about equal numbers of flats (blocks,), and name and shape all areas."""
    pieces = _pieces(ground, flats)
    shapes = np.array([shape_in_degrees(block.shape) for block in ground.blocks])
    count = max(1, round(households / HOUSEHOLDS_PER_GRID))
    shares = _shares(count, GRIDS_PER_SUBDISTRICT)
    parts = divide(pieces, range(len(shapes)), shares)
    town = _area("district", DISTRICT_CODE, DISTRICT, None, shapes)
    areas, members, health = [town], list[Blocks](), list[AreaRow]()
    titles, stock = stems(STOCK["subdistricts"], rng), stems(STOCK["communities"], rng)
    for number, (blocks, share) in enumerate(zip(parts, shares, strict=True), 1):
        title = next(titles)
        street = _area("street", f"{town.code}{number:03}", f"{title}街道", town, shapes[blocks])
        below, grids = _communities(pieces, (blocks, share), street, (shapes, stock))
        health += _health(pieces, grids, street, (shapes, title))
        areas += [street, *below]
        members += grids
    grid_of = np.empty(len(shapes), dtype=np.int64)
    for row, blocks in enumerate(members):
        grid_of[blocks] = row
    governance = [_grid("governance", area) for area in areas if area.level == "grid"]
    return Division((*areas, *health), (*governance, *(_grid("health", area) for area in health)), grid_of)


def _communities(
    pieces: Pieces, part: tuple[Blocks, int], street: AreaRow, look: tuple[Shapes, Iterator[str]]
) -> tuple[list[AreaRow], list[Blocks]]:
    """Divide one sub-district; gives its areas, parents first, and the blocks of each grid in the same order."""
    (blocks, share), (shapes, stock) = part, look
    areas, grids, shares = list[AreaRow](), list[Blocks](), _shares(share, GRIDS_PER_COMMUNITY)
    for number, (inner, count) in enumerate(zip(divide(pieces, blocks, shares), shares, strict=True), 1):
        name = f"{next(stock)}社区"
        community = _area("community", f"{street.code}{number:03}", name, street, shapes[inner])
        areas.append(community)
        for place, members in enumerate(divide(pieces, inner, [1] * count), 1):
            title = f"{name}第{ordinal(place)}网格"
            areas.append(_area("grid", f"{community.code}{place:03}", title, community, shapes[members]))
            grids.append(members)
    return areas, grids


def _health(pieces: Pieces, grids: list[Blocks], street: AreaRow, look: tuple[Shapes, str]) -> Iterator[AreaRow]:
    """Join whole grids of one sub-district into a few health grids."""
    shapes, title = look
    owner = {block: grid for grid, blocks in enumerate(grids) for block in blocks}
    borders: list[dict[int, float]] = [{} for _ in grids]
    for block, grid in owner.items():
        for other, cost in pieces.neighbours[block].items():
            beyond = owner.get(other, grid)
            if beyond != grid:
                borders[grid][beyond] = borders[grid].get(beyond, 0.0) + cost
    places = np.array([pieces.places[blocks].mean(axis=0) for blocks in grids])
    joined = Pieces(places, np.ones(len(grids)), borders)
    shares = [1] * min(HEALTH_GRIDS_PER_SUBDISTRICT, len(grids))
    for number, rows in enumerate(divide(joined, range(len(grids)), shares), 1):
        blocks = [block for row in rows for block in grids[row]]
        code = f"{street.code}{HEALTH_COMMUNITY}{number:03}"
        yield _area("grid", code, f"{title}第{ordinal(number)}健康网格", street, shapes[blocks])


def _pieces(ground: Ground, flats: Ints) -> Pieces:
    places = shapely.get_coordinates(shapely.centroid([block.shape for block in ground.blocks]))
    neighbours: list[dict[int, float]] = [{} for _ in ground.blocks]
    dear = np.array([BORDER_COST[road.road_class] for road in ground.roads])[ground.touching[:, 2]]
    for (one, other, _), cost in zip(ground.touching.tolist(), (ground.touching_m * dear).tolist(), strict=True):
        neighbours[one][other] = neighbours[other][one] = neighbours[one].get(other, 0.0) + cost
    return Pieces(places, flats.astype(np.float64), neighbours)


def _shares(count: int, size: int) -> list[int]:
    """Split a count into parts as equal as possible of about the given size."""
    parts = max(1, round(count / size))
    return [count // parts + (row < count % parts) for row in range(parts)]


def _area(level: str, code: str, name: str, parent: AreaRow | None, shapes: Shapes) -> AreaRow:
    parts = [part for part in shapely.get_parts(shapely.coverage_union_all(shapes)) if isinstance(part, Polygon)]
    path = code if parent is None else f"{parent.path}.{code}"
    return AreaRow(level, code, name, None if parent is None else parent.code, path, MultiPolygon(parts))


def _grid(layer: str, area: AreaRow) -> GridRow:
    return GridRow(layer, area.code, area.name, "basic", area.shape)
