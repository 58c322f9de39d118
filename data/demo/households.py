"""How high the houses of a demo town are, who lives in which flat, and every address."""

from dataclasses import dataclass

import numpy as np

from data.demo.buildings import Draft, capacity
from data.demo.frame import Ints, to_degrees
from data.demo.rows import HouseholdRow

LEAST, MOST = 300, 500  # docs/sources.md#baijiantan: households of a grid
MARGIN = 12
TAKEN = 0.88
BLOCK_FLATS = 250
HIGHEST = {"slab": 7, "tower": 18, "yard": 1}


def storeys_for(drafts: list[Draft], households: int, rng: np.random.Generator) -> Ints:
    """Choose the storeys of all buildings (n,) so that `households` fill the usual share of the flats."""
    drawn = np.array([draft.storeys for draft in drafts], dtype=np.float64)
    highest = np.array([HIGHEST.get(draft.sort, 0) for draft in drafts])
    blocks = np.array([draft.block for draft in drafts])
    blur = rng.uniform(-0.3, 0.3, len(drafts))
    low, high = 0.2, 4.0
    for _ in range(24):
        factor = (low + high) / 2
        storeys = np.clip(np.round(drawn * factor + blur), 1, highest).astype(np.int64)
        if _modest(drafts, storeys, blocks)[0].sum() * TAKEN < households:
            low = factor
        else:
            high = factor
    fitted = np.clip(np.round(drawn * high + blur), 1, highest).astype(np.int64)
    fitted = _modest(drafts, fitted, blocks)[1]
    return np.where(highest == 0, drawn.astype(np.int64), fitted)


def _modest(drafts: list[Draft], storeys: Ints, blocks: Ints) -> tuple[Ints, Ints]:
    """Lower the houses of blocks with too many flats to cut into grids; gives flats and storeys per building."""
    lower = storeys.copy()
    while True:
        flats = capacity(drafts, lower)
        crowded = np.bincount(blocks, flats) > BLOCK_FLATS
        down = crowded[blocks] & (lower > 1) & (flats > 0)
        if not down.any():
            return flats, lower
        lower[down] -= 1


def raised(drafts: list[Draft], storeys: Ints, grid_of: Ints, wanted: Ints) -> Ints:
    """Raise the houses of grids that have fewer flats than wanted; `grid_of` (buildings,), `wanted` (grids,)."""
    higher, home = storeys.copy(), np.array([draft.doors > 0 for draft in drafts])
    while True:
        flats = np.bincount(grid_of, capacity(drafts, higher), minlength=len(wanted))
        short = (flats < wanted)[grid_of] & home
        if not short.any():
            return higher
        higher[short] += 1


def targets(flats: Ints, households: int) -> Ints:
    """Share households out over grids in proportion to their flats (grids,): 300 to 500 each, exact in sum."""
    lowest, highest = np.full(len(flats), LEAST + MARGIN), np.full(len(flats), MOST - MARGIN)
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


def settle(drafts: list[Draft], storeys: Ints, grid_of: Ints, wanted: Ints, rng: np.random.Generator) -> Flats:
    """Choose by lot which flats are lived in: in each grid as many as wanted; `grid_of` (buildings,)."""
    flats = capacity(drafts, storeys)
    building = np.repeat(np.arange(len(drafts)), flats)
    inner = np.arange(len(building)) - np.repeat(np.cumsum(flats) - flats, flats)
    lot = rng.permutation(len(building))
    order = np.lexsort((lot, grid_of[building]))
    counts = np.bincount(grid_of[building], minlength=len(wanted))
    place = np.arange(len(building)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = np.sort(order[place < np.repeat(wanted, counts)])
    doors = np.array([max(1, draft.doors) for draft in drafts])[building[taken]]
    return Flats(building[taken], inner[taken] // doors + 1, inner[taken] % doors)


def make_households(
    drafts: list[Draft], addresses: list[str], flats: Flats, rng: np.random.Generator
) -> tuple[HouseholdRow, ...]:
    """Give every inhabited flat its address and a point at its staircase, inside the building."""
    corners = np.array([draft.ring[:4] for draft in drafts])[flats.building]
    doors = np.array([max(1, draft.doors) for draft in drafts])[flats.building]
    units = np.array([max(1, draft.units) for draft in drafts])[flats.building]
    per_unit = doors // units
    unit, door = flats.door // per_unit, flats.door % per_unit
    along = (flats.door + 0.5) / doors + rng.uniform(-0.08, 0.08, len(doors)) / doors
    across = rng.uniform(0.3, 0.7, len(doors))
    one, length, depth = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    degrees = to_degrees(one + along[:, None] * length + across[:, None] * depth)
    rooms = zip(flats.building.tolist(), unit.tolist(), flats.storey.tolist(), door.tolist(), strict=True)
    texts = [
        addresses[row] + (f"{of_unit + 1}单元{storey}{number + 1:02}室" if drafts[row].sort != "yard" else "")
        for row, of_unit, storey, number in rooms
    ]
    return tuple(
        HouseholdRow(row, text, lng, lat)
        for row, text, (lng, lat) in zip(flats.building.tolist(), texts, degrees.tolist(), strict=True)
    )
