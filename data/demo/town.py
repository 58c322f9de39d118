"""A whole demo town from a place and a seed."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from data.demo.addresses import Directory, address
from data.demo.buildings import Grounds, build
from data.demo.categories import stories
from data.demo.cut_out import Built, cut_out
from data.demo.drafts import Drafts
from data.demo.frame import Ints
from data.demo.grids import divide_town
from data.demo.ground import Ground, make_ground
from data.demo.homes import Buildings
from data.demo.households import Where, make_households, raised, settle, storeys_for, targets
from data.demo.lattice import make_lattice
from data.demo.material import Material, of_blocks, of_plots
from data.demo.matters import Crew, make_history
from data.demo.neighbours import Houses
from data.demo.parcels import Plots
from data.demo.place import DEFAULT, Place, place_of
from data.demo.reports import gathered
from data.demo.rows import GroundRow, LayerRow, LevelRow, Town, TownRow
from data.demo.spots import make_spots
from data.demo.staffing import Site, staff_town
from data.demo.streets import make_streets
from data.demo.uses import uses


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What the town is cut from: its material, the shape of each building (n,) and of a place in each block (blocks,)."""

    material: Material
    of_building: Ints
    of_block: Ints


def make_town(seed: int = 1, households: int | None = None, place: Place | None = None) -> Town:
    """Make a town of exactly so many households, all of it from the seed: equal seeds give equal rows.

    Without a number the place is as large as it is; without a place it is Baijiantan.

    Raises
    ------
    ValueError
        For fewer or more households than the place can have.
    """
    place = place or place_of(DEFAULT)
    households = place.households if households is None else households
    if not place.least <= households <= place.most:
        raise ValueError(f"{place.name_en} has at least {place.least} and at most {place.most} households")
    rng, frame = np.random.default_rng([seed, 0]), place.frame
    ground = make_ground(make_lattice(households, place.land, rng), rng)
    drafts, grounds = build(ground, uses(ground, place, households, rng), rng)
    plots = Plots([block.shape for block in ground.blocks], drafts, frame)
    storeys = storeys_for(drafts, households, rng)
    stock = _stock(place, ground, plots, drafts.capacity(storeys), drafts)
    division = divide_town(place, stock.material, households, rng)
    grid_of = division.grid_of[stock.of_building]
    flats = np.bincount(grid_of, drafts.capacity(storeys), division.basic).astype(np.int64)
    wanted = targets(flats, households, place.grid_households)
    storeys = raised(drafts, storeys, grid_of, wanted)
    streets = make_streets(ground, place, rng)
    names = division.names_above(place)
    above = tuple(names[grid] for grid in division.grid_of[stock.of_block].tolist())
    book = Directory(ground, tuple(row.name for row in streets), above, place.words)
    named = address(book, drafts, rng)
    where = Where(grid_of, np.unique(division.finest[stock.of_building], return_inverse=True)[1])
    homes = make_households(drafts, named.addresses, settle(drafts, storeys, where, wanted, rng), frame, rng)
    if place.dedicated:
        apart = of_plots(ground, plots.parcels, np.zeros(len(plots), np.int64), frame)
        built = Built(drafts, named, stock.of_building, streets)
        division = cut_out(division, place, apart, built, place.scale(households))
        grid_of = division.grid_of[stock.of_building]
    spots = make_spots(book, drafts, named, grounds, frame)
    houses = Houses(named.kinds, frame.to_degrees(drafts.middles()), grid_of, division.finest[stock.of_building])
    staff = staff_town(Site(place, division.areas, division.grids, streets, houses), households, rng)
    history = make_history(gathered(homes, spots), Crew(frame, division.grids, staff.workers, staff.positions), rng)
    return Town(
        place=place.key,
        town=TownRow(place.county, place.name, place.name_en, place.time_zone, demo=True, demo_seed=seed),
        levels=tuple(
            LevelRow(one.code, row, one.name, one.name_en, one.digits) for row, one in enumerate(place.levels, 1)
        ),
        areas=division.areas,
        layers=tuple(LayerRow(row.code, row.name, row.name_en, row.least, row.most) for row in place.layers),
        grids=division.grids,
        ground=_ground_rows(grounds, place),
        streets=streets,
        blocks=tuple(frame.in_degrees(block.shape) for block in ground.blocks),
        plots=plots,
        buildings=Buildings(drafts, storeys, named.kinds, named.names, frame),
        grid_of=tuple(grid_of.tolist()),
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


def _stock(place: Place, ground: Ground, plots: Plots, flats: Ints, drafts: Drafts) -> Stock:
    """Choose what the town is cut from: plots where the place asks for it or something is to be cut out, else blocks."""
    of_block = np.bincount(drafts.block, flats, len(ground.blocks)).astype(np.int64)
    if not (place.cut_from_plots or place.dedicated):
        shapes = np.array([place.frame.in_degrees(block.shape) for block in ground.blocks])
        rows = np.arange(len(shapes))
        return Stock(of_blocks(ground, of_block, shapes, rows[:, None].tolist()), drafts.block, rows)
    parcels = plots.parcels
    of_building = parcels.of_building(len(drafts))
    starts = np.searchsorted(parcels.block, np.arange(len(ground.blocks) + 1))
    if place.cut_from_plots:
        of_plot = np.bincount(of_building, flats, len(plots)).astype(np.int64)
        return Stock(of_plots(ground, parcels, of_plot, place.frame), of_building, starts[:-1])
    inner = [list(range(first, last)) for first, last in pairwise(starts.tolist())]
    return Stock(of_blocks(ground, of_block, parcels.shapes, inner), of_building, starts[:-1])


def _ground_rows(grounds: Grounds, place: Place) -> tuple[GroundRow, ...]:
    land = place.land
    names = {"canal": land.river, "belt": land.belt, "park": "公园", "bank": "滨河绿带", "government": "市民广场"}
    return tuple(GroundRow(kind, names.get(sort), place.frame.in_degrees(shape)) for kind, sort, shape in grounds)
