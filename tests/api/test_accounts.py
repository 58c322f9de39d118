"""Accounts and their roles, as administrators keep them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from data.tokens import TokenKind
from tests.support.accounts import ADMINISTRATORS, Offices, told


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
    assert [one["code"] for one in roles["system_admin"]["permissions"]] == [
        "account.manage",
        "account.view",
        "notice.manage",
    ]
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
