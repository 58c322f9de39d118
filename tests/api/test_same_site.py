"""A change by cookie: only from a page of this server, and only when the browser says so."""

from typing import Any

import pytest
from fastapi import Request
from pydantic import SecretStr

from api.errors import DoorError
from api.same_site import check_same_site, cookie_name
from api.settings import Settings

URL = SecretStr("postgresql+asyncpg://nobody@localhost/none")


def asked(scheme: str = "http", method: str = "POST", **headers: str) -> Request:
    """Make a request to the host `town.example` unless another is named."""
    named = {"host": "town.example"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "scheme": scheme, "path": "/", "headers": raw}
    return Request(scope | {"query_string": b""})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://town.example"},
        {"origin": "https://town.example"},
        {"origin": "HTTPS://Town.Example"},
        {"origin": "https://town.example", "host": "TOWN.example:443"},
        {"origin": "http://town.example", "host": "town.example:80"},
        {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"},
        {"origin": "http://[::1]:8000", "host": "[::1]:8000"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://town.example", "sec_fetch_site": "same-origin"},
    ],
)
def test_our_own_page_may_change(headers: dict[str, str]) -> None:
    check_same_site(asked(**headers), by_cookie=True)


FOREIGN = [
    {},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "town.example"},
    {"origin": "https://"},
    {"origin": "http://[::1"},
    {"origin": "\xff"},
    {"origin": "http://town.example.evil.example"},
    {"origin": "http://evil.example/town.example"},
    {"origin": "http://evil@town.example"},
    {"origin": "http://town.example:81"},
    {"origin": "http://town.example:443"},
    {"origin": "https://town.example:80"},
    {"origin": "ftp://town.example"},
    {"origin": "http://town.example", "sec_fetch_site": "cross-site"},
    {"origin": "http://town.example", "sec_fetch_site": "same-site"},
    {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": ""},
    {"sec_fetch_site": "SAME-ORIGIN"},
    {"referer": "http://town.example/"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nobody_else_may_nor_who_does_not_say(headers: dict[str, str], method: str) -> None:
    with pytest.raises(DoorError) as refused:
        check_same_site(asked(method=method, **headers), by_cookie=True)
    assert (refused.value.status, refused.value.code) == (403, "cross_site")


@pytest.mark.parametrize("headers", FOREIGN)
def test_reading_and_who_shows_a_token_is_not_asked(headers: dict[str, str]) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        check_same_site(asked(method=method, **headers), by_cookie=True)
    check_same_site(asked(**headers), by_cookie=False)


def test_a_page_by_plain_http_may_not_change_what_is_reached_by_tls() -> None:
    check_same_site(asked("https", origin="https://town.example"), by_cookie=True)
    with pytest.raises(DoorError):
        check_same_site(asked("https", origin="http://town.example"), by_cookie=True)


def test_with_secure_cookies_the_cookie_is_bound_to_the_host() -> None:
    assert cookie_name(Settings(database_url=URL)) == "wangge_key"
    assert cookie_name(Settings(database_url=URL, secure_cookies=True)) == "__Host-wangge_key"
