"""No more than held: mixed roles, narrowed tokens and rights that were taken reach what they say and nothing else."""

from contextlib import AsyncExitStack

from api.hub import STREAMS_AT_MOST
from data.rights import Permission
from tests.support.client import bearing, until
from tests.support.place import middle, square
from tests.support.server import Listening, streaming
from tests.support.staff import Staff

Served = tuple[Listening, Staff, str]


async def two_communities(staff: Staff) -> None:
    """Build communities C1 (six squares) and C2 (one square beside them)."""
    await staff.place.add_area("C2")
    await staff.place.add_grid("H00", square(3, 0), "C2")


async def test_who_exports_one_community_and_sees_two_exports_one(staff: Staff) -> None:
    await two_communities(staff)
    await staff.open()
    here = (await staff.client.report("noise", at=middle(0, 0))).json()["id"]
    there = (await staff.client.report("noise", at=middle(3, 0))).json()["id"]
    planner = await staff.place.add_account(("planner", "C1"), ("dispatcher", None))
    headers = bearing(await staff.place.token_of(planner))
    listed = (await staff.client.get("/api/incidents", headers=headers)).text
    exported = (await staff.client.get("/api/incidents/export", headers=headers)).text
    assert (here in listed, there in listed) == (True, True)
    assert (here in exported, there in exported) == (True, False)


async def test_who_closes_in_one_community_closes_no_own_report_in_another(staff: Staff) -> None:
    await two_communities(staff)
    await staff.open()
    chief = bearing(await staff.place.token("duty_chief", area_code="C1"))
    made = await staff.client.post(
        "/api/incidents",
        json={
            "lng": middle(3, 0)[0],
            "lat": middle(3, 0)[1],
            "datum": "wgs84",
            "category": "noise",
            "description": "x",
        },
        headers=chief,
    )
    id_ = made.json()["id"]
    assert (await staff.client.get(f"/api/incidents/{id_}", headers=chief)).status_code == 200, "one's own is seen"
    closed = await staff.client.post(f"/api/incidents/{id_}/close", json={"disposition": "no_action"}, headers=chief)
    assert (closed.status_code, closed.json()["code"]) == (404, "unknown_incident")
    assert (await staff.row(id_))["status"] == "filed"


async def test_a_worker_s_narrowed_token_does_not_see_the_worker_s_tasks(staff: Staff) -> None:
    worker = await staff.place.add_worker("W1", middle(0, 0))
    account = await staff.place.add_account(("worker", None), worker_id=worker)
    await staff.open()
    id_ = (await staff.client.report("noise")).json()["id"]
    whole = bearing(await staff.place.token_of(account))
    narrow = bearing(await staff.place.token_of(account, only=[Permission.INCIDENT_REPORT]))
    for headers, seen in ((whole, 200), (narrow, 404)):
        assert (await staff.client.get(f"/api/incidents/{id_}", headers=headers)).status_code == seen
    assert (await staff.client.get("/api/incidents", headers=narrow)).json()["items"] == []


async def test_a_kept_answer_is_not_told_again_to_fewer_rights(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    account = await staff.place.add_account(("duty_chief", None), ("resident", None))
    token = await staff.place.token_of(account)
    first = await staff.client.report("noise", token=token, key="once")
    assert "W1" in first.text
    await staff.place.run("DELETE FROM account_role WHERE account_id = :id AND role = 'duty_chief'", id=account)
    again = await staff.client.report("noise", token=token, key="once")
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")
    assert "W1" not in again.text


async def test_an_account_opens_so_many_streams_and_others_theirs(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    other = await staff.place.token("dispatcher")
    async with AsyncExitStack() as held:
        for _ in range(STREAMS_AT_MOST):
            await held.enter_async_context(streaming(server.url, token))
        await until(lambda: len(server.process.hub) == STREAMS_AT_MOST)
        refused = await staff.client.get("/api/live")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        async with streaming(server.url, other):
            await until(lambda: len(server.process.hub) == STREAMS_AT_MOST + 1)
