"""Signing in: who comes in, and that whoever does not learns nothing."""

import hashlib
import json

import pytest

from dispatch import passwords
from dispatch.desk import sign_in as desk
from dispatch.desk.sign_in import sign_in, sign_out
from dispatch.errors import WrongSignInError
from tests.support.doorway import HERE, PASSWORD, Doorway, begun


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
