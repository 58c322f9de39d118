"""M11, Quwo: no heat at a lone elder's — building head, hub household, grid leader; repaired within two hours."""

from datetime import datetime, timedelta

from tests.support.client import bearing
from tests.support.hand import Hand, pass_time
from tests.support.place import middle

TEN_MINUTES = timedelta(minutes=10)


async def street(hand: Hand) -> None:
    """Build what Quwo has: a building's head and a hub household in the grid, the grid's leader, the chief on duty."""
    await hand.place.add_area("B1", "micro_grid", "G00")
    await hand.place.add_category(
        "no_heat", ladder="from_the_door", deadline_minutes=120, ranking="own_grid_first", layer="governance"
    )
    staff = hand.staff
    await staff.hire("head", None, home="B1", role="building_head")
    await staff.hire("head elsewhere", None, home="G20", role="building_head")
    await staff.hire("hub", None, home="G00", role="hub_household")
    await staff.hire("leader", None, home="G00", role="grid_leader")
    await staff.hire("duty", None, role="duty_chief")
    await staff.hire("repair", middle(0, 0), home="G00", role="grid_worker")
    await hand.place.add_department("heating", "no_heat")
    await staff.open()


async def test_the_building_head_is_asked_first_and_it_is_done_in_time(hand: Hand) -> None:
    await street(hand)
    resident = hand.tokens["resident"]
    told = (await hand.client.report("no_heat", token=resident)).json()
    incident = told["id"]
    assert await hand.who(incident) == {"lead": "head"}
    row = await hand.staff.row(incident)
    due = datetime.fromisoformat(row["deadline"]) - datetime.fromisoformat(row["reported_at"])
    assert due == timedelta(hours=2)
    for step in ("!accept", "!arrive", "!finish"):
        await hand.step(incident, step)
    await hand.does(incident, "close", disposition="resolved")
    seen = (await hand.client.get(f"/api/incidents/{incident}", headers=bearing(resident))).json()
    assert (seen["status"], seen["disposition"]) == ("closed", "resolved")
    assert datetime.fromisoformat(seen["closed_at"]) < datetime.fromisoformat(seen["deadline"])


async def test_who_does_not_answer_within_ten_minutes_is_followed_by_the_next_up(hand: Hand) -> None:
    await street(hand)
    incident = (await hand.client.report("no_heat")).json()["id"]
    for asked, following in (("head", "hub"), ("hub", "leader"), ("leader", "duty")):
        assert await hand.who(incident) == {"lead": asked}
        await pass_time(hand.place, TEN_MINUTES - timedelta(seconds=30))
        assert await hand.who(incident) == {"lead": asked}
        await pass_time(hand.place, timedelta(seconds=30))
        await hand.until_who(incident, {"lead": following})
    climbed = [line["facts"] for line in await hand.history(incident) if line["kind"] == "climbed"]
    assert [line["reached"] for line in climbed] == ["hub_household", "grid_leader", "duty_chief"]
    await pass_time(hand.place, TEN_MINUTES)
    await hand.until_who(incident, {"dept_heating": "heating"})
    assert await hand.needs(incident) == {"lead": "dropped", "dept_heating": "taken"}


async def test_who_says_no_is_followed_at_once_and_after_two_hours_it_is_overdue(hand: Hand) -> None:
    await street(hand)
    incident = (await hand.client.report("no_heat")).json()["id"]
    await hand.step(incident, "!decline")
    assert await hand.who(incident) == {"lead": "hub"}
    await hand.step(incident, "!accept")
    await pass_time(hand.place, timedelta(minutes=119))
    assert "overdue" not in await hand.lines(incident)
    await pass_time(hand.place, timedelta(minutes=1, seconds=1))
    await hand.until_lines(incident, "overdue")
    assert (await hand.who(incident), await hand.stands(incident)) == ({"lead": "hub"}, "dispatched")
    await hand.step(incident, "!finish")
    await pass_time(hand.place, timedelta(hours=5))
    assert (await hand.lines(incident)).count("overdue") == 1


async def test_with_nobody_in_the_building_the_rung_is_passed_over(hand: Hand) -> None:
    await street(hand)
    await hand.place.roster(hand.staff.ids["head"], None)
    await hand.place.roster(hand.staff.ids["hub"], None)
    await hand.staff.open()
    incident = (await hand.client.report("no_heat")).json()["id"]
    assert await hand.who(incident) == {"lead": "leader"}
    assert [line["facts"] for line in await hand.history(incident) if line["kind"] == "climbed"] == [
        {"slot": "lead", "left": "building_head", "reached": "grid_leader"}
    ]
