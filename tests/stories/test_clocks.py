"""The clock of the machine a server runs on decides nothing: ten minutes fast or slow, every time is PostgreSQL's."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from data.place import free_port
from data.tokens import TokenKind
from tests.support.client import bearing, until
from tests.support.place import Place, middle

ROOT = Path(__file__).resolve().parents[2]
OFF = (timedelta(minutes=10), timedelta(minutes=-10))
SOON = timedelta(seconds=5)
OFFER = timedelta(seconds=2)
SERVER = (sys.executable, "-m", "tests.support.racing_server")
KEPT = """
    SELECT i.reported_at, i.deadline_at, t.offered_at, t.offer_expires_at, o.due_at AS offer_due, d.due_at AS deadline_due
    FROM incident i JOIN task t ON t.incident_id = i.id
    JOIN timer o ON o.task_id = t.id JOIN timer d ON d.incident_id = i.id AND d.kind = 'deadline'
    WHERE i.id = :id AND t.attempt_no = 1
"""


@asynccontextmanager
async def skewed(url: str) -> AsyncIterator[list[str]]:
    """Serve a database by two processes, one whose machine is ten minutes ahead and one whose is as much behind."""
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.fail("no faketime: ./wangge test installs it")
    ports = [free_port() for _ in OFF]
    started = [
        subprocess.Popen(  # noqa: ASYNC220
            [faketime, "-f", f"{off.total_seconds():+.0f}s", *SERVER, url, str(port)],
            cwd=ROOT,
            start_new_session=True,  # faketime starts the server as a process of its own
            env=os.environ | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"},
        )
        for off, port in zip(OFF, ports, strict=True)
    ]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        async with httpx2.AsyncClient(timeout=5) as client:

            async def ready(address: str) -> bool:
                try:
                    return (await client.get(f"{address}/readyz")).status_code == 200
                except httpx2.TransportError:
                    return False

            for address in addresses:
                await until(lambda address=address: ready(address), 60)
        yield addresses
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(10)


async def clock(place: Place) -> datetime:
    """Read PostgreSQL's clock."""
    [[now]] = await place.run("SELECT clock_timestamp()")
    moment: datetime = now
    return moment


async def session(place: Place, expires: timedelta) -> str:
    """Open a session that ends so long from now by PostgreSQL's clock."""
    token = await place.token_of(await place.add_account(("dispatcher", None)), TokenKind.SESSION)
    await place.run(
        "UPDATE access_token SET expires_at = clock_timestamp() + :left WHERE kind = 'session' AND expires_at > now()"
        " AND account_id = (SELECT account_id FROM access_token ORDER BY created_at DESC LIMIT 1)",
        left=expires,
    )
    return token


async def test_a_server_whose_clock_is_ten_minutes_off_changes_no_deadline_offer_timer_or_session(
    place: Place, server_url: str
) -> None:
    await place.add_block(2, 2)
    await place.add_category("noise", deadline_minutes=60, offer_seconds=OFFER.seconds)
    for n in range(8):
        await place.add_worker(f"W{n}", middle(0, 0.1 * n))
    centre = await place.token("dispatcher")
    good, gone = await session(place, timedelta(minutes=5)), await session(place, timedelta(minutes=-5))
    async with skewed(server_url) as addresses, httpx2.AsyncClient(timeout=10) as client:
        for address, off in zip(addresses, OFF, strict=True):
            await _keeps_time(place, client, address, (centre, off))
            assert (await client.get(f"{address}/api/board", headers=bearing(good))).status_code == 200
            assert (await client.get(f"{address}/api/board", headers=bearing(gone))).status_code == 401
            await _takes_and_refuses_given_times(place, client, address, centre)
        await _offers_run_out_in_time(place)


def _body(**given: Any) -> dict[str, Any]:
    lng, lat = middle(0, 0)
    return {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "吵"} | given


async def _keeps_time(place: Place, client: httpx2.AsyncClient, address: str, asked: tuple[str, timedelta]) -> None:
    token, off = asked
    before = await clock(place)
    answer = await client.post(f"{address}/api/incidents", json=_body(), headers=bearing(token))
    after = await clock(place)
    assert answer.status_code == 201, answer.text
    shown = parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)
    assert abs(shown - off) < SOON, "the server's own clock must be off, else nothing is tried"
    [row] = await place.run(KEPT, id=answer.json()["id"])
    assert before <= row.reported_at <= after
    assert before <= row.offered_at <= after
    assert row.deadline_at - row.reported_at == timedelta(minutes=60)
    assert row.offer_expires_at - row.offered_at == OFFER
    assert (row.deadline_due, row.offer_due) == (row.deadline_at, row.offer_expires_at)


async def _takes_and_refuses_given_times(place: Place, client: httpx2.AsyncClient, address: str, token: str) -> None:
    for ahead, status in ((timedelta(minutes=1), 201), (timedelta(minutes=5), 422), (timedelta(minutes=-30), 201)):
        given = (await clock(place)) + ahead
        body = _body(reported_at=given.isoformat())
        answer = await client.post(f"{address}/api/incidents", json=body, headers=bearing(token))
        assert answer.status_code == status, answer.text


async def _offers_run_out_in_time(place: Place) -> None:
    """Each first offer ends when it should, whichever of the two servers sees to it."""
    await asyncio.sleep(OFFER.total_seconds() + 1)
    ended = await place.run("""
        SELECT t.offer_expires_at, e.at FROM task t LEFT JOIN incident_event e ON e.task_id = t.id AND e.kind = 'expired'
        WHERE t.attempt_no = 1""")
    assert len(ended) == 6
    for row in ended:
        assert row.at is not None
        assert timedelta(0) <= row.at - row.offer_expires_at < timedelta(seconds=1)
