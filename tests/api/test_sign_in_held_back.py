"""Nobody tries for ever, and how long a refusal takes tells nothing."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from data.store import Store
from dispatch import passwords
from dispatch.desk import sign_in as desk
from dispatch.desk.forget import forget
from dispatch.desk.sign_in import SignedIn, sign_in
from dispatch.errors import ThrottledError
from tests.support.doorway import ADDRESSES, PASSWORD, Doorway, begun


async def test_from_the_sixth_on_nobody_is_let_in_even_with_the_right_password_until_the_window_has_passed(
    door: Doorway,
) -> None:
    assert [await door.comes("wei", "wrong") for _ in range(5)] == ["wrong_sign_in"] * 5
    assert [await door.comes("wei", one) for one in ("wrong", PASSWORD)] == ["throttled"] * 2
    assert isinstance(await door.comes("li"), SignedIn), "another login from the same address"
    with pytest.raises(ThrottledError) as refused:
        await sign_in("wei", PASSWORD, "203.0.113.9", door.store.books)
    assert 14 * 60 < refused.value.facts["retry_after"] <= 15 * 60
    await door.later(14)
    assert await door.comes("wei") == "throttled"
    await door.later(2)
    await begun(door)


async def test_that_a_login_is_held_back_is_noted_once_in_a_window(door: Doorway) -> None:
    for _ in range(9):
        await door.comes("wei", "wrong")
    [note] = await door.noted("sign_in_throttled")
    assert (note.subject, note.result, note.code) == (f"account:{door.ids['wei']}", "refused", "throttled")
    assert len(await door.noted("sign_in_failed")) == 5
    await door.later(16)
    for _ in range(7):
        await door.comes("wei", "wrong")
    assert len(await door.noted("sign_in_throttled")) == 2


async def test_an_unknown_login_is_held_back_like_a_known_one(door: Doorway) -> None:
    assert [await door.comes("nobody") for _ in range(6)] == [await door.comes("wei", "x") for _ in range(6)]


async def test_a_success_wipes_out_the_failures_of_its_login_alone(door: Doorway) -> None:
    for _ in range(4):
        await door.comes("wei", "wrong")
        await door.comes("li", "wrong")
    await begun(door)
    assert [await door.comes("wei", "wrong") for _ in range(5)] == ["wrong_sign_in"] * 5
    assert [await door.comes("li", "wrong") for _ in range(2)] == ["wrong_sign_in", "throttled"]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the checks of passwords, each of which fails at once."""
    made: list[str] = []

    async def counted(password: str, kept: str | None) -> bool:
        made.append(password)
        await asyncio.sleep(0.01)
        return False

    monkeypatch.setattr(desk, "matches", counted)
    return made


async def test_fifty_at_once_get_five_checks(door: Doorway, checks: list[str]) -> None:
    found = await asyncio.gather(*(door.comes("wei", "wrong", next(ADDRESSES)) for _ in range(50)))
    assert len(checks) == 5
    assert sorted(found) == ["throttled"] * 45 + ["wrong_sign_in"] * 5
    assert len(await door.noted("sign_in_throttled")) == 1


async def test_one_address_gets_thirty_checks_for_however_many_logins(door: Doorway, checks: list[str]) -> None:
    for first in range(0, 60, 20):
        await asyncio.gather(*(door.comes(f"guess{first + number}") for number in range(20)))
    assert len(checks) == 30
    assert len(await door.noted("sign_in_throttled")) == 1
    assert await door.comes("wei") == "throttled"
    assert await door.comes("wei", address="203.0.113.9") == "wrong_sign_in"
    await door.later(16)
    assert await door.comes("wei") == "wrong_sign_in"


async def test_an_ipv6_address_counts_with_its_network(door: Doorway, checks: list[str]) -> None:
    for number in range(40):
        await door.comes(f"guess{number}", address=f"2001:db8:1:2::{number + 1:x}")
    assert len(checks) == 30
    assert await door.comes("wei", address="2001:db8:1:3::1") == "wrong_sign_in"


async def test_who_finds_too_many_waiting_is_sent_away_and_no_try_is_counted(door: Doorway) -> None:
    held = [passwords.place() for _ in range(passwords.WAITING_AT_MOST)]
    for one in held:
        one.__enter__()
    try:
        assert [await door.comes("wei") for _ in range(9)] == ["try_again"] * 9
    finally:
        for one in held:
            one.__exit__(None, None, None)
    await begun(door)


async def test_what_no_longer_counts_is_dropped(door: Doorway, checks: list[str]) -> None:
    for _ in range(6):
        await door.comes("wei")
    await door.later(16)
    await door.comes("li")
    await forget(door.store.books)
    [row] = await door.place.run("SELECT count(*) AS left FROM sign_in_attempt")
    assert row.left == 1


@pytest.fixture
def statements(store: Store) -> list[str]:
    """Collect the statements that the desk sends."""
    sent: list[str] = []

    def collect(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(store._dispatcher.sync_engine, "before_cursor_execute", collect)
    return sent


async def test_whoever_is_refused_is_refused_after_the_same_work(
    door: Doorway, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[str] = []
    verified = passwords._verified

    def counted(hash_: str, password: bytes) -> bool:
        costs.append("$".join(hash_.split("$")[:4]))
        return verified(hash_, password)

    monkeypatch.setattr(passwords, "_verified", counted)
    done = set()
    for login, password in (("nobody", "x"), ("", "x"), ("wei", "x"), ("lan", PASSWORD), ("kong", "")):
        statements.clear()
        costs.clear()
        assert await door.comes(login, password) == "wrong_sign_in"
        done.add((tuple(statements), tuple(costs)))
    assert len(done) == 1
    assert done.pop()[1] == ("$argon2id$v=19$m=65536,t=3,p=4",)


TIMED, LOOKED_AT_EVERY, NEAR_S = 60, 10, 0.010


@pytest.mark.alone
async def test_how_long_a_refusal_takes_does_not_tell_whether_a_login_is_known(
    door: Doorway, record_property: Callable[[str, object], None]
) -> None:
    """Tries in turn, compared with those beside them: a busy machine is given more of them, a difference would stay."""
    took: dict[str, list[float]] = {"nobody": [], "wei": [], "lan": []}
    apart: list[float] = []
    for turn in range(1, TIMED + 1):
        for login, times in took.items():
            began = time.perf_counter()
            assert await door.comes(login, "wrong", next(ADDRESSES)) == "wrong_sign_in"
            times.append(time.perf_counter() - began)
        if turn % 5 == 0:
            await door.place.run("DELETE FROM sign_in_attempt")
        if turn % LOOKED_AT_EVERY == 0:
            apart = [abs(median_apart(took["nobody"], took[known])) for known in ("wei", "lan")]
            if max(apart) < NEAR_S:
                break
    record_property("apart_ms", [round(one * 1000, 2) for one in apart])
    assert max(apart) < NEAR_S, apart


def median_apart(first: list[float], second: list[float]) -> float:
    return statistics.median(one - other for one, other in zip(first, second, strict=True))
