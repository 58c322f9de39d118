"""Signing in: how long one password takes to check, and how many sign-ins a process takes in."""

import asyncio
import time

from benchmarks.rows import Row, quantile, rate
from benchmarks.town import Bed
from data.accounts import Accounts
from data.schema import new_id
from data.store import Store, transaction
from dispatch.desk.sign_in import sign_in
from dispatch.passwords import AT_ONCE, LANES, MEMORY_KIB, PASSES, fresh_password, hashed, matches

PARAMETERS = f"argon2id, {PASSES} passes, {MEMORY_KIB} KiB, {LANES} lanes; {AT_ONCE} at once in a process."
WHOLE = "From login and password to the session, with throttling and audit, in our own process; four people in turn."
PEOPLE = 4


async def measure(place: Bed, times: int, repetitions: int) -> list[Row]:
    """Check a password over and over, then sign in over and over."""
    password = fresh_password()
    kept = await hashed(password)
    checks, wrongs = [], []
    for _ in range(repetitions):
        checks.append([await _checked(password, kept, right=True) for _ in range(times)])
        wrongs.append([await _checked(password, None, right=False) for _ in range(times)])
    logins = await _people(place, kept)
    store = Store(place.url("wangge_server"), pool_size=4 + PEOPLE)
    seconds = []
    for _ in range(repetitions):
        began = time.perf_counter()
        await asyncio.gather(*(_sign_in(login, password, store, times) for login in logins))
        seconds.append(time.perf_counter() - began)
    await store.close()
    p50 = quantile("ours", checks, 0.5)
    unknown = quantile("no such account", wrongs, 0.5)
    return [
        Row("password", "check, p50", "ms", p50, unknown, how=PARAMETERS),
        Row("password", f"sign-ins, {PEOPLE} people", "/s", rate("ours", times * PEOPLE, seconds), how=WHOLE),
    ]


async def _checked(password: str, kept: str | None, right: bool) -> float:
    began = time.perf_counter()
    if await matches(password, kept) is not right:
        raise RuntimeError("a password was judged wrongly")
    return time.perf_counter() - began


async def _people(place: Bed, kept: str) -> list[str]:
    logins = [f"bench-{new_id().hex}" for _ in range(PEOPLE)]
    async with transaction(place.url("wangge_owner")) as connection:
        for login in logins:
            await Accounts(connection).add(login, "bench", kept, None)
    return logins


async def _sign_in(login: str, password: str, store: Store, times: int) -> None:
    for _ in range(times):
        await sign_in(login, password, "192.0.2.1", store.books)
