"""The audit through the door: who reads it, what verifying answers, and which refusals are in it."""

from typing import Any

import pytest

from api.routes.audit import VERIFYING
from tests.support.client import Client, bearing
from tests.support.place import Place

WRONG = bearing("no token of ours")


async def notes(place: Place) -> list[dict[str, Any]]:
    """Return what stands in the audit, the oldest first."""
    found = await place.run(
        "SELECT account_id, actor, action, subject, result, code, address, facts FROM audit ORDER BY id"
    )
    return [dict(row._mapping) for row in found]


@pytest.fixture
async def auditor(place: Place) -> dict[str, str]:
    """Lend the headers of an auditor."""
    return bearing(await place.token("auditor"))


async def append(place: Place, count: int, action: str = "signed_in") -> None:
    for number in range(count):
        await place.run(
            "SELECT audit_append(NULL, CAST(:actor AS text), :action, NULL, 'done', NULL, NULL, '{}')",
            actor=f"account:{number}",
            action=action,
        )


async def test_an_auditor_reads_by_pages_the_newest_first(
    place: Place, client: Client, auditor: dict[str, str]
) -> None:
    await append(place, 5)
    first = (await client.get("/api/audit", params={"limit": 3}, headers=auditor)).json()
    second = (await client.get("/api/audit", params={"limit": 3, "after": first["next"]}, headers=auditor)).json()
    assert [row["id"] for row in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next"] is None
    [last] = await place.run("SELECT encode(hash, 'hex') AS hash FROM audit WHERE id = 5")
    assert first["head"] == second["head"] == {"rows": 5, "hash": last.hash}
    assert first["items"][0] | {"at": ""} == {
        "id": 5,
        "at": "",
        "account": None,
        "actor": "account:4",
        "action": "signed_in",
        "subject": None,
        "result": "done",
        "code": None,
        "address": None,
        "facts": {},
    }


async def test_a_row_names_the_login_and_rows_are_found_by_account_action_and_result(
    place: Place, client: Client, auditor: dict[str, str]
) -> None:
    await append(place, 3, "signed_out")
    id_ = await place.add_account(("worker", None))
    assert (await client.get("/api/audit", headers=bearing(await place.token_of(id_)))).status_code == 403
    [login] = await place.run("SELECT login FROM account WHERE id = :id", id=id_)
    for asked in ({"account": str(id_)}, {"action": "refused"}, {"result": "refused"}):
        [row] = (await client.get("/api/audit", params=asked, headers=auditor)).json()["items"]
        assert row["account"] == {"id": str(id_), "login": login.login}
    assert (await client.get("/api/audit?action=signed_out&result=refused", headers=auditor)).json()["items"] == []
    for wrong in ("limit=0", "limit=1001", "account=x", "result=x", "after=0", f"after={1 << 63}", "colour=red"):
        assert (await client.get(f"/api/audit?{wrong}", headers=auditor)).status_code == 422, wrong


async def test_no_other_role_reads_or_verifies(place: Place, client: Client) -> None:
    others = [row.code for row in await place.run("SELECT code FROM role WHERE code <> 'auditor' ORDER BY code")]
    assert len(others) > 5
    for role in others:
        headers = bearing(await place.token(role))
        assert (await client.get("/api/audit", headers=headers)).status_code == 403, role
        assert (await client.post("/api/audit/verify", headers=headers)).status_code == 403, role
    assert (await client.get("/api/audit", headers={"Authorization": ""})).status_code == 401


async def test_who_holds_it_for_a_part_of_the_town_reads_nothing(place: Place, client: Client) -> None:
    await place.add_area("C1")
    await place.run("INSERT INTO role (code, name, name_en) VALUES ('watcher', '看', 'Watcher')")
    await place.run("INSERT INTO role_permission (role, permission) VALUES ('watcher', 'audit.view')")
    await append(place, 1)
    headers = bearing(await place.token("watcher", area_code="C1"))
    assert (await client.get("/api/audit", headers=headers)).status_code == 403
    assert (await client.post("/api/audit/verify", headers=headers)).status_code == 403


async def test_verifying_answers_and_is_noted_itself(place: Place, client: Client, auditor: dict[str, str]) -> None:
    await append(place, 3)
    found = (await client.post("/api/audit/verify", headers=auditor)).json()
    [third] = await place.run("SELECT encode(hash, 'hex') AS hash FROM audit WHERE id = 3")
    assert found == {"whole": True, "rows": 3, "hash": third.hash, "faults": []}
    noted = (await notes(place))[-1]
    assert (noted["action"], noted["result"]) == ("audit_verified", "done")
    assert noted["facts"] == {"rows": 3, "hash": third.hash, "faults": 0}
    assert (await client.post("/api/audit/verify", headers=auditor)).json()["rows"] == 4


async def test_a_forged_row_is_named_and_the_verdict_noted_as_failed(
    place: Place, client: Client, auditor: dict[str, str]
) -> None:
    await append(place, 3)
    for statement in (
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "UPDATE audit SET actor = 'x' WHERE id = 2",
        "ALTER TABLE audit ENABLE TRIGGER USER",
    ):
        await place.run(statement)
    found = (await client.post("/api/audit/verify", headers=auditor)).json()
    assert (found["whole"], found["faults"]) == (False, [{"id": 2, "fault": "edited"}])
    assert (await notes(place))[-1]["result"] == "failed"


async def test_one_verifies_at_a_time(client: Client, auditor: dict[str, str]) -> None:
    async with VERIFYING:
        assert (await client.post("/api/audit/verify", headers=auditor)).status_code == 503
    assert (await client.post("/api/audit/verify", headers=auditor)).status_code == 200
