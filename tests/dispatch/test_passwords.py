"""Passwords: what is kept, what is too weak, and that a check holds nobody up."""

import asyncio
import math
import threading
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from dispatch import passwords
from dispatch.errors import BusyError
from dispatch.passwords import fresh_password, hashed, matches, outdated, place, weak


async def test_what_is_kept_is_argon2id_with_the_parameters_of_the_rfc_and_differs_each_time() -> None:
    kept = await hashed("correct horse battery")
    said = extract_parameters(kept)
    assert (said.type, said.time_cost, said.memory_cost, said.parallelism) == (Type.ID, 3, 65_536, 4)
    assert (said.salt_len, said.hash_len) == (16, 32)
    assert "correct" not in kept
    assert kept != await hashed("correct horse battery")


@pytest.mark.parametrize(
    "other", ["correct horse batter", "Correct horse battery", "", "x" * 100_000, "\x00", "\ud800"]
)
async def test_only_the_same_password_matches(other: str) -> None:
    kept = await hashed("correct horse battery")
    assert await matches("correct horse battery", kept)
    assert not await matches(other, kept)


async def test_nothing_matches_where_no_password_was_kept_or_what_was_kept_is_none() -> None:
    for kept in (None, "", "x", "$argon2id$v=19$m=65536,t=3,p=4$AAAA", "$2b$12$abcdefghijklmnopqrstuv"):
        assert not await matches("correct horse battery", kept)


async def test_the_same_letters_match_however_a_keyboard_composes_them() -> None:
    kept = await hashed("caf\u00e9 \uff11\uff12 网格 x")
    assert await matches("cafe\u0301 12 网格 x", kept)


async def test_a_hash_of_other_parameters_is_outdated_and_still_matches() -> None:
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse battery")
    assert outdated(old)
    assert not outdated(await hashed("correct horse battery"))
    assert await matches("correct horse battery", old)


def test_to_look_for_nobody_costs_what_it_costs_to_look_for_somebody() -> None:
    assert extract_parameters(passwords._nobody) == extract_parameters(passwords._hasher.hash("x"))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "九个字的口令不够长",
        "zhang.wei1",
        "Zhang.Wei1",
        "zhang.wei12345",
        "1234567890",
        "PASSWORD123",
        "woaini1314",
        "aaaaaaaaaaaaaaaa",
        "1212121212",
        " " * 20,
        "x" * 9 + " ",
        "abcd" * 51,
    ],
)
def test_weak_passwords(password: str) -> None:
    assert weak(password, "zhang.wei1")


@pytest.mark.parametrize(
    "password",
    ["correct horse", "十个以上汉字组成的口令", "zhang.wei likes tea", "7f-2k-9q-4m", "🌲🌊🔥🏔🌲🌊🔥🏔🌲🌊"],
)
def test_passwords_that_will_do(password: str) -> None:
    assert not weak(password, "zhang.wei1")


def test_a_login_of_figures_alone_does_not_make_other_figures_weak() -> None:
    assert weak("13912345678", "13912345678")
    assert not weak("82736451902", "13912345678")


def test_a_drawn_password_is_strong_readable_and_never_the_same() -> None:
    drawn = {fresh_password() for _ in range(500)}
    assert len(drawn) == 500
    letters = set("".join(drawn)) - {"-"}
    assert letters.isdisjoint("0o1iIlL")
    assert 18 * math.log2(len(letters)) >= 80
    assert not any(weak(one, "zhang.wei") for one in drawn)


@pytest.fixture
def checking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count how many checks run at once."""
    at_once: list[int] = []
    running, lock = 0, threading.Lock()
    verified = passwords._verified

    def counted(kept: str, password: bytes) -> bool:
        nonlocal running
        with lock:
            running += 1
            at_once.append(running)
        try:
            return verified(kept, password)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(passwords, "_verified", counted)
    yield at_once


async def test_at_most_two_are_checked_at_once_and_the_loop_goes_on(checking: list[int]) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(matches("x", None) for _ in range(6)))
    ticking.cancel()
    assert max(checking) == 2
    assert ticks >= 10


def test_a_hundred_may_wait_and_the_next_is_sent_away() -> None:
    held = [place() for _ in range(passwords.WAITING_AT_MOST)]
    for one in held:
        one.__enter__()
    with pytest.raises(BusyError), place():
        pass
    for one in held:
        one.__exit__(None, None, None)
    with place():
        pass
