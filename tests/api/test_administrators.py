"""Administrators: who appoints them, what each may do, and that none becomes another."""

import asyncio
from uuid import UUID

import pytest

from dispatch.errors import AdministratorsAreSeparateError, AdministratorsAreTownwideError, RoleHeldError
from tests.support.accounts import ADMINISTRATORS, Offices, me_of, told
from tests.support.client import bearing
from tests.support.place import Place


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
