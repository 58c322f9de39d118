"""The guard of what leaves: what is public, what a name may have, that it is asked once and that nothing slips past."""

import http.client
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest
import requests

from api.outgoing_guard import Allowed, Guard, NotLetOutError, is_public
from tests.support.sink import sink

PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "2001:0:7f00:1::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "::7f00:1",
    "5f00::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "101.226.103.106",
    "172.32.0.1",
    "100.128.0.1",
    "11.0.0.1",
    "2400:3200::1",
    "2606:4700::1111",
]
MAPPED = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254"]


class Resolver:
    """Gives a name the addresses that are told, one answer after the other, and counts how often it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: Any, **_: Any) -> list[Any]:
        self.asked.append(host)
        found = self._answers[min(len(self.asked), len(self._answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in found]


def refused(guard: Guard, host: str) -> bool:
    with pytest.raises(OSError) as error:
        guard.look_up(host)
    return isinstance(error.value, NotLetOutError)


@pytest.mark.parametrize("address", [*PRIVATE, *MAPPED])
def test_what_is_nobody_s_on_the_internet_is_refused(address: str) -> None:
    assert refused(Guard(Allowed(), Resolver([address])), "name.example")
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_let_out(address: str) -> None:
    assert Guard(Allowed(), Resolver([address])).look_up("name.example") == [ip_address(address)]


@pytest.mark.parametrize(
    "writing", ["2130706433", "0177.0.0.1", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "localhost"]
)
def test_however_this_machine_is_written_it_is_refused(writing: str) -> None:
    guard = Guard(Allowed())
    assert refused(guard, writing)
    assert guard.trouble == "refused_address"


def test_a_name_that_has_a_private_address_beside_a_public_one_is_refused() -> None:
    for both in (["8.8.8.8", "127.0.0.1"], ["192.168.0.9", "8.8.8.8"]):
        assert refused(Guard(Allowed(), Resolver(both)), "both.example")


def test_a_name_is_looked_up_once_and_its_first_answer_holds() -> None:
    turning = Resolver(["8.8.8.8"], ["127.0.0.1"])
    guard = Guard(Allowed(), turning)
    assert [str(one) for one in guard.look_up("turns.example")] == ["8.8.8.8"]
    rows = guard.getaddrinfo("turns.example", 443)
    assert [row[4] for row in rows] == [("8.8.8.8", 443)]
    assert turning.asked == ["turns.example"]


def test_a_library_that_looks_up_again_gets_the_same_address_and_this_machine_is_not_reached() -> None:
    turning = Resolver(["192.0.2.77"], ["127.0.0.1"])
    guard = Guard(Allowed.read("192.0.2.0/24"), turning)
    with sink() as here, guard.in_force():
        for _ in range(2):
            connection = http.client.HTTPConnection("turns.example", here.port, timeout=0.2)
            with pytest.raises(OSError):
                connection.request("POST", "/")
    assert turning.asked == ["turns.example"]
    assert here.opened == 0


def test_what_was_not_looked_up_is_not_connected_to() -> None:
    guard = Guard(Allowed())
    with sink() as here, guard.in_force():
        for connect in ("connect", "connect_ex"):
            with socket.socket() as plain, pytest.raises(NotLetOutError):
                getattr(plain, connect)(("127.0.0.1", here.port))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loose, pytest.raises(NotLetOutError):
            loose.sendto(b"x", ("127.0.0.1", here.port))
        with socket.socket(socket.AF_UNIX) as local, pytest.raises(NotLetOutError):
            local.connect("/run/any.sock")
        with pytest.raises(requests.ConnectionError):
            requests.get(here.url, timeout=1)
    assert here.opened == 0
    assert guard.trouble == "refused_address"
    with sink() as again:
        assert requests.post(again.url, b"", timeout=1).ok, "the guard ends with its block"


@pytest.mark.parametrize(
    ("given", "host", "address", "lets"),
    [
        ("chat.town", "chat.town", "10.1.2.3", True),
        ("CHAT.town", "chat.TOWN", "10.1.2.3", True),
        ("chat.town", "evil.chat.town", "10.1.2.3", False),
        ("10.1.0.0/16", "any.example", "10.1.2.3", True),
        ("10.1.0.0/16", "any.example", "10.2.2.3", False),
        ("127.0.0.1", "any.example", "::ffff:127.0.0.1", True),
        ("fd00:1::/32", "any.example", "fd00:1::5", True),
        ("fd00:1::/32", "any.example", "fd00:2::5", False),
        ("", "chat.town", "10.1.2.3", False),
    ],
)
def test_a_town_s_own_hosts_and_networks_are_let_out_to(given: str, host: str, address: str, lets: bool) -> None:
    assert Allowed.read(given).lets(host, ip_address(address)) is lets


def test_a_name_that_there_is_not_is_told_apart_from_one_that_is_refused() -> None:
    def nobody(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    guard = Guard(Allowed(), nobody)
    assert not refused(guard, "nowhere.example")
    assert guard.trouble == "unresolved"
