"""A planted town handed to the checker as the database would hand it."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo.quality.codes import Coded
from geo.quality.faults import Findings
from geo.quality.homes import Grids, Homes
from geo.quality.look import Ground, LayerGround, Look, Things
from geo.quality.sheet import Above, Sheet
from geo.quality.staff import Person
from tests.support.planted import LEAST, MOST, Town


def column(shapes: Sequence[object]) -> np.ndarray:
    """Return shapes as an array that shapely takes."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def ground_of(town: Town, order: np.random.Generator | None = None) -> Ground:
    """Lay a town out as columns, its grids in any order."""
    codes = list(town.grids)
    if order is not None:
        order.shuffle(codes)
    above = Above(list(town.communities), column(list(town.communities.values())))
    rows = np.array([above.codes.index(town.parents[code]) for code in codes])
    shapes = column([town.grids[code] for code in codes])
    nothing = Above([], column([]))
    health = [code for code, _ in town.health]
    sheets = [
        Sheet("governance", "grid", codes, shapes, above, rows),
        Sheet("health", "grid", health, column([s for _, s in town.health]), nothing, np.full(len(health), -1)),
    ]
    coded = [Coded("grid", code, 15, town.parents[code]) for code in codes]
    paths = [f"{town.parents[code]}.{code}" for code in codes]
    grids = Grids("governance", "grid", codes)
    layer = LayerGround(grids, shapes, paths, [True] * len(codes), (LEAST, MOST), True)
    people = [Person(f"{town.parents[home]}.{home}", role, duty) for home, role, duty in town.people]
    texts, lng, lat = zip(*town.addresses, strict=True)
    names, lines = zip(*town.streets, strict=True)
    buildings = column(list(town.buildings.values()))
    things = Things(list(town.buildings), buildings, names, column(lines), texts, np.array(lng), np.array(lat))
    return Ground(sheets, coded, [layer], people, things)


def homes_of(town: Town, ground: Ground, parts: int) -> list[Homes]:
    """Lay households out as columns, in so many parts."""
    grid_row = {code: row for row, code in enumerate(ground.layers[0].grids.codes)}
    building_row = {code: row for row, code in enumerate(town.buildings)}
    made = []
    for rows in np.array_split(np.arange(len(town.homes)), parts):
        some = [town.homes[row] for row in rows]
        grid = np.array([-1 if home.grid is None else grid_row[home.grid] for home in some], np.int64)
        building = np.array([-1 if home.building is None else building_row[home.building] for home in some], np.int64)
        lng, lat = np.array([home.lng for home in some]), np.array([home.lat for home in some])
        made.append(Homes(lng, lat, grid, building, int(rows[0]) if len(rows) else 0))
    return made


def looked_at(town: Town, order: np.random.Generator | None = None, parts: int = 1) -> Findings:
    """Look at a planted town."""
    shapely.prepare(column(list(town.grids.values())))
    ground = ground_of(town, order)
    look = Look(ground)
    for homes in homes_of(town, ground, parts):
        look.at_homes(homes)
    return look.done()
