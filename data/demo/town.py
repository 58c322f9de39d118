"""A whole demo town from a seed."""

import numpy as np
from shapely import Polygon

from data.demo.addresses import Addressed, Directory, address
from data.demo.buildings import Draft, Layout, build, capacity
from data.demo.categories import stories
from data.demo.frame import Ints, shape_in_degrees, to_degrees
from data.demo.grids import DISTRICT_CODE, LAYERS, LEVELS, divide_town
from data.demo.ground import make_ground
from data.demo.households import make_households, raised, settle, storeys_for, targets
from data.demo.lattice import make_lattice
from data.demo.matters import Crew, make_history
from data.demo.names import DISTRICT
from data.demo.neighbours import Houses
from data.demo.reports import gathered
from data.demo.rows import BuildingRow, GroundRow, Town, TownRow
from data.demo.spots import make_spots
from data.demo.staffing import Site, staff_town
from data.demo.streets import make_streets
from data.demo.uses import uses

FEWEST_HOUSEHOLDS = 2_000


def make_town(seed: int = 1, households: int = 24_000) -> Town:
    """Make a town of exactly so many households, all of it from the seed: equal seeds give equal rows.

    Raises
    ------
    ValueError
        For fewer than 2,000 households, which make no town with several communities.
    """
    if households < FEWEST_HOUSEHOLDS:
        raise ValueError(f"a demo town has at least {FEWEST_HOUSEHOLDS} households, not {households}")
    rng = np.random.default_rng([seed, 0])
    ground = make_ground(make_lattice(households, rng), rng)
    layout = build(ground, uses(ground, households, rng), rng)
    drafts = layout.drafts
    storeys = storeys_for(drafts, households, rng)
    block_of = np.array([draft.block for draft in drafts], dtype=np.int64)
    flats = np.bincount(block_of, capacity(drafts, storeys), minlength=len(ground.blocks)).astype(np.int64)
    division = divide_town(ground, flats, households, rng)
    grid_of = division.grid_of[block_of]
    wanted = targets(np.bincount(division.grid_of, flats).astype(np.int64), households)
    storeys = raised(drafts, storeys, grid_of, wanted)
    streets = make_streets(ground, rng)
    above = [division.full_name(grid) for grid in range(len(wanted))]
    book = Directory(
        ground, tuple(street.name for street in streets), tuple(above[grid] for grid in division.grid_of)
    )
    addressed = address(book, drafts, rng)
    lived_in = settle(drafts, storeys, grid_of, wanted, rng)
    homes = make_households(drafts, [found.address for found in addressed], lived_in, rng)
    spots = make_spots(book, drafts, addressed, layout.grounds)
    middles = to_degrees(np.array([draft.ring.mean(axis=0) for draft in drafts]))
    houses = Houses([found.kind for found in addressed], middles, grid_of)
    staff = staff_town(Site(division.areas, division.grids, streets, houses), households, rng)
    history = make_history(gathered(homes, spots), Crew(division.grids, staff.workers, staff.positions), rng)
    return Town(
        town=TownRow(DISTRICT_CODE, DISTRICT, "Baijiantan", "Asia/Shanghai", demo=True, demo_seed=seed),
        levels=LEVELS,
        areas=division.areas,
        layers=LAYERS,
        grids=division.grids,
        ground=_ground_rows(layout),
        streets=streets,
        buildings=_building_rows(drafts, storeys, addressed),
        households=homes,
        workers=history.workers,
        members=staff.members,
        days=staff.days,
        positions=history.positions,
        categories=tuple(story.category for story in stories()),
        slots=tuple(slot for story in stories() for slot in story.also),
        called=tuple(one for story in stories() for one in story.called),
        incidents=history.incidents,
        spots=spots,
    )


def _building_rows(drafts: list[Draft], storeys: Ints, addressed: list[Addressed]) -> tuple[BuildingRow, ...]:
    rings = [Polygon(draft.ring) for draft in drafts]
    return tuple(
        BuildingRow(f"B{number:06}", found.name, found.kind, high, shape_in_degrees(ring))
        for number, (found, high, ring) in enumerate(zip(addressed, storeys.tolist(), rings, strict=True), 1)
    )


def _ground_rows(layout: Layout) -> tuple[GroundRow, ...]:
    names = {"canal": "油城河", "belt": "防护林", "park": "公园", "bank": "滨河绿带", "government": "市民广场"}
    return tuple(GroundRow(kind, names.get(sort), shape_in_degrees(shape)) for kind, sort, shape in layout.grounds)
