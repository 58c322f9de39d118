"""How high the houses of a demo town are, who lives in which flat, and every address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.demo.drafts import SORTS, Drafts
from data.demo.frame import Frame, Ints
from data.demo.homes import Homes

MARGIN = 12
TAKEN = 0.88
BLOCK_FLATS = 250
HIGHEST = {"slab": 7, "tower": 18, "yard": 1}
HIGHEST_OF = np.array([HIGHEST.get(sort, 0) for sort in SORTS])
AT_ONCE = 50_000


def storeys_for(drafts: Drafts, households: int, rng: np.random.Generator) -> Ints:
    """Choose the storeys of all buildings (n,) so that `households` fill the usual share of the flats."""
    drawn, highest = drafts.storeys.astype(np.float64), HIGHEST_OF[drafts.sort]
    blur = rng.uniform(-0.3, 0.3, len(drafts))
    low, high = 0.2, 4.0
    for _ in range(24):
        factor = (low + high) / 2
        storeys = np.clip(np.round(drawn * factor + blur), 1, highest).astype(np.int64)
        if drafts.capacity(_modest(drafts, storeys)).sum() * TAKEN < households:
            low = factor
        else:
            high = factor
    fitted = _modest(drafts, np.clip(np.round(drawn * high + blur), 1, highest).astype(np.int64))
    return np.where(highest == 0, drafts.storeys, fitted)


def _modest(drafts: Drafts, storeys: Ints) -> Ints:
    """Lower the houses of blocks with too many flats to cut into grids."""
    lower = storeys.copy()
    while True:
        flats = drafts.capacity(lower)
        crowded = np.bincount(drafts.block, flats) > BLOCK_FLATS
        down = crowded[drafts.block] & (lower > 1) & (flats > 0)
        if not down.any():
            return lower
        lower[down] -= 1


def raised(drafts: Drafts, storeys: Ints, grid_of: Ints, wanted: Ints) -> Ints:
    """Raise the houses of grids that have fewer flats than wanted, low ones only where there are no others.

    `grid_of` (buildings,), `wanted` (grids,).
    """
    higher, home = storeys.copy(), drafts.doors > 0
    blocks = home & ~drafts.is_a("yard")
    without = np.bincount(grid_of, blocks, minlength=len(wanted)) == 0
    grows = np.where(without[grid_of], home, blocks)
    while True:
        flats = np.bincount(grid_of, drafts.capacity(higher), minlength=len(wanted))
        short = (flats < wanted)[grid_of] & grows
        if not short.any():
            return higher
        higher[short] += 1


def targets(flats: Ints, households: int, size: tuple[int, int]) -> Ints:
    """Share households out over grids in proportion to their flats (grids,): none too small or large, exact in sum."""
    lowest, highest = np.full(len(flats), size[0] + MARGIN), np.full(len(flats), size[1] - MARGIN)
    low, high = 0.0, 10.0
    for _ in range(60):
        factor = (low + high) / 2
        wanted = np.clip(np.floor(flats * factor), lowest, highest)
        low, high = (factor, high) if wanted.sum() <= households else (low, factor)
    wanted = np.clip(np.floor(flats * low), lowest, highest).astype(np.int64)
    room = np.flatnonzero(wanted < highest)
    wanted[room[: households - int(wanted.sum())]] += 1
    return wanted


@dataclass(frozen=True, slots=True, eq=False)
class Flats:
    """Inhabited flats in order: building, storey (from 1), door on the storey (from 0); int64 (n,) each."""

    building: Ints
    storey: Ints
    door: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Where:
    """The grid of each building, and the smallest area it stands in: int64 (buildings,)."""

    grid: Ints
    area: Ints


def settle(drafts: Drafts, storeys: Ints, where: Where, wanted: Ints, rng: np.random.Generator) -> Flats:
    """Choose by lot which flats are lived in: in each grid as many as wanted, one at least in each smallest area."""
    flats, grid_of = drafts.capacity(storeys), where.grid
    building = np.repeat(np.arange(len(drafts)), flats)
    inner = np.arange(len(building)) - np.repeat(np.cumsum(flats) - flats, flats)
    lot = rng.permutation(len(building))
    by_area = np.lexsort((lot, where.area[building]))
    lot[by_area[np.unique(where.area[building][by_area], return_index=True)[1]]] = -1
    order = np.lexsort((lot, grid_of[building]))
    counts = np.bincount(grid_of[building], minlength=len(wanted))
    place = np.arange(len(building)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = np.sort(order[place < np.repeat(wanted, counts)])
    doors = np.maximum(1, drafts.doors)[building[taken]]
    return Flats(building[taken], inner[taken] // doors + 1, inner[taken] % doors)


def make_households(
    drafts: Drafts, addresses: Sequence[str], flats: Flats, frame: Frame, rng: np.random.Generator
) -> Homes:
    """Give every inhabited flat its address and a point at its staircase, inside the building."""
    doors, units = np.maximum(1, drafts.doors), np.maximum(1, drafts.units)
    shift = rng.uniform(-0.08, 0.08, len(flats.building))
    across = rng.uniform(0.3, 0.7, len(flats.building))
    per_unit = (doors // units)[flats.building]
    places = np.empty((len(flats.building), 2))
    for few in _slices(len(places)):
        building = flats.building[few]
        along = (flats.door[few] + 0.5) / doors[building] + shift[few] / doors[building]
        corners = drafts.first_corners(building)
        one, length, depth = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
        places[few] = frame.to_degrees(one + along[:, None] * length + across[few][:, None] * depth)
    return Homes(
        building=flats.building.astype(np.int32),
        places=places,
        unit=(flats.door // per_unit + 1).astype(np.int16),
        storey=flats.storey.astype(np.int16),
        door=(flats.door % per_unit + 1).astype(np.int16),
        addresses=addresses,
        with_rooms=~drafts.is_a("yard"),
    )


def _slices(count: int) -> Iterator[slice]:
    return (slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE))
