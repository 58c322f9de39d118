"""Units: teams, stations and departments that are sent as one, and whose members answer for them."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.support.client import bearing
from tests.support.hand import WHY, Hand
from tests.support.place import middle
from tests.support.server import Listening, streaming
from tests.support.staff import Staff


async def squad(hand: Hand) -> dict[str, UUID]:
    """Hire a team of two, a station, and somebody who belongs to neither; `medic` needs the team."""
    ids = {code: await hand.staff.hire(code, None) for code in ("M1", "M2", "outsider")}
    ids["T1"] = await hand.place.add_unit("T1", middle(1, 0), members=[ids["M1"], ids["M2"]], skills=("doctor",))
    ids["S1"] = await hand.place.add_unit("S1", middle(2, 0), kind="station")
    await hand.place.add_category("medic", skill="doctor", responder="team")
    await hand.staff.open()
    return ids


async def asked(hand: Hand, category: str = "medic") -> tuple[str, str]:
    """Report and return the ids of the incident and of its task."""
    incident = (await hand.client.report(category)).json()["id"]
    [task] = await hand.active(incident)
    return incident, task["id"]


async def test_a_unit_is_sent_as_one_and_any_member_answers_for_it(hand: Hand) -> None:
    await squad(hand)
    incident, task = await asked(hand)
    assert await hand.who(incident) == {"lead": "T1"}
    for code in ("M1", "M2"):
        [listed] = await hand.staff.tasks(code)
        assert (listed["id"], listed["unit"]["code"], listed["status"]) == (task, "T1", "offered")
        seen = await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.staff.tokens[code]))
        assert seen.json()["task"]["worker"]["name"] == "T1队"
    assert await hand.staff.tasks("outsider") == []
    hidden = await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.staff.tokens["outsider"]))
    assert hidden.status_code == 404

    assert (await hand.staff.say("M1", task, "accept")).json()["status"] == "accepted"
    again = await hand.staff.say("M2", task, "accept")
    assert (again.status_code, again.json()["stands"]) == (409, "accepted")
    assert (await hand.staff.say("M2", task, "arrive")).json()["status"] == "on_scene"
    assert (await hand.staff.say("outsider", task, "finish", result="done")).json()["code"] == "unknown_task"
    assert (await hand.staff.say("M1", task, "finish", result="done")).json()["status"] == "done"
    assert [one["status"] for one in await hand.staff.tasks("M2")] == ["done"]
    kinds = [(line["kind"], line["actor"]) for line in await hand.history(incident)][2:]
    m1, m2 = (f"worker:{hand.staff.ids[code]}" for code in ("M1", "M2"))
    assert kinds == [("accepted", m1), ("on_scene", m2), ("done", m1)]


async def test_of_two_members_who_answer_at_once_one_is_heard(hand: Hand) -> None:
    await squad(hand)
    ways: tuple[tuple[str, str], ...] = (("accept", "accept"), ("accept", "decline"), ("decline", "decline"))
    for moves in ways:
        incident, task = await asked(hand)
        bodies: list[dict[str, Any]] = [{"reason": "busy"} if move == "decline" else {} for move in moves]
        answers = await asyncio.gather(
            *(
                hand.staff.say(code, task, move, **body)
                for code, move, body in zip(("M1", "M2"), moves, bodies, strict=True)
            )
        )
        codes = sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)
        assert codes == [(200, ""), (409, "move_not_allowed")], moves
        await hand.does(incident, "void", **WHY)


async def test_who_left_a_unit_answers_for_it_no_more(hand: Hand) -> None:
    ids = await squad(hand)
    incident, task = await asked(hand)
    await hand.place.run("DELETE FROM membership WHERE worker_id = :id", id=ids["M1"])
    assert (await hand.staff.say("M1", task, "accept")).json()["code"] == "unknown_task"
    assert await hand.staff.tasks("M1") == []
    seen = await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.staff.tokens["M1"]))
    assert seen.status_code == 404
    assert (await hand.staff.say("M2", task, "accept")).status_code == 200


async def test_a_member_who_may_not_answer_sees_nothing_of_the_unit_s(hand: Hand) -> None:
    ids = await squad(hand)
    incident, task = await asked(hand)
    await hand.place.run(
        "UPDATE account_role SET role = 'resident' FROM account a WHERE a.id = account_id AND a.worker_id = :id",
        id=ids["M1"],
    )
    headers = bearing(hand.staff.tokens["M1"])
    assert (await hand.client.get(f"/api/incidents/{incident}", headers=headers)).status_code == 404
    assert (await hand.client.post(f"/api/tasks/{task}/accept", json={}, headers=headers)).status_code == 403


@pytest.mark.parametrize("move", ["return", "extension", "whistle"])
async def test_a_member_asks_for_the_unit(hand: Hand, move: str) -> None:
    await hand.place.add_category("medic2", skill="doctor", responder="team")
    await hand.place.add_department("D1", "medic2")
    await squad(hand)
    incident, task = await asked(hand, "medic2")
    body = WHY | ({"until": "2027-06-01T00:00:00+08:00"} if move == "extension" else {})
    assert (await hand.staff.say("outsider", task, move, **body)).json()["code"] == "unknown_task"
    answer = await hand.staff.say("M2", task, move, **body)
    assert answer.status_code == 200, answer.text
    stands = {"return": "returned", "extension": "extension_requested", "whistle": "dispatched"}
    assert (answer.json()["status"], await hand.stands(incident)) == (stands[move], stands[move])
    line = next(line for line in await hand.history(incident) if line["actor"].startswith("worker:"))
    assert line["facts"]["reason"] == WHY["reason"]
    if move == "whistle":
        assert await hand.who(incident) == {"lead": "T1", "dept_d1": "D1"}
    if move == "return":
        assert await hand.needs(incident) == {"lead": "held"}
        assert (await hand.staff.say("M2", task, move, **body)).json()["code"] == "unknown_task"


async def test_a_unit_needs_no_fresh_position_and_is_of_the_kind_that_is_asked_for(hand: Hand) -> None:
    ids = await squad(hand)
    await hand.place.run(
        "UPDATE worker_position SET fixed_at = now() - interval '9 days', changed = pg_current_xact_id()"
    )
    await hand.place.add_category("post", responder="station")
    await hand.staff.open()
    for category, code in (("medic", "T1"), ("post", "S1")):
        incident, _ = await asked(hand, category)
        assert await hand.who(incident) == {"lead": code}
    incident = (await hand.client.report("noise")).json()["id"]
    assert await hand.who(incident) == {}, "units are not asked where a person is"
    answer = await hand.act(incident, "dispatch", **WHY, worker=str(ids["T1"]))
    assert answer.status_code == 200, "but the hand may send them"


async def test_a_department_s_account_reports_in_and_finishes(hand: Hand) -> None:
    department = await hand.place.add_department("D1", "noise")
    hand.staff.tokens["D1"] = await hand.place.token("department", department)
    await hand.staff.hire("W1", middle(0, 0))
    await hand.staff.open()
    incident, task = await asked(hand, "noise")
    answer = await hand.staff.say("W1", task, "whistle", **WHY)
    assert answer.status_code == 200
    [listed] = await hand.staff.tasks("D1")
    for move, body, line in (
        ("accept", {}, "reported_in"),
        ("arrive", {}, "on_scene"),
        ("finish", {"result": "done"}, "done"),
    ):
        assert (await hand.staff.say("D1", listed["id"], move, **body)).status_code == 200
        assert (await hand.lines(incident))[-1] == line
    assert await hand.stands(incident) == "dispatched"
    for move, body in (("accept", {}), ("finish", {"result": "done"})):
        await hand.staff.say("W1", task, move, **body)
    assert await hand.stands(incident) == "handled"
    seen = await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.staff.tokens["D1"]))
    who = {need["slot"]: need["task"] and need["task"]["worker"]["code"] for need in seen.json()["needs"]}
    assert who == {"lead": None, "dept_d1": "D1"}, "the grid worker is not the department's to see"


async def test_the_members_of_a_unit_hear_of_its_tasks_as_they_happen(served: tuple[Listening, Staff, str]) -> None:
    server, staff, token = served
    hand = Hand(staff, {"chief": token})
    await squad(hand)
    async with (
        streaming(server.url, staff.tokens["M1"]) as one,
        streaming(server.url, staff.tokens["M2"]) as two,
        streaming(server.url, staff.tokens["outsider"]) as none,
    ):
        _, task = await asked(hand)
        for stream in (one, two):
            await stream.until(1, "task")
        await staff.say("M2", task, "accept")
        for stream in (one, two):
            sent = await stream.until(2, "task")
            assert [(row.data["id"], row.data["status"]) for row in sent] == [(task, "offered"), (task, "accepted")]
        assert none.of("task", "incident") == []
