"""A worker's phone says where it is; the newest fix stands."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from geo.datum import Datum, from_wgs84
from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff


async def put(staff: Staff, worker: object, token: str, at: tuple[float, float] = middle(0, 0), **given: Any) -> Any:
    body = {"lng": at[0], "lat": at[1], "datum": "wgs84"} | given
    return await staff.client.put(f"/api/workers/{worker}/position", json=body, headers=bearing(token))


def at(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


async def stands(staff: Staff) -> Any:
    [row] = await staff.place.run(
        "SELECT st_x(point) AS lng, st_y(point) AS lat, accuracy_m, given_datum, fixed_at, cell FROM worker_position"
    )
    return row


async def test_a_newer_fix_is_kept_and_an_older_one_is_not(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    token = staff.tokens["W1"]
    assert (await put(staff, worker, token, middle(0, 0), fixed_at=at(minutes=5))).json() == {"kept": True}
    assert (await put(staff, worker, token, middle(1, 0), fixed_at=at(minutes=10))).json() == {"kept": False}
    assert (await stands(staff)).lng == middle(0, 0)[0]
    assert (await put(staff, worker, token, middle(2, 0), accuracy_m=12.5)).json() == {"kept": True}
    row = await stands(staff)
    assert (row.lng, row.accuracy_m) == (middle(2, 0)[0], 12.5)


async def test_a_fix_in_another_datum_is_kept_in_wgs84(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    lng, lat = (float(axis) for axis in from_wgs84(*middle(1, 1), Datum.BD09))
    await put(staff, worker, staff.tokens["W1"], (lng, lat), datum="bd09")
    row = await stands(staff)
    assert (row.lng, row.lat) == (pytest.approx(middle(1, 1)[0], abs=1e-7), pytest.approx(middle(1, 1)[1], abs=1e-7))
    assert row.given_datum == "bd09"


async def test_a_fix_from_the_future_is_refused_but_a_fast_clock_is_not(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    ahead = await put(staff, worker, staff.tokens["W1"], fixed_at=at(minutes=-3))
    assert (ahead.status_code, ahead.json()["code"], ahead.json()["field"]) == (422, "time_in_future", "fixed_at")
    assert (await put(staff, worker, staff.tokens["W1"], fixed_at=at(minutes=-1))).json() == {"kept": True}
    assert (await stands(staff)).fixed_at <= datetime.now(UTC)


async def test_nobody_moves_another_and_the_command_centre_may(staff: Staff) -> None:
    worker, other = await staff.hire("W1", None), await staff.hire("W2", None)
    for id_ in (other, uuid4()):
        answer = await put(staff, id_, staff.tokens["W1"])
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_worker")
    for role in ("resident", "planner"):
        answer = await put(staff, worker, await staff.place.token(role))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await staff.counted())["worker_position"] == 0
    centre = await staff.place.token("dispatcher")
    assert (await put(staff, worker, centre)).json() == {"kept": True}
    assert (await put(staff, uuid4(), centre)).json()["code"] == "unknown_worker"


async def test_whoever_moves_is_ranked_where_he_is(staff: Staff) -> None:
    far, near = await staff.hire("W1", middle(2, 1)), await staff.hire("W2", middle(1, 0))
    await staff.open()
    await put(staff, far, staff.tokens["W1"], middle(0, 0))
    await staff.client.caught_up()
    told = (await staff.client.report("noise", at=middle(0, 0))).json()
    assert [one["worker"]["id"] for one in told["candidates"]] == [str(far), str(near)]


async def test_the_map_s_workers_are_listed_with_masked_names_and_a_state(staff: Staff) -> None:
    await staff.hire("W1", middle(0, 0))
    await staff.hire("W2", middle(0, 0), age=timedelta(minutes=10))
    await staff.hire("W3", middle(0, 0), age=timedelta(hours=2))
    await staff.hire("W4", None)
    await staff.open()
    found = (await staff.client.get("/api/workers")).json()
    assert [(one["code"], one["name"], one["state"]) for one in found] == [
        ("W1", "王*", "free"),
        ("W2", "王*", "stale"),
        ("W3", "王*", "lost"),
    ]
    assert (found[0]["lng"], found[0]["lat"]) == middle(0, 0)
    await staff.client.report("noise")
    await staff.client.caught_up()
    assert (await staff.client.get("/api/workers")).json()[0]["state"] == "busy"
    assert (await staff.client.get("/api/workers", headers=bearing(staff.tokens["W1"]))).status_code == 403
