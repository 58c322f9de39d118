"""The buildings of a demo town in metres: what stands on each block, and the green, water and squares between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.demo.drafts import Draft, Drafts, Packing
from data.demo.ground import Block, Front, Ground
from data.demo.plots import Pattern, along, eastward, ellipse, largest, polygons, rows
from data.demo.roads import HALF_WIDTH_M, Road

SET_BACK_M = 3.0
CLEARANCE_M = 2.5
UNIT_M = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A block's ground between its streets' edges."""

    block: int
    shape: Polygon
    angle: float
    density: float
    fronts: tuple[tuple[Front, str], ...]


type Grounds = list[tuple[str, str, Polygon]]
"""What lies on the ground: kind, sort, shape."""


@dataclass(slots=True, eq=False)
class Layout:
    """What stands and lies on a block."""

    drafts: list[Draft] = field(default_factory=list)
    grounds: Grounds = field(default_factory=list)


def build(ground: Ground, used: list[str], rng: np.random.Generator) -> tuple[Drafts, Grounds]:
    """Put buildings and grounds on all blocks; no two buildings come closer than 2.5 m."""
    packing = Packing()
    grounds: Grounds = []
    for row, (block, use) in enumerate(zip(ground.blocks, used, strict=True)):
        plot, layout = _plot(row, block, ground.roads), Layout()
        if use == "canal":
            bank = plot.shape.difference(ground.water.buffer(2.0))
            layout.grounds += [("green", "bank", part) for part in polygons(bank)]
        elif not plot.shape.is_empty:
            LAYOUTS[use](plot, layout, rng)
        packing.add(_apart(layout.drafts))
        grounds += layout.grounds
    grounds += [("green", "belt", part) for part in _belts(ground)]
    grounds.append(("water", "canal", ground.water))
    return packing.packed(), grounds


def _plot(row: int, block: Block, roads: tuple[Road, ...]) -> Plot:
    fronts = tuple((front, roads[front.road].road_class) for front in block.fronts)
    tarmac = [LineString(front.line).buffer(HALF_WIDTH_M[road_class]) for front, road_class in fronts]
    shape = largest(block.shape.difference(shapely.union_all(tarmac)).buffer(-SET_BACK_M))
    return Plot(row, shape, eastward(block.shape), block.density, fronts)


def _belts(ground: Ground) -> list[Polygon]:
    """Plant trees around the town against the wind, open where a road or the canal leaves it."""
    town = shapely.coverage_union_all([block.shape for block in ground.blocks])
    ways_out = [road for road in ground.roads if road.road_class == "main" and not town.covers(road.line)]
    open_ground = [road.line.buffer(26) for road in ways_out]
    ring = town.buffer(58, join_style="mitre").difference(town.buffer(22, join_style="mitre"))
    return polygons(ring.difference(shapely.union_all([*open_ground, ground.water.buffer(16)])), 2000)


def _apart(drafts: list[Draft]) -> list[Draft]:
    """Drop buildings of a block too close to an earlier one."""
    if not drafts:
        return []
    shapes = np.array([Polygon(draft.ring) for draft in drafts])
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLEARANCE_M)
    kept = np.ones(len(drafts), dtype=np.bool_)
    order = np.lexsort((pairs[1], pairs[0]))
    for one, other in pairs[:, order].T.tolist():
        if one < other and kept[one]:
            kept[other] = False
    return [draft for draft, keep in zip(drafts, kept, strict=True) if keep]


def _shops(plot: Plot, share: float, rng: np.random.Generator) -> list[Draft]:
    """Line the wider streets with shops, a share of the places taken."""
    found = []
    for front, road_class in plot.fronts:
        if road_class == "lane" or rng.random() > share:
            continue
        count = 40
        widths, depths = rng.uniform(12, 26, count), rng.uniform(10, 14, count)
        corners = along(front.line, HALF_WIDTH_M[road_class] + SET_BACK_M + 0.3, widths, depths, 3.2)
        inside = shapely.covers(plot.shape, shapely.polygons(corners)) & (rng.random(len(corners)) < 0.86)
        storeys = rng.choice([1, 2, 3], len(corners), p=[0.45, 0.4, 0.15])
        found += [
            Draft(ring, "shop", int(high), plot.block, road=front.road)
            for ring, high, keep in zip(corners, storeys, inside, strict=True)
            if keep
        ]
    return found


