"""Signing in: who comes in, that whoever does not learns nothing, and that nobody tries for ever."""

import asyncio
import hashlib
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from data.store import Store
from dispatch import passwords
from dispatch.desk import sign_in as desk
from dispatch.desk.forget import forget
from dispatch.desk.sign_in import SignedIn, sign_in, sign_out
from dispatch.errors import BusyError, ThrottledError, WrongSignInError
from dispatch.passwords import hashed
from tests.support.place import Place

PASSWORD = "correct horse battery"
HERE = "192.0.2.7"
ADDRESSES = (f"198.51.100.{number % 250}" for number in count())


@dataclass
class Doorway:
    """A town with accounts, and its book of the audit."""

    place: Place
    store: Store
    ids: dict[str, UUID]

    async def comes(self, login: str, password: str = PASSWORD, address: str | None = HERE) -> SignedIn | str:
        """Try to sign in; return what begins, or the code of the refusal."""
        try:
            return await sign_in(login, password, address, self.store.books)
        except (WrongSignInError, ThrottledError, BusyError) as refused:
            return refused.code

    async def noted(self, action: str) -> list[Any]:
        """Return what the audit holds of an action, the oldest first."""
        rows = "SELECT actor, account_id, subject, result, code, address, facts::text AS facts FROM audit"
        return await self.place.run(f"{rows} WHERE action = :action ORDER BY id", action=action)

    async def whole_audit(self) -> str:
        """Return every row of the audit as text."""
        return "\n".join(row[0] for row in await self.place.run("SELECT audit::text FROM audit ORDER BY id"))

    async def later(self, minutes: int) -> None:
        """Let what was tried lie back by some minutes more."""
        await self.place.run("UPDATE sign_in_attempt SET at = at - make_interval(mins => :m)", m=minutes)


@pytest.fixture(scope="session")
def kept() -> str:
    """Hash the password once for all tests."""
    return asyncio.run(hashed(PASSWORD))


@pytest.fixture
async def door(place: Place, store: Store, kept: str) -> AsyncIterator[Doorway]:
    """Lend a doorway with four accounts: `wei` is well, `lan` is locked, `kong` has no password, `li` is another."""
    ids = {}
    for login, hash_, locked in (("wei", kept, ""), ("lan", kept, "x"), ("kong", None, ""), ("li", kept, "")):
        ids[login] = await place.add_account(("dispatcher", None))
        await place.run(
            """UPDATE account SET login = :login, password_hash = :hash,
            locked_at = CASE WHEN :locked <> '' THEN now() END WHERE id = :id""",
            login=login,
            hash=hash_,
            locked=locked,
            id=ids[login],
        )
    yield Doorway(place, store, ids)


async def begun(door: Doorway, login: str = "wei", **given: Any) -> SignedIn:
    found = await door.comes(login, **given)
    assert isinstance(found, SignedIn), found
    return found


async def test_the_right_password_begins_a_session_of_seven_days(door: Doorway) -> None:
    session = await begun(door)
    assert session.actor.account_id == door.ids["wei"]
    assert session.actor.address == HERE
    assert session.token not in repr(session)
    assert await door.store.who(session.token) == session.actor
    [row] = await door.place.run("SELECT kind, hash, expires_at - created_at AS lasts FROM access_token")
    assert (row.kind, row.lasts.days) == ("session", 7)
    assert row.hash == hashlib.sha256(session.token.encode()).digest()
    [note] = await door.noted("signed_in")
    assert (note.account_id, note.address, note.result) == (door.ids["wei"], HERE, "done")


@pytest.mark.parametrize("login", ["wei", "WEI", " Wei \t"])
async def test_a_login_is_the_same_in_capitals_and_with_space_around_it(door: Doorway, login: str) -> None:
    assert (await begun(door, login)).actor.account_id == door.ids["wei"]


ODD = (
    "nobody",
    "",
    " ",
    "\x00",
    "we\x00i",
    "\ud800",
    "x" * 100_000,
    "wei'--",
    "%",
    "w_i",
    "网格",
    "\uff57ei",
    "\u017f",
)
WHY = (
    ("wei", "wrong", "wrong"),
    ("lan", PASSWORD, "locked"),
    ("lan", "wrong", "locked"),
    ("kong", "x", "no_password"),
)


@pytest.mark.parametrize("login", [one for one in ODD if one.strip().lower() != "wei"], ids=ascii)
async def test_an_unknown_login_is_refused_and_not_kept(door: Doorway, login: str) -> None:
    assert await door.comes(login) == "wrong_sign_in"
    [note] = await door.noted("sign_in_failed")
    assert (note.subject, note.account_id, json.loads(note.facts)) == (None, None, {"why": "unknown"})


