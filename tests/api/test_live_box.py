"""A stream that says which box of the map it looks at hears of moves within it, into it and out of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.client import bearing, until
from tests.support.place import middle
from tests.support.server import Listening, streaming
from tests.support.staff import Staff

Served = tuple[Listening, Staff, str]
EARTH = "-180,-90,180,90"


def around(x: int, y: int) -> str:
    lng, lat = middle(x, y)
    return f"{lng - 0.001},{lat - 0.001},{lng + 0.001},{lat + 0.001}"


def told(stream: Any) -> list[tuple[str, str]]:
    """Return who was told of, with the state, in the order of telling."""
    return [(row["id"], row["state"]) for sent in stream.of("workers") for row in sent.data]


async def go(staff: Staff, code: str, at: tuple[float, float]) -> None:
    fix = {"worker": str(staff.ids[code]), "lng": at[0], "lat": at[1], "datum": "wgs84"}
    fix |= {"fixed_at": datetime.now(UTC).isoformat()}
    answer = await staff.client.post("/api/positions", json={"positions": [fix]})
    assert answer.json()["kept"] == 1, answer.text


async def beaten(server: Listening) -> None:
    """Wait until two beats have passed: what had happened before is told."""
    for _ in range(2):
        before = server.process.pulse._sight
        await until(lambda before=before: server.process.pulse._sight is not before)
    await asyncio.sleep(0.1)


async def test_a_stream_with_a_box_hears_of_moves_within_into_and_out_of_it_and_of_no_others(served: Served) -> None:
    server, staff, token = served
    for code, at in (("in", (0, 0)), ("out", (2, 1)), ("comes", (2, 0)), ("goes", (0, 0))):
        await staff.hire(code, middle(*at))
    await staff.open()
    ids = {str(id_): code for code, id_ in staff.ids.items()}
    async with streaming(server.url, token, box=around(0, 0)) as near, streaming(server.url, token) as all_:
        await near.until(1, "workers")
        await all_.until(1, "workers")
        assert {ids[id_] for id_, _ in told(near)} == {"in", "goes"}
        assert {ids[id_] for id_, _ in told(all_)} == set(staff.ids)
        first, first_of_all = len(told(near)), len(told(all_))
        lng, lat = middle(0, 0)
        await go(staff, "in", (lng + 0.0002, lat))
        await go(staff, "out", middle(1, 1))
        await go(staff, "comes", (lng, lat))
        await go(staff, "goes", middle(1, 0))
        await beaten(server)
        assert sorted(ids[id_] for id_, _ in told(near)[first:]) == ["comes", "goes", "in"]
        assert sorted(ids[id_] for id_, _ in told(all_)[first_of_all:]) == sorted(staff.ids)
        where = {row["id"]: row["lng"] for sent in near.of("workers") for row in sent.data}
        assert where[str(staff.ids["goes"])] == middle(1, 0)[0]
        again = len(told(near))
        await go(staff, "goes", middle(2, 0))
        await beaten(server)
        assert told(near)[again:] == [], "who left is followed no farther"


async def test_a_change_of_state_is_told_wherever_it_is(served: Served) -> None:
    server, staff, token = served
    far = await staff.hire("W1", middle(2, 1))
    await staff.open()
    async with streaming(server.url, token, box=around(0, 0)) as near:
        [first] = await near.until(1, "workers")
        assert first.data == [], "the first says who is there, nobody too"
        await staff.client.report("noise", at=middle(2, 1))
        await until(lambda: (str(far), "busy") in told(near))


async def test_who_comes_back_with_another_box_is_told_first_who_is_in_it(served: Served) -> None:
    server, staff, token = served
    for code, at in (("W1", (0, 0)), ("W2", (2, 1))):
        await staff.hire(code, middle(*at))
    await staff.open()
    async with streaming(server.url, token) as watching:
        await watching.until(1, "workers")
        for box, code in ((around(0, 0), "W1"), (around(2, 1), "W2")):
            async with streaming(server.url, token, box=box) as near:
                [sent] = await near.until(1, "workers")
                assert [row["id"] for row in sent.data] == [str(staff.ids[code])]


async def test_nobody_sees_more_by_a_box(served: Served) -> None:
    server, staff, _ = served
    home, away = list(staff.place.areas)[-2:]
    own = await staff.hire("W1", middle(0, 0), home=home)
    await staff.hire("W2", middle(0, 0), home=away)
    await staff.open()
    leader = await staff.place.token_of(await staff.place.add_account(("grid_leader", home)))
    async with (
        streaming(server.url, leader, box=EARTH) as one,
        streaming(server.url, staff.tokens["W1"], box=EARTH) as two,
    ):
        await one.until(1, "workers")
        for code in ("W1", "W2"):
            await go(staff, code, middle(1, 1))
        await beaten(server)
        assert {id_ for id_, _ in told(one)} == {str(own)}
        assert len(told(one)) == 2
        assert two.sent == [], "without incident.view no positions at all"


@pytest.mark.parametrize(
    "box", ["", "x", "27,118.3,27.1,118.4", "118,28,119,27", "nan,nan,nan,nan", "-181,0,0,0", "1,2,3"]
)
async def test_a_box_that_is_none_is_refused(served: Served, box: str) -> None:
    server, _, token = served
    async with httpx2.AsyncClient(headers=bearing(token)) as client:
        answer = await client.get(f"{server.url}/api/live", params={"box": box})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [{"field": "box", "problem": "no_box"}]


async def test_a_worker_who_is_hired_meanwhile_is_told_and_the_others_are_not_again(served: Served) -> None:
    server, staff, token = served
    await staff.hire("W5", middle(0, 0), age=timedelta(seconds=1))
    await staff.open()
    async with streaming(server.url, token) as stream:
        await stream.until(1, "workers")
        hired = await staff.hire("W1", middle(0, 0))
        server.process.store.bell.ring()
        await until(lambda: str(hired) in [id_ for id_, _ in told(stream)])
        await beaten(server)
        assert [id_ for id_, _ in told(stream)[:2]] == [str(staff.ids["W5"]), str(hired)]
        assert str(staff.ids["W5"]) not in [id_ for id_, _ in told(stream)[1:]]
