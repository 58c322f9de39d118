"""Offers that run out, incidents that wait, and the sweep that takes care of both."""

import asyncio
from datetime import timedelta
from typing import Any

from api.settings import Settings
from tests.support.client import bearing, serving, until
from tests.support.place import Place, middle
from tests.support.staff import Staff


async def test_an_offer_nobody_answers_goes_to_the_next_worker(staff: Staff) -> None:
    await staff.place.add_category("quick", offer_seconds=1)
    await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(1, 0))
    await staff.open()
    told = (await staff.client.report("quick")).json()
    row = await staff.until_row(told["id"], lambda row: row["task"] and row["task"]["attempt_no"] == 2)
    assert row["task"]["worker"]["code"] == "W2"
    assert [line["kind"] for line in row["history"]] == ["filed", "offered", "expired", "offered"]
    assert [line["actor"] for line in row["history"][2:]] == ["rules", "rules"]
    assert [await staff.load(code) for code in ("W1", "W2")] == [(0, False), (1, False)]
    assert [one["status"] for one in await staff.tasks("W1")] == ["expired"]


async def test_whoever_accepts_too_late_is_told_so(staff: Staff) -> None:
    await staff.place.add_category("quick", offer_seconds=1)
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("quick")).json()
    task = told["tasks"][0]["id"]
    await staff.until_row(told["id"], lambda row: row["waiting"])
    late = await staff.say("W1", task, "accept")
    assert (late.status_code, late.json()["code"]) == (409, "offer_expired")
    assert (await staff.say("W1", task, "decline", reason="busy")).json()["code"] == "move_not_allowed"


async def test_an_offer_that_ran_out_cannot_be_accepted_even_before_any_sweep(
    place: Place, settings: Settings
) -> None:
    calm = settings.model_copy(update={"sweep_seconds": 3600.0})
    async with serving(calm, await place.token("dispatcher")) as client:
        staff = Staff(place, client)
        await staff.build()
        await staff.hire("W1")
        await staff.open()
        told = (await client.report("noise")).json()
        await place.run("UPDATE task SET offer_expires_at = clock_timestamp()")
        late = await staff.say("W1", told["tasks"][0]["id"], "accept")
        assert (late.status_code, late.json()["code"]) == (409, "offer_expired")
        assert "offer_expires_at" in late.json()


async def test_an_accepted_task_does_not_run_out(staff: Staff) -> None:
    await staff.place.add_category("quick", offer_seconds=1)
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("quick")).json()
    await staff.say("W1", told["tasks"][0]["id"], "accept")
    await asyncio.sleep(1.5)
    assert (await staff.row(told["id"]))["task"]["status"] == "accepted"


async def test_an_offer_made_before_a_restart_runs_out_after_it(place: Place, settings: Settings) -> None:
    token = await place.token("dispatcher")
    async with serving(settings, token) as client:
        staff = Staff(place, client)
        await staff.build()
        await staff.hire("W1", middle(0.1, 0))
        await staff.hire("W2", middle(1, 0))
        await staff.open()
        told = (await client.report("noise")).json()
    await place.run("UPDATE timer SET due_at = clock_timestamp() WHERE kind = 'offer'")
    async with serving(settings, token) as client:
        staff.client = client
        await client.caught_up()
        row = await staff.until_row(told["id"], lambda row: row["task"] and row["task"]["attempt_no"] == 2)
        assert row["task"]["worker"]["code"] == "W2"


async def test_what_waited_before_a_restart_is_offered_after_it(place: Place, settings: Settings) -> None:
    token = await place.token("dispatcher")
    async with serving(settings, token) as client:
        staff = Staff(place, client)
        await staff.build()
        await staff.open()
        told = (await client.report("noise")).json()
        assert told["status"] == "filed"
    await staff.hire("W1")
    async with serving(settings, token) as client:
        staff.client = client
        await client.app.state.process.ready.wait()
        await staff.until_row(told["id"], lambda row: row["status"] == "dispatched")


