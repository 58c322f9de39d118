"""M14, Quwo: collect → triage → handle → feedback; M18, Baijiantan: a hazard answered in half an hour; M2's orders."""

from datetime import datetime, timedelta

from tests.support.client import bearing
from tests.support.hand import Hand, pass_time
from tests.support.place import middle


async def test_collected_sorted_handled_and_told_back(hand: Hand) -> None:
    await hand.open()
    resident = hand.tokens["resident"]
    told = await hand.client.report("checked", token=resident)
    incident = told.json()["id"]
    assert (told.json()["status"], told.json()["tasks"]) == ("reported", [])

    await hand.does(incident, "receive", "dispatcher", note="已受理")
    await hand.does(incident, "verify", "dispatcher", worker=str(hand.staff.ids["W2"]))
    for step in ("!accept", "!arrive", "!finish"):
        await hand.step(incident, step)
    await hand.does(incident, "file", "dispatcher", category="noise")
    for step in ("!accept", "!arrive", "!finish"):
        await hand.step(incident, step)
    await hand.does(incident, "inspect", "dispatcher")
    await hand.does(incident, "close", "dispatcher", disposition="resolved")

    ways = [(line["kind"], line["status_to"]) for line in await hand.history(incident)]
    assert ways == [
        ("reported", "reported"),
        ("received", "received"),
        ("verifying", "verifying"),
        ("accepted", "verifying"),
        ("on_scene", "verifying"),
        ("done", "received"),
        ("filed", "filed"),
        ("offered", "dispatched"),
        ("accepted", "dispatched"),
        ("on_scene", "handling"),
        ("done", "handled"),
        ("inspecting", "inspecting"),
        ("closed", "closed"),
    ]
    seen = (await hand.client.get(f"/api/incidents/{incident}", headers=bearing(resident))).json()
    assert (seen["status"], seen["disposition"]) == ("closed", "resolved")
    assert [line["kind"] for line in seen["history"]] == [kind for kind, _ in ways]
    assert seen["history"][-1]["facts"] == {"disposition": "resolved"}
    assert [line["facts"] for line in seen["history"][:-1]] == [{}] * 12, "what is said at the desk stays there"


async def test_who_reported_is_told_why_it_was_rejected_and_nothing_of_what_was_said_inside(hand: Hand) -> None:
    await hand.open()
    resident = bearing(hand.tokens["resident"])
    incident = (await hand.client.report("noise", token=hand.tokens["resident"])).json()["id"]
    await hand.step(incident, "!decline")
    await hand.does(incident, "dispatch", worker=str(hand.staff.ids["W3"]), reason="老王又不接")
    await hand.does(incident, "supervise", note="重点盯")
    await hand.does(incident, "void", reason="重复登记")
    seen = await hand.client.get(f"/api/incidents/{incident}", headers=resident)
    for inside in ("老王又不接", "重点盯", "busy", "W1", "W2", "W3"):
        assert inside not in seen.text
    assert seen.json()["history"][-1]["facts"] == {"reason": "重复登记"}
    assert "老王又不接" in (await hand.client.get(f"/api/incidents/{incident}")).text


async def test_a_hazard_is_offered_at_once_and_due_within_half_an_hour(hand: Hand) -> None:
    await hand.place.add_category("hazard", deadline_minutes=30)
    await hand.open()
    incident = (await hand.client.report("hazard", token=hand.tokens["resident"])).json()["id"]
    assert await hand.who(incident) == {"lead": "W1"}
    row = await hand.staff.row(incident)
    assert datetime.fromisoformat(row["deadline"]) - datetime.fromisoformat(row["reported_at"]) == timedelta(
        minutes=30
    )
    await hand.step(incident, "!accept")
    figures = (await hand.client.get("/api/board")).json()["figures"]
    await pass_time(hand.place, timedelta(minutes=30, seconds=1))
    await hand.until_lines(incident, "overdue")
    assert (await hand.history(incident))[-1]["actor"] == "rules"
    assert (await hand.client.get("/api/board")).json()["figures"]["overdue"] == figures["overdue"] + 1
    other = (await hand.client.report("hazard")).json()["id"]
    for step in ("!accept", "!arrive", "!finish"):
        await hand.step(other, step)
    await pass_time(hand.place, timedelta(minutes=31))
    await hand.until_timers(other)
    assert "overdue" not in await hand.lines(other), "handled in time, not closed yet"


async def test_who_declined_is_asked_again_after_half_an_hour(hand: Hand) -> None:
    await hand.staff.hire("only", middle(0, 0))
    await hand.staff.open()
    incident = (await hand.client.report("fire")).json()["id"]
    assert await hand.who(incident) == {}
    incident = (await hand.client.report("noise")).json()["id"]
    await hand.step(incident, "!decline")
    assert await hand.who(incident) == {}
    await pass_time(hand.place, timedelta(minutes=29))
    assert await hand.who(incident) == {}
    await pass_time(hand.place, timedelta(minutes=1, seconds=1))
    await hand.until_who(incident, {"lead": "only"})


async def test_what_the_town_forgot_to_roster_is_done_by_who_is_reserved(hand: Hand) -> None:
    await hand.staff.hire("spare", middle(0, 0), shift=None)
    await hand.staff.open()
    incident = (await hand.client.report("noise")).json()["id"]
    assert await hand.who(incident) == {}
    await hand.place.run(
        """INSERT INTO reservation (id, worker_id, during, incident_id, purpose, made_by, made_at)
        VALUES (gen_random_uuid(), :worker, tstzrange(now() + interval '1 hour', now() + interval '2 hours'), :incident,
        '约好上门', 'x', now())""",
        worker=hand.staff.ids["spare"],
        incident=incident,
    )
    await hand.place.run(
        "INSERT INTO timer (kind, incident_id, due_at) VALUES ('reserved', :id, now() + interval '1 hour')",
        id=incident,
    )
    await pass_time(hand.place, timedelta(minutes=59))
    assert await hand.who(incident) == {}
    await pass_time(hand.place, timedelta(minutes=1, seconds=1))
    await hand.until_who(incident, {"lead": "spare"})
    assert (await hand.history(incident))[-1]["facts"]["reserved"] is True
