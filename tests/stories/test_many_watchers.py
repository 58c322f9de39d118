"""Sixty people watch: everybody sees every event, in order, soon; who comes back has missed nothing.

A thousand of them beside fifty who never read are part of `./wangge bench once`.
"""

import asyncio
import time
from contextlib import AsyncExitStack

import httpx2
import pytest

from api.settings import Settings
from tests.support.client import bearing, until
from tests.support.place import Place, middle
from tests.support.server import Stream, listening, streaming

pytestmark = pytest.mark.alone

VIEWERS, OF_ONE_ACCOUNT, EVENTS = 60, 20, 12
SEEN_WITHIN_S = 2.0


async def test_sixty_viewers_see_every_event_in_order_and_soon(place: Place, settings: Settings) -> None:
    await place.add_block(2, 2)
    await place.add_category("noise")
    await place.add_worker("W1", middle(0, 0), capacity=EVENTS)
    tokens = [await place.token("dispatcher") for _ in range(VIEWERS // OF_ONE_ACCOUNT)]
    async with listening(settings) as server, AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(streaming(server.url, tokens[row % len(tokens)]))
            for row in range(VIEWERS)
        ]
        ids, ended = await _report(server.url, tokens[0])
        await asyncio.gather(*(_until_seen(stream, ids) for stream in streams))
        took = time.monotonic() - ended
        assert [_first_seen(stream) for stream in streams] == [ids] * VIEWERS
        assert took < SEEN_WITHIN_S, f"the last viewer saw the last event after {took:.1f} s"
        assert len(server.process.hub) == VIEWERS


async def test_a_viewer_who_is_cut_off_in_the_middle_comes_back_to_what_it_missed(
    place: Place, settings: Settings
) -> None:
    await place.add_block(2, 2)
    await place.add_category("noise")
    token = await place.token("dispatcher")
    async with listening(settings) as server:
        async with streaming(server.url, token) as stream:
            before, _ = await _report(server.url, token, 5)
            await _until_seen(stream, before)
            last = stream.last_id
        missed, _ = await _report(server.url, token, 5)
        async with streaming(server.url, token, last=last) as stream:
            later, _ = await _report(server.url, token, 5)
            await _until_seen(stream, [*missed, *later])
            assert _first_seen(stream) == [*missed, *later]


async def _report(url: str, token: str, count: int = EVENTS) -> tuple[list[str], float]:
    """Report one after the other; return the ids in their order, and when the last was acknowledged."""
    ids = []
    async with httpx2.AsyncClient(base_url=url, headers=bearing(token), timeout=10) as client:
        for _ in range(count):
            lng, lat = middle(0, 0)
            body = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "吵"}
            answer = await client.post("/api/incidents", json=body)
            assert answer.status_code == 201, answer.text
            ids.append(str(answer.json()["id"]))
    return ids, time.monotonic()


async def _until_seen(stream: Stream, ids: list[str]) -> None:
    await until(lambda: set(ids) <= set(_first_seen(stream)), 10)


def _first_seen(stream: Stream) -> list[str]:
    return list(dict.fromkeys(one.data["id"] for one in stream.of("incident")))
