"""What is read for a look at the ground: current grids under the nearest ground above, households by grid and building."""

from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely import MultiPolygon, Point, box

from data.engine import Role
from data.ground import building
from data.households import household
from data.looking import Looked, read_ground
from data.schema import new_id
from data.store import transaction
from dispatch.desk.check_ground import findings_of
from geo.cells import cell_of
from geo.point import Point as GeoPoint
from geo.quality.faults import Kind
from tests.support.place import Place, middle, square


async def looked(url: str) -> Looked:
    async with transaction(url, Role.DISPATCHER) as connection:
        return await read_ground(connection, ())


async def add_home(place: Place, at: tuple[float, float], grid: str | None, of: UUID | None = None) -> UUID:
    id_ = new_id()
    row: dict[str, Any] = {"id": id_, "building_id": of, "address": str(id_), "point": Point(at)}
    area = {"area_id": grid and place.areas[grid], "area_path": grid and place.paths[grid]}
    await place.insert(household, row | {"cell": cell_of(GeoPoint(*at))} | area)
    return id_


async def add_building(place: Place, code: str, at: tuple[float, float]) -> UUID:
    id_, (x, y) = new_id(), at
    shape = box(x - 1e-4, y - 1e-4, x + 1e-4, y + 1e-4)
    await place.insert(building, {"id": id_, "code": code, "kind": "home", "storeys": 1, "shape": shape})
    return id_


async def test_an_empty_town_has_nothing_to_look_at(server_url: str) -> None:
    found = await looked(server_url)
    assert len(found.homes) == 0
    assert findings_of(found).clean


async def test_households_come_with_their_grid_and_building_by_row(place: Place, server_url: str) -> None:
    await place.add_block(2, 1)
    house = await add_building(place, "B1", middle(0, 0))
    ids = [
        await add_home(place, middle(0, 0), "G00", house),
        await add_home(place, middle(1, 0), "G00"),
        await add_home(place, middle(5, 5), None),
    ]
    found = await looked(server_url)
    row_of = {UUID(bytes=one.tobytes()): row for row, one in enumerate(found.home_ids)}
    rows = [row_of[id_] for id_ in ids]
    codes = found.ground.layers[0].grids.codes
    assert [codes[row] if row >= 0 else None for row in found.homes.grid[rows].tolist()] == ["G00", "G00", None]
    assert found.homes.building[rows].tolist() == [0, -1, -1]
    assert np.column_stack([found.homes.lng, found.homes.lat])[rows].tolist() == [
        list(middle(0, 0)),
        list(middle(1, 0)),
        list(middle(5, 5)),
    ]
    counts = findings_of(found).counts
    assert (counts[Kind.HOUSEHOLD_IN_OTHER_GRID], counts[Kind.HOUSEHOLD_IN_NO_GRID]) == (1, 1)


async def test_only_what_is_in_force_is_looked_at(place: Place, server_url: str) -> None:
    await place.add_town()
    whole = MultiPolygon([shapely.union(square(0, 0), square(1, 0))])
    await place.add_area("C1", "community", None, whole)
    await place.add_grid("OLD", whole, "C1", valid="[2020-01-01,2021-01-01)")
    await place.add_grid("G1", square(0, 0), "C1")
    await place.add_grid("G2", square(1, 0), "C1")
    found = await looked(server_url)
    assert [sheet.layer for sheet in found.ground.sheets] == [None, "governance"]
    assert list(found.ground.sheets[1].codes) == ["G1", "G2"]
    assert "OLD" not in found.paths
    counts = findings_of(found).counts
    assert {kind for kind, count in counts.items() if count} == {Kind.GRID_WITHOUT_LEADER, Kind.GRID_WITHOUT_WORKER}


async def test_the_parent_is_the_nearest_above_that_has_ground(place: Place, server_url: str) -> None:
    await place.add_town()
    await place.add_area("D", "district", None, square(0, 0))
    await place.add_area("C1", "community", "D")
    await place.add_grid("G1", box(*square(0, 0).buffer(0.001).bounds), "C1")
    found = await looked(server_url)
    layer = next(sheet for sheet in found.ground.sheets if sheet.layer)
    assert (list(layer.above.codes), layer.parents.tolist()) == (["D"], [0])
    assert findings_of(found).counts[Kind.OUTSIDE_PARENT] == 1


async def test_codes_are_held_to_the_digits_of_their_level(place: Place, server_url: str) -> None:
    await place.add_town()
    await place.run("UPDATE area_level SET digits = 12 WHERE code = 'community'")
    await place.run("UPDATE area_level SET digits = 15 WHERE code = 'grid'")
    await place.add_area("350783001001", "community")
    await place.add_grid("350783001001001", square(0, 0), "350783001001")
    await place.add_grid("350783001001X01", square(1, 0), "350783001001")
    await place.add_grid("350783001002001", square(2, 0), "350783001001")
    found = findings_of(await looked(server_url))
    assert {(fault.code, fault.other) for fault in found.of(Kind.CODE_BAD)} == {
        ("350783001001X01", "not_digits"),
        ("350783001002001", "not_under_parent"),
    }
