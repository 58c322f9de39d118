"""Tiles kept in the server: as fast as looking up, never older than the ground, never another's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from api.settings import Settings
from api.tile_cache import OF_AN_ENTRY, TileCache
from data import tiles as drawing
from data.person import anybody_with
from data.rights import Rights
from data.store import Store
from tests.support.cells import tile_of
from tests.support.client import Client, bearing, serving
from tests.support.mvt import layers_of
from tests.support.place import Place, middle
from tests.support.staff import Staff

RENAME = "UPDATE grid SET name = '新名' WHERE code = 'G00'"
SAID = "INSERT INTO outbox (kind, at) VALUES ('ground', now())"
TOWNWIDE = anybody_with(Rights({"ground.view": ("",)}))
PATH = "/tiles/grids/{}/{}/{}".format(12, *tile_of(12, *middle(0, 0)))
AT = (12, *tile_of(12, *middle(0, 0)))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """List every tile that is really drawn."""
    told: list[tuple[str, Any]] = []
    draw = drawing.tile

    async def told_of(connection: Any, layer: str, at: Any, shown: str) -> bytes:
        told.append((layer, at))
        return await draw(connection, layer, at, shown)

    monkeypatch.setattr(drawing, "tile", told_of)
    return told


@pytest.fixture
async def other(place: Place, settings: Settings) -> AsyncIterator[Client]:
    """Lend a client of a second process that serves the same town."""
    async with serving(settings, await place.token("dispatcher")) as lent:
        yield lent


def codes(content: bytes) -> dict[str, str]:
    return {feature["code"]: feature["name"] for layer in layers_of(content) for feature in layer.features}


async def test_a_tile_is_drawn_once_for_all_of_equal_rights(staff: Staff, drawn: list[Any]) -> None:
    await staff.open()
    first = await staff.client.get(PATH)
    again = await staff.client.get(PATH, headers=bearing(await staff.place.token("dispatcher")))
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert len(codes(first.content)) == 6
    same = await staff.client.get(PATH, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert len(drawn) == 1


async def test_every_process_shows_a_change_at_once(staff: Staff, other: Client, drawn: list[Any]) -> None:
    await staff.open()
    for client in (staff.client, other):
        assert codes((await client.get(PATH)).content)["G00"] == "G00网格"
    async with staff.place.engine.begin() as connection:  # neither process has been woken when this commits
        await connection.execute(text(RENAME))
        await connection.execute(text(SAID))
    for client in (staff.client, other):
        assert codes((await client.get(PATH)).content)["G00"] == "新名"
    assert len(drawn) == 4


async def test_a_change_that_began_earlier_and_is_committed_later_is_seen_too(staff: Staff, drawn: list[Any]) -> None:
    await staff.open()
    async with staff.place.engine.begin() as earlier:
        await earlier.execute(text(SAID))
        await earlier.execute(text(RENAME))
        await staff.place.run(SAID)
        assert codes((await staff.client.get(PATH)).content)["G00"] == "G00网格"
    assert codes((await staff.client.get(PATH)).content)["G00"] == "新名"
    assert len(drawn) == 2


async def test_a_grid_comes_into_force_and_ends_without_anybody_s_doing(place: Place, store: Store) -> None:
    await place.add_block(2, 1)
    kept = TileCache(store)
    await place.run("UPDATE grid SET valid = tstzrange(lower(valid), now() + interval '1 second') WHERE code = 'G00'")
    assert set(codes((await kept.tile(TOWNWIDE, "grids", AT)).content)) == {"G00", "G10"}
    await asyncio.sleep(1.1)
    assert set(codes((await kept.tile(TOWNWIDE, "grids", AT)).content)) == {"G10"}


async def test_people_of_different_rights_share_no_tile(staff: Staff, drawn: list[Any]) -> None:
    await staff.place.add_area("C2")
    await staff.open()
    whole = bearing(await staff.place.token("dispatcher"))
    of_one = bearing(await staff.place.token("worker", area_code="G00"))
    of_other = bearing(await staff.place.token("worker", area_code="G10"))
    resident = bearing(await staff.place.token("resident"))
    for _ in range(2):
        answers = [(await staff.client.get(PATH, headers=one)) for one in (whole, of_one, of_other, resident)]
        assert [sorted(codes(answer.content)) for answer in answers[1:]] == [["G00"], ["G10"], []]
        assert len(codes(answers[0].content)) == 6
    tag = {"if-none-match": answers[0].headers["etag"]}
    assert codes((await staff.client.get(PATH, headers=of_one | tag)).content) == {"G00": "G00网格"}
    assert len(drawn) == 4


async def test_a_grid_of_one_s_own_matter_is_shown_to_nobody_else_of_equal_rights(staff: Staff) -> None:
    await staff.open()
    reporter, stranger = bearing(await staff.place.token("resident")), bearing(await staff.place.token("resident"))
    assert (await staff.client.get(PATH, headers=reporter)).status_code == 204
    answer = await staff.client.report(token=reporter["Authorization"].removeprefix("Bearer "))
    assert answer.status_code == 201, answer.text
    for _ in range(2):
        assert set(codes((await staff.client.get(PATH, headers=reporter)).content)) == {"G00"}
        assert (await staff.client.get(PATH, headers=stranger)).status_code == 204


async def test_what_everybody_sees_is_kept_once_for_all(staff: Staff, drawn: list[Any]) -> None:
    await staff.open()
    path = PATH.replace("grids", "streets")
    for role in ("resident", "dispatcher", "worker"):
        assert (await staff.client.get(path, headers=bearing(await staff.place.token(role)))).status_code == 204
    assert drawn == [("streets", AT)]
    assert (await staff.client.get(path, headers={"authorization": "Bearer nobody"})).status_code == 401


async def test_what_was_asked_for_least_lately_goes_first(place: Place, store: Store, drawn: list[Any]) -> None:
    await place.add_block(2, 1)
    size = len((await TileCache(store).tile(TOWNWIDE, "grids", AT)).content) + OF_AN_ENTRY
    kept = TileCache(store, 2 * size + OF_AN_ENTRY)
    drawn.clear()
    wider = (11, AT[1] // 2, AT[2] // 2)
    for at in (AT, wider, AT, (12, 0, 0), (12, 0, 1), AT):
        await kept.tile(TOWNWIDE, "grids", at)
        assert kept.bytes <= 2 * size + OF_AN_ENTRY
    assert [at for _, at in drawn] == [AT, wider, (12, 0, 0), (12, 0, 1)]
    assert kept.bytes == size + 2 * OF_AN_ENTRY
    await kept.tile(TOWNWIDE, "grids", wider)
    assert [at for _, at in drawn][-1] == wider
    assert len(kept) <= 4
