"""Accounts and their roles, as administrators keep them."""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest

from data.tokens import TokenKind
from dispatch.errors import AdministratorsAreSeparateError, AdministratorsAreTownwideError, RoleHeldError
from tests.support.accounts import Offices, told
from tests.support.client import Client, bearing
from tests.support.place import Place


@pytest.fixture
async def offices(place: Place, client: Client) -> Offices:
    """Lend a place with its administrators."""
    return await Offices.of(place, client)


async def test_an_account_is_added_with_a_password_that_opens_it(offices: Offices) -> None:
    made = await offices.add("Wang.X", name="  王小明 ")
    assert made.status_code == 201
    said = made.json()
    assert said.keys() == {"id", "login", "password"}
    assert await offices.opens("wang.x", said["password"])
    row = await offices.row(said["id"])
    assert (row["login"], row["name"], row["has_password"], row["roles"]) == ("wang.x", "王小明", True, [])
    assert (row["worker"], row["locked_at"]) == (None, None)


async def test_a_worker_s_account_acts_as_the_worker(offices: Offices) -> None:
    worker_id = await offices.place.add_worker("W1")
    made = (await offices.add("w1", worker_code="W1")).json()
    assert (await offices.row(made["id"]))["worker"] == "W1"
    await offices.give(made["id"], "worker")
    me = (await offices.client.get("/api/me", headers=await offices.key(made["id"]))).json()
    assert me["worker"] == {"id": str(worker_id), "code": "W1"}
    assert told(await offices.add("w2", worker_code="W1")) == (409, "worker_has_account")
    assert told(await offices.add("w2", worker_code="W2")) == (404, "unknown_worker")


async def test_a_login_is_nobody_else_s_in_any_case(offices: Offices) -> None:
    await offices.add("wang")
    assert told(await offices.add("WANG")) == (409, "login_taken")


