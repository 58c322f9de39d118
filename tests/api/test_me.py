"""One's own account: what one may do, another password, tokens for programs."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from data.attempts import PER_LOGIN
from data.tokens import TokenKind
from dispatch.desk.own import MOST_TOKENS
from dispatch.passwords import AT_LEAST
from tests.support.accounts import Offices, told
from tests.support.client import bearing

GOOD = "清晨 walks 7 dogs"


class Wang:
    """Somebody with an account, a password and a session."""

    def __init__(self, offices: Offices, account: UUID, password: str, session: dict[str, str]) -> None:
        self.offices, self.account, self.password, self.session = offices, account, password, session

    async def get(self, headers: Any = None) -> Any:
        return (await self.offices.client.get("/api/me", headers=headers or self.session)).json()

    async def change(self, new: Any, current: Any = None, headers: Any = None) -> Any:
        body = {"current": current or self.password, "new": new}
        return await self.offices.client.post("/api/me/password", json=body, headers=headers or self.session)

    async def make(self, headers: Any = None, **given: Any) -> Any:
        body = {"label": "grid app", "days": 30, "permissions": None} | given
        return await self.offices.client.post("/api/me/tokens", json=body, headers=headers or self.session)

    async def end(self, token: Any, headers: Any = None) -> Any:
        return await self.offices.client.delete(f"/api/me/tokens/{token}", headers=headers or self.session)


@pytest.fixture
async def wang(offices: Offices) -> Wang:
    """Lend a dispatcher of C1 who has signed in."""
    made = (await offices.add()).json()
    await offices.give(made["id"], area_code="C1")
    id_ = UUID(made["id"])
    return Wang(offices, id_, made["password"], await offices.key(id_, TokenKind.SESSION))


async def test_everybody_sees_the_own_account(wang: Wang) -> None:
    me = await wang.get()
    assert me["account"] == {"id": str(wang.account), "login": "wang", "name": "王小明"}
    assert me["worker"] is None
    assert "incident.view" in me["permissions"]
    assert me["permissions"] == sorted(me["permissions"])
    [role] = me["roles"]
    assert (role["role"], role["area"], role["layer"]) == ("dispatcher", {"code": "C1", "name": "C1区"}, None)
    assert me["time_zone"] == "Asia/Shanghai"
    assert datetime.fromisoformat(me["now"]).tzinfo is not None
    [session] = me["tokens"]
    assert (session["kind"], session["current"], session["permissions"]) == ("session", True, None)
    assert session.keys() == {
        "id", "kind", "label", "permissions", "created_at", "used_at", "expires_at", "current"
    }  # fmt: skip


async def test_an_account_without_any_role_sees_itself_and_nothing_else(offices: Offices) -> None:
    key = await offices.key(await offices.place.add_account())
    me = (await offices.client.get("/api/me", headers=key)).json()
    assert (me["permissions"], me["roles"]) == ([], [])
    for path in ("accounts", "roles", "areas", "layers", "incidents"):
        assert told(await offices.client.get(f"/api/{path}", headers=key)) == (403, "forbidden")


async def test_who_sees_no_ground_sees_the_area_of_the_own_role(offices: Offices) -> None:
    key = await offices.key(await offices.place.add_account(("resident", "C2")))
    me = (await offices.client.get("/api/me", headers=key)).json()
    assert me["roles"][0]["area"] == {"code": "C2", "name": "C2区"}
    assert told(await offices.client.get("/api/areas", headers=key)) == (403, "forbidden")


async def test_another_password_ends_all_that_is_open_but_this_session(wang: Wang) -> None:
    other = await wang.offices.key(wang.account, TokenKind.SESSION)
    program = await wang.offices.key(wang.account)
    changed = await wang.change(GOOD)
    assert (changed.status_code, changed.json()) == (200, {"changed": True})
    statuses = [
        (await wang.offices.client.get("/api/me", headers=key)).status_code for key in (wang.session, other, program)
    ]
    assert statuses == [200, 401, 401]
    assert await wang.offices.opens("wang", GOOD)
    assert not await wang.offices.opens("wang", wang.password)


async def test_the_present_password_must_be_right(wang: Wang) -> None:
    assert told(await wang.change(GOOD, current="not this one")) == (403, "wrong_password")
    assert not await wang.offices.opens("wang", GOOD)
    assert await wang.offices.opens("wang", wang.password)


async def test_whoever_has_no_password_changes_none(offices: Offices) -> None:
    id_ = await offices.place.add_account(("dispatcher", None))
    body = {"current": "anything", "new": GOOD}
    session = await offices.key(id_, TokenKind.SESSION)
    answer = await offices.client.post("/api/me/password", json=body, headers=session)
    assert told(answer) == (403, "wrong_password")


async def test_a_program_sees_and_ends_its_own_token_only_and_cannot_lock_its_owner_out(wang: Wang) -> None:
    client, program = wang.offices.client, await wang.offices.key(wang.account)
    mine = (await client.get("/api/me", headers=wang.session)).json()["tokens"]
    session = next(one["id"] for one in mine if one["kind"] == "session")
    [own] = (await client.get("/api/me", headers=program)).json()["tokens"]
    assert (own["kind"], own["current"]) == ("program", True)
    assert told(await client.delete(f"/api/me/tokens/{session}", headers=program)) == (403, "session_needed")
    for _ in range(7):
        body = {"current": "wrong wrong", "new": GOOD}
        answer = await client.post("/api/me/password", json=body, headers=program)
        assert told(answer) == (403, "session_needed")
    assert await wang.offices.opens("wang", wang.password)
    assert (await client.delete(f"/api/me/tokens/{own['id']}", headers=program)).status_code == 200
    assert (await client.get("/api/me", headers=program)).status_code == 401


async def test_an_account_has_so_many_tokens_and_no_more(wang: Wang) -> None:
    for number in range(MOST_TOKENS + 1):
        body = {"label": f"program {number}", "days": 1}
        answer = await wang.offices.client.post("/api/me/tokens", json=body, headers=wang.session)
        assert told(answer) == ((201, None) if number < MOST_TOKENS else (409, "too_many_tokens"))


@pytest.mark.parametrize("weak", ["short", "wang wang", "aaaaaaaaaaaaaaaa", "password123", "wang1234567", ""])
async def test_a_weak_password_is_refused(wang: Wang, weak: str) -> None:
    answer = await wang.change(weak)
    assert told(answer) == (422, "weak_password")
    assert answer.json()["at_least"] == AT_LEAST
    assert str(AT_LEAST) in answer.json()["title"]
    assert await wang.offices.opens("wang", wang.password)


async def test_a_session_is_no_place_to_guess_the_password(wang: Wang) -> None:
    answers = [told(await wang.change(GOOD, current=f"guess {number}")) for number in range(PER_LOGIN)]
    assert answers == [(403, "wrong_password")] * PER_LOGIN
    held_back = await wang.change(GOOD)
    assert told(held_back) == (429, "throttled")
    assert held_back.json()["retry_after"] > 0
    actions = [note.action for note in await wang.offices.noted()]
    assert actions.count("sign_in_throttled") == 1


async def test_a_right_password_clears_the_count_of_wrong_ones(wang: Wang) -> None:
    for number in range(PER_LOGIN - 1):
        await wang.change(GOOD, current=f"guess {number}")
    assert (await wang.change(GOOD)).status_code == 200
    assert told(await wang.change(GOOD + "!", current="no")) == (403, "wrong_password")


async def test_of_two_who_change_the_password_at_once_one_wins(wang: Wang) -> None:
    answers = await asyncio.gather(wang.change(GOOD + "1"), wang.change(GOOD + "2"))
    assert sorted(map(told, answers), key=str) == [(200, None), (403, "wrong_password")]


async def test_no_mark_of_a_password_is_kept_with_the_answers(wang: Wang) -> None:
    answer = await wang.change(GOOD, headers=wang.session | {"Idempotency-Key": "k"})
    assert answer.status_code == 200
    assert await wang.offices.place.run("SELECT * FROM answer") == []


async def test_a_program_s_token_opens_what_the_account_may(wang: Wang) -> None:
    made = await wang.make()
    assert made.status_code == 201
    said = made.json()
    assert said.keys() == {"id", "token", "expires_at"}
    key = bearing(said["token"])
    assert (await wang.offices.client.get("/api/incidents", headers=key)).status_code == 200
    [program] = [one for one in (await wang.get())["tokens"] if one["kind"] == "program"]
    assert (program["id"], program["label"], program["current"]) == (said["id"], "grid app", False)
    days = datetime.fromisoformat(said["expires_at"]) - datetime.fromisoformat(program["created_at"])
    assert days == timedelta(days=30)


async def test_a_token_may_narrow(wang: Wang) -> None:
    key = bearing((await wang.make(permissions=["ground.view"])).json()["token"])
    assert (await wang.get(key))["permissions"] == ["ground.view"]
    assert told(await wang.offices.client.get("/api/incidents", headers=key)) == (403, "forbidden")
    assert (await wang.offices.client.get("/api/layers", headers=key)).status_code == 200


async def test_a_token_never_widens(wang: Wang) -> None:
    refused = await wang.make(permissions=["ground.view", "account.manage"])
    assert told(refused) == (403, "too_many_rights")
    assert refused.json()["permissions"] == ["account.manage"]
    key = bearing((await wang.make(permissions=["incident.view", "ground.view"])).json()["token"])
    row = await wang.offices.row(wang.account)
    await wang.offices.give(wang.account, "planner")
    await wang.offices.take(wang.account, row["roles"][0]["id"])
    assert (await wang.get(key))["permissions"] == ["ground.view", "incident.view"], "what both roles allowed"
    row = await wang.offices.row(wang.account)
    await wang.offices.take(wang.account, row["roles"][0]["id"])
    assert (await wang.get(key))["permissions"] == [], "a right that was taken is taken from tokens too"


async def test_a_program_makes_no_tokens(wang: Wang) -> None:
    for permissions in (None, ["ground.view"]):
        key = bearing((await wang.make(permissions=permissions)).json()["token"])
        assert told(await wang.make(key)) == (403, "session_needed")
        assert told(await wang.make(key, permissions=["ground.view"])) == (403, "session_needed")


async def test_a_token_that_is_ended_opens_nothing(wang: Wang) -> None:
    made = (await wang.make()).json()
    ended = await wang.end(made["id"])
    assert (ended.status_code, ended.json()) == (200, {"revoked": True})
    assert told(await wang.offices.client.get("/api/me", headers=bearing(made["token"]))) == (401, "unauthenticated")
    assert told(await wang.end(made["id"])) == (404, "unknown_token")
    assert [one["kind"] for one in (await wang.get())["tokens"]] == ["session"]


async def test_the_session_that_asks_may_end_itself(wang: Wang) -> None:
    [session] = (await wang.get())["tokens"]
    assert (await wang.end(session["id"])).status_code == 200
    assert (await wang.offices.client.get("/api/me", headers=wang.session)).status_code == 401


async def test_nobody_ends_a_token_of_somebody_else(wang: Wang) -> None:
    theirs = (await wang.offices.client.get("/api/me", headers=wang.offices.system)).json()["tokens"][0]["id"]
    for id_ in (theirs, uuid4()):
        assert told(await wang.end(id_)) == (404, "unknown_token")
    assert (await wang.offices.client.get("/api/me", headers=wang.offices.system)).status_code == 200


async def test_a_token_is_in_the_answer_once_and_kept_nowhere(wang: Wang) -> None:
    headers = wang.session | {"Idempotency-Key": "k"}
    first, again = [await wang.make(headers) for _ in range(2)]
    token = first.json()["token"]
    assert again.json() == first.json() | {"token": None}
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await wang.get())["tokens"]) == 2
    for table in ("answer", "access_token", "audit", "outbox"):
        kept = "".join(row.row for row in await wang.offices.place.run(f"SELECT {table}::text AS row FROM {table}"))
        assert token not in kept, table


async def test_what_one_does_about_oneself_is_noted(wang: Wang) -> None:
    made = (await wang.make(permissions=["ground.view"])).json()
    await wang.end(made["id"])
    await wang.change(GOOD)
    notes = (await wang.offices.noted())[-3:]
    assert [note.action for note in notes] == ["token_made", "token_revoked", "password_changed"]
    assert {note.account_id for note in notes} == {wang.account}
    assert notes[0].facts == {"token": made["id"], "days": 30, "permissions": ["ground.view"]}
    everything = str(notes)
    assert not any(word in everything for word in (made["token"], "grid app", GOOD, wang.password))


async def test_who_is_nobody_has_nothing(offices: Offices) -> None:
    nobody = bearing("x")
    client = offices.client
    answers = [
        await client.get("/api/me", headers=nobody),
        await client.post("/api/me/password", json={"current": "a", "new": GOOD}, headers=nobody),
        await client.post("/api/me/tokens", json={"label": "a", "days": 1}, headers=nobody),
        await client.delete(f"/api/me/tokens/{uuid4()}", headers=nobody),
    ]
    assert [told(answer) for answer in answers] == [(401, "unauthenticated")] * 4


HOSTILE: dict[str, tuple[Any, ...]] = {
    "label": ("", " ", "a\x00b", "长" * 101, "\ud800", None, 5),
    "days": (0, -1, 3651, 1.5, "30", None, True, 10**400, [1]),
    "permissions": ([], ["emperor"], "ground.view", [None], {"a": 1}, ["ground.view"] * 50),
    "current": ("x" * 201, "\x00", "\ud800", None, 5, ["a"]),
    "new": ("x" * 201, "a\x00bcdefghijkl", "\ud800" * 12, None, 5, {}),
}


async def test_what_cannot_be_taken_is_refused(wang: Wang) -> None:
    token = {"label": "a", "days": 1, "permissions": None}
    password = {"current": wang.password, "new": GOOD}
    for name, values in HOSTILE.items():
        path, body = ("tokens", token) if name in token else ("password", password)
        for value in values:
            answer = await wang.offices.client.post(
                f"/api/me/{path}",
                content=json.dumps(body | {name: value}).encode(),
                headers=wang.session | {"content-type": "application/json"},
            )
            assert told(answer) == (422, "invalid_request"), (name, value)
            assert wang.password not in answer.text
        answer = await wang.offices.client.post(f"/api/me/{path}", json=body | {"x": 1}, headers=wang.session)
        assert told(answer) == (422, "invalid_request")
    for odd in ("x", "0", "%00", "'; DROP TABLE access_token; --"):
        assert 400 <= (await wang.end(odd)).status_code < 500
    assert await wang.offices.opens("wang", wang.password)
    assert len((await wang.get())["tokens"]) == 2, "the one that asks, and the one that has just been opened"
