"""The guard of what leaves: a name is looked up once, only public addresses are connected to, and only those it gave.

It takes the place of Python's own look-up and connect in a process that does nothing but send, so that it holds for
every library in it. What a library asks to connect to later, by whatever way, must be an address that was let through.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

Address = IPv4Address | IPv6Address
Lookup = Callable[..., list[Any]]
GLOBAL_UNICAST = IPv6Network("2000::/3")
CARRIES_ANOTHER = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Teredo and 6to4: an IPv4 address inside, which may be anybody's."""
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


@contextmanager
def replaced(*places: tuple[Any, str, Any]) -> Iterator[None]:
    """Put other things in these places: owner, name, what."""
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, ours in places:
        setattr(owner, name, ours)
    try:
        yield
    finally:
        for owner, name, theirs in originals:
            setattr(owner, name, theirs)


class NotLetOutError(OSError):
    """An address that nothing is sent to."""


def is_public(address: Address) -> bool:
    """Say whether an address is somebody's on the internet, and not this machine's, this network's or many's."""
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    carries = any(address in network for network in CARRIES_ANOTHER)
    return address in GLOBAL_UNICAST and address.is_global and not carries


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts and networks of the town's own to which notices may go all the same."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, given: str) -> "Allowed":
        """Read names, addresses and networks, by commas."""
        hosts, networks = set(), []
        for part in filter(None, (part.strip().lower() for part in given.split(","))):
            try:
                networks.append(ip_network(part))
            except ValueError:
                hosts.add(part)
        return cls(frozenset(hosts), tuple(networks))

    def lets(self, host: str, address: Address) -> bool:
        """Say whether an address that a host has may be connected to."""
        plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
        return host.lower() in self.hosts or any(plain in one for one in self.networks) or is_public(plain)


class Guard:
    """Looks names up, once each, and lets out only to what it found. `trouble` is the code of what went wrong last."""

    def __init__(self, allowed: Allowed, lookup: Lookup = socket.getaddrinfo) -> None:
        self._allowed, self._lookup = allowed, lookup
        self._known: dict[str, list[Address]] = {}
        self._let_out: set[Address] = set()
        self.trouble: str | None = None

    def look_up(self, host: str) -> list[Address]:
        """Return the addresses of a host; the same ones every time.

        Raises
        ------
        NotLetOutError
            If one of them is not public and not the town's own.
        OSError
            If there are none.
        """
        if host not in self._known:
            self._known[host] = self._found(host)
            self._let_out.update(self._known[host])
        return self._known[host]

    def _found(self, host: str) -> list[Address]:
        try:
            rows = self._lookup(host, None, type=socket.SOCK_STREAM)
            found = [ip_address(row[4][0].partition("%")[0]) for row in rows]
        except (OSError, ValueError):
            self.trouble = "unresolved"
            raise socket.gaierror(socket.EAI_NONAME, "unresolved") from None
        if not found or not all(self._allowed.lets(host, one) for one in found):
            self.trouble = "refused_address"
            raise NotLetOutError("refused")
        return list(dict.fromkeys(found))

    def getaddrinfo(self, host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, **_: Any) -> Any:
        """Stand in for `socket.getaddrinfo`; arguments and rows as there."""
        name = host.decode() if isinstance(host, bytes) else str(host)
        return [
            (FAMILIES[one.version], type or socket.SOCK_STREAM, proto, "", _sockaddr(one, int(port or 0)))
            for one in self.look_up(name)
            if family in (0, FAMILIES[one.version])
        ]

    def check(self, address: Any) -> None:
        """Refuse to connect to what was not let out.

        Raises
        ------
        NotLetOutError
            If `address` is no internet address or was not found by `look_up`.
        """
        with suppress(ValueError, TypeError, IndexError):
            if ip_address(address[0]) in self._let_out:
                return
        self.trouble = "refused_address"
        raise NotLetOutError("refused")

    def note(self, error: BaseException) -> None:
        """Keep why a connection failed, unless a graver reason is known."""
        if self.trouble not in ("refused_address", "unresolved"):
            self.trouble = code_of(error)

    def in_force(self) -> AbstractContextManager[None]:
        """Put the guard in place of Python's own look-up and connect, in the whole process."""
        return replaced(
            (socket, "getaddrinfo", self.getaddrinfo),
            (socket, "getfqdn", lambda name="": "localhost"),  # neither looked up nor told to a mail server
            (socket.socket, "connect", self._checked(socket.socket.connect)),
            (socket.socket, "connect_ex", self._checked(socket.socket.connect_ex)),
            (socket.socket, "sendto", self._never),
            (ssl.SSLContext, "wrap_socket", self._noting(ssl.SSLContext.wrap_socket)),
        )

    def _checked(self, original: Any) -> Any:
        def connect(sock: Any, address: Any) -> Any:
            self.check(address)
            return self._noting(original)(sock, address)

        return connect

    def _noting(self, original: Any) -> Any:
        def noting(*given: Any, **named: Any) -> Any:
            try:
                return original(*given, **named)
            except OSError as error:
                self.note(error)
                raise

        return noting

    def _never(self, *_: Any) -> None:
        self.check(None)


def code_of(error: BaseException) -> str:
    """Return the code for why something could not be sent."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        return "tls"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "no_connection" if isinstance(error, OSError) else "unknown"


def _sockaddr(address: Address, port: int) -> tuple[Any, ...]:
    return (str(address), port) if address.version == 4 else (str(address), port, 0, 0)
