"""The server's edge, on a real port: what comes over the wire, whom it believes, and what every answer carries."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from api import protocol
from api.settings import Settings
from data.tokens import TokenKind
from dispatch.passwords import hashed
from tests.support.client import bearing
from tests.support.hostile import FORMS, REQUESTS
from tests.support.place import Place
from tests.support.server import Listening, listening, streaming

WITHIN_S = 5.0
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.fixture
async def server(place: Place, settings: Settings) -> AsyncIterator[Listening]:
    """Lend a real server of a town of one square."""
    await place.add_block(1, 1)
    async with listening(settings) as lent:
        yield lent


async def spoken(server: Listening, sent: bytes, patience_s: float = 1.0) -> bytes:
    """Send bytes and return all that comes back until the server hangs up or falls silent."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    got = b""
    with suppress(ConnectionError, TimeoutError):
        writer.write(sent)
        async with asyncio.timeout(WITHIN_S):
            await writer.drain()
        while chunk := await asyncio.wait_for(reader.read(65_536), patience_s):
            got += chunk
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return got


def get(path: str = "/livez", **headers: str) -> bytes:
    """Write a request that asks to hang up after it."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{''.join(lines)}\r\n".encode()


def read(answer: bytes) -> tuple[int, str, dict[str, str]]:
    """Take an answer apart: status, body, headers."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
    return int(head.split()[1]), body.decode(), {name: value for name, _, value in lines}


async def test_whatever_comes_over_the_wire_no_answer_is_500_or_more_and_the_server_lives(
    server: Listening, place: Place
) -> None:
    assert len(REQUESTS) > 200
    token = await place.token("dispatcher")
    for what, sent in REQUESTS.items():
        began = time.perf_counter()
        answer = await spoken(server, sent)
        statuses = [int(one) for one in STATUS.findall(answer)]
        assert all(status < 500 for status in statuses), (what, answer[:500])
        assert answer or what.startswith(("no HTTP", "HTTP/0.9", "a method of")), what
        assert b"root:" not in answer and b"[project]" not in answer, what
        assert b"set-cookie: a=b" not in answer.lower(), what
        assert b"traceback" not in answer.lower(), what
        assert time.perf_counter() - began < WITHIN_S, what
    async with httpx2.AsyncClient(base_url=server.url, headers=bearing(token)) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/api/categories")).status_code == 200


async def test_whatever_form_is_sent_nobody_is_let_in_and_no_answer_is_500_or_more(server: Listening) -> None:
    async with httpx2.AsyncClient(base_url=server.url, headers={"origin": server.url}, timeout=20) as client:
        for what, (kind, content) in FORMS.items():
            answer = await client.post("/sign-in", content=content, headers={"content-type": kind})
            assert 400 <= answer.status_code < 500, (what, answer.status_code)
            assert "set-cookie" not in answer.headers, what
        assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (get("/" + "x" * 8192), 414, "url_too_long"),
        (b"GET /" + b"x" * 70_000, 414, "url_too_long"),
        (get(**{f"x{number}": "y" for number in range(99)}), 431, "headers_too_large"),
        (get(x="y" * 66_000), 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 1_000_000, 431, "headers_too_large"),
        (b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "malformed_request"),
        (get(host="y"), 400, "malformed_request"),
        (b"\x00", 400, "malformed_request"),
    ],
)
async def test_a_head_that_is_not_taken_is_refused_like_anything_else(
    server: Listening, sent: bytes, status: int, code: str
) -> None:
    got, body, headers = read(await spoken(server, sent))
    told: Any = httpx2.Response(200, content=body.encode()).json()
    assert (got, told["status"], told["code"]) == (status, status, code)
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["connection"] == "close"
    assert told["title"] not in ("", code)


@pytest.mark.parametrize(
    "sent",
    [
        get("/livez?" + "x" * 8000),
        get(**{f"x{number}": "y" for number in range(98)}),
        get(x="y" * 60_000),
        b"GET /livez HTTP/1.0\r\n\r\n",
    ],
)
async def test_what_is_large_but_sane_is_taken(server: Listening, sent: bytes) -> None:
    assert read(await spoken(server, sent))[0] == 200


async def test_a_refusal_of_the_head_is_in_the_reader_s_language(server: Listening) -> None:
    english = get("/livez", accept_language="en", **{f"x{number}": "y" for number in range(99)})
    assert "too many" in read(await spoken(server, english))[1]
    assert "过多" in read(await spoken(server, english.replace(b"accept-language: en", b"accept-language: zh")))[1]


async def test_many_requests_over_one_connection_are_each_counted_anew(server: Listening) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"
    answer = await spoken(server, one * 10)
    assert STATUS.findall(answer) == [b"200"] * 10
    async with httpx2.AsyncClient(base_url=server.url) as client:
        for _ in range(20):
            assert (await client.get("/livez", headers={"x": "y" * 20_000})).status_code == 200


