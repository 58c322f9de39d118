"""An incident comes in at the door, is offered to the right worker, is listed, looked at and closed."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from geo.datum import Datum, from_wgs84
from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff


async def test_a_report_lands_in_its_grid_and_is_offered_to_the_nearest_worker(staff: Staff) -> None:
    near = await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(1, 0))
    await staff.open()

    answer = await staff.client.report("noise")

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["status"] == "dispatched"
    assert told["grid"]["code"] == "G00"
    assert [area["code"] for area in told["areas"]] == ["C1", "G00"]
    assert told["tasks"][0]["worker"] == {"id": str(near), "code": "W1"}
    assert [(c["worker"]["code"], c.get("reason"), c.get("shortfall")) for c in told["candidates"]] == [
        ("W1", "nearest", None),
        ("W2", None, "farther"),
    ]
    assert await staff.load("W1") == (1, False)


async def test_what_was_answered_is_what_was_written(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.open()
    told = (await staff.client.report("noise", address="学院路 3 号")).json()
    row = await staff.row(told["id"])
    for name in ("id", "status", "urgency", "category", "grid"):
        assert row[name] == told[name], name
    assert datetime.fromisoformat(row["deadline"]) == datetime.fromisoformat(told["deadline"])
    assert row["task"]["id"] == told["tasks"][0]["id"]
    assert row["task"]["worker"] == {**told["tasks"][0]["worker"], "name": "王*", "kind": "person"}
    assert (row["description"], row["address"], row["waiting"]) == ("路灯不亮", "学院路 3 号", False)
    assert row["candidates"] == told["candidates"]
    assert row["areas"] == told["areas"]
    assert [(line["kind"], line["from"], line["to"]) for line in row["history"]] == [
        ("filed", None, "filed"),
        ("offered", "filed", "dispatched"),
    ]


async def test_without_anybody_able_the_incident_waits_visibly(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("fire")).json()
    assert (told["status"], told["tasks"]) == ("filed", [])
    assert [(one["worker"]["code"], one["shortfall"]) for one in told["candidates"]] == [("W1", "no_skill")]
    row = await staff.row(told["id"])
    assert (row["waiting"], row["task"], row["status"]) == (True, None, "filed")


async def test_an_exclusive_matter_needs_empty_hands_and_keeps_everything_else_away(staff: Staff) -> None:
    await staff.hire("W1", skills=("fire",), capacity=3)
    await staff.open()
    assert (await staff.client.report("noise")).json()["status"] == "dispatched"
    await staff.client.caught_up()
    told = (await staff.client.report("fire")).json()
    assert (told["status"], told["candidates"][0]["shortfall"]) == ("filed", "exclusive")
    [noise] = await staff.tasks("W1")
    await staff.say("W1", noise["id"], "decline", reason="busy")
    await staff.until_row(told["id"], lambda row: row["status"] == "dispatched")
    assert await staff.load("W1") == (1, True)
    await staff.client.caught_up()
    assert (await staff.client.report("noise")).json()["candidates"][0]["shortfall"] == "exclusive"


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
async def test_the_same_place_in_another_datum_lands_in_the_same_grid(staff: Staff, datum: str) -> None:
    await staff.open()
    lng, lat = (float(axis) for axis in from_wgs84(*middle(1, 1), Datum(datum)))
    told = (await staff.client.report("noise", at=(lng, lat), datum=datum)).json()
    assert told["grid"]["code"] == "G11"
    [row] = await staff.place.run("SELECT given_lng, given_lat, given_datum, st_x(point) AS lng FROM incident")
    assert (row.given_lng, row.given_lat, row.given_datum) == (lng, lat, datum)
    assert row.lng == pytest.approx(middle(1, 1)[0], abs=1e-7)


async def test_near_the_town_it_is_taken_without_a_grid_and_the_likely_datum_is_named(staff: Staff) -> None:
    """Half a kilometre east of the last grid: where GCJ-02 would put a point inside it."""
    await staff.hire("W1")
    await staff.open()
    lng, lat = (float(axis) for axis in from_wgs84(*middle(2.45, 0.5), Datum.GCJ02))
    told = (await staff.client.report("lamp", at=(lng, lat))).json()
    assert told["grid"] is None
    assert told["nearest_grid"]["code"].startswith("G2")
    assert (told["hint"], told["likely_datum"]) == ("datum", "gcj02")
    assert (told["status"], told["areas"], told["tasks"]) == ("filed", [], [])
    assert told["candidates"][0]["shortfall"] == "other_grid"
    row = await staff.row(told["id"])
    assert row["nearest_grid"]["code"] == told["nearest_grid"]["code"]


async def test_an_urgent_matter_outside_every_grid_still_goes_to_the_nearest(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("noise", at=middle(4, 0))).json()
    assert (told["grid"], told["status"]) == (None, "dispatched")


async def test_far_from_town_it_is_refused_and_nothing_is_written(staff: Staff) -> None:
    await staff.open()
    before = await staff.counted()
    answer = await staff.client.report("noise", at=(119.3, 27.0))
    assert answer.status_code == 422
    refused = answer.json()
    assert (refused["code"], refused["status"]) == ("far_from_town", 422)
    assert refused["metres"] == pytest.approx(96_000, rel=0.03)
    assert await staff.counted() == before


async def test_the_deadline_runs_from_when_it_was_seen(staff: Staff) -> None:
    await staff.open()
    seen = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    told = (await staff.client.report("noise", reported_at=seen.isoformat())).json()
    assert datetime.fromisoformat(told["deadline"]) == seen + timedelta(hours=1)
    local = seen.astimezone().isoformat()
    assert (await staff.client.report("noise", reported_at=local)).status_code == 201


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"category": "flood"}, 422, "unknown_category"),
        ({"reported_at": "2199-01-01T00:00:00Z"}, 422, "time_in_future"),
        ({"reported_at": "2020-01-01T00:00:00Z"}, 422, "time_too_old"),
        ({"reported_at": "2026-11-20T12:00:00"}, 422, "invalid_request"),
        ({"datum": "mars"}, 422, "invalid_request"),
        ({"lng": 181}, 422, "point_out_of_range"),
        ({"lat": -90.1}, 422, "point_out_of_range"),
        ({"description": ""}, 422, "invalid_request"),
        ({"description": "   "}, 422, "invalid_request"),
        ({"description": "长" * 4001}, 422, "invalid_request"),
        ({"address": "长" * 301}, 422, "invalid_request"),
        ({"descripton": "x"}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_its_code(
    staff: Staff, given: dict[str, object], status: int, code: str
) -> None:
    await staff.open()
    before = await staff.counted()
    answer = (
        await staff.client.report("noise", **given) if "category" not in given else await staff.client.report(**given)
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert await staff.counted() == before


async def test_a_town_without_ground_takes_no_incident(staff: Staff) -> None:
    await staff.place.add_category("clinic", layer="health")
    await staff.open()
    answer = await staff.client.report("clinic")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_ground")


async def test_incidents_are_listed_newest_first_page_by_page_and_by_what_is_asked(staff: Staff) -> None:
    await staff.hire("W1", capacity=2)
    await staff.open()
    ids = []
    for at in (middle(0, 0), middle(1, 1), middle(0, 1), middle(2, 0), middle(1, 1)):
        ids.append((await staff.client.report("noise", at=at)).json()["id"])
        await staff.client.caught_up()
    lamp = (await staff.client.report("lamp", at=middle(5, 0))).json()["id"]

    async def listed(**asked: object) -> list[str]:
        found, after = [], None
        while True:
            page = {"after": after} if after else {}
            answer = await staff.client.get("/api/incidents", params=asked | page)
            assert answer.status_code == 200, answer.text
            found += [row["id"] for row in answer.json()["items"]]
            after = answer.json()["next"]
            if after is None:
                return found

    newest_first = [lamp, *reversed(ids)]
    assert await listed() == newest_first
    assert await listed(limit=2) == newest_first
    assert await listed(limit=3) == newest_first
    assert await listed(category="lamp") == [lamp]
    assert await listed(grid="G11") == [ids[4], ids[1]]
    assert await listed(status="dispatched") == [ids[1], ids[0]]
    assert await listed(status="filed", limit=1) == [lamp, *reversed(ids[2:])]
    assert await listed(open=True) == newest_first
    assert await listed(status="closed") == []
    assert await listed(grid="nowhere") == []


async def handled(staff: Staff) -> str:
    told = (await staff.client.report("noise")).json()
    task = told["tasks"][0]["id"]
    await staff.say("W1", task, "accept")
    assert (await staff.say("W1", task, "finish", result="done")).status_code == 200
    return str(told["id"])


async def test_a_handled_incident_is_closed_and_says_what_came_of_it(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    incident = await handled(staff)
    answer = await staff.client.post(f"/api/incidents/{incident}/close", json={"disposition": "mediated"})
    told = answer.json()
    assert (answer.status_code, told["id"], told["status"], told["disposition"]) == (
        200,
        incident,
        "closed",
        "mediated",
    )
    row = await staff.row(incident)
    assert (row["status"], row["disposition"], row["waiting"]) == ("closed", "mediated", False)
    assert row["closed_at"] is not None
    assert [line["kind"] for line in row["history"]] == ["filed", "offered", "accepted", "done", "closed"]
    assert [line["actor"] for line in row["history"]] == ["account", "rules", "worker", "worker", "account"]
    again = await staff.client.post(f"/api/incidents/{incident}/close", json={"disposition": "resolved"})
    assert (again.status_code, again.json()["code"]) == (409, "move_not_allowed")
    assert (again.json()["stands"], again.json()["to"]) == ("closed", "closed")
    assert (await staff.row(incident))["disposition"] == "mediated"
    assert (await staff.client.get("/api/incidents", params={"open": True})).json()["items"] == []


async def test_an_incident_that_is_not_handled_cannot_be_closed(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("noise")).json()
    answer = await staff.client.post(f"/api/incidents/{told['id']}/close", json={"disposition": "resolved"})
    assert answer.status_code == 409
    assert answer.json() | {"title": ""} == {
        "type": "about:blank",
        "title": "",
        "status": 409,
        "code": "move_not_allowed",
        "stands": "dispatched",
        "to": "closed",
    }


async def test_an_incident_that_waits_may_be_closed_and_is_offered_to_nobody_later(staff: Staff) -> None:
    await staff.open()
    told = (await staff.client.report("noise")).json()
    answer = await staff.client.post(f"/api/incidents/{told['id']}/close", json={"disposition": "transferred"})
    assert answer.status_code == 200
    await staff.hire("W1")
    await staff.open()
    await asyncio.sleep(0.5)
    row = await staff.row(told["id"])
    assert (row["status"], row["disposition"], row["task"], row["waiting"]) == ("closed", "transferred", None, False)
    assert await staff.load("W1") == (0, False)


async def test_an_unknown_incident_is_not_found(staff: Staff) -> None:
    await staff.open()
    for answer in (
        await staff.client.get(f"/api/incidents/{uuid4()}"),
        await staff.client.post(f"/api/incidents/{uuid4()}/close", json={"disposition": "resolved"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_incident")


async def test_anybody_with_a_token_may_report_and_is_named_by_it_alone(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    for token in (staff.tokens["W1"], await staff.place.token("resident")):
        answer = await staff.client.report("noise", token=token)
        assert answer.status_code == 201
    reporters = [
        row.reporter.split(":")[0] for row in await staff.place.run("SELECT reporter FROM incident ORDER BY id")
    ]
    assert reporters == ["worker", "account"]


async def test_the_categories_are_listed_with_their_rules_the_most_urgent_first(staff: Staff) -> None:
    await staff.open()
    answer = await staff.client.get("/api/categories", headers=bearing(await staff.place.token("resident")))
    found = answer.json()
    assert [one["code"] for one in found] == ["fire", "noise", "lamp", "other"]
    assert found[0] == {
        "code": "fire",
        "name": "fire",
        "name_en": "fire",
        "urgency": "emergency",
        "layer": "governance",
        "kind": "matter",
        "skill": "fire",
        "ranking": "nearest",
        "exclusive": True,
        "deadline_minutes": 60,
        "departments": [],
    }
