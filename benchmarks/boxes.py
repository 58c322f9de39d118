"""Row security against spatial indexes: one box of a tile in a large town, four ways."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import shapely

from benchmarks.rows import Row, Side, interleave
from benchmarks.tiles import Tile, tiles_over
from benchmarks.town import DATABASE, Bed
from data.engine import Role
from data.rights import EVERYWHERE, NO_LAYER, Permission, Rights
from data.tokens import rights_for

ZOOM = 16
OWNER = "the owner, plain &&"
BOX = "st_tileenvelope({}, {}, {})"
PLAIN = "SELECT id FROM household WHERE point && st_transform({box}, 4326)"
INSIDE = "SELECT id FROM household_in({box})"
OF_COMMUNITY = PLAIN + " AND place_key(NULL, area_path) <@ '{key}'"
SERVED = """
    SELECT set_config('wangge.account', '00000000-0000-0000-0000-000000000000', true),
           set_config('wangge.rights', $1, true)
"""
OVERLAPS = "ALTER FUNCTION geometry_overlaps(geometry, geometry) {}LEAKPROOF;"
BODY = "SELECT prosrc FROM pg_proc WHERE proname = 'household_in'"
SCAN = re.compile(r"[\w ]*Scan[\w ]*")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask: the statement, with which rights (None: as the owner), and whether && is made leak-proof."""

    statement: str
    rights: Rights | None
    leakproof: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One pass over all boxes: seconds and ids of each, and the plan."""

    each: list[float]
    found: list[set[UUID]]
    plan: str


async def measure(place: Bed, boxes: int, repetitions: int) -> list[Row]:
    """Ask each way for each box once in every repetition."""
    shapes = [grid.shape for grid in place.made.grids]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    tiles = tiles_over((west, south, east, north), ZOOM)
    middle = sorted(tiles, key=lambda tile: _off(tile, tiles))[:boxes]
    path = await place.owner.fetchval(
        "SELECT ltree2text(path) FROM area WHERE level = 'community' ORDER BY st_distance(shape, "
        "(SELECT st_setsrid(st_centroid(st_extent(shape)::geometry), 4326) FROM area)) LIMIT 1"
    )
    town = rights_for(Permission.HOUSEHOLD_VIEW, keys=(EVERYWHERE,))
    key = f"{NO_LAYER}.{path}"
    community = rights_for(Permission.HOUSEHOLD_VIEW, keys=(key,))
    ways = {
        OWNER: Way(PLAIN, None),
        "policy, plain &&, whole town": Way(PLAIN, town),
        "policy, plain &&, one community": Way(PLAIN, community),
        "household_in(box), whole town": Way(INSIDE, town),
        "household_in(box), one community": Way(INSIDE, community),
        "policy, && LEAKPROOF, whole town": Way(PLAIN, town, leakproof=True),
        "policy, && LEAKPROOF, one community": Way(PLAIN, community, leakproof=True),
    }
    sides: dict[str, Callable[[], Awaitable[Asked]]] = {
        name: partial(_ask, place, way, middle) for name, way in ways.items()
    }
    found = await interleave(sides, repetitions)
    inner = await _inner_plan(place, middle[0], community)
    households = await place.owner.fetchval("SELECT count(*) FROM household")
    of_community = await _ask(place, Way(OF_COMMUNITY.replace("{key}", key), None), middle)
    return _rows(found, of_community.found, f"box of a z{ZOOM} tile, {households} households", inner)


def _off(tile: Tile, tiles: Sequence[Tile]) -> int:
    """Return how far a tile lies from the middle of all, squared."""
    across, down = (sum(one[axis] for one in tiles) // len(tiles) for axis in (1, 2))
    return (tile[1] - across) ** 2 + (tile[2] - down) ** 2


async def _ask(place: Bed, way: Way, boxes: Sequence[Tile]) -> Asked:
    if way.leakproof:
        place.cluster.psql(DATABASE, OVERLAPS.format(""))
    try:
        connection = await _connect(place, way)
        try:
            async with connection.transaction(readonly=True):
                if way.rights is not None:
                    await connection.fetch(SERVED, way.rights.text)
                return await _pass(connection, way.statement, boxes)
        finally:
            await connection.close()
    finally:
        if way.leakproof:
            place.cluster.psql(DATABASE, OVERLAPS.format("NOT "))


async def _connect(place: Bed, way: Way) -> "asyncpg.Connection[Any]":
    login = "wangge_owner" if way.rights is None else "wangge_server"
    settings = {} if way.rights is None else {"role": Role.APP.value}
    return await asyncpg.connect(place.url(login).replace("+asyncpg", ""), server_settings=settings)


async def _pass(connection: "asyncpg.Connection[Any]", statement: str, boxes: Sequence[Tile]) -> Asked:
    asked = [statement.format(box=BOX.format(*box)) for box in boxes]
    await connection.fetch(asked[0])
    each, found = [], []
    for one in asked:
        began = time.perf_counter()
        rows = await connection.fetch(one)
        each.append(time.perf_counter() - began)
        found.append({row["id"] for row in rows})
    return Asked(each, found, await _plan(connection, asked[0]))


async def _plan(connection: "asyncpg.Connection[Any]", statement: str) -> str:
    lines = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN (COSTS OFF) {statement}"))
    return ", ".join(dict.fromkeys(name.strip() for name in SCAN.findall(lines) if "household" in name))


async def _inner_plan(place: Bed, box: Tile, rights: Rights) -> str:
    """Return the plan of the statement inside `household_in`, which EXPLAIN does not show from outside."""
    body: str = await place.owner.fetchval(BODY)
    statement = body.partition("RETURN QUERY ")[2].rpartition("; END")[0]
    async with place.owner.transaction(readonly=True):
        await place.owner.fetch(SERVED, rights.text)
        return await _plan(place.owner, re.sub(r"\bbox\b", BOX.format(*box), statement))


def _rows(found: dict[str, list[Asked]], of_community: list[set[UUID]], case: str, inner: str) -> list[Row]:
    owner = _side(OWNER, found[OWNER])
    rows = [Row(case, OWNER, "ms", owner, how=f"Plan: {found[OWNER][0].plan}.")]
    for name, passes in found.items():
        right = of_community if name.endswith("one community") else found[OWNER][0].found
        unlike = sum(got != wanted for one in passes for got, wanted in zip(one.found, right, strict=True))
        how = f"Plan: {passes[0].plan}" + (f"; inside: {inner}." if "household_in" in name else ".")
        if name != OWNER:
            rows.append(Row(case, name, "ms", _side("ours", passes), owner, differing=unlike, how=how))
    return rows


def _side(name: str, passes: Sequence[Asked]) -> Side:
    each = [took for one in passes for took in one.each]
    return Side(name, [took * 1e3 for took in each], each)