@pytest.mark.parametrize(("login", "password", "why"), WHY)
async def test_who_is_known_and_may_not_come_in_hears_the_same(
    door: Doorway, login: str, password: str, why: str
) -> None:
    assert await door.comes(login, password) == "wrong_sign_in"
    [note] = await door.noted("sign_in_failed")
    assert (note.subject, note.account_id) == (f"account:{door.ids[login]}", None)
    assert (note.result, note.code, note.address, json.loads(note.facts)) == (
        "failed",
        "wrong_sign_in",
        HERE,
        {"why": why},
    )
    assert await door.place.run("SELECT FROM access_token") == []


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 100_000, "correct horse battery\x00"], ids=ascii)
async def test_odd_passwords_are_wrong_passwords(door: Doorway, password: str) -> None:
    assert await door.comes("wei", password) == "wrong_sign_in"


async def test_nothing_of_what_was_typed_is_anywhere(door: Doorway) -> None:
    typed = ("Password-Typed-As-Login", "another-secret-word")
    await door.comes(*typed)
    await begun(door)
    kept = await door.whole_audit()
    kept += str(await door.place.run("SELECT sign_in_attempt::text FROM sign_in_attempt"))
    for word in (*typed, PASSWORD, typed[0].lower(), "wei"):
        assert word not in kept


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


@pytest.mark.parametrize("change", ["password_hash = 'another'", "locked_at = now()"])
async def test_a_password_that_is_changed_or_an_account_locked_while_it_is_checked_opens_nothing(
    door: Doorway, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:

    async def meanwhile(password: str, kept: str | None) -> bool:
        found = await passwords.matches(password, kept)
        await door.place.run(f"UPDATE account SET {change} WHERE login = 'wei'")
        return found

    monkeypatch.setattr(desk, "matches", meanwhile)
    assert await door.comes("wei") == "wrong_sign_in"
    assert await door.place.run("SELECT FROM access_token") == []


async def test_a_hash_of_other_parameters_is_renewed_by_signing_in(door: Doorway, kept: str) -> None:
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await door.place.run("UPDATE account SET password_hash = :old WHERE login IN ('wei', 'li')", old=old)
    await door.comes("li", "wrong")
    await begun(door)
    hashes = {
        row.login: row.password_hash
        for row in await door.place.run("SELECT login, password_hash FROM account WHERE login IN ('wei', 'li')")
    }
    assert hashes["li"] == old
    assert hashes["wei"].split("$")[:4] == kept.split("$")[:4]
    await begun(door)


async def test_signing_out_ends_the_session_and_no_other(door: Doorway) -> None:
    mine, other = await begun(door), await begun(door)
    await sign_out(mine.token, HERE, door.store.books)
    assert await door.store.who(mine.token) is None
    assert await door.store.who(other.token) is not None
    [note] = await door.noted("signed_out")
    assert (note.account_id, note.address) == (door.ids["wei"], HERE)
    [told] = await door.place.run("SELECT subject_id FROM outbox WHERE kind = 'rights'")
    assert told.subject_id == door.ids["wei"]


async def revoked(door: Doorway) -> str:
    session = await begun(door)
    async with door.store.books.open() as book:
        await book.tokens.revoke(session.token)
    return session.token


@pytest.mark.parametrize("again", [True, False])
async def test_signing_out_with_what_opens_nothing_does_nothing(door: Doorway, again: bool) -> None:
    await sign_out(await revoked(door) if again else "a guess", HERE, door.store.books)
    assert await door.noted("signed_out") == []
    assert await door.place.run("SELECT FROM outbox WHERE kind = 'rights'") == []


async def test_signing_in_again_ends_the_session_that_the_browser_had_and_no_other(door: Doorway) -> None:
    before, elsewhere = await begun(door), await begun(door)
    after = await sign_in("li", PASSWORD, HERE, door.store.books, before.token)
    found = [await door.store.who(one.token) for one in (before, elsewhere, after)]
    assert found == [None, elsewhere.actor, after.actor]
    [note] = await door.noted("signed_out")
    assert (note.account_id, note.address) == (door.ids["wei"], HERE)
    [told] = await door.place.run("SELECT subject_id FROM outbox WHERE kind = 'rights'")
    assert told.subject_id == door.ids["wei"]


async def test_who_fails_to_sign_in_again_keeps_the_session_and_an_old_key_keeps_nobody_out(door: Doorway) -> None:
    before = await begun(door)
    with pytest.raises(WrongSignInError):
        await sign_in("wei", "wrong", HERE, door.store.books, before.token)
    assert await door.store.who(before.token) == before.actor
    for stale in (await revoked(door), "a guess", "\ud800", ""):
        again = await sign_in("wei", PASSWORD, HERE, door.store.books, stale)
        assert await door.store.who(again.token) == again.actor
    assert await door.noted("signed_out") == []


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
