"""Passwords: kept as argon2id hashes only, checked off the event loop, at most two at once."""

import asyncio
import secrets
import string
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatch.errors import BusyError

PASSES, MEMORY_KIB, LANES = 3, 65_536, 4  # docs/sources.md#argon2
AT_ONCE = 2
WAITING_AT_MOST = 100
AT_LEAST = 10
AT_MOST = 200
LEAST_KINDS = 4
COMMON = """
0123456789 1234567890 12345678910 123456789a 1234567891 1234554321 0987654321 9876543210 a123456789 aa123456789
q123456789 qq123456789 abc123456789 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456 asdfghjkl123
password123 password1234 passw0rd123 p@ssw0rd123 iloveyou123 welcome123 letmein123 changeme123 administrator
admin12345 admin123456 root123456 woaini1314 woaini1314520 woaini521 5201314520 wangge12345 wangge123456
"""
"""Long enough, and still among the first that anybody tries."""

FIGURES = string.digits + string.punctuation
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, IN_A_GROUP = 3, 6
"""18 of 31 letters that nobody takes for another: 89 bits."""

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_nobody = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${'A' * 22}${'A' * 43}"
"""As dear to check as any hash, and matched by nothing."""

_pair = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
_places = threading.Semaphore(WAITING_AT_MOST)


@contextmanager
def place() -> Iterator[None]:
    """Hold one of `WAITING_AT_MOST` places for strangers who bring a password.

    Raises
    ------
    BusyError
        All are taken.
    """
    if not _places.acquire(blocking=False):
        raise BusyError
    try:
        yield
    finally:
        _places.release()


async def hashed(password: str) -> str:
    """Hash a password for keeping."""
    return await _off_loop(_hasher.hash, _bytes(password))


async def matches(password: str, kept: str | None) -> bool:
    """Say whether a password is the one that was kept; where none was, take as long and say no."""
    same = await _off_loop(_verified, kept or _nobody, _bytes(password))
    return same and kept is not None


def outdated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def weak(password: str, login: str) -> bool:
    """Say whether a password is too short, too long, the login with or without figures, or one that everybody tries."""
    plain, name = (
        unicodedata.normalize("NFKC", text[: AT_MOST + 1]).casefold().strip() for text in (password, login)
    )
    return (
        not AT_LEAST <= len(plain) <= AT_MOST
        or len(set(plain)) < LEAST_KINDS
        or plain in COMMON.split()
        or plain == name
        or plain.strip(FIGURES) == (name.strip(FIGURES) or name)
    )


def fresh_password() -> str:
    """Draw a password that can be read out: `abcdef-ghjkmn-pqrstu`."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(IN_A_GROUP)) for _ in range(GROUPS))


async def _off_loop[**P, T](work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Do what takes a tenth of a second and 64 MiB where it holds nobody up, at most `AT_ONCE` times at once."""
    return await asyncio.wrap_future(_pair.submit(work, *args, **named))


def _verified(kept: str, password: bytes) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """Return the same bytes for the same letters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password[: AT_MOST + 1]).encode("utf-8", "surrogatepass")
