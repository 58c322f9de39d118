"""Attempts to sign in, counted by account and by address; neither is kept in the clear."""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("login_hash", LargeBinary, nullable=False),
    Column("address_hash", LargeBinary, nullable=False),
    moment("at"),
    Index("sign_in_attempt_login_idx", "login_hash", "at"),
    Index("sign_in_attempt_address_idx", "address_hash", "at"),
)

WINDOW_MINUTES = 15
PER_LOGIN, PER_ADDRESS = 5, 30  # docs/sources.md#signing-in
LOCK_OF_A_LOGIN, LOCK_OF_AN_ADDRESS = 7301, 7302

ONE_CUSTOMER = 64
"""Bits that the addresses of one IPv6 customer share; the rest is theirs to choose."""

LOCK = text("SELECT pg_advisory_xact_lock(:kind, :key)")
WAIT = text("""
    SELECT (SELECT ceil(extract(epoch FROM at - w.since))::int FROM sign_in_attempt
            WHERE login_hash = :login AND at > w.since ORDER BY at DESC OFFSET :per_login LIMIT 1) AS for_login,
           (SELECT ceil(extract(epoch FROM at - w.since))::int FROM sign_in_attempt
            WHERE address_hash = :address AND at > w.since ORDER BY at DESC OFFSET :per_address LIMIT 1) AS for_address
    FROM (SELECT clock_timestamp() - make_interval(mins => :minutes) AS since OFFSET 0) w
""")
INSERT = text("""
    INSERT INTO sign_in_attempt (login_hash, address_hash, at) VALUES (:login, :address, clock_timestamp())
""")
TELL = text("""
    INSERT INTO sign_in_attempt (login_hash, address_hash, at)
    SELECT :told, '', clock_timestamp() WHERE NOT EXISTS (
        SELECT FROM sign_in_attempt
        WHERE login_hash = :told AND at > clock_timestamp() - make_interval(mins => :minutes))
    RETURNING true
""")
CLEAR = text("DELETE FROM sign_in_attempt WHERE login_hash = :login")
FORGET = text("DELETE FROM sign_in_attempt WHERE at < clock_timestamp() - make_interval(mins => :minutes)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """No further try until so many seconds have passed; `first` when nobody was told so within the window before."""

    retry_after_s: int
    first: bool


class Attempts:
    """Statements on attempts. One that is still being checked counts as failed until it has succeeded."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def reserve(self, login: str, address: str | None) -> Refusal | None:
        """Count an attempt before it is made; None lets it go on.

        Attempts of one login, and those from one address, wait for each other until the transaction ends: however
        many come at once, no more than `PER_LOGIN` and `PER_ADDRESS` go on within the window.
        """
        place = neighbourhood(address)
        by = {"login": hash_of("login", login), "address": hash_of("address", place)}
        for kind, hash_ in ((LOCK_OF_A_LOGIN, by["login"]), (LOCK_OF_AN_ADDRESS, by["address"])):
            await self._connection.execute(LOCK, {"kind": kind, "key": int.from_bytes(hash_[:4], signed=True)})
        limits = {"per_login": PER_LOGIN - 1, "per_address": PER_ADDRESS - 1, "minutes": WINDOW_MINUTES}
        wait = (await self._connection.execute(WAIT, by | limits)).one()
        if wait.for_login is None and wait.for_address is None:
            await self._connection.execute(INSERT, by)
            return None
        told = hash_of("told", place if wait.for_address is not None else login)
        first = (await self._connection.execute(TELL, {"told": told, "minutes": WINDOW_MINUTES})).first() is not None
        return Refusal(max(wait.for_login or 1, wait.for_address or 1), first)

    async def clear(self, login: str) -> None:
        """Forget a login's failures: it has succeeded."""
        await self._connection.execute(CLEAR, {"login": hash_of("login", login)})

    async def forget(self) -> None:
        """Drop what no longer counts."""
        await self._connection.execute(FORGET, {"minutes": WINDOW_MINUTES})


def neighbourhood(address: str | None) -> str:
    """Return what stands for a caller's address when tries are counted: an IPv6 address counts with its network."""
    found = ip_address(address) if address else None
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), ONE_CUSTOMER), strict=False))


def hash_of(what: str, given: str) -> bytes:
    """Hash a login or an address, so that it is kept nowhere in the clear."""
    return hashlib.blake2b(given.encode("utf-8", "surrogatepass"), digest_size=32, person=what.encode()).digest()
