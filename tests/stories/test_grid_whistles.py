"""M19, Baijiantan: the grid whistles, departments report in — and what becomes of those that do not."""

from datetime import timedelta

from tests.support.client import bearing
from tests.support.hand import WHY, Hand, pass_time
from tests.support.place import middle

HALF_AN_HOUR = timedelta(minutes=30, seconds=1)


async def gas_leak(hand: Hand) -> tuple[str, str]:
    """Report a leak; return the ids of the incident and of the grid worker's task, accepted."""
    await hand.place.add_category("leak", deadline_minutes=600)
    for code in ("water", "gas"):
        id_ = await hand.place.add_department(code, "leak", home=None)
        hand.staff.tokens[code] = await hand.place.token("department", id_)
        hand.staff.ids[code] = id_
    await hand.staff.hire("W1", middle(0, 0))
    await hand.staff.open()
    incident = (await hand.client.report("leak")).json()["id"]
    await hand.step(incident, "!accept")
    [task] = await hand.active(incident)
    return incident, task["id"]


async def test_the_departments_that_the_matter_names_report_in_each_for_itself(hand: Hand) -> None:
    incident, task = await gas_leak(hand)
    answer = await hand.staff.say("W1", task, "whistle", reason="要关阀")
    assert answer.status_code == 200
    assert await hand.who(incident) == {"lead": "W1", "dept_gas": "gas", "dept_water": "water"}
    line = (await hand.history(incident))[-1]
    assert (line["kind"], line["facts"]["departments"], line["facts"]["reason"]) == (
        "whistled",
        ["gas", "water"],
        "要关阀",
    )
    for code in ("gas", "water"):
        [asked] = await hand.staff.tasks(code)
        assert asked["incident"]["grid"]["code"] == "G00"
        assert (await hand.staff.say(code, asked["id"], "accept")).status_code == 200
        seen = await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.staff.tokens[code]))
        assert seen.status_code == 200
    assert (await hand.lines(incident)).count("reported_in") == 2
    again = await hand.staff.say("W1", task, "whistle", reason="再来")
    assert again.json()["code"] == "already_on_it"


async def test_who_is_late_is_reminded_then_supervised_then_left_to_the_centre(hand: Hand) -> None:
    incident, task = await gas_leak(hand)
    await hand.staff.say("W1", task, "whistle", **WHY)
    [gas] = await hand.staff.tasks("gas")
    await hand.staff.say("gas", gas["id"], "accept")
    for line in ("reminded", "supervised"):
        await pass_time(hand.place, HALF_AN_HOUR)
        await hand.until_lines(incident, *{"reminded": ["reminded"], "supervised": ["reminded", "supervised"]}[line])
        said = [one for one in await hand.history(incident) if one["kind"] == line]
        assert [(one["actor"], one["facts"]["department"]) for one in said] == [("rules", "water")]
        assert (await hand.who(incident))["dept_water"] == "water"
    await pass_time(hand.place, HALF_AN_HOUR)
    await hand.until_who(incident, {"lead": "W1", "dept_gas": "gas"})
    row = await hand.staff.row(incident)
    assert ((await hand.needs(incident))["dept_water"], row["status"], row["waiting"]) == ("held", "dispatched", True)

    # whistled for once more it has as much patience again
    await hand.does(incident, "whistle", **WHY, departments=[str(hand.staff.ids["water"])])
    await pass_time(hand.place, HALF_AN_HOUR)
    await hand.until_count(incident, "reminded", 2)
    assert await hand.who(incident) == {"lead": "W1", "dept_gas": "gas", "dept_water": "water"}
    kinds = [kind for kind in await hand.lines(incident) if kind in ("whistled", "reminded", "supervised")]
    assert kinds == ["whistled", "reminded", "supervised", "whistled", "reminded"]


async def test_departments_are_told_apart_whatever_they_are_called(hand: Hand) -> None:
    await hand.staff.hire("W1", middle(0, 0))
    ids = [str(await hand.place.add_department(code)) for code in ("城管局", "水务局", "a-b", "a_b", "A.B")]
    await hand.staff.open()
    incident = (await hand.client.report("noise")).json()["id"]
    await hand.does(incident, "whistle", **WHY, departments=ids)
    assert sorted((await hand.who(incident)).values()) == sorted(["W1", "城管局", "水务局", "a-b", "a_b", "A.B"])


async def test_a_department_that_declines_leaves_its_part_to_the_centre(hand: Hand) -> None:
    incident, task = await gas_leak(hand)
    await hand.staff.say("W1", task, "whistle", **WHY)
    [gas] = await hand.staff.tasks("gas")
    await hand.staff.say("gas", gas["id"], "decline", reason="not_mine", note="属于水务")
    assert (await hand.needs(incident))["dept_gas"] == "held"
    assert (await hand.staff.row(incident))["waiting"] is True
    [water] = await hand.staff.tasks("water")
    for move, body in (("accept", {}), ("finish", {"result": "done"})):
        await hand.staff.say("water", water["id"], move, **body)
    await hand.staff.say("W1", task, "finish", result="done")
    assert await hand.stands(incident) == "filed", "the centre decides what becomes of the part that was declined"
    await hand.does(incident, "close", disposition="transferred")


async def test_out_of_hours_nobody_is_asked_and_the_departments_are_whistled_for(hand: Hand) -> None:
    await hand.place.add_category("night", urgency="emergency")
    await hand.place.add_department("watch", "night")
    for code, role in (("W1", "grid_worker"), ("leader", "grid_leader"), ("duty", "duty_chief")):
        await hand.staff.hire(code, middle(0, 0), home="G00", role=role, shift=None)
    await hand.staff.open()
    incident = (await hand.client.report("night")).json()["id"]
    assert await hand.who(incident) == {"dept_watch": "watch"}
    kinds = [(line["kind"], line["facts"].get("reached")) for line in await hand.history(incident)]
    assert kinds == [("filed", None), ("climbed", "departments"), ("whistled", None)]


async def test_with_nobody_on_duty_and_no_department_it_waits_in_sight_of_the_centre(hand: Hand) -> None:
    await hand.staff.hire("W1", middle(0, 0), home="G00", shift=None)
    await hand.staff.open()
    incident = (await hand.client.report("fire")).json()["id"]
    row = await hand.staff.row(incident)
    assert (row["status"], row["waiting"], row["needs"][0]["whom"]) == ("filed", True, "centre")
    assert {one["worker"]["code"]: one["shortfall"] for one in row["candidates"]} == {"W1": "no_skill"}
    await hand.place.roster(hand.staff.ids["W1"], None)
    await hand.does(incident, "dispatch", worker=str(hand.staff.ids["W1"]), reason="把人叫回来")
    assert await hand.who(incident) == {"lead": "W1"}