async def test_what_waits_is_offered_when_somebody_gets_free(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    first = (await staff.client.report("noise")).json()
    waits = (await staff.client.report("noise")).json()
    assert (waits["status"], waits["candidates"][0]["shortfall"]) == ("filed", "full")
    await staff.say("W1", first["tasks"][0]["id"], "accept")
    await staff.say("W1", first["tasks"][0]["id"], "finish", result="done")
    row = await staff.until_row(waits["id"], lambda row: row["status"] == "dispatched")
    assert row["task"]["worker"]["code"] == "W1"
    assert [line["kind"] for line in row["history"]] == ["filed", "waiting", "offered"]


async def test_what_waits_is_offered_when_somebody_able_comes_on_the_map(staff: Staff) -> None:
    await staff.hire("W1", None)
    await staff.hire("W2", middle(0, 0), age=timedelta(minutes=10))
    await staff.open()
    waits = (await staff.client.report("noise")).json()
    assert {one["worker"]["code"]: one["shortfall"] for one in waits["candidates"]} == {"W2": "stale_fix"}
    body = {"lng": 118.305, "lat": 27.005, "datum": "wgs84"}
    seen = await staff.client.put(
        f"/api/workers/{staff.ids['W1']}/position", json=body, headers=bearing(staff.tokens["W1"])
    )
    assert seen.json() == {"kept": True}
    row = await staff.until_row(waits["id"], lambda row: row["status"] == "dispatched")
    assert row["task"]["worker"]["code"] == "W1"


async def offers(staff: Staff) -> list[Any]:
    return [one for one in await staff.tasks("W1") if one["status"] == "offered"]


async def test_the_most_urgent_of_those_that_wait_goes_first_and_the_oldest_of_equals(staff: Staff) -> None:
    await staff.place.add_category("blaze", urgency="emergency")
    await staff.open()
    lamp = (await staff.client.report("other")).json()["id"]
    older, newer = [(await staff.client.report("noise")).json()["id"] for _ in range(2)]
    blaze = (await staff.client.report("blaze")).json()["id"]
    served = []

    async def is_offered() -> bool:
        return bool(await offers(staff))

    await staff.hire("W1", home="G00")
    await staff.client.app.state.process.ready.wait()
    staff.client.app.state.process.store.bell.ring()
    for _ in range(4):
        await until(is_offered)
        [task] = await offers(staff)
        served.append(task["incident"]["id"])
        await staff.say("W1", task["id"], "accept")
        await staff.say("W1", task["id"], "finish", result="done")
    assert served == [blaze, older, newer, lamp]


async def test_two_processes_sweep_the_same_town_without_doubling_anything(place: Place, settings: Settings) -> None:
    token = await place.token("dispatcher")
    async with serving(settings, token) as one, serving(settings, token) as two:
        staff = Staff(place, one)
        await staff.build()
        await staff.place.add_category("quick", offer_seconds=1)
        await staff.open()
        ids = [(await one.report("quick")).json()["id"] for _ in range(12)]
        for number in range(12):
            await staff.hire(f"W{number:02}", middle(0.01 * number, 0))
        await two.app.state.process.ready.wait()
        for id_ in ids:
            await staff.until_row(id_, lambda row: row["task"] and row["task"]["attempt_no"] >= 2, 10)
    doubled = await place.run(
        """SELECT worker_id FROM task WHERE ended_at IS NULL GROUP BY worker_id HAVING count(*) > 1
        UNION ALL SELECT incident_id FROM task WHERE ended_at IS NULL GROUP BY incident_id HAVING count(*) > 1"""
    )
    assert doubled == []
    wrong = await place.run(
        """SELECT w.code FROM worker w WHERE w.active_tasks <>
        (SELECT count(*) FROM task t WHERE t.worker_id = w.id AND t.ended_at IS NULL)"""
    )
    assert wrong == []
