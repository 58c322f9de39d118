"""M3 and M4, Jian'ou: the health layer's own teams; M6: couriers lend a hand; M7: elders mediate; M13: stations by the hour."""

from datetime import timedelta

from tests.support.hand import WHY, Hand, pass_time
from tests.support.place import middle, square


async def test_a_matter_of_health_goes_to_the_team_of_that_small_grid(hand: Hand) -> None:
    place, staff = hand.place, hand.staff
    for column, code in enumerate(("H0", "H1")):
        await place.add_grid(code, square(column, 0), "C1", layer="health")
    await place.add_category(
        "fever", layer="health", responder="team", skill="family_doctor", ranking="own_grid_first"
    )
    await place.add_slot("fever", "visit", responder="person", skill="grid")
    for code, home in (("nurse0", "H0"), ("nurse1", "H1")):
        await staff.hire(code, None, home=home)
        # 4+N: the team of the next grid stands nearer to the report than its own
        at = middle(0.95, 0) if code == "nurse1" else middle(-0.4, 0)
        await place.add_unit(f"team{home[-1]}", at, members=[staff.ids[code]], skills=("family_doctor",), home=home)
    await staff.hire("grid worker", middle(0, 0), home="G00", skills=("grid",))
    await staff.open()
    answer = await hand.client.report("fever", middle(0.45, 0))
    incident = answer.json()["id"]
    assert answer.json()["grid"]["code"] == "H0"
    assert await hand.who(incident) == {"lead": "team0", "visit": "grid worker"}
    [task] = await staff.tasks("nurse0")
    assert await staff.tasks("nurse1") == []
    await staff.say("nurse0", task["id"], "decline", reason="busy")
    assert (await hand.who(incident))["lead"] == "team1", "the neighbours' next"


async def test_couriers_report_and_are_asked_only_for_what_suits_them(hand: Hand) -> None:
    staff = hand.staff
    await hand.place.add_category("parcel", mobile=True)
    courier = await staff.hire("courier", middle(0, 0), employment="mobile", capacity=3)
    await staff.open()
    noise = (await hand.client.report("noise", token=staff.tokens["courier"])).json()
    assert (noise["status"], noise["tasks"]) == ("filed", [])
    assert [one["shortfall"] for one in (await hand.staff.row(noise["id"]))["candidates"]] == ["not_suited"]
    parcel = (await hand.client.report("parcel", token=staff.tokens["courier"])).json()["id"]
    assert await hand.who(parcel) == {"lead": "courier"}
    await hand.does(noise["id"], "dispatch", worker=str(courier), **WHY)
    assert (await hand.history(noise["id"]))[-1]["facts"]["overruled"] == "not_suited"


async def test_a_dispute_goes_to_a_mediator_and_closes_as_mediated(hand: Hand) -> None:
    await hand.place.add_category("dispute", skill="mediation", urgency="ordinary", deadline_minutes=2880)
    await hand.staff.hire("near", middle(0, 0), skills=("repair",))
    await hand.staff.hire("elder", middle(2, 1), skills=("mediation",), employment="part_time")
    await hand.staff.open()
    incident = (await hand.client.report("dispute")).json()["id"]
    assert await hand.who(incident) == {"lead": "elder"}
    for step in ("!accept", "!finish"):
        await hand.step(incident, step)
    told = await hand.does(incident, "close", "dispatcher", disposition="mediated")
    assert (told["status"], told["disposition"]) == ("closed", "mediated")


async def test_who_has_just_been_at_it_rests_and_goes_only_when_nobody_else_can(hand: Hand) -> None:
    await hand.place.add_category("heavy", rest_minutes=30)
    await hand.staff.hire("tired", middle(0, 0))
    await hand.staff.hire("fresh", middle(2, 1))
    await hand.staff.open()
    first = (await hand.client.report("heavy")).json()["id"]
    assert await hand.who(first) == {"lead": "tired"}
    for step in ("!accept", "!finish"):
        await hand.step(first, step)
    await hand.client.caught_up()
    second = (await hand.client.report("heavy")).json()
    assert await hand.who(second["id"]) == {"lead": "fresh"}
    assert {one["worker"]["code"]: one.get("shortfall") for one in second["candidates"]}["tired"] == "resting"
    third = (await hand.client.report("heavy")).json()["id"]
    assert await hand.who(third) == {"lead": "tired"}, "one who rests is better than nobody"


async def test_a_waiting_place_is_left_after_its_patience_and_climbs_to_the_top(hand: Hand) -> None:
    await hand.place.add_ladder("patient", ("ranked", 2, 60, 300), ("grid_leader", 1, 60, 0), ("centre", 1, None, 0))
    await hand.place.add_category("slow", ladder="patient", skill="rare")
    await hand.staff.hire("leader", None, home="G00", role="grid_leader")
    await hand.staff.open()
    incident = (await hand.client.report("slow")).json()["id"]
    row = await hand.staff.row(incident)
    assert (row["status"], row["waiting"], row["needs"][0]["whom"]) == ("filed", True, "ranked")
    await pass_time(hand.place, timedelta(minutes=4, seconds=50))
    assert await hand.who(incident) == {}
    await pass_time(hand.place, timedelta(seconds=11))
    await hand.until_who(incident, {"lead": "leader"})
    await pass_time(hand.place, timedelta(minutes=1))
    await hand.until_lines(incident, "filed", "waiting", "climbed", "offered", "expired", "climbed", "waiting")
    row = await hand.staff.row(incident)
    assert (row["needs"][0]["whom"], row["needs"][0]["state"], await hand.timers(incident)) == (
        "centre",
        "open",
        ["deadline"],
    )
    await hand.staff.hire("specialist", middle(2, 0), skills=("rare",))
    await hand.staff.open()
    await hand.until_who(incident, {"lead": "specialist"})
