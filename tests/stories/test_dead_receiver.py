"""R8: receivers that take connections and never answer change nothing for who reports."""

import statistics
import time
from pathlib import Path

import pytest

from tests.support.client import Client, bearing, until
from tests.support.place import Place
from tests.support.receivers import Notices
from tests.support.server import running
from tests.support.sink import black_hole, sink

pytestmark = pytest.mark.alone

REPORTS = 150
SLOWER_AT_MOST = 1.35
"""The middle of three rounds, each compared with the one before it: the machine may be busy with other things. One wait
for a receiver would be 10,000 ms."""


async def took(client: Client) -> float:
    """Return the middle of how long reports take, in milliseconds."""
    times = []
    for _ in range(REPORTS):
        began = time.perf_counter()
        assert (await client.report("noise")).status_code == 201
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def test_a_black_hole_slows_no_report_and_another_receiver_hears_of_all(
    place: Place, server_url: str, owner_url: str, tmp_path: Path
) -> None:
    await place.add_block(1, 1)
    await place.add_category("noise")
    token = await place.token("dispatcher")
    with (
        black_hole() as hole,
        sink() as well,
        running(server_url, owner_url, tmp_path, outgoing_private="127.0.0.1") as server,
    ):
        server.until_ready()
        async with Client(base_url=server.url, headers=bearing(token)) as client:
            notices = await Notices.of(place, client)
            await took(client)
            for there, label in ((well, "well"), *((hole, f"dead {n}") for n in range(3))):
                assert (await notices.add(there.url, label=label, events=["filed"])).status_code == 201
            alive, *dead = [
                row["id"] for row in sorted(await notices.rows(), key=lambda row: row["label"], reverse=True)
            ]
            with_, without = [], []
            for _ in range(3):
                for paused, into in ((True, without), (False, with_)):
                    for id_ in dead:
                        await notices.ask("PATCH", f"/receivers/{id_}", json={"paused": paused})
                    into.append(await took(client))
            print(f"POST p50 without {without} with {with_} ms")
            slower = [one / other for one, other in zip(with_, without, strict=True)]
            assert statistics.median(slower) < SLOWER_AT_MOST
            assert hole.opened >= 3

            async def all_told() -> bool:
                return (await notices.rows())[-1]["waiting"] == 0

            await until(all_told, 30)
            numbers = [got.headers["Wangge-Delivery"] for got in well.got]
            assert len(numbers) == len(set(numbers)) == 6 * REPORTS
            assert [int(number) for number in numbers] == sorted(map(int, numbers))
            assert alive