def _behind(plot: Plot, drafts: list[Draft], gap_m: float = 9.0) -> Polygon:
    if not drafts:
        return plot.shape
    taken = shapely.union_all(shapely.buffer([Polygon(draft.ring) for draft in drafts], gap_m, quad_segs=2))
    return largest(plot.shape.difference(taken))


def _inside(plot: Plot, shape: Polygon, pattern: Pattern, kind: Draft, rng: np.random.Generator) -> list[Draft]:
    placed = rows(shape, plot.angle, pattern, rng)
    return [replace(kind, ring=ring, row=row) for ring, row in zip(placed.corners, placed.row.tolist(), strict=True)]


def _kind(plot: Plot, sort: str, storeys: int, units: int = 0, doors: int = 0) -> Draft:
    return Draft(np.empty((0, 2)), sort, storeys, plot.block, units, doors)


def _slabs(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    shops = _shops(plot, 0.15 + 0.6 * plot.density, rng)
    units = int(rng.choice([2, 3, 4], p=[0.4, 0.42, 0.18]))
    storeys = int(np.clip(round(2.2 + 3.0 * plot.density + rng.normal(0, 0.8)), 2, 6))
    pattern = Pattern(
        UNIT_M * units,
        12.0,
        float(rng.uniform(8, 12)),
        float(rng.uniform(13, 17) + 1.2 * storeys),
        0.03 + 0.22 * (1 - plot.density),
    )
    homes = _inside(plot, _behind(plot, shops), pattern, _kind(plot, "slab", storeys, units, 2 * units), rng)
    layout.drafts += shops + _with_garden(plot, homes, layout, rng)


def _with_garden(plot: Plot, homes: list[Draft], layout: Layout, rng: np.random.Generator) -> list[Draft]:
    """Give up the buildings in the middle of a larger compound for a garden, every second time."""
    if len(homes) < 9 or rng.random() < 0.5:
        return homes
    middle = shapely.get_coordinates(plot.shape.centroid)[0]
    garden = ellipse(middle, (float(rng.uniform(17, 30)), float(rng.uniform(12, 17))), plot.angle)
    layout.grounds.append(("green", "garden", garden))
    near = shapely.dwithin([Polygon(home.ring) for home in homes], garden, 3.0)
    return [home for home, gone in zip(homes, near, strict=True) if not gone]


def _towers(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    shops = _shops(plot, 0.8, rng)
    kind = _kind(plot, "tower", int(rng.choice([9, 11, 15])), 1, 4)
    homes = _inside(plot, _behind(plot, shops), Pattern(26.0, 19.0, 18.0, 30.0, 0.1), kind, rng)
    layout.drafts += shops + _with_garden(plot, homes, layout, rng)


def _yards(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    shops = _shops(plot, 0.25, rng)
    pattern = Pattern(float(rng.uniform(12, 16)), 9.0, float(rng.uniform(4, 7)), float(rng.uniform(11, 15)), 0.16)
    layout.drafts += shops + _inside(plot, _behind(plot, shops, 6.0), pattern, _kind(plot, "yard", 1, 1, 1), rng)


def _work(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    office = _inside(plot, plot.shape, Pattern(34.0, 13.0, 10.0, 400.0), _kind(plot, "office", 3), rng)[:1]
    left = _behind(plot, office, 14.0)
    if plot.density < 0.3 and rng.random() < 0.3:
        radius = float(rng.uniform(8, 13))
        boxes = rows(left, plot.angle, Pattern(2 * radius, 2 * radius, 9.0, 11.0, 0.1), rng).corners.mean(axis=1)[
            : int(rng.integers(6, 15))
        ]
        tanks = [shapely.get_coordinates(ellipse(at, (radius, radius), 0.0, 20))[:-1] for at in boxes]
        layout.drafts += [Draft(ring, "tank", 1, plot.block) for ring in tanks] + office
        return
    size = Pattern(float(rng.uniform(34, 66)), float(rng.uniform(18, 28)), 13.0, float(rng.uniform(16, 26)), 0.25)
    layout.drafts += office + _inside(plot, left, size, _kind(plot, "shed", 1), rng)


def _market(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    shops = _shops(plot, 1.0, rng)
    size = Pattern(float(rng.uniform(40, 54)), float(rng.uniform(28, 36)), 14.0, 16.0)
    halls = _inside(plot, _behind(plot, shops), size, _kind(plot, "market", int(rng.integers(2, 6))), rng)
    layout.drafts += halls + shops
    layout.grounds += [("plaza", "market", part) for part in polygons(_behind(plot, shops + halls, 2.0), 600)]


def _campus(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    size = Pattern(58.0, 15.0, 14.0, 17.0)
    halls = _inside(plot, plot.shape, size, _kind(plot, "school", 4), rng)[: int(rng.integers(3, 5))]
    layout.drafts += halls
    free = _behind(plot, halls, 6.0)
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(free, tolerance=1.0))[0] if halls else None
    for half in (46.0, 36.0, 26.0, 16.0, 8.0):
        if middle is None:
            return
        reach = np.array([np.cos(plot.angle), np.sin(plot.angle)]) * half
        track = LineString([middle - reach, middle + reach]).buffer(min(26.0, 12 + half * 0.35))
        if free.covers(track):
            layout.grounds.append(("green", "track", track))
            return


def _business(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    kind = _kind(plot, "business", int(rng.integers(16, 32)))
    tower = _inside(plot, plot.shape, Pattern(42.0, 34.0, 30.0, 400.0), kind, rng)[:1]
    shops = _shops(plot, 0.7, rng)
    layout.drafts += tower + shops
    layout.grounds += [("plaza", "business", part) for part in polygons(_behind(plot, shops + tower, 2.0), 600)]


def _institution(sort: str, storeys: tuple[int, int], most: int) -> "Maker":
    def make(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
        size = Pattern(float(rng.uniform(48, 66)), 18.0, 14.0, 24.0)
        halls = _inside(plot, plot.shape, size, _kind(plot, sort, int(rng.integers(*storeys))), rng)[:most]
        layout.drafts += halls
        kind = "green" if sort == "hospital" else "plaza"
        layout.grounds += [(kind, sort, part) for part in polygons(_behind(plot, halls, 7.0), 600)]

    return make


def _park(plot: Plot, layout: Layout, rng: np.random.Generator) -> None:
    layout.grounds.append(("green", "park", plot.shape))
    if plot.shape.area > 9_000:
        middle = shapely.get_coordinates(plot.shape.centroid)[0] + rng.uniform(-12, 12, 2)
        pond = ellipse(middle, (float(rng.uniform(24, 42)), float(rng.uniform(15, 24))), float(rng.uniform(0, 3)))
        if plot.shape.buffer(-8).covers(pond):
            layout.grounds.append(("water", "pond", pond))
            shore = largest(plot.shape.difference(pond.buffer(8)))
            layout.drafts += _inside(plot, shore, Pattern(18, 10, 60, 400), _kind(plot, "pavilion", 1), rng)[:1]


def _open(kind: str, sort: str) -> "Maker":
    def make(plot: Plot, layout: Layout, _rng: np.random.Generator) -> None:
        layout.grounds.append((kind, sort, plot.shape))

    return make


type Maker = Callable[[Plot, Layout, np.random.Generator], None]
LAYOUTS: dict[str, Maker] = {
    "slabs": _slabs,
    "business": _business,
    "towers": _towers,
    "yards": _yards,
    "work": _work,
    "market": _market,
    "school": _campus,
    "hospital": _institution("hospital", (6, 11), 6),
    "government": _institution("government", (5, 8), 2),
    "fire": _institution("fire", (3, 4), 2),
    "park": _park,
    "green": _open("green", "belt"),
    "pocket": _open("plaza", "pocket"),
}
