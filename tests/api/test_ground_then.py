"""Grids at a moment, their versions, the tree, and matters that keep the grid of their moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import box

from data.grids import Purpose
from data.importing.writing import write_drawn
from data.store import transaction
from dispatch.desk.keep import renew
from tests.support.client import bearing, until
from tests.support.drawings import drawn
from tests.support.place import SOUTH, STEP, WEST, middle, square
from tests.support.staff import Staff


async def grids_at(staff: Staff, at: datetime | str | None, **more: str) -> dict[str, Any]:
    asked = {} if at is None else {"at": at if isinstance(at, str) else at.isoformat()}
    answer = await staff.client.get("/api/grids", params=asked | more)
    assert answer.status_code == 200, answer.text
    return {one["properties"]["code"]: one for one in answer.json()["features"]}


async def redraw(staff: Staff, url: str, *grids: Any, **how: Any) -> datetime:
    """Redraw grids, let the city follow, and return the moment since when they are so."""
    begins, replace = how.pop("begins", None), how.pop("replace", False)
    async with transaction(url) as connection:
        assert (await write_drawn(connection, drawn(*grids, **how), begins=begins, replace=replace)).refused == ()
    [row] = await staff.place.run("SELECT max(lower(valid)) AS began FROM grid")
    staff.client.app.state.process.store.bell.ring()
    await staff.client.caught_up()
    began: datetime = row.began
    return began


LEFT = [("G20", (2, 0)), ("G21", (2, 1))]
WIDE, NARROW = (
    box(WEST, SOUTH, WEST + 1.5 * STEP, SOUTH + STEP),
    box(WEST + 1.5 * STEP, SOUTH, WEST + 2 * STEP, SOUTH + STEP),
)


async def test_grids_are_asked_for_as_they_were_are_and_will_be(staff: Staff, owner_url: str) -> None:
    await staff.open()
    began = await redraw(staff, owner_url, ("G00", WIDE), ("G10", NARROW))
    before, after, now = [await grids_at(staff, at) for at in (began - timedelta(microseconds=1), began, None)]
    assert before["G00"]["id"] != after["G00"]["id"] == now["G00"]["id"]
    assert before["G20"]["id"] == after["G20"]["id"], "was not redrawn"
    assert datetime.fromisoformat(before["G00"]["properties"]["valid_to"]) == began
    assert datetime.fromisoformat(after["G00"]["properties"]["valid_from"]) == began
    assert after["G00"]["properties"]["valid_to"] is None
    assert await grids_at(staff, "2019-12-31T23:59:59+08:00") == {}
    assert len(await grids_at(staff, "2020-01-01T08:00:00+08:00")) == 6, "valid from 2020-01-01T00:00Z"
    assert before["G00"]["geometry"] == (await grids_at(staff, "2026-01-01T00:00:00+08:00"))["G00"]["geometry"]


@pytest.mark.parametrize(
    "at",
    [
        "", "2026-01-01", "2026-01-01T00:00:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "NaN", "1767225600", "infinity", "now", "2026-02-30T00:00:00Z",
    ],
)  # fmt: skip
async def test_a_moment_that_is_none_is_refused(at: str, staff: Staff) -> None:
    await staff.open()
    answer = await staff.client.get("/api/grids", params={"at": at})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text


async def test_layers_grids_and_areas_that_are_not_there_have_codes_of_their_own(staff: Staff) -> None:
    await staff.open()
    now = datetime.now(UTC).isoformat()
    for path, asked, told in (
        ("/api/grids", {"layer": "nowhere", "at": now}, (422, "unknown_layer")),
        ("/api/grids/nowhere/versions", {}, (404, "unknown_grid")),
        ("/api/grids/G00/versions", {"layer": "health"}, (404, "unknown_grid")),
        ("/api/areas/nowhere", {}, (404, "unknown_area_of_tree")),
        ("/api/areas", {"under": "nowhere"}, (404, "unknown_area_of_tree")),
        ("/api/areas", {"under": "a-b"}, (422, "invalid_request")),
    ):
        answer = await staff.client.get(path, params=asked)
        assert (answer.status_code, answer.json()["code"]) == told, path
    assert await grids_at(staff, now, layer="health") == {}, "a layer without grids has none"


async def test_a_grid_tells_its_versions_and_where_the_ground_went(staff: Staff, owner_url: str) -> None:
    await staff.open()
    await staff.place.run(
        """INSERT INTO household (id, address, point, cell)
        VALUES (gen_random_uuid(), 'home', st_setsrid(st_makepoint(:x, :y), 4326), 0)""",
        x=WEST + 1.2 * STEP,
        y=SOUTH + STEP / 2,
    )
    began = await redraw(staff, owner_url, ("G00", WIDE), ("G10", NARROW))
    first, second = (await staff.client.get("/api/grids/G10/versions")).json()["items"]
    assert (first["valid_from"], first["before"]) == ("2020-01-01T00:00:00+00:00", [])
    assert datetime.fromisoformat(first["valid_to"]) == datetime.fromisoformat(second["valid_from"]) == began
    went = {one["code"]: (one["households"], one["m2"]) for one in first["after"]}
    assert {code: households for code, (households, _) in went.items()} == {"G00": 1, "G10": 0}
    assert went["G00"][1] == pytest.approx(went["G10"][1], rel=1e-3), "half of it each"
    assert [(one["code"], one["id"]) for one in second["before"]] == [("G10", first["id"])]


async def test_an_old_matter_keeps_the_grid_of_its_moment_and_a_new_one_gets_the_new(
    staff: Staff, owner_url: str
) -> None:
    await staff.open()
    spot = (WEST + 1.2 * STEP, SOUTH + STEP / 2)
    old = (await staff.client.report(at=spot)).json()
    await redraw(staff, owner_url, ("G00", WIDE), ("G10", NARROW))
    new = (await staff.client.report(at=spot)).json()
    then, now = await staff.row(old["id"]), await staff.row(new["id"])
    assert (then["grid"]["code"], now["grid"]["code"]) == ("G10", "G00")
    [first, second] = (await staff.client.get("/api/grids/G10/versions")).json()["items"]
    assert then["grid"]["id"] == first["id"] != second["id"]
    await redraw(staff, owner_url, *((code, square(*at)) for code, at in LEFT), replace=True)
    gone = await staff.row(old["id"])
    assert (gone["grid"]["code"], [area["code"] for area in gone["areas"]]) == ("G10", ["C1", "G10"])


async def test_a_matter_in_a_mall_is_the_mall_s_and_one_of_health_that_of_the_health_grid(
    staff: Staff, owner_url: str
) -> None:
    """On the border of two grids the lowest code has it, dedicated or not."""
    await staff.place.add_category("fever", layer="health")
    await staff.place.add_grid("H1", box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 2 * STEP), "C1", layer="health")
    await staff.open()
    west, south = WEST + 0.25 * STEP, SOUTH + 0.25 * STEP
    mall = box(west, south, west + 0.5 * STEP, south + 0.5 * STEP)
    await redraw(staff, owner_url, ("M1", mall), purpose=Purpose.MALL)
    for category, at, code in (
        ("noise", middle(0, 0), "M1"),
        ("noise", (west / 2 + WEST / 2, SOUTH + STEP / 2), "G00"),
        ("noise", (west, SOUTH + STEP / 2), "G00"),
        ("fever", middle(0, 0), "H1"),
    ):
        told = (await staff.client.report(category, at=at)).json()
        assert told["grid"]["code"] == code, (category, at)
    found = (await grids_at(staff, None))["M1"]["properties"]
    assert (found["kind"], found["purpose"]) == ("dedicated", "mall")


async def test_a_planned_redraw_takes_households_and_matters_over_when_it_begins(
    staff: Staff, owner_url: str
) -> None:
    await staff.open()
    spot = (WEST + 1.2 * STEP, SOUTH + STEP / 2)
    await staff.place.run(
        """INSERT INTO household (id, address, point, cell, area_id, area_path)
        SELECT gen_random_uuid(), 'home', st_setsrid(st_makepoint(:x, :y), 4326), 0, id, path FROM area WHERE code = 'G10'""",
        x=spot[0],
        y=spot[1],
    )
    soon = datetime.now(UTC) + timedelta(seconds=4)
    await redraw(staff, owner_url, ("G00", WIDE), ("G10", NARROW), begins=soon)
    assert (await staff.row((await staff.client.report(at=spot)).json()["id"]))["grid"]["code"] == "G10"
    process = staff.client.app.state.process

    async def begun() -> bool:
        await renew(process.city, process.store.books)
        [row] = await staff.place.run("SELECT ltree2text(subpath(area_path, -1)) AS code FROM household")
        return bool(row.code == "G00")

    await until(begun, 15)
    assert datetime.now(UTC) >= soon
    assert (await staff.row((await staff.client.report(at=spot)).json()["id"]))["grid"]["code"] == "G00"


async def test_the_tree_is_walked_from_the_roots_down_with_what_each_area_holds(staff: Staff) -> None:
    await staff.place.add_area("C2")
    await staff.place.add_grid("X1", square(5, 0), "C2", layer="health")
    await staff.place.add_grid("X1", square(5, 0), "C2", layer="governance")
    await staff.place.run(
        """INSERT INTO household (id, address, point, cell, area_id, area_path)
        SELECT gen_random_uuid(), n::text, st_setsrid(st_makepoint(118.3, 27), 4326), 0, id, path
        FROM area, generate_series(1, 3) n WHERE code = 'G00'"""
    )
    await staff.open()
    roots = (await staff.client.get("/api/areas", params={"under": ""})).json()["items"]
    assert [(one["code"], one["areas"], one["grids"]) for one in roots] == [
        ("C1", 6, {"governance": 6}),
        ("C2", 1, {"governance": 1, "health": 1}),
    ]
    assert [one["households"] for one in roots] == [None, None], "a dispatcher sees no households"
    chief = bearing(await staff.place.token("duty_chief"))
    seen = (await staff.client.get("/api/areas", params={"under": ""}, headers=chief)).json()["items"]
    assert [one["households"] for one in seen] == [3, 0]
    one = (await staff.client.get("/api/areas/C1", headers=chief)).json()
    assert (one["level"], [step["code"] for step in one["path"]]) == ("community", ["C1"])
    assert [(child["code"], child["households"]) for child in one["children"]][:2] == [("G00", 3), ("G01", 0)]
    leader = bearing(await staff.place.token("grid_leader", area_code="C2"))
    theirs = (await staff.client.get("/api/areas", params={"under": ""}, headers=leader)).json()["items"]
    assert [(area["code"], area["households"]) for area in theirs] == [("C2", 0)]
    assert (await staff.client.get("/api/areas/C1", headers=leader)).status_code == 404
