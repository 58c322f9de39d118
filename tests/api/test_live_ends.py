"""How streams end: clients that do not read, keys that open nothing any more, a server that stops."""

import asyncio
import socket
import time
from pathlib import Path

import httpx2
import pytest

from api import hub as hubs
from api import protocol as protocols
from api import pulse as pulses
from api.hub import Hub, Message
from api.routes import live as lives
from data.person import anybody_with
from data.rights import Permission
from data.tokens import rights_for
from tests.support.client import bearing, until
from tests.support.place import Place
from tests.support.server import SERVE, Listening, running, streaming
from tests.support.staff import Staff

Served = tuple[Listening, Staff, str]


def push(hub: Hub, message: Message) -> None:
    """Hand one message to every open stream."""
    for _, streams in hub.groups():
        for stream in streams:
            stream.push([message])


async def nothing(*_: object) -> None:
    """Tell nobody anything."""


def test_a_client_that_does_not_read_is_cut_off_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "WAITING_AT_MOST", 3)
    hub, centre = Hub(), anybody_with(rights_for(Permission.INCIDENT_VIEW))
    slow, fast = hub.join(centre), hub.join(centre)

    async def run() -> tuple[list[Message | None], list[Message | None]]:
        read: list[Message | None] = []
        for number in range(6):
            push(hub, Message("incident", str(number)))
            read.append(await fast.next())
        return [await slow.next()], read

    cut, read = asyncio.run(run())
    assert cut == [None]
    assert [message and message.data for message in read] == list("012345")


class Deaf:
    """A raw socket that asks for a page and reads nothing of it."""

    def __init__(self, url: str, token: str, path: str = "/api/live") -> None:
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((host, int(port)))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())

    def dropped(self) -> bool:
        """Say whether the server has let the line go, without reading anything that came over it."""
        self._socket.settimeout(0)
        try:
            self._socket.send(b"\r\n")
        except (ConnectionResetError, BrokenPipeError):
            return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody fall behind for long."""
    assert protocols.WRITE_S == 10
    monkeypatch.setattr(protocols, "WRITE_S", 0.4)
    monkeypatch.setattr(hubs, "WAITING_AT_MOST", 20)


async def test_a_socket_that_never_reads_is_dropped_and_the_others_go_on(
    served: Served, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    server, staff, token = served
    await staff.open()
    bulk = Message("reload", '"' + "x" * 100_000 + '"')
    async with streaming(server.url, token) as other:
        await until(lambda: len(server.process.hub) == 1)
        deaf = await asyncio.to_thread(Deaf, server.url, token)
        try:
            await until(lambda: len(server.process.hub) == 2)
            for _ in range(150):
                push(server.process.hub, bulk)
                await asyncio.sleep(0.01)
            await until(lambda: len(server.process.hub) == 1, 3)
            await until(deaf.dropped, 3)
        finally:
            deaf.close()
        await other.until(150, "reload", seconds=10)
        assert not other.ended
    assert [record for record in caplog.records if record.levelname == "ERROR"] == [], "who does not read is no fault"


async def test_a_client_that_reads_slowly_but_steadily_is_not_dropped(served: Served, impatient: None) -> None:
    server, staff, token = served
    await staff.open()
    bulk, got = Message("reload", '"' + "x" * 16_000_000 + '"'), 0
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=131_072)
    writer.write(f"GET /api/live HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    await until(lambda: len(server.process.hub) == 1)
    push(server.process.hub, bulk)
    began = asyncio.get_running_loop().time()
    while got < 16_000_000:
        read = await reader.read(262_144)
        assert read, f"dropped after {got} bytes"
        got += len(read)
        await asyncio.sleep(0.025)
    assert asyncio.get_running_loop().time() - began > 3 * protocols.WRITE_S
    writer.close()


MANY = """
    INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat,
        given_datum, reporter, reported_at, filed_at, deadline_at)
    SELECT gen_random_uuid(), 'noise', 'governance', 'urgent', 'filed', repeat('长', 4000),
        st_setsrid(st_makepoint(118.305, 27.005), 4326), 0, 118.305, 27.005, 'wgs84', 'rules', now(), now(), now()
    FROM generate_series(1, 1000)"""


def test_the_server_that_wangge_serve_starts_drops_who_does_not_read(
    server_url: str, owner_url: str, place: Place, tmp_path: Path
) -> None:
    code = f"from api import protocol\nprotocol.WRITE_S = 0.4\n{SERVE}"

    async def run() -> None:
        token = await place.token("dispatcher")
        await place.add_block(1, 1)
        await place.add_category("noise")
        await place.run(MANY)
        with running(server_url, owner_url, tmp_path, code) as server:
            await asyncio.to_thread(server.until_ready)
            deaf = await asyncio.to_thread(Deaf, server.url, token, "/api/incidents?limit=1000")
            try:
                await until(deaf.dropped, 10)
            finally:
                deaf.close()

    asyncio.run(run())


@pytest.mark.parametrize("end", ["revoked_at = now()", "expires_at = now()"])
@pytest.mark.parametrize("busy", [False, True])
async def test_a_token_that_opens_nothing_any_more_keeps_no_stream(
    served: Served, monkeypatch: pytest.MonkeyPatch, end: str, busy: bool
) -> None:
    """A quiet stream asks with its keep-alive; one that is never quiet asks all the same."""
    assert lives.ASK_AGAIN_S <= 30
    monkeypatch.setattr(lives, "KEEP_ALIVE_S", 60 if busy else 0.1)
    monkeypatch.setattr(lives, "ASK_AGAIN_S", 0.3 if busy else 60)
    server, staff, good = served
    await staff.open()
    token = await staff.place.token("dispatcher")

    async def chatter() -> None:
        while True:
            push(server.process.hub, Message("figures", "{}"))
            await asyncio.sleep(0.02)

    chat = asyncio.create_task(chatter()) if busy else None
    if not busy:
        monkeypatch.setattr(pulses.Pulse, "beat", nothing)
    async with streaming(server.url, token) as stream, streaming(server.url, good) as other:
        await asyncio.sleep(1)
        assert not stream.ended
        await staff.place.run(f"UPDATE access_token SET {end} WHERE hash = sha256(:t)", t=token.encode())
        await stream.end(2)
        assert not other.ended
        await until(lambda: len(server.process.hub) == 1)
    if chat is not None:
        chat.cancel()


def test_a_server_with_an_open_stream_stops_within_three_seconds(
    server_url: str, owner_url: str, place: Place, tmp_path: Path
) -> None:
    async def run() -> tuple[float, bool]:
        token = await place.token("dispatcher")
        with running(server_url, owner_url, tmp_path) as server:
            await asyncio.to_thread(server.until_ready)
            async with streaming(server.url, token) as stream:
                await asyncio.sleep(0.2)
                began = time.monotonic()
                await asyncio.to_thread(server.stop)
                took = time.monotonic() - began
                await stream.end(1)
                assert server.process.returncode == 0, server.log.read_text()
                assert "Traceback" not in server.log.read_text()
                return took, stream.ended

    took, ended = asyncio.run(run())
    assert took < 3
    assert ended


async def test_a_stream_asks_who_is_there(served: Served) -> None:
    server, staff, _ = served
    await staff.open()
    for headers in ({}, bearing("nobody")):
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"{server.url}/api/live", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
