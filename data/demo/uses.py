"""What the blocks of a demo town are used for: homes of several sorts, work, schools, parks."""

from math import ceil

import numpy as np
import shapely

from data.demo.frame import Flags, Floats, Ints
from data.demo.ground import Ground
from data.demo.lattice import HOUSEHOLDS_AT_SCALE_ONE
from data.demo.place import Land, Place

type Shares = dict[str, tuple[float, float]]

# Share of each use at the edge of the town and in its centre; what is left is ground to live or work on.
OPEN_SHARES = {"green": (0.07, 0.0), "park": (0.02, 0.03), "towers": (-0.06, 0.11), "market": (-0.03, 0.10)}
# Of that ground, likewise; the rest is `slabs`. These lie together in quarters.
QUARTER_SHARES = {"work": (0.56, -0.22), "yards": (0.34, 0.05)}
INSTITUTIONS = (("hospital", 2, 0.55), ("fire", 2, 0.3), ("school", 12, 0.28))
"""Use, how many in a town of 24,000 households, and how built-up it is there at least."""
MORE_TOWERS = 1.4
QUARTER_M = 210.0
POCKET_M2 = 7_500.0


def uses(ground: Ground, place: Place, households: int, rng: np.random.Generator) -> list[str]:
    """Give every block a use: slabs, one of the shares above, canal, pocket, government, hospital, school or fire.

    Where the place has grids for office towers there are blocks for `business`, too.
    """
    area = np.array([block.shape.area for block in ground.blocks])
    density = np.array([block.density for block in ground.blocks])
    centres = shapely.get_coordinates(shapely.centroid([block.shape for block in ground.blocks]))
    canal = np.array([block.canal for block in ground.blocks])
    chosen = np.full(len(area), "", dtype="U12")
    chosen[area < POCKET_M2] = "pocket"
    chosen[canal] = "canal"
    centre = centres[np.argmax(np.where(canal, 0, density))]
    near = np.argsort(np.hypot(*(centres - centre).T), kind="stable")
    free = near[chosen[near] == ""]
    chosen[free[0]] = "government"
    chosen[free[1 + np.argmax(area[free[1:14]])]] = "park"
    scale = households / HOUSEHOLDS_AT_SCALE_ONE
    middling = (area > 12_000) & (area < 42_000)
    wanted = [(use, max(1, round(count * scale)), least) for use, count, least in INSTITUTIONS]
    wanted += [("business", _towers(place, households), 0.45)] * (_towers(place, households) > 0)
    for use, count, least in wanted:
        usable = middling & (chosen == "") & (density > least)
        chosen[_spread(centres, usable, count, rng)] = use
    lot = rng.random(len(area))
    shares, quarters = _shares(place.land)
    quarter = np.argsort(np.argsort(_bumps(centres, rng) + rng.normal(0, 0.22, len(area)))) / len(area)
    for block in np.flatnonzero(chosen == ""):
        drawn = _drawn(shares, float(density[block]), float(lot[block]))
        chosen[block] = drawn or _drawn(quarters, float(density[block]), float(quarter[block])) or "slabs"
    return list(chosen.tolist())


def _shares(land: Land) -> tuple[Shares, Shares]:
    """Return the shares of the uses that lie anywhere, and of those that lie together, as the place has them."""
    (low, high), more = OPEN_SHARES["towers"], {"work": land.work, "yards": land.yards}
    together = {use: (edge * more[use], centre * more[use]) for use, (edge, centre) in QUARTER_SHARES.items()}
    return OPEN_SHARES | {"towers": (low, high + land.towers)}, together


def _towers(place: Place, households: int) -> int:
    """Count the office towers: a few more than get a grid of their own, for some cannot be cut out."""
    scale = MORE_TOWERS * place.scale(households)
    return sum(ceil(one.count * scale) for one in place.dedicated if one.purpose == "tower")


def _drawn(shares: Shares, density: float, lot: float) -> str | None:
    limits = np.cumsum([max(0.0, edge + (centre - edge) * density) for edge, centre in shares.values()])
    place = int(np.searchsorted(limits, lot))
    return list(shares)[place] if place < len(limits) else None


def _bumps(places: Floats, rng: np.random.Generator) -> Floats:
    """Draw a smooth hilly field over the places, for quarters of one character."""
    angles, phases = rng.uniform(0, np.pi, 4), rng.uniform(0, 2 * np.pi, 4)
    field: Floats = np.sin(places @ np.array([np.cos(angles), np.sin(angles)]) / QUARTER_M + phases).mean(axis=1)
    return field


def _spread(places: Floats, usable: Flags, count: int, rng: np.random.Generator) -> Ints:
    """Choose rows far from each other, the first one by lot."""
    rows = np.flatnonzero(usable)
    if len(rows) == 0:
        return rows
    chosen = [int(rng.choice(rows))]
    away = np.hypot(*(places[rows] - places[chosen[0]]).T)
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(rows[np.argmax(away)]))
        away = np.minimum(away, np.hypot(*(places[rows] - places[chosen[-1]]).T))
    return np.array(chosen, dtype=np.int64)
