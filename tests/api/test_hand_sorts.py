"""Sorting by hand, more time, putting by, looking after it, doing it again; and whistles for departments."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.client import bearing
from tests.support.hand import WHY, Hand, pass_time
from tests.support.place import middle, square


def soon(**of: float) -> str:
    return (datetime.now(UTC) + timedelta(**of)).isoformat()


async def test_what_is_sorted_by_hand_sends_nobody_before_it_is_filed(hand: Hand) -> None:
    await hand.open()
    answer = (await hand.client.report("checked")).json()
    incident = answer["id"]
    assert (answer["status"], answer["tasks"]) == ("reported", [])
    assert (await hand.staff.row(incident))["waiting"] is True
    assert (await hand.does(incident, "receive", note="已看到"))["status"] == "received"
    assert (await hand.does(incident, "file"))["status"] == "dispatched"
    assert await hand.lines(incident) == ["reported", "received", "filed", "offered"]


async def test_one_is_sent_to_look_and_it_comes_back_to_the_desk(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("received")
    told = await hand.does(incident, "verify", worker=str(hand.staff.ids["W2"]))
    assert (told["status"], await hand.who(incident)) == ("verifying", {"verify": "W2"})
    await hand.step(incident, "!accept")
    await hand.step(incident, "!arrive")
    assert await hand.stands(incident) == "verifying"
    await hand.step(incident, "!finish")
    assert (await hand.stands(incident), await hand.active(incident)) == ("received", [])
    await hand.does(incident, "verify", worker=str(hand.staff.ids["W3"]))
    assert (await hand.does(incident, "file"))["status"] == "dispatched"
    assert await hand.needs(incident) == {"verify": "dropped", "lead": "taken"}
    assert (await hand.staff.load("W3"))[0] == 0


async def test_who_will_not_look_is_followed_by_the_next(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("reported")
    await hand.does(incident, "verify", worker=str(hand.staff.ids["W2"]))
    await hand.step(incident, "!decline")
    assert (await hand.stands(incident), await hand.who(incident)) == ("verifying", {"verify": "W1"})
    await hand.does(incident, "reject", **WHY)
    assert (await hand.active(incident), await hand.needs(incident)) == ([], {"verify": "dropped"})


async def test_what_was_never_filed_and_is_opened_again_is_filed(hand: Hand) -> None:
    await hand.open()
    for looked in (False, True):
        incident = await hand.bring("verifying" if looked else "reported")
        if looked:
            await hand.does(incident, "file")
            await hand.does(incident, "void", **WHY)
        else:
            await hand.does(incident, "verify", worker=str(hand.staff.ids["W2"]))
            await hand.does(incident, "reject", **WHY)
        told = await hand.does(incident, "reopen", **WHY)
        assert (told["status"], set(await hand.who(incident))) == ("dispatched", {"lead"})


async def test_filed_under_another_category_it_goes_by_that_rule_and_clock(hand: Hand) -> None:
    await hand.place.add_category("gas", skill="fire", urgency="emergency", deadline_minutes=10, scene_minutes=5)
    await hand.staff.hire("brigade", middle(2, 1), skills=("fire",))
    await hand.open()
    incident = await hand.bring("reported")
    was = (await hand.staff.row(incident))["deadline"]
    await hand.does(incident, "file", category="gas")
    row = await hand.staff.row(incident)
    assert (row["category"], row["urgency"], await hand.who(incident)) == ("gas", "emergency", {"lead": "brigade"})
    assert row["deadline"] < was
    assert sorted(await hand.timers(incident)) == ["deadline", "deadline", "offer", "scene"]
    assert (await hand.act(await hand.bring("reported"), "file", category="nothing")).json()[
        "code"
    ] == "unknown_category"


async def test_nobody_files_into_what_is_another_s(hand: Hand) -> None:
    await hand.place.add_grid("H00", square(0, 0), "C1", layer="health")
    await hand.place.add_category("fever", layer="health")
    await hand.open()
    account = await hand.place.add_account(("duty_chief", "C1", "governance"))
    token = bearing(await hand.place.token_of(account))
    incident = await hand.bring("reported")
    before = await hand.history(incident)
    answer = await hand.client.post(f"/api/incidents/{incident}/file", json={"category": "fever"}, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
    assert (await hand.history(incident), await hand.stands(incident)) == (before, "reported")
    await hand.does(incident, "file", category="fever")
    assert (await hand.staff.row(incident))["layer"] == "health"


async def test_more_time_is_asked_for_and_granted_or_not(hand: Hand) -> None:
    await hand.open()
    for act, wanted in (("extend", True), ("refuse-extension", False)):
        incident = await hand.bring("extension_requested")
        was = (await hand.staff.row(incident))["deadline"]
        [task] = await hand.active(incident)
        again = await hand.staff.say("W1", task["id"], "extension", until=soon(days=9), reason="缺零件")
        assert again.json()["code"] == "move_not_allowed"
        body = WHY | ({"until": soon(days=5)} if wanted else {})
        assert (await hand.does(incident, act, **body))["status"] == "dispatched"
        assert ((await hand.staff.row(incident))["deadline"] != was) is wanted
        assert (await hand.timers(incident)).count("deadline") == (2 if wanted else 1)
    incident = await hand.bring("extension_requested")
    await hand.step(incident, "!finish")
    assert await hand.stands(incident) == "handled", "done before it was decided"


async def test_a_deadline_is_moved_later_only_and_within_a_year(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    [task] = await hand.active(incident)
    for until in (soon(minutes=30), soon(days=367), soon(days=-1)):
        answer = await hand.act(incident, "extend", **WHY, until=until)
        assert (answer.status_code, answer.json()["code"]) == (422, "deadline_not_later")
        answer = await hand.staff.say("W1", task["id"], "extension", **WHY, until=until)
        assert answer.json()["code"] == "deadline_not_later"
    assert (await hand.does(incident, "extend", **WHY, until=soon(days=2)))["status"] == "dispatched"
    await hand.step(incident, "!accept")
    assert await hand.timers(incident) == ["deadline", "deadline"]
    await pass_time(hand.place, timedelta(days=1))
    await hand.until_timers(incident, "deadline")
    assert "overdue" not in await hand.lines(incident)
    await pass_time(hand.place, timedelta(days=1, minutes=1))
    await hand.until_lines(incident, "overdue")


async def test_put_by_until_a_time_it_is_taken_up_by_itself(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    for until in (soon(seconds=-1), soon(days=367)):
        answer = await hand.act(incident, "shelve", **WHY, until=until)
        assert (answer.status_code, answer.json()["code"]) == (422, "time_past")
    await hand.does(incident, "shelve", **WHY, until=soon(days=30))
    assert (await hand.needs(incident), await hand.staff.load("W1")) == ({"lead": "held"}, (0, False))
    await pass_time(hand.place, timedelta(days=29))
    assert await hand.stands(incident) == "shelved"
    await pass_time(hand.place, timedelta(days=1))
    await hand.until_who(incident, {"lead": "W1"})
    assert "resume" not in await hand.timers(incident)


async def test_what_is_taken_up_before_is_not_taken_up_again(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    await hand.does(incident, "shelve", **WHY, until=soon(hours=1))
    await hand.does(incident, "resume", note="零件到了")
    assert "resume" not in await hand.timers(incident)
    assert await hand.who(incident) == {"lead": "W1"}


async def test_returned_it_waits_for_the_hand(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    assert (await hand.does(incident, "return", **WHY))["status"] == "returned"
    row = await hand.staff.row(incident)
    assert (row["waiting"], await hand.needs(incident), await hand.staff.load("W1")) == (
        True,
        {"lead": "held"},
        (0, False),
    )


async def test_what_was_handled_badly_goes_first_to_whoever_did_it(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    await hand.step(incident, "!decline")
    for step in ("!accept", "!finish"):
        await hand.step(incident, step)
    await hand.does(incident, "inspect", note="去看看")
    assert (await hand.does(incident, "rework", **WHY))["status"] == "dispatched"
    assert await hand.who(incident) == {"lead": "W2"}
    await hand.step(incident, "!decline")
    assert await hand.who(incident) == {"lead": "W3"}


async def test_opened_again_it_has_a_new_deadline_and_no_disposition(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("closed")
    assert await hand.timers(incident) == []
    await pass_time(hand.place, timedelta(hours=5))
    told = await hand.does(incident, "reopen", **WHY)
    row = await hand.staff.row(incident)
    assert (told["disposition"], row["disposition"], row["closed_at"]) == (None, None, None)
    assert datetime.fromisoformat(row["deadline"]) > datetime.now(UTC) + timedelta(minutes=59)
    assert sorted(await hand.timers(incident)) == ["deadline", "offer"]
    assert set(await hand.who(incident)) == {"lead"}


async def test_whoever_reported_reminds_wherever_it_lies_and_nobody_else_does(hand: Hand) -> None:
    await hand.place.add_area("C2")
    await hand.open()
    resident, other = hand.tokens["resident"], await hand.place.token("resident")
    elsewhere = await hand.place.token("dispatcher", area_code="C2")
    for mine in (resident, elsewhere):
        incident = (await hand.client.report("noise", token=mine)).json()["id"]
        path = f"/api/incidents/{incident}/remind"
        answer = await hand.client.post(path, json={"note": "还没来"}, headers=bearing(mine))
        assert answer.status_code == 200, answer.text
        line = (await hand.history(incident))[-1]
        assert (line["kind"], line["facts"], line["status_to"]) == ("reminded", {"note": "还没来"}, None)
        answer = await hand.client.post(path, json={}, headers=bearing(other))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_incident")


async def test_departments_are_whistled_for_from_the_centre_and_report_in(hand: Hand) -> None:
    await hand.open()
    d1, d2 = hand.staff.ids.get("D1"), await hand.place.add_department("D2")
    assert d1 is None
    tokens = {"D2": await hand.place.token("department", d2)}
    hand.staff.tokens |= tokens
    await hand.staff.open()
    incident = await hand.bring("dispatched")
    assert (await hand.does(incident, "whistle", **WHY))["status"] == "dispatched"
    assert await hand.who(incident) == {"lead": "W1", "dept_d1": "D1"}
    answer = await hand.act(incident, "whistle", **WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_on_it")
    await hand.does(incident, "whistle", **WHY, departments=[str(d2)])
    [task] = [one for one in await hand.active(incident) if one["code"] == "D2"]
    assert (await hand.staff.say("D2", task["id"], "accept")).json()["status"] == "accepted"
    assert (await hand.lines(incident))[-1] == "reported_in"
    assert [one["id"] for one in await hand.staff.tasks("D2")] == [task["id"]]
    no_department: dict[str, Any] = {"departments": [str(hand.staff.ids["W2"])]}
    assert (await hand.act(incident, "whistle", **(WHY | no_department))).json()["code"] == "not_a_department"
    assert (await hand.act(incident, "whistle", **WHY)).json()["code"] == "already_on_it"
    quiet = (await hand.client.report("lamp")).json()["id"]
    assert (await hand.act(quiet, "whistle", **WHY)).json()["code"] == "no_departments"
    late = next(one for one in await hand.active(incident) if one["code"] == "D1")
    answer = await hand.act(incident, "dispatch", **WHY, worker=str(hand.staff.ids["W3"]), slot=late["slot"])
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_slot"), (
        "a department's part is nobody else's"
    )
    await hand.does(incident, "withdraw", **WHY, task=late["id"], hold=True)
    assert (await hand.needs(incident))["dept_d1"] == "dropped"


async def test_what_is_to_be_looked_at_and_nobody_looks_waits_in_sight(hand: Hand) -> None:
    await hand.staff.hire("W1", middle(0, 0))
    await hand.staff.open()
    incident = await hand.bring("verifying")
    assert (await hand.staff.row(incident))["waiting"] is True
    figures = (await hand.client.get("/api/board")).json()["figures"]["waiting"]
    other = await hand.bring("reported")
    await hand.does(other, "verify", worker=str(hand.staff.ids["W1"]))
    assert (await hand.staff.row(other))["waiting"] is False
    assert (await hand.client.get("/api/board")).json()["figures"]["waiting"] == figures
    await hand.step(other, "!decline")
    assert ((await hand.staff.row(other))["waiting"], await hand.stands(other)) == (True, "verifying")
    assert (await hand.client.get("/api/board")).json()["figures"]["waiting"] == figures + 1


async def test_the_clock_to_the_scene_is_that_of_the_category_it_was_filed_under(hand: Hand) -> None:
    await hand.place.add_category("smoke", sorted_by_hand=True, scene_minutes=5)
    await hand.place.add_category("slow_smoke", scene_minutes=20)
    await hand.open()
    for category, late in (("slow_smoke", 1), ("noise", 0)):
        incident = (await hand.client.report("smoke")).json()["id"]
        await hand.does(incident, "file", category=category)
        await hand.step(incident, "!accept")
        await pass_time(hand.place, timedelta(minutes=6))
        await hand.until_timers(incident, "deadline", *["scene"] * late)
        assert "scene_late" not in await hand.lines(incident), category
        await pass_time(hand.place, timedelta(minutes=15))
        await hand.until_timers(incident, "deadline")
        assert (await hand.lines(incident)).count("scene_late") == late, category
