"""Whom the hand sends, calls back, adds and looks at; and what is merged."""

import asyncio
from datetime import time, timedelta
from typing import Any

from tests.support.client import bearing
from tests.support.hand import WHY, Hand
from tests.support.place import middle, square


async def loads(hand: Hand) -> dict[str, int]:
    rows = await hand.place.run("SELECT code, active_tasks FROM worker WHERE active_tasks > 0")
    return {row.code: row.active_tasks for row in rows}


async def test_the_chosen_one_goes_over_the_rules_head_and_it_is_noted_what_they_had_against_it(hand: Hand) -> None:
    staff = hand.staff
    await staff.hire("off", shift=None)
    await staff.hire("lost", age=timedelta(hours=2))
    await staff.hire("unseen", None)
    await hand.place.add_category("heart", skill="doctor")
    await staff.hire("doctor", middle(1, 0), skills=("doctor",))
    await hand.open()
    for code, lack in (("off", "off_shift"), ("lost", "lost_fix"), ("unseen", "no_position"), ("W2", None)):
        incident = await hand.bring("filed")
        told = await hand.does(incident, "dispatch", worker=str(staff.ids[code]), reason="只有他有钥匙")
        assert (told["status"], await hand.who(incident)) == ("dispatched", {"lead": code})
        line = (await hand.history(incident))[-1]
        assert line["actor"].startswith("account:")
        assert (line["facts"]["reason"], line["facts"].get("overruled")) == ("只有他有钥匙", lack), code
        [task] = await hand.active(incident)
        assert task["by_hand"]
        assert (await staff.say(code, task["id"], "accept")).status_code == 200
    incident = (await hand.client.report("heart")).json()["id"]
    await hand.does(incident, "dispatch", worker=str(staff.ids["W1"]), reason="医生太远")
    assert (await hand.history(incident))[-1]["facts"]["overruled"] == "no_skill"
    assert await hand.who(incident) == {"lead": "W1"}


