"""M17, Baijiantan: a worker on patrol reports a grass fire; the brigade comes at once; somebody there in ten minutes."""

from datetime import timedelta

from tests.support.hand import WHY, Hand, pass_time
from tests.support.place import middle


async def steppe(hand: Hand) -> None:
    """Build a fire's rule: whoever is nearest, the brigade and the estate's station; ten minutes to the first there."""
    await hand.place.add_category(
        "grass_fire", urgency="emergency", scene_minutes=10, deadline_minutes=60, offer_seconds=60
    )
    await hand.place.add_slot("grass_fire", "brigade", responder="team", skill="fire", exclusive=True)
    await hand.place.add_slot("grass_fire", "property", responder="station")
    staff = hand.staff
    await staff.hire("patrol", middle(0, 0), home="G00", skills=("patrol",))
    await staff.hire("near", middle(0.2, 0), home="G00")
    await staff.hire("fireman", None)
    await hand.place.add_unit("brigade", middle(2, 1), members=[staff.ids["fireman"]], skills=("fire",), capacity=1)
    await hand.place.add_unit("estate", middle(1, 1), kind="station")
    await staff.open()


async def test_lead_brigade_and_estate_go_at_once_and_it_is_handled_when_all_are_done(hand: Hand) -> None:
    await steppe(hand)
    hand.tokens["patrol"] = hand.staff.tokens["patrol"]
    answer = await hand.client.report("grass_fire", token=hand.tokens["patrol"])
    incident = answer.json()["id"]
    assert [task["slot"] for task in answer.json()["tasks"]] == ["lead", "brigade", "property"]
    assert await hand.who(incident) == {"lead": "patrol", "brigade": "brigade", "property": "estate"}
    assert sorted(await hand.timers(incident)) == ["deadline", "offer", "offer", "offer", "scene"]
    by_slot = {task["slot"]: task["id"] for task in await hand.active(incident)}
    say = hand.staff.say

    await say("fireman", by_slot["brigade"], "accept")
    assert await hand.stands(incident) == "dispatched"
    await say("fireman", by_slot["brigade"], "arrive")
    assert await hand.stands(incident) == "handling"
    row = await hand.staff.row(incident)
    assert row["first_on_scene_at"] is not None
    await say("patrol", by_slot["lead"], "accept")
    await say("patrol", by_slot["lead"], "finish", result="done")
    assert await hand.stands(incident) == "handling"
    await say("fireman", by_slot["brigade"], "finish", result="done")
    assert await hand.stands(incident) == "dispatched", "the estate is still asked"
    await hand.does(incident, "withdraw", **WHY, task=by_slot["property"], hold=True)
    assert await hand.stands(incident) == "filed", "a place that is kept for the hand is not done"
    await pass_time(hand.place, timedelta(minutes=11))
    await hand.until_timers(incident, "deadline")
    assert "scene_late" not in await hand.lines(incident), "the brigade was there"


async def test_nobody_there_after_ten_minutes_is_told_once(hand: Hand) -> None:
    await steppe(hand)
    incident = (await hand.client.report("grass_fire")).json()["id"]
    for task in await hand.active(incident):
        code = {"brigade": "fireman"}.get(task["code"], task["code"])
        if code in hand.staff.tokens:
            await hand.staff.say(code, task["id"], "accept")
    await pass_time(hand.place, timedelta(minutes=9, seconds=50))
    assert "scene_late" not in await hand.lines(incident)
    await pass_time(hand.place, timedelta(seconds=11))
    await hand.until_lines(incident, "scene_late")
    await pass_time(hand.place, timedelta(minutes=20))
    assert (await hand.lines(incident)).count("scene_late") == 1


async def test_the_brigade_is_at_one_fire_only_and_a_place_waits_while_others_go(hand: Hand) -> None:
    await steppe(hand)
    first = (await hand.client.report("grass_fire")).json()["id"]
    second = (await hand.client.report("grass_fire")).json()["id"]
    assert (await hand.who(first))["brigade"] == "brigade"
    assert await hand.who(second) == {"lead": "near", "property": "estate"}
    row = await hand.staff.row(second)
    assert (row["status"], row["waiting"], (await hand.needs(second))["brigade"]) == ("dispatched", True, "open")
    [task] = [one for one in await hand.active(first) if one["slot"] == "brigade"]
    await hand.staff.say("fireman", task["id"], "accept")
    await hand.staff.say("fireman", task["id"], "finish", result="done")
    await hand.until_who(second, {"lead": "near", "brigade": "brigade", "property": "estate"})
    assert (await hand.staff.row(second))["waiting"] is False


async def test_what_the_patrol_returns_does_not_keep_the_brigade_away(hand: Hand) -> None:
    await steppe(hand)
    first = (await hand.client.report("grass_fire")).json()["id"]
    second = (await hand.client.report("grass_fire")).json()["id"]
    lead, estate = await hand.active(second)
    await hand.does(second, "withdraw", **WHY, task=estate["id"], hold=True)
    await hand.staff.say("near", lead["id"], "return", reason="不是我的网格")
    assert (await hand.stands(second), await hand.active(second)) == ("returned", [])
    await hand.does(first, "void", **WHY)
    await hand.until_who(second, {"brigade": "brigade"})
    assert await hand.stands(second) == "dispatched"
