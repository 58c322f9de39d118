"""The live stream of a real server: what happens in B is heard in B, and nowhere else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest

from tests.support.client import bearing, until
from tests.support.server import Listening, Stream, streaming
from tests.support.two_towns import TwoTowns

pytestmark = pytest.mark.alone

OF_A = ("dispatcher A", "leader A", "worker A", "doctor A", "planner A", "chief A")
OF_B = ("dispatcher B", "leader B", "chief B", "health B", "tasked B")


def heard(stream: Stream) -> str:
    """Return all that came, as text."""
    return json.dumps([[one.event, one.data, one.id] for one in stream.sent], ensure_ascii=False).lower()


def marked(towns: TwoTowns, stream: Stream) -> list[str]:
    """Return which of B's marks are in what came."""
    text = heard(stream)
    return sorted(mark for mark in towns.foreign if mark in text)


async def until_heard(stream: Stream, event: str, count: int) -> None:
    """Wait until so many things were heard of; several changes of one may come as one message."""
    await until(lambda: len({one.data["id"] for one in stream.of(event)}) >= count, 10)


@asynccontextmanager
async def listeners(
    towns: TwoTowns, server: Listening, *names: str, last: str | None = None
) -> AsyncIterator[dict[str, Stream]]:
    """Let some people listen at once."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(streaming(server.url, towns.tokens[name], last=last))
            for name in names
        }


async def report(client: httpx2.AsyncClient, towns: TwoTowns, by: str, side: str, category: str = "noise") -> Any:
    lng, lat = towns.at(side)
    told = f"{'ZQA7' if side == 'A' else 'ZQB7'} incident7 {'gov7' if category == 'noise' else 'health7'}"
    body = {"lng": lng, "lat": lat, "datum": "wgs84", "category": category, "description": told}
    answer = await client.post("/api/incidents", json=body, headers=bearing(towns.tokens[by]))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def live_in_b(client: httpx2.AsyncClient, towns: TwoTowns) -> None:
    """Let everything happen in B that there is to hear: reports, a task's whole way, a closing, a phone that moves."""
    tasked, centre = bearing(towns.tokens["tasked B"]), bearing(towns.tokens["dispatcher B"])
    await report(client, towns, "resident B", "B")
    await report(client, towns, "resident B", "B", "fever")
    task = towns.ids["task B to answer offered"]
    for move, body in (("accept", {}), ("arrive", {}), ("finish", {"result": "done", "note": "ZQB7"})):
        assert (await client.post(f"/api/tasks/{task}/{move}", json=body, headers=tasked)).status_code == 200
    decline = f"/api/tasks/{towns.ids['task B declinable']}/decline"
    assert (await client.post(decline, json={"reason": "busy", "note": "ZQB7"}, headers=tasked)).status_code == 200
    close = f"/api/incidents/{towns.ids['incident B handled']}/close"
    assert (await client.post(close, json={"disposition": "resolved"}, headers=centre)).status_code == 200
    lng, lat = towns.at("B", 27.0066)
    moved = {"lng": lng, "lat": lat, "datum": "wgs84"}
    path = f"/api/workers/{towns.ids['worker tasked B']}/position"
    assert (await client.put(path, json=moved, headers=tasked)).status_code == 200


async def test_what_happens_in_b_is_heard_in_b_alone(towns: TwoTowns, server: Listening) -> None:
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=30) as client,
        listeners(towns, server, *OF_A, *OF_B) as streams,
    ):
        await asyncio.sleep(1.2)  # the first beat tells every map where everybody is
        figures = {name: stream.of("figures") for name, stream in streams.items()}
        await live_in_b(client, towns)
        own = await report(client, towns, "resident A", "A")
        for name in OF_B[:3]:
            await until_heard(streams[name], "incident", 5)
            await until(lambda s=streams[name]: "27.0066" in json.dumps([one.data for one in s.of("workers")]), 10)
            assert marked(towns, streams[name])
        await until_heard(streams["tasked B"], "task", 2)
        await streams["health B"].until(1, "incident", seconds=10)
        for name in ("dispatcher A", "leader A", "planner A", "chief A"):
            told = await streams[name].until(1, "incident", seconds=10)
            assert {one.data["id"] for one in told} == {own["id"]}
        await streams["worker A"].until(1, "task", seconds=10)
        await until(lambda: len(streams["dispatcher A"].of("figures")) > len(figures["dispatcher A"]), 5)

        for name in OF_A:
            assert marked(towns, streams[name]) == [], name
        assert streams["doctor A"].of("incident") == [], "another layer's"
        assert "gov7" not in heard(streams["health B"])
        assert {one.event for one in streams["tasked B"].sent} == {"task"}
        for name in ("dispatcher A", "leader A"):
            was, now = figures[name][-1].data, streams[name].of("figures")[-1].data
            assert now["open"] == was["open"] + 1, "counted is what one sees"
    counts = {name: len(stream.sent) for name, stream in streams.items()}
    print(f"\nmessages heard: {counts}; marks of B heard in A: 0")


