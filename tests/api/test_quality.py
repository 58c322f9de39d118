"""The ground's quality over HTTP: asked for, carried out beside the server, listed by rights; proposals decided."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from api import ground_jobs
from api.ground_jobs import Bounds
from api.settings import Settings
from geo.quality.faults import Kind
from tests.support.client import Client, bearing, serving
from tests.support.place import STEP, Place, square

M = 1e-5  # degrees: about a metre
WITHIN_S = 40


@pytest.fixture
async def ground(place: Place) -> Place:
    """Lend two communities of two grids each, in which nobody works; C1 is drawn well, C2 with a gap."""
    await place.add_town()
    await place.add_area("S", "street")
    for code, column in (("C1", 0), ("C2", 2)):
        both = shapely.union(square(column, 0), square(column + 1, 0))
        await place.add_area(code, "community", "S", MultiPolygon([both]))
        for n in (0, 1):
            await place.add_grid(f"{code}{n}", square(column + n, 0), code)
    west, south, east, north = square(2, 0).bounds
    hole = box(west + 0.4 * STEP, south + 0.4 * STEP, east - 0.4 * STEP, north - 0.4 * STEP)
    await redraw(place, "C20", shapely.difference(square(2, 0), hole))
    return place


@pytest.fixture
async def planner(ground: Place, settings: Settings) -> AsyncIterator[Client]:
    """Lend a client of somebody who plans the whole town."""
    async with serving(settings, await ground.token("planner")) as lent:
        yield lent


async def redraw(place: Place, code: str, shape: Any) -> None:
    """Let another shape be in force under a code, as no loader would."""
    whole = shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])
    await place.run(
        "UPDATE grid SET shape = st_geomfromwkb(:shape, 4326) WHERE code = :code AND upper_inf(valid)",
        shape=whole.wkb,
        code=code,
    )


async def asked(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    """Ask for a piece of work and return its id."""
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def checked(client: Client) -> dict[str, Any]:
    """Have the ground checked and return how the check stands when it is over."""
    id_ = await asked(client, "/api/checks")
    for _ in range(WITHIN_S * 10):
        told = (await client.get("/api/checks/latest")).json()
        if told["latest"]["id"] == id_ and told["latest"]["status"] != "running":
            return dict(told)
        await asyncio.sleep(0.1)
    raise AssertionError("the check never ended")


async def proposed(client: Client) -> dict[str, Any]:
    """Have a repair proposed and return the proposal with its shapes when it is made."""
    id_ = await asked(client, "/api/proposals", {"kind": "repair", "layer": "governance"})
    for _ in range(WITHIN_S * 10):
        told = (await client.get(f"/api/proposals/{id_}")).json()
        if told["proposal"]["status"] != "running":
            return dict(told)
        await asyncio.sleep(0.1)
    raise AssertionError("the proposal never came")


def star(points: int, east: float = 0.5) -> Polygon:
    """Draw a star whose edges all cross, in the middle of the first grid."""
    x, y, r = 118.30 + east * STEP, 27.00 + 0.5 * STEP, 0.3 * STEP
    turns = [2 * math.pi * k * (points // 2) / points for k in range(points)]
    return Polygon([(x + r * math.cos(turn), y + r * math.sin(turn)) for turn in turns])


async def test_before_the_first_look_there_is_nothing_to_show(planner: Client) -> None:
    assert (await planner.get("/api/checks/latest")).json() == {"latest": None, "done": None}


async def test_the_ground_is_looked_at_beside_the_server_and_what_is_wrong_is_listed(planner: Client) -> None:
    told = await checked(planner)
    done = told["done"]
    assert (told["latest"]["status"], done["id"]) == ("done", told["latest"]["id"])
    assert (done["asked_by"], done["at_machine"]) == (
        (await planner.get("/api/me")).json()["account"]["login"],
        False,
    )
    assert set(done["counts"]) == {kind.value for kind in Kind}
    assert (done["counts"]["gap"], done["counts"]["parent_uncovered"], done["counts"]["overlap"]) == (1, 1, 0)
    assert done["counts"]["grid_without_leader"] == 4
    assert done["seen"]["grids"] == 4
    page = (await planner.get(f"/api/checks/{done['id']}/faults", params={"kind": "gap"})).json()
    (fault,) = page["items"]
    assert (fault["code"], fault["layer"], fault["unit"], page["next"]) == ("C2", "governance", "m2", None)
    assert fault["amount"] == pytest.approx((0.2 * 1113.2) ** 2 * math.cos(math.radians(27)), rel=0.01)
    drawn = shapely.from_geojson(json.dumps(fault["shape"]))
    assert drawn.contains(shapely.Point(fault["lng"], fault["lat"]))


async def test_pages_of_faults_follow_each_other_by_kind(planner: Client) -> None:
    done = (await checked(planner))["done"]
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await planner.get(f"/api/checks/{done['id']}/faults", params=given)).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == sum(done["counts"].values()) == len({one["id"] for one in seen})
    order = [kind.value for kind in Kind]
    assert [order.index(one["kind"]) for one in seen] == sorted(order.index(one["kind"]) for one in seen)


async def test_one_look_at_a_time_and_a_repeated_request_begins_no_other(planner: Client, ground: Place) -> None:
    key = {"Idempotency-Key": "look"}
    first = await asked(planner, "/api/checks", **key)
    refused = await planner.post("/api/checks")
    assert (refused.status_code, refused.json()["code"]) == (409, "check_running")
    assert await asked(planner, "/api/checks", **key) == first
    assert len(await ground.run("SELECT id FROM ground_check")) == 1


async def test_a_grid_leader_sees_what_is_wrong_in_the_own_area_alone(planner: Client, ground: Place) -> None:
    done = (await checked(planner))["done"]
    for area, gaps in (("C1", 0), ("C2", 1)):
        leader = bearing(await ground.token("grid_leader", area_code=area))
        told = (await planner.get("/api/checks/latest", headers=leader)).json()["done"]
        assert (told["counts"]["gap"], told["counts"]["grid_without_leader"], told["seen"]) == (gaps, 2, {})
        rows = (await planner.get(f"/api/checks/{done['id']}/faults", headers=leader)).json()["items"]
        assert {row["code"][:2] for row in rows} == {area}
        assert len(rows) == sum(told["counts"].values())
        assert (await planner.get("/api/proposals", headers=leader)).json() == {"items": []}


async def test_a_repair_is_proposed_looked_at_and_accepted(planner: Client, ground: Place) -> None:
    west, south, east, north = square(0, 0).bounds
    await redraw(ground, "C10", box(west, south, east + 30 * M, north))
    made = await proposed(planner)
    summary = made["proposal"]["summary"]
    assert made["proposal"]["status"] == "proposed", made["proposal"]
    assert (summary["before"]["overlap"], summary["after"]["overlap"]) == (1, 0)
    shapes = {one["id"]: one for one in made["shapes"]["features"]}
    assert set(shapes) <= {"C10", "C11"}
    one = next(iter(shapes.values()))
    assert one["properties"]["was"]["type"] == "MultiPolygon"
    listed = (await planner.get("/api/proposals")).json()["items"]
    assert [row["id"] for row in listed] == [made["proposal"]["id"]]
    answer = await planner.post(f"/api/proposals/{made['proposal']['id']}/accept")
    assert (answer.status_code, answer.json()) == (200, {"grids": len(shapes)}), answer.text
    assert (await checked(planner))["done"]["counts"]["overlap"] == 0
    versions = await ground.run("SELECT code FROM grid WHERE NOT upper_inf(valid)")
    assert {row.code for row in versions} == set(shapes)
    assert len(await ground.run("SELECT * FROM grid_lineage")) >= len(shapes)
    again = await planner.post(f"/api/proposals/{made['proposal']['id']}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")


async def test_a_mended_mall_stays_one(planner: Client, ground: Place) -> None:
    """Both overlap their neighbour, so that both are mended, whichever of them gives way."""
    west, south, east, north = square(0, 0).bounds
    await redraw(ground, "C10", Polygon([(west, south), (east, south), (west, north), (east, north)]))
    await redraw(ground, "C11", Polygon([(east, south), (east + STEP, south), (east, north), (east + STEP, north)]))
    await ground.run("UPDATE grid SET kind = 'dedicated', purpose = 'mall' WHERE code = 'C11'")
    made = await proposed(planner)
    assert {one["id"] for one in made["shapes"]["features"]} >= {"C10", "C11"}
    answer = await planner.post(f"/api/proposals/{made['proposal']['id']}/accept")
    assert answer.status_code == 200, answer.text
    now = await ground.run(
        "SELECT code, kind, purpose FROM grid WHERE upper_inf(valid) AND code LIKE 'C1_' ORDER BY code"
    )
    assert [tuple(row) for row in now] == [("C10", "basic", None), ("C11", "dedicated", "mall")]


async def test_a_proposal_for_ground_that_changed_is_refused_and_may_be_rejected(
    planner: Client, ground: Place
) -> None:
    west, south, east, north = square(0, 0).bounds
    await redraw(ground, "C10", box(west, south, east + 30 * M, north))
    made = (await proposed(planner))["proposal"]["id"]
    await redraw(ground, "C10", box(west, south, east + 40 * M, north))
    await redraw(ground, "C11", box(east + 5 * M, south, east + STEP, north))
    refused = await planner.post(f"/api/proposals/{made}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "ground_changed")
    assert set(refused.json()["codes"]) <= {"C10", "C11"}
    assert (await planner.post(f"/api/proposals/{made}/reject")).status_code == 200
    told = (await planner.get(f"/api/proposals/{made}")).json()["proposal"]
    assert (told["status"], told["decided"] is not None) == ("rejected", True)
    assert len(await ground.run("SELECT id FROM grid")) == 4


async def test_ground_in_order_has_nothing_to_mend(planner: Client) -> None:
    told = (await proposed(planner))["proposal"]
    assert (told["status"], told["reason"]) == ("failed", "nothing_to_mend")


async def test_a_star_of_two_hundred_corners_is_mended_where_it_disturbs_nobody(
    planner: Client, ground: Place
) -> None:
    await redraw(ground, "C10", star(201))
    made, slowest = await meanwhile(planner)
    assert made["proposal"]["status"] == "proposed", made["proposal"]
    assert (made["proposal"]["summary"]["before"]["shape_invalid"], slowest < 2.0) == (1, True)
    (shape,) = (shapely.from_geojson(json.dumps(one["geometry"])) for one in made["shapes"]["features"])
    assert shapely.is_valid(shape)


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [(Bounds(6.0), "took_too_long"), (Bounds(60.0, 700), "too_much_memory")],
    ids=["half a minute of computing", "a bomb of memory"],
)
async def test_a_repair_that_takes_too_much_is_ended_and_the_server_goes_on(
    planner: Client, ground: Place, monkeypatch: pytest.MonkeyPatch, bounds: Bounds, reason: str
) -> None:
    monkeypatch.setitem(ground_jobs.BOUNDS, "repair", bounds)
    await redraw(ground, "C10", star(1201))  # half a minute and 1.7 GB
    loop = asyncio.get_running_loop()
    begun = loop.time()
    made, slowest = await meanwhile(planner)
    assert (made["proposal"]["status"], made["proposal"]["reason"]) == ("failed", reason)
    assert loop.time() - begun < min(bounds.seconds, 20) + 8
    assert slowest < 2.0
    west, south, east, north = square(0, 0).bounds
    await redraw(ground, "C10", box(west, south, east + 30 * M, north))
    assert (await proposed(planner))["proposal"]["status"] == "proposed", "the bounds are wide enough for a town"


async def meanwhile(client: Client) -> tuple[dict[str, Any], float]:
    """Have a repair proposed and ask other things all the while; return it and the slowest answer's seconds."""
    making, slowest = asyncio.create_task(proposed(client)), 0.0
    loop = asyncio.get_running_loop()
    while not making.done():
        before = loop.time()
        assert (await client.get("/livez")).status_code == 200
        slowest = max(slowest, loop.time() - before)
        assert (
            await client.get("/api/categories")
        ).status_code == 200  # its time is the disk's, which others use too
        await asyncio.sleep(0.05)
    return await making, slowest


async def test_a_layer_that_is_not_there_is_not_mended(planner: Client, ground: Place) -> None:
    for layer in ("nowhere", "health"):
        answer = await planner.post("/api/proposals", json={"kind": "repair", "layer": layer})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_layer")
    for body in ({}, {"kind": "first_grids", "layer": "governance"}, {"kind": "repair", "layer": "a b"}):
        assert (await planner.post("/api/proposals", json=body)).status_code == 422
    part = bearing(await ground.token("planner", area_code="C1"))
    answer = await planner.post("/api/proposals", json={"kind": "repair", "layer": "governance"}, headers=part)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")


async def test_a_look_that_a_stopping_server_ends_says_so(ground: Place, settings: Settings) -> None:
    async with serving(settings, await ground.token("planner")) as client:
        await asked(client, "/api/checks")
    (row,) = await ground.run("SELECT status, reason FROM ground_check")
    assert (row.status, row.reason) == ("stopped", "stopped")