async def test_of_two_who_add_the_same_login_at_once_one_is_told(offices: Offices) -> None:
    answers = await asyncio.gather(*(offices.add("wang", name=str(number)) for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_of_two_accounts_for_one_worker_at_once_one_is_refused(offices: Offices) -> None:
    await offices.place.add_worker("W1")
    answers = await asyncio.gather(*(offices.add(f"w{number}", worker_code="W1") for number in range(3)))
    codes = sorted(answer.json().get("code", "") for answer in answers)
    assert codes == ["", "worker_has_account", "worker_has_account"]


async def test_a_locked_account_s_tokens_open_nothing_at_the_next_request(offices: Offices) -> None:
    id_ = UUID((await offices.add()).json()["id"])
    await offices.give(id_)
    keys = [await offices.key(id_, kind) for kind in TokenKind]
    assert [(await offices.client.get("/api/me", headers=key)).status_code for key in keys] == [200, 200]
    locked = await offices.say(id_, "lock")
    assert locked.json()["locked_at"] is not None
    assert [(await offices.client.get("/api/me", headers=key)).status_code for key in keys] == [401, 401]
    again = await offices.say(id_, "lock")
    assert again.json() == locked.json(), "locking twice is locking once"
    assert (await offices.say(id_, "unlock")).json()["locked_at"] is None
    assert [(await offices.client.get("/api/me", headers=key)).status_code for key in keys] == [401, 401]
    assert (await offices.client.get("/api/me", headers=await offices.key(id_))).status_code == 200


async def test_a_locked_account_s_password_opens_nothing(offices: Offices) -> None:
    made = (await offices.add()).json()
    await offices.say(made["id"], "lock")
    assert not await offices.opens("wang", made["password"])
    await offices.say(made["id"], "unlock")
    assert await offices.opens("wang", made["password"])


async def test_a_reset_password_takes_the_old_one_s_place_and_ends_all_that_is_open(offices: Offices) -> None:
    made = (await offices.add()).json()
    session = await offices.key(UUID(made["id"]), TokenKind.SESSION)
    program = await offices.key(UUID(made["id"]))
    fresh = (await offices.say(made["id"], "password")).json()
    assert fresh.keys() == {"password"}
    assert not await offices.opens("wang", made["password"])
    assert await offices.opens("wang", fresh["password"])
    assert (await offices.client.get("/api/me", headers=session)).status_code == 401
    assert (await offices.client.get("/api/me", headers=program)).status_code == 401


async def test_a_role_is_listed_with_its_area_and_layer(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    row = (await offices.give(id_, area_code="C1", layer="governance")).json()
    [held] = row["roles"]
    assert held["role"] == "dispatcher"
    assert held["area"] == {"code": "C1", "name": "C1区"}
    assert held["layer"]["code"] == "governance"
    assert held["name_en"] == "Dispatcher"
    assert row == await offices.row(id_), "who may not see areas sees that of a role"


async def test_a_taken_role_allows_nothing_at_the_next_request(offices: Offices) -> None:
    id_ = UUID((await offices.add()).json()["id"])
    row = (await offices.give(id_)).json()
    key = await offices.key(id_)
    assert (await offices.client.get("/api/incidents", headers=key)).status_code == 200
    left = (await offices.take(id_, row["roles"][0]["id"])).json()
    assert left["roles"] == []
    assert told(await offices.client.get("/api/incidents", headers=key)) == (403, "forbidden")


async def test_a_role_is_held_once_for_an_area_and_a_layer(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    for where in ({}, {"area_code": "C1"}, {"layer": "health"}, {"area_code": "C1", "layer": "health"}):
        assert (await offices.give(id_, **where)).status_code == 200
        assert told(await offices.give(id_, **where)) == (409, "role_held")
    assert len((await offices.row(id_))["roles"]) == 4


async def test_what_is_named_must_be_there(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    assert told(await offices.give(id_, "emperor")) == (422, "unknown_role")
    assert told(await offices.give(id_, area_code="C9")) == (422, "unknown_area")
    assert told(await offices.give(id_, layer="moon")) == (422, "unknown_layer")
    assert told(await offices.take(id_, uuid4())) == (404, "unknown_role_held")


async def test_an_unknown_account_answers_404_whatever_is_asked(offices: Offices) -> None:
    for id_ in (uuid4(), UUID(int=0)):
        answers = [
            *[await offices.say(id_, what) for what in ("lock", "unlock", "password")],
            await offices.give(id_),
            await offices.take(id_, uuid4()),
        ]
        assert [told(answer) for answer in answers] == [(404, "unknown_account")] * 5


ADMINISTRATORS = ("auditor", "security_admin", "system_admin")


@pytest.mark.parametrize("second", ADMINISTRATORS[1:])
async def test_nobody_is_two_administrators(offices: Offices, second: str) -> None:
    id_ = (await offices.add()).json()["id"]
    await offices.appoint(id_, "auditor")
    with pytest.raises(AdministratorsAreSeparateError):
        await offices.appoint(id_, second)
    with pytest.raises(RoleHeldError):
        await offices.appoint(id_, "auditor")
    assert await offices.appoint(id_, "dispatcher") is None


async def test_nobody_becomes_two_administrators_by_asking_at_once(offices: Offices) -> None:
    for number in range(5):
        id_ = (await offices.add(f"wang{number}")).json()["id"]
        asked = (offices.appoint(id_, role) for role in ADMINISTRATORS)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(answer, AdministratorsAreSeparateError) for answer in answers) == 2
        assert len((await offices.row(id_))["roles"]) == 1


async def test_administrators_are_townwide(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    for where in ({"area_code": "C1"}, {"layer": "health"}):
        with pytest.raises(AdministratorsAreTownwideError):
            await offices.appoint(id_, "auditor", **where)


@pytest.mark.parametrize("role", ADMINISTRATORS)
async def test_administrators_are_appointed_at_the_machine_only_and_nothing_of_before_opens_their_account(
    offices: Offices, role: str
) -> None:
    """Else who adds accounts, and knows their first password, would plant a token and wait."""
    made = (await offices.add()).json()
    planted = await offices.key(UUID(made["id"]))
    assert told(await offices.give(made["id"], role)) == (403, "at_the_machine_only")
    password = await offices.appoint(made["id"], role)
    assert (await offices.client.get("/api/me", headers=planted)).status_code == 401
    assert not await offices.opens("wang", made["password"])
    assert password is not None
    assert await offices.opens("wang", password)
    [held] = (await offices.row(made["id"]))["roles"]
    assert told(await offices.take(made["id"], held["id"])) == (403, "at_the_machine_only")
    assert told(await offices.give(made["id"], "dispatcher")) == (403, "at_the_machine_only")


async def me_of(offices: Offices, headers: Any) -> Any:
    return (await offices.client.get("/api/me", headers=headers)).json()["account"]["id"]


async def test_nobody_locks_resets_or_promotes_oneself(offices: Offices) -> None:
    system, security = await me_of(offices, offices.system), await me_of(offices, offices.security)
    for what in ("lock", "unlock", "password"):
        assert told(await offices.say(system, what)) == (409, "not_yourself")
    assert told(await offices.give(security)) == (409, "not_yourself")
    [held] = (await offices.row(security))["roles"]
    assert told(await offices.take(security, held["id"])) == (409, "not_yourself")
    assert (await offices.row(security))["roles"] == [held]


@pytest.mark.parametrize("permission", ["role.assign", "account.manage", "audit.view"])
async def test_who_manages_accounts_changes_no_administrator_s_whatever_the_role_is_called(
    offices: Offices, permission: str
) -> None:
    role = await hand_out(offices.place, permission)
    for administrator in (
        await me_of(offices, offices.security),
        await offices.place.add_account(("auditor", None)),
        await offices.place.add_account((role, "C1")),
    ):
        for what in ("password", "lock", "unlock"):
            assert told(await offices.say(administrator, what)) == (403, "at_the_machine_only")
    id_ = (await offices.add()).json()["id"]
    assert told(await offices.give(id_, role)) == (403, "at_the_machine_only")


async def test_each_administrator_does_the_own_part_only(offices: Offices) -> None:
    id_ = (await offices.add()).json()["id"]
    assert told(await offices.give(id_, by=offices.system)) == (403, "forbidden")
    for what in ("lock", "unlock", "password"):
        assert told(await offices.say(id_, what, by=offices.security)) == (403, "forbidden")
    auditor = bearing(await offices.place.token("auditor"))
    for path in ("accounts", "roles", "areas", "layers"):
        assert told(await offices.client.get(f"/api/{path}", headers=auditor)) == (403, "forbidden")
    assert told(await offices.client.get("/api/layers", headers=offices.system)) == (403, "forbidden")


async def hand_out(place: Place, *permissions: str) -> str:
    """Make a role of the town's own that bundles these."""
    await place.run(
        "INSERT INTO role (code, name, name_en) VALUES ('street_admin', '街道管理员', 'Street administrator')"
    )
    for code in permissions:
        await place.run("INSERT INTO role_permission VALUES ('street_admin', :code)", code=code)
    return "street_admin"


async def test_who_gives_roles_for_an_area_gives_none_beyond_it(offices: Offices) -> None:
    role = await hand_out(offices.place, "role.assign")
    place = offices.place
    giver = await place.add_account((role, "C1"), ("dispatcher", None))
    key, other = await offices.key(giver), (await offices.add()).json()["id"]
    assert told(await offices.give(other, by=key, area_code="C1")) == (404, "unknown_account"), "sees no accounts"
    await place.run("INSERT INTO role (code, name, name_en) VALUES ('clerk', '文员', 'Clerk')")
    await place.run("INSERT INTO role_permission VALUES ('clerk', 'account.view')")
    await offices.appoint(giver, "clerk")
    assert (await offices.give(other, by=key, area_code="C1")).status_code == 200
    assert (await offices.give(other, by=key, area_code="G00", layer="health")).status_code == 200
    for where in ({"area_code": "C2"}, {}, {"layer": "governance"}):
        assert told(await offices.give(other, by=key, **where)) == (403, "out_of_scope"), where
    assert told(await offices.give(other, "auditor", by=key)) == (403, "at_the_machine_only")

    everywhere = (await offices.give(other)).json()["roles"]
    [held] = [one for one in everywhere if one["area"] is None]
    assert told(await offices.take(other, held["id"], by=key)) == (403, "out_of_scope")
    [near] = [one for one in everywhere if one["area"] and one["area"]["code"] == "G00"]
    assert (await offices.take(other, near["id"], by=key)).status_code == 200


async def test_who_gives_roles_for_a_layer_gives_none_for_others(offices: Offices) -> None:
    role = await hand_out(offices.place, "role.assign", "ground.view")
    await offices.place.run("INSERT INTO role (code, name, name_en) VALUES ('clerk', '文员', 'Clerk')")
    await offices.place.run("INSERT INTO role_permission VALUES ('clerk', 'account.view')")
    giver = await offices.place.add_account((role, "C1", "health"), ("clerk", None))
    key, other = await offices.key(giver), (await offices.add()).json()["id"]
    assert (await offices.give(other, by=key, area_code="C1", layer="health")).status_code == 200
    for layer in ("governance", None):
        assert told(await offices.give(other, by=key, area_code="C1", layer=layer)) == (403, "out_of_scope")
    assert told(await offices.give(other, by=key, layer="health")) == (403, "out_of_scope")
    assert told(await offices.give(other, by=key, area_code="C2", layer="health")) == (422, "unknown_area")


async def test_who_manages_accounts_for_an_area_manages_none(offices: Offices) -> None:
    role = await hand_out(offices.place, "account.manage", "account.view")
    key = await offices.key(await offices.place.add_account((role, "C1")))
    other = (await offices.add()).json()["id"]
    for what in ("lock", "unlock", "password"):
        assert told(await offices.say(other, what, by=key)) == (403, "out_of_scope")
    body = {"login": "li", "name": "李"}
    assert told(await offices.client.post("/api/accounts", json=body, headers=key)) == (403, "out_of_scope")
    seen = (await offices.client.get("/api/accounts", headers=key)).json()["items"]
    assert [one["login"] for one in seen] == [
        (await offices.client.get("/api/me", headers=key)).json()["account"]["login"]
    ]


async def test_accounts_are_listed_by_pages_and_found_by_login_or_name(offices: Offices) -> None:
    for login, name in (("anna", "Anna Ü"), ("b_1", "李四"), ("bx1", "王五"), ("c100", "50%"), ("d", "一\\二")):
        assert (await offices.add(login, name=name)).status_code == 201

    async def found(**asked: Any) -> list[str]:
        answer = await offices.client.get("/api/accounts", params=asked, headers=offices.system)
        return [one["login"] for one in answer.json()["items"]]

    everybody = await found()
    assert everybody == sorted(everybody)
    assert await found(search="B_1") == ["b_1"], "an underscore is no wildcard"
    assert await found(search="%") == ["c100"]
    assert await found(search="\\") == ["d"]
    assert await found(search="四") == ["b_1"]
    assert await found(search="anna ü") == ["anna"]
    assert await found(search="x' OR 1=1 --") == []
    paged, after = [], None
    while True:
        asked = {"limit": 2} | ({"after": after} if after else {})
        answer = (await offices.client.get("/api/accounts", params=asked, headers=offices.system)).json()
        paged += [one["login"] for one in answer["items"]]
        if (after := answer["next"]) is None:
            break
    assert paged == everybody
    assert await found(after=str(uuid4())) == []


async def test_roles_say_what_they_bundle(offices: Offices) -> None:
    roles = {one["code"]: one for one in (await offices.client.get("/api/roles", headers=offices.system)).json()}
    assert {code for code, role in roles.items() if role["administrator"]} == set(ADMINISTRATORS)
    assert [one["code"] for one in roles["system_admin"]["permissions"]] == ["account.manage", "account.view"]
    assert roles["auditor"]["permissions"][0].keys() == {"code", "name", "name_en"}


async def test_areas_are_found_and_only_those_of_one_s_ground(offices: Offices) -> None:
    async def found(headers: Any, **asked: Any) -> list[str]:
        answer = await offices.client.get("/api/areas", params=asked, headers=headers)
        return [one["code"] for one in answer.json()["items"]]

    assert await found(offices.security) == ["C1", "G00", "C2"]
    assert await found(offices.security, search="c2") == ["C2"]
    assert await found(offices.security, search="C_") == []
    assert await found(offices.security, limit=1) == ["C1"]
    near = await offices.key(await offices.place.add_account(("dispatcher", "C1")))
    assert await found(near) == ["C1", "G00"]
    row = (await offices.client.get("/api/areas?limit=1", headers=near)).json()["items"][0]
    assert row["path"] == "C1"
    assert row.keys() == {"code", "name", "level", "level_name", "level_name_en", "path"}
    layers = (await offices.client.get("/api/layers", headers=near)).json()
    assert [one["code"] for one in layers] == ["governance", "health"]


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
