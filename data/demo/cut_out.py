"""Grids for one purpose, cut out of the residential ones plot by plot: office towers and shopping streets."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from data.demo.addresses import Named
from data.demo.drafts import Drafts
from data.demo.frame import Ints
from data.demo.grids import Division, joined
from data.demo.material import Material, connected
from data.demo.partition import components
from data.demo.place import Place
from data.demo.rows import AreaRow, GridRow, StreetRow

LEAST_SHOPS = 5
FROM = 800
"""Where the numbers of dedicated grids begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What stands where: buildings with their names, the plot of each (n,), and the streets."""

    drafts: Drafts
    named: Named
    plot: Ints
    streets: tuple[StreetRow, ...]


@dataclass(frozen=True, slots=True)
class Find:
    """Plots of one basic grid that could be a grid of their own, and after what it would be called."""

    name: str
    grid: int
    plots: frozenset[int]


def cut_out(division: Division, place: Place, plots: Material, built: Built, scale: float) -> Division:
    """Cut the place's dedicated grids out of the basic ones; no grid falls apart by it."""
    grid_of, found = division.grid_of.copy(), list[tuple[Find, GridRow, AreaRow]]()
    areas = {area.code: area for area in division.areas}
    ways = {"tower": _towers, "street": _shopping_streets}
    numbers: defaultdict[str, int] = defaultdict(int)
    for wanted in place.dedicated:
        left, used = round(wanted.count * scale), set[str]()
        for find in ways[wanted.purpose](division, built, plots):
            if left == 0 or find.name in used or not _can_go(find, grid_of, plots):
                continue
            left -= 1
            used.add(find.name)
            parent = areas[areas[division.grids[find.grid].code].parent or place.root]
            numbers[parent.code] += 1
            code = f"{parent.code}{FROM + numbers[parent.code]}"
            shape = joined(plots.shapes[sorted(find.plots)])
            name = wanted.title.format(name=find.name)
            area = AreaRow("grid", code, name, parent.code, f"{parent.path}.{code}", shape)
            grid_of[list(find.plots)] = division.basic + len(found)
            found.append((find, GridRow("governance", code, name, "dedicated", shape, wanted.purpose), area))
    return _with(division, plots, grid_of, found)


def _can_go(find: Find, grid_of: Ints, plots: Material) -> bool:
    """Say whether plots are still their grid's, and leave it in one piece."""
    rest = set(np.flatnonzero(grid_of == find.grid).tolist()) - find.plots
    still = (grid_of[list(find.plots)] == find.grid).all()
    return bool(rest) and bool(still) and connected(plots.pieces.neighbours, rest)


def _with(division: Division, plots: Material, grid_of: Ints, found: list[tuple[Find, GridRow, AreaRow]]) -> Division:
    left = {find.grid: joined(plots.shapes[grid_of == find.grid]) for find, _, _ in found}
    basic = [replace(row, shape=left.get(at, row.shape)) for at, row in enumerate(division.grids[: division.basic])]
    shapes = {row.code: row.shape for row in basic}
    areas = [replace(area, shape=shapes.get(area.code, area.shape)) for area in division.areas]
    finest = division.finest.copy()
    for find, row, _ in found:
        finest[list(find.plots)] = row.code
    grids = (*basic, *(row for _, row, _ in found), *division.grids[division.basic :])
    return Division((*areas, *(area for _, _, area in found)), grids, grid_of, finest, division.basic)


def _towers(division: Division, built: Built, _plots: Material) -> Iterator[Find]:
    """Find the office towers, each with its plot."""
    for row in np.flatnonzero(built.drafts.is_a("business")).tolist():
        plot = int(built.plot[row])
        yield Find(built.named.names[row] or "", int(division.grid_of[plot]), frozenset({plot}))


def _shopping_streets(division: Division, built: Built, plots: Material) -> Iterator[Find]:
    """Find rows of shops that hang together along one street in one grid, the longest first."""
    rows: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for row in np.flatnonzero(built.drafts.is_a("shop")).tolist():
        plot = int(built.plot[row])
        rows[int(built.drafts.road[row]), int(division.grid_of[plot])].add(plot)
    longest = {where: max(components(plots.pieces, shops), key=len) for where, shops in rows.items()}
    for (road, grid), shops in sorted(longest.items(), key=lambda one: (-len(one[1]), one[0])):
        if len(shops) >= LEAST_SHOPS:
            yield Find(built.streets[road].name, grid, frozenset(shops))