async def test_who_does_not_get_on_with_a_head_is_hung_up_on_and_who_waits_for_an_answer_is_not(
    server: Listening, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.4)
    token = await place.token("dispatcher")
    began = time.perf_counter()
    assert await spoken(server, b"", patience_s=3) == b""
    assert await spoken(server, b"GET / HTTP/1.1\r\nHost: x\r\nX: ", patience_s=3) == b""
    after_one = get().replace(b"Connection: close\r\n", b"") + b"GET / HT"
    assert len(STATUS.findall(await spoken(server, after_one, patience_s=3))) == 1
    assert time.perf_counter() - began < 3
    async with streaming(server.url, token) as stream:
        await asyncio.sleep(1.2)
        assert not stream.ended


async def test_a_web_socket_is_not_opened(server: Listening) -> None:
    asked = get(
        "/api/live", connection="Upgrade", upgrade="websocket", sec_websocket_key="eA==", sec_websocket_version="13"
    )
    assert read(await spoken(server, asked.replace(b"Connection: close\r\n", b""), 0.5))[0] == 401


FORWARDED = {"x_forwarded_for": "203.0.113.7", "x_forwarded_proto": "https"}
HSTS = "strict-transport-security"


async def told_address(server: Listening, place: Place, **headers: str) -> str | None:
    """Sign in with nobody's login and return the address that the audit was told."""
    body = b"login=nobody&password=x"
    sent = get("/sign-in", origin="http://x", content_type="application/x-www-form-urlencoded", **headers)
    sent = sent.replace(b"GET", b"POST", 1).replace(
        b"\r\n\r\n", f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )
    assert read(await spoken(server, sent, patience_s=20))[0] == 403
    [row] = await place.run("SELECT address FROM audit WHERE action = 'sign_in_failed' ORDER BY id DESC LIMIT 1")
    address: str | None = row.address
    return address


@pytest.fixture(autouse=True)
def trusting_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set uvicorn's own variable, which must not count."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")


async def test_a_forwarding_is_believed_from_nobody_unless_a_proxy_is_named(server: Listening, place: Place) -> None:
    assert HSTS not in read(await spoken(server, get(**FORWARDED)))[2]
    assert await told_address(server, place, x_forwarded_for="203.0.113.7") == "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.0/8,::1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1,203.0.113.0/24", "198.51.100.9, 203.0.113.7", "198.51.100.9"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "unknown", None),
        ("192.0.2.1", "203.0.113.7", "127.0.0.1"),
    ],
)
async def test_a_named_proxy_is_believed_and_only_as_far_as_it_is_named(
    place: Place, settings: Settings, proxies: str, forwarded: str, address: str | None
) -> None:
    await place.add_block(1, 1)
    behind = Settings(**settings.model_dump() | {"trusted_proxies": proxies})
    async with listening(behind) as server:
        assert await told_address(server, place, x_forwarded_for=forwarded) == address


async def test_who_comes_from_an_address_that_nobody_knows_changes_the_own_password(
    place: Place, settings: Settings
) -> None:
    await place.add_block(1, 1)
    id_ = await place.add_account(("resident", None))
    old, new = "清晨 walks 7 dogs", "黄昏 walks 8 dogs"
    await place.run("UPDATE account SET password_hash = :hash WHERE id = :id", hash=await hashed(old), id=id_)
    headers = bearing(await place.token_of(id_, TokenKind.SESSION)) | {"X-Forwarded-For": "unknown"}
    behind = settings.model_copy(update={"trusted_proxies": "127.0.0.1"})
    async with (
        listening(behind) as server,
        httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=20) as client,
    ):
        wrong = await client.post("/api/me/password", json={"current": "no", "new": new})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
        right = await client.post("/api/me/password", json={"current": old, "new": new})
        assert (right.status_code, right.json()) == (200, {"changed": True})
    assert [row.address for row in await place.run("SELECT address FROM audit")] == [None, None]


@pytest.mark.parametrize("given", ["*", "localhost", "10.0.0.1/8", "127.0.0.1;::1", "proxy.example"])
def test_what_is_no_address_is_not_taken_for_a_proxy(settings: Settings, given: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(**settings.model_dump() | {"trusted_proxies": given})


async def test_what_came_by_tls_is_told_to_stay_there(place: Place, settings: Settings) -> None:
    await place.add_block(1, 1)
    behind = settings.model_copy(update={"trusted_proxies": "127.0.0.1"})
    async with listening(behind) as server:
        for path in ("/livez", "/sign-in", "/static/icon.svg", "/api/board", "/nothing"):
            headers = read(await spoken(server, get(path, **FORWARDED)))[2]
            assert headers[HSTS] == "max-age=31536000; includeSubDomains", path
            assert HSTS not in read(await spoken(server, get(path, x_forwarded_proto="http")))[2]
        foreign = get("/sign-in", origin="http://x", **FORWARDED).replace(b"GET", b"POST", 1)
        assert read(await spoken(server, foreign))[0] == 403


async def test_every_answer_keeps_other_sites_out(server: Listening) -> None:
    for path in ("/livez", "/sign-in", "/static/icon.svg", "/api/board", "/nothing"):
        headers = read(await spoken(server, get(path)))[2]
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=(self)" in headers["permissions-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