async def test_who_comes_back_is_told_only_of_one_s_own(towns: TwoTowns, server: Listening) -> None:
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        board = await client.get("/api/board", headers=bearing(towns.tokens["dispatcher A"]))
        cursor = board.json()["cursor"]
        await live_in_b(client, towns)
        own = await report(client, towns, "resident A", "A")
        async with listeners(towns, server, *OF_A, *OF_B, last=cursor) as streams:
            for name in OF_B[:3]:
                await until_heard(streams[name], "incident", 5)
                assert marked(towns, streams[name])
            for name in ("dispatcher A", "leader A", "planner A", "chief A"):
                told = await streams[name].until(1, "incident", seconds=10)
                assert {one.data["id"] for one in told} == {own["id"]}
            await streams["worker A"].until(1, "task", seconds=10)
            await asyncio.sleep(1.2)
            for name in OF_A:
                assert marked(towns, streams[name]) == [], name
            assert "gov7" not in heard(streams["health B"])
        rows = await client.get("/api/board", headers=bearing(towns.tokens["dispatcher B"]))
        later = rows.json()["cursor"]
        async with listeners(towns, server, "dispatcher A", last=later) as streams:
            await report(client, towns, "resident B", "B")
            await report(client, towns, "resident A", "A")
            await streams["dispatcher A"].until(1, "incident")
            assert marked(towns, streams["dispatcher A"]) == [], "a cursor is not a key"


async def test_a_right_that_is_taken_ends_the_stream_and_no_other(towns: TwoTowns, server: Listening) -> None:
    taken = ("dispatcher B", "leader B", "chief B", "tasked B")
    staying = ("health B", "dispatcher A", "worker B")
    loop = asyncio.get_running_loop()
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=30) as client,
        listeners(towns, server, *taken, *staying) as streams,
    ):
        ids = {name: towns.ids[f"account {name}"] for name in taken}
        [held] = await towns.place.run("SELECT id FROM account_role WHERE account_id = :id", id=ids["leader B"])
        security, system = bearing(towns.tokens["security"]), bearing(towns.tokens["system"])

        async def by_a_statement() -> None:
            await towns.place.run("DELETE FROM account_role WHERE account_id = :id", id=ids["dispatcher B"])
            await towns.place.run(
                "INSERT INTO outbox (kind, subject_id, at) VALUES ('rights', :id, now())", id=ids["dispatcher B"]
            )

        acts = {
            "dispatcher B": by_a_statement,
            "leader B": lambda: client.delete(f"/api/accounts/{ids['leader B']}/roles/{held.id}", headers=security),
            "chief B": lambda: client.post(f"/api/accounts/{ids['chief B']}/lock", headers=system),
            "tasked B": lambda: client.post(f"/api/accounts/{ids['tasked B']}/password", headers=system),
        }
        took = {}
        for name, act in acts.items():
            answer = await act()
            assert answer is None or answer.status_code == 200, answer.text
            began = loop.time()
            await streams[name].end(2.0)
            took[name] = round(loop.time() - began, 2)
            assert not any(streams[other].ended for other in staying)
        print(f"\nseconds until a stream ended: {took}")
        await report(client, towns, "resident B", "B")
        await asyncio.sleep(0.3)
        for name in taken:
            refused = await client.get("/api/live", headers=bearing(towns.tokens[name]))
            assert refused.status_code in (401, 403), name
        await report(client, towns, "resident B", "B", "fever")
        await streams["health B"].until(1, "incident")
