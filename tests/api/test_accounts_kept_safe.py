"""What goes in and out of the accounts' doors: noted by ids, secrets once, hostile input refused."""

import json
import logging
from typing import Any
from uuid import uuid4

import pytest

from tests.support.accounts import Offices, me_of, told
from tests.support.place import Place


async def test_what_was_done_is_noted_with_ids_and_no_names(offices: Offices) -> None:
    made = (await offices.add("zhaoliu", name="赵六")).json()
    id_ = made["id"]
    row = (await offices.give(id_, area_code="C1")).json()
    await offices.take(id_, row["roles"][0]["id"])
    await offices.say(id_, "password")
    await offices.say(id_, "lock")
    await offices.say(id_, "lock")
    await offices.say(id_, "unlock")
    notes = await offices.noted()
    assert [note.action for note in notes] == [
        "account_added",
        "role_given",
        "role_taken",
        "password_reset",
        "account_locked",
        "account_unlocked",
    ]
    assert {note.subject for note in notes} == {f"account:{id_}"}
    assert notes[1].facts == {"role": "dispatcher", "area": "C1", "layer": None}
    system, security = await me_of(offices, offices.system), await me_of(offices, offices.security)
    assert [str(note.account_id) for note in notes] == [system, security, security, system, system, system]
    everything = json.dumps([str(note) for note in notes], ensure_ascii=False)
    assert not any(word in everything for word in ("zhaoliu", "赵六", made["password"]))


async def test_a_refused_act_is_not_noted_as_done_and_writes_nothing(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    await offices.give(id_, "emperor")
    await offices.give(uuid4())
    assert [note.action for note in await offices.noted() if note.result == "done"] == ["account_added"]


@pytest.mark.parametrize("key", ["k1", None])
async def test_a_password_is_in_the_answer_once_and_kept_nowhere(offices: Offices, key: str | None) -> None:
    headers = offices.system | ({"Idempotency-Key": key} if key else {})
    body = {"login": "wang", "name": "王"}
    first = await offices.client.post("/api/accounts", json=body, headers=headers)
    again = await offices.client.post("/api/accounts", json=body, headers=headers)
    password = first.json()["password"]
    if key:
        assert again.status_code == 201
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json() == first.json() | {"password": None}
    else:
        assert told(again) == (409, "login_taken")
    reset = offices.system | ({"Idempotency-Key": "k2"} if key else {})
    path = f"/api/accounts/{first.json()['id']}/password"
    fresh = (await offices.client.post(path, headers=reset)).json()["password"]
    if key:
        assert (await offices.client.post(path, headers=reset)).json() == {"password": None}
        assert await offices.opens("wang", fresh), "the repeated request drew no other"
    for table in ("answer", "account", "audit", "outbox", "access_token"):
        kept = "".join(row.row for row in await offices.place.run(f"SELECT {table}::text AS row FROM {table}"))
        assert password not in kept, table
        assert fresh not in kept, table


HOSTILE: dict[str, tuple[Any, ...]] = {
    "login": (
        "",
        " ",
        "a\x00b",
        "x" * 65,
        "长",
        "_a",
        ".a",
        "a b",
        "a/b",
        "a\nb",
        "a'--",
        "\ud800",
        None,
        5,
        ["a"],
        "İ",
    ),
    "name": ("", " \t", "a\x00b", "长" * 101, "长" * 100_000, "\udfff", None, 5, {}),
    "worker_code": ("", "\x00", "x" * 65, 5, ["W1"]),
    "role": ("", "\x00", "x" * 65, None, 5, []),
    "area_code": ("", "\x00", "x" * 65, 5),
    "layer": ("", "\x00", "x" * 65, 5),
    "search": ("", " ", "\x00", "长" * 101),
    "limit": ("0", "1001", "x", "1e9"),
    "after": ("x", "", "0"),
}


async def state(place: Place) -> list[Any]:
    return await place.run("SELECT account::text, (SELECT count(*) FROM account_role) FROM account ORDER BY id")


async def test_bodies_that_cannot_be_taken_are_refused_and_change_nothing(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    before = await state(offices.place)
    new = ("/api/accounts", {"login": "li", "name": "李", "worker_code": None}, offices.system)
    role = (f"/api/accounts/{id_}/roles", {"role": "dispatcher"}, offices.security)
    wrong = [(new, {name: value}) for name in ("login", "name", "worker_code") for value in HOSTILE[name]]
    wrong += [(role, {name: value}) for name in ("role", "area_code", "layer") for value in HOSTILE[name]]
    wrong += [(new, {"administrator": True}), (role, {"administrator": True})]
    for (path, body, headers), spoilt in wrong:
        content = json.dumps(body | spoilt).encode()
        answer = await offices.client.post(
            path, content=content, headers=headers | {"content-type": "application/json"}
        )
        assert told(answer) == (422, "invalid_request"), spoilt
        assert len(answer.content) < 1000
    assert before == await state(offices.place)


async def test_questions_that_cannot_be_taken_are_refused(offices: Offices) -> None:
    for name in ("search", "limit", "after", "colour"):
        for value in HOSTILE.get(name, ("red",)):
            for path in ("accounts", "areas"):
                answer = await offices.client.get(f"/api/{path}", params={name: value}, headers=offices.security)
                assert told(answer) == (422, "invalid_request"), (path, name, value)


async def test_odd_ids_are_refused_and_change_nothing(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    before = await state(offices.place)
    for odd in ("x", "0", "%00", "..%2f..", "'; DROP TABLE account; --", "x" * 3000):
        for answer in (await offices.say(odd, "lock"), await offices.give(odd), await offices.take(id_, odd)):
            assert 400 <= answer.status_code < 500, odd
    assert before == await state(offices.place)


async def test_no_login_name_or_password_is_in_the_log(
    offices: Offices, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    for noisy in ("sqlalchemy", "asyncio", "httpx2", "httpcore2", "asyncpg"):
        monkeypatch.setattr(logging.getLogger(noisy), "level", logging.WARNING)
    made = (await offices.add("ouyang13912345678", name="欧阳某某")).json()
    await offices.add("ouyang13912345678", name="欧阳某某")
    await offices.give(made["id"])
    fresh = (await offices.say(made["id"], "password")).json()["password"]
    await offices.say(made["id"], "lock")
    await offices.client.get("/api/accounts", params={"search": "欧阳某某"}, headers=offices.system)
    await offices.place.run("ALTER TABLE account ADD CONSTRAINT never CHECK (name <> '欧阳某') NOT VALID")
    assert (await offices.add("ouyang2", name="欧阳某")).status_code == 500
    lines = "\n".join(f"{record.getMessage()}{record.exc_text or ''}{record.args}" for record in caplog.records)
    assert "statement failed" in lines
    assert not any(word in lines for word in ("ouyang", "欧阳", made["password"], fresh, "argon2"))