async def test_to_reassign_is_to_call_back_who_had_it(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    [was] = await hand.active(incident)
    await hand.does(incident, "dispatch", worker=str(hand.staff.ids["W2"]), **WHY)
    row = await hand.staff.row(incident)
    last = row["history"][-1]
    assert (last["kind"], last["worker"], last["facts"]["instead_of"]) == ("reassigned", "W2", "W1")
    assert "before" not in last["facts"]
    assert (row["status"], await loads(hand)) == ("dispatched", {"W2": 1})
    late = await hand.staff.say("W1", was["id"], "finish", result="done")
    assert (late.status_code, late.json()["code"]) == (409, "offer_withdrawn")
    again = await hand.act(incident, "dispatch", worker=str(hand.staff.ids["W2"]), **WHY)
    assert (again.status_code, again.json()["code"]) == (409, "already_on_it")


async def test_who_carries_all_that_one_may_is_not_sent_and_nobody_is_called_back_for_it(hand: Hand) -> None:
    await hand.staff.hire("full", capacity=1, shift=None)
    await hand.open()
    first, second = await hand.bring("filed"), await hand.bring("handling")
    await hand.does(first, "dispatch", worker=str(hand.staff.ids["full"]), **WHY)
    answer = await hand.act(second, "dispatch", worker=str(hand.staff.ids["full"]), **WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "worker_not_free")
    assert (await hand.stands(second), await hand.who(second)) == ("handling", {"lead": "W1"})
    fire = (await hand.client.report("fire")).json()["id"]
    await hand.does(fire, "dispatch", worker=str(hand.staff.ids["W3"]), **WHY)
    answer = await hand.act(second, "dispatch", worker=str(hand.staff.ids["W3"]), **WHY)
    assert answer.json()["code"] == "worker_not_free", "a fire allows nothing beside it"


async def test_called_back_it_goes_to_the_next_or_waits_for_the_hand_in_sight(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    await hand.does(incident, "withdraw", **await hand.body(incident, "withdraw"))
    assert (await hand.who(incident), await loads(hand)) == ({"lead": "W2"}, {"W2": 1})
    told = await hand.does(incident, "withdraw", **await hand.body(incident, "withdraw"), hold=True)
    assert (told["status"], told["needs"]) == ("filed", [{"slot": "lead", "state": "held"}])
    await asyncio.sleep(0.5)
    assert (await hand.active(incident), (await hand.staff.row(incident))["waiting"]) == ([], True)
    answer = await hand.act(incident, "withdraw", task=incident, **WHY)
    assert answer.json()["code"] == "move_not_allowed"
    other = await hand.bring("dispatched")
    answer = await hand.act(other, "withdraw", task=incident, **WHY)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task")


async def test_a_place_that_is_kept_is_in_sight_while_another_goes(hand: Hand) -> None:
    await hand.place.add_slot("noise", "second")
    await hand.open()
    incident = (await hand.client.report("noise")).json()["id"]
    assert await hand.who(incident) == {"lead": "W1", "second": "W2"}
    board = (await hand.client.get("/api/board")).json()["figures"]["waiting"]
    task = (await hand.active(incident))[1]["id"]
    assert (await hand.does(incident, "withdraw", task=task, hold=True, **WHY))["status"] == "dispatched"
    assert (await hand.staff.row(incident))["waiting"] is True
    assert (await hand.client.get("/api/board")).json()["figures"]["waiting"] == board + 1


async def test_one_who_carries_much_is_asked_for_one_place_of_an_incident_only(hand: Hand) -> None:
    await hand.place.add_category("crowd")
    for slot in ("second", "third"):
        await hand.place.add_slot("crowd", slot)
    await hand.staff.hire("only", capacity=9)
    await hand.staff.open()
    answer = await hand.client.report("crowd")
    assert answer.status_code == 201, answer.text
    incident = answer.json()["id"]
    assert (await hand.who(incident), await hand.needs(incident)) == (
        {"lead": "only"},
        {"lead": "taken", "second": "open", "third": "open"},
    )


async def test_one_more_is_sent_by_name_by_skill_or_by_kind(hand: Hand) -> None:
    await hand.staff.hire("vet", middle(1, 1), skills=("vet",))
    await hand.place.add_unit("T1", middle(1, 1))
    await hand.open()
    incident = await hand.bring("dispatched")
    asked: list[dict[str, Any]] = [
        {"worker": str(hand.staff.ids["W3"])},
        {"skill": "vet"},
        {"responder": "team"},
        {"skill": "diver"},
    ]
    for body in asked:
        await hand.does(incident, "add", **WHY, **body)
    assert await hand.who(incident) == {"lead": "W1", "added_1": "W3", "added_2": "vet", "added_3": "T1"}
    assert (await hand.needs(incident))["added_4"] == "open"
    assert (await hand.staff.row(incident))["waiting"] is True
    for body, code in (({}, "nobody_to_add"), ({"worker": str(hand.staff.ids["W1"])}, "already_on_it")):
        assert (await hand.act(incident, "add", **WHY, **body)).json()["code"] == code
    await hand.does(incident, "void", **WHY)
    assert await loads(hand) == {}


async def test_who_could_go_is_shown_with_what_speaks_against_the_others(hand: Hand) -> None:
    await hand.staff.hire("off", middle(0, 0), shift=(time(0), time(0, 0, 1)))
    await hand.open()
    incident = await hand.bring("dispatched")
    headers = bearing(hand.tokens["dispatcher"])
    answer = (await hand.client.get(f"/api/incidents/{incident}/candidates", headers=headers)).json()
    told = {one["worker"]["code"]: (one.get("reason") or one["shortfall"], one["free"]) for one in answer["items"]}
    assert answer["slot"] == "lead"
    assert (told["W1"], told["W2"], told["W3"]) == (
        ("declined_before", True),
        ("nearest", True),
        ("farther", True),
    )
    assert told["off"] in (("off_shift", True), ("farther", True)), (
        "within the first second of the day one is on duty"
    )
    for path, status, code in (
        (f"{incident}/candidates?slot=brigade", 422, "unknown_slot"),
        (f"{incident}/candidates?slot=%00", 422, "invalid_request"),
        (f"{hand.staff.ids['W1']}/candidates", 404, "unknown_incident"),
    ):
        answer = await hand.client.get(f"/api/incidents/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for token in (hand.tokens["resident"], hand.staff.tokens["W1"]):
        assert (
            await hand.client.get(f"/api/incidents/{incident}/candidates", headers=bearing(token))
        ).status_code == 403


async def test_a_duplicate_names_its_original_which_goes_on_and_no_chain_is_made(hand: Hand) -> None:
    await hand.open()
    original, copy, third = [(await hand.client.report("noise")).json()["id"] for _ in range(3)]
    told = await hand.does(copy, "merge", original=original, reason="同一处")
    assert (told["status"], await loads(hand)) == ("duplicate", {"W1": 2})
    row = await hand.staff.row(copy)
    assert (row["duplicate_of"], row["history"][-1]["facts"]) == (
        original,
        {"original": original, "reason": "同一处"},
    )
    last = (await hand.history(original))[-1]
    assert (last["kind"], last["facts"], await hand.stands(original)) == ("merged", {"duplicate": copy}, "dispatched")
    assert await hand.timers(copy) == []
    voided = await hand.bring("void")
    for one, other in (
        (third, third),
        (third, copy),
        (original, third),
        (third, voided),
        (third, str(hand.staff.ids["W1"])),
    ):
        answer = await hand.act(one, "merge", original=other)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_the_original")
    await hand.place.add_area("C2")
    elsewhere = await hand.place.token("duty_chief", area_code="C2")
    answer = await hand.client.post(
        f"/api/incidents/{third}/merge", json={"original": original}, headers=bearing(elsewhere)
    )
    assert answer.json()["code"] == "unknown_incident"
    await hand.does(copy, "reopen", **WHY)
    assert (await hand.staff.row(copy))["duplicate_of"] is None
    await hand.does(original, "merge", original=third)


async def test_an_incident_of_another_part_of_the_town_is_no_original(hand: Hand) -> None:
    await hand.place.add_area("C2")
    await hand.place.add_grid("G50", square(5, 0), "C2")
    await hand.open()
    far = (await hand.client.report("noise", middle(5, 0))).json()["id"]
    near = (await hand.client.report("noise")).json()["id"]
    here = bearing(await hand.place.token("duty_chief", area_code="C1"))
    answer = await hand.client.post(f"/api/incidents/{near}/merge", json={"original": far}, headers=here)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_the_original")
    assert await hand.lines(far) == ["filed", "offered"]
