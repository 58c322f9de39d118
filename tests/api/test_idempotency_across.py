"""One key at two servers at once: whoever is asked, there is one incident and one answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from api.settings import Settings
from tests.support.client import bearing, kept
from tests.support.place import Place, middle
from tests.support.server import listening

AT_ONCE = 50


@pytest.fixture
async def two(place: Place, settings: Settings) -> AsyncIterator[list[httpx2.AsyncClient]]:
    """Lend a client of each of two servers before one database."""
    await place.add_block(2, 2)
    await place.add_category("noise")
    await place.add_worker("W1", middle(0, 0), capacity=AT_ONCE)
    asking = bearing(await place.token("dispatcher"))
    async with (
        listening(settings) as one,
        listening(settings) as other,
        httpx2.AsyncClient(base_url=one.url, headers=asking, timeout=20) as first,
        httpx2.AsyncClient(base_url=other.url, headers=asking, timeout=20) as second,
    ):
        yield [first, second]


async def report(client: httpx2.AsyncClient, key: str, **given: Any) -> httpx2.Response:
    """Report under a key."""
    lng, lat = middle(0, 0)
    body = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "吵"} | given
    return await client.post("/api/incidents", json=body, headers={"Idempotency-Key": key})


async def counted(place: Place) -> tuple[int, int, int]:
    """Count incidents, tasks and the load of all workers."""
    [row] = await place.run("""
        SELECT (SELECT count(*) FROM incident) AS incidents, (SELECT count(*) FROM task) AS tasks,
               (SELECT sum(active_tasks) FROM worker) AS load""")
    return row.incidents, row.tasks, row.load


async def test_fifty_at_once_at_two_servers_under_one_key_make_one_incident(
    place: Place, two: list[httpx2.AsyncClient]
) -> None:
    answers = await asyncio.gather(*(report(two[n % 2], "storm") for n in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({kept(answer) for answer in answers}) == 1
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == AT_ONCE - 1
    assert await counted(place) == (1, 1, 1)


async def test_another_body_under_the_same_key_is_refused_by_the_other_server_too(
    place: Place, two: list[httpx2.AsyncClient]
) -> None:
    first = await report(two[0], "k")
    other = await report(two[1], "k", description="另一处")
    again = await report(two[1], "k")
    assert (first.status_code, other.status_code, again.status_code) == (201, 422, 201)
    assert other.json()["code"] == "idempotency_key_reused"
    assert kept(again) == kept(first)
    assert await counted(place) == (1, 1, 1)


async def test_of_two_bodies_that_race_under_one_key_one_is_taken_and_the_other_refused(
    place: Place, two: list[httpx2.AsyncClient]
) -> None:
    answers = await asyncio.gather(*(report(two[n % 2], "k", description=f"第{n % 2}处") for n in range(20)))
    taken = {kept(answer) for answer in answers if answer.status_code == 201}
    assert len(taken) == 1
    assert {answer.status_code for answer in answers} == {201, 422}
    assert await counted(place) == (1, 1, 1)
