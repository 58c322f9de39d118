"""Positions that a gateway or a phone gathered are sent together: what is refused is named, all else stands."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest

from api.schemas import positions as schemas
from geo.datum import Datum, from_wgs84
from tests.api.test_doors import ON_INCIDENTS, REFUSE_AT_COMMIT
from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff

STANDS = """SELECT w.code, st_x(p.point) AS lng, st_y(p.point) AS lat, p.accuracy_m, p.given_datum, p.fixed_at, p.cell, p.still
FROM worker_position p JOIN worker w ON w.id = p.worker_id ORDER BY w.code"""


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


def fix(worker: object, at: tuple[float, float] = middle(0, 0), **given: Any) -> dict[str, Any]:
    return {"worker": str(worker), "lng": at[0], "lat": at[1], "datum": "wgs84", "fixed_at": ago(seconds=1)} | given


async def send(staff: Staff, token: str, *fixes: dict[str, Any]) -> Any:
    return await staff.client.post("/api/positions", json={"positions": list(fixes)}, headers=bearing(token))


async def stands(staff: Staff) -> dict[str, Any]:
    return {row.code: row for row in await staff.place.run(STANDS)}


async def test_of_each_worker_the_newest_fix_stands_in_whatever_order_they_come(staff: Staff) -> None:
    one, two = await staff.hire("W1", None), await staff.hire("W2", middle(2, 1), age=timedelta(hours=1))
    centre = await staff.place.token("dispatcher")
    sent = [
        fix(one, middle(1, 0), fixed_at=ago(minutes=1), accuracy_m=12.5),
        fix(two, middle(0, 1), fixed_at=ago(minutes=30)),
        fix(one, middle(0, 0), fixed_at=ago(minutes=5)),
        fix(str(two).upper(), middle(1, 1), fixed_at=ago(minutes=20)),
    ]
    assert (await send(staff, centre, *sent)).json() == {"kept": 2, "older": 2, "refused": []}
    found = await stands(staff)
    assert (found["W1"].lng, found["W1"].accuracy_m) == (middle(1, 0)[0], 12.5)
    assert (found["W2"].lng, found["W2"].lat, found["W2"].accuracy_m) == (*middle(1, 1), None)
    assert (await send(staff, centre, *sent)).json() == {"kept": 0, "older": 4, "refused": []}, "sent again: nothing"
    assert await stands(staff) == found


async def test_a_fix_is_kept_as_one_sent_alone_is(staff: Staff) -> None:
    one, two = await staff.hire("W1", None), await staff.hire("W2", None)
    at, centre = ago(seconds=10), await staff.place.token("dispatcher")
    for datum in Datum:
        lng, lat = (float(axis) for axis in from_wgs84(*middle(1, 1), datum))
        body = {"lng": lng, "lat": lat, "datum": datum.value, "fixed_at": at, "accuracy_m": 3.25}
        alone = await staff.client.put(f"/api/workers/{one}/position", json=body, headers=bearing(centre))
        assert alone.json() == {"kept": True}
        assert (await send(staff, centre, body | {"worker": str(two)})).json()["kept"] == 1
        ours, theirs = (await stands(staff)).values()
        assert tuple(ours)[1:] == tuple(theirs)[1:], datum
        at = (datetime.fromisoformat(at) + timedelta(seconds=1)).isoformat()
    assert get_args(schemas.FixIn.__annotations__["datum"]) == tuple(datum.value for datum in Datum)


async def test_what_is_refused_is_named_by_its_code_and_the_others_stand(staff: Staff) -> None:
    one, two = await staff.hire("W1", None), await staff.hire("W2", None)
    centre = await staff.place.token("dispatcher")
    lng, lat = middle(0, 0)
    told = await send(
        staff,
        centre,
        fix(one, (lat, lng)),
        fix(one, fixed_at=ago(minutes=-3)),
        fix(one, middle(1, 0)),
        fix(two, fixed_at=ago(days=8)),
        fix(uuid4()),
        fix(two, (180.5, lat)),
        fix(two, (lng, 1e308)),
        fix(uuid4(), (lat, lng), fixed_at=ago(days=8)),
    )
    assert told.status_code == 200
    assert told.json() == {
        "kept": 1,
        "older": 0,
        "refused": [
            {"index": 0, "code": "point_out_of_range", "axis": "lat", "hint": "axes_swapped"},
            {"index": 1, "code": "time_in_future", "field": "fixed_at"},
            {"index": 3, "code": "time_too_old", "field": "fixed_at", "days": 7},
            {"index": 4, "code": "unknown_worker"},
            {"index": 5, "code": "point_out_of_range", "axis": "lng"},
            {"index": 6, "code": "point_out_of_range", "axis": "lat"},
            {"index": 7, "code": "unknown_worker"},
        ],
    }
    assert (await stands(staff)).keys() == {"W1"}


async def test_a_clock_a_little_fast_says_now(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    assert (await send(staff, staff.tokens["W1"], fix(worker, fixed_at=ago(minutes=-1)))).json()["kept"] == 1
    assert (await stands(staff))["W1"].fixed_at <= datetime.now(UTC)


async def test_whoever_lay_still_lies_still_no_more(staff: Staff) -> None:
    worker = await staff.hire("W1", middle(0, 0), age=timedelta(hours=1))
    path, headers = f"/api/workers/{worker}/heartbeat", bearing(staff.tokens["W1"])
    await staff.client.post(path, json={"still": True}, headers=headers)
    assert (await send(staff, staff.tokens["W1"], fix(worker, fixed_at=ago(hours=2)))).json()["older"] == 1
    assert (await stands(staff))["W1"].still
    assert (await send(staff, staff.tokens["W1"], fix(worker))).json()["kept"] == 1
    assert not (await stands(staff))["W1"].still


async def test_a_worker_moves_only_oneself_and_an_office_only_its_own_people(staff: Staff) -> None:
    home, away = list(staff.place.areas)[-2:]
    one, two = await staff.hire("W1", None, home=home), await staff.hire("W2", None, home=away)
    for token, may, index in (
        (staff.tokens["W1"], "W1", 1),
        (await staff.place.token_of(await staff.place.add_account(("dispatcher", home))), "W1", 1),
        (await staff.place.token_of(await staff.place.add_account(("dispatcher", away))), "W2", 0),
    ):
        await staff.place.run("DELETE FROM worker_position")
        told = (await send(staff, token, fix(one), fix(two))).json()
        assert told == {"kept": 1, "older": 0, "refused": [{"index": index, "code": "unknown_worker"}]}
        assert (await stands(staff)).keys() == {may}
    for role in ("resident", "planner"):
        answer = await send(staff, await staff.place.token(role), fix(one))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("spoilt", "field", "problem"),
    [
        ({"lng": float("nan")}, "positions.1.lng", "finite_number"),
        ({"lat": float("inf")}, "positions.1.lat", "finite_number"),
        ({"lng": "118.3"}, "positions.1.lng", "float_type"),
        ({"lng": True}, "positions.1.lng", "float_type"),
        ({"lat": None}, "positions.1.lat", "float_type"),
        ({"accuracy_m": -1}, "positions.1.accuracy_m", "greater_than_equal"),
        ({"accuracy_m": float("nan")}, "positions.1.accuracy_m", "finite_number"),
        ({"datum": "mars"}, "positions.1.datum", "literal_error"),
        ({"fixed_at": None}, "positions.1.fixed_at", "string_type"),
        ({"fixed_at": 1_800_000_000}, "positions.1.fixed_at", "string_type"),
        ({"fixed_at": "1800000000"}, "positions.1.fixed_at", "string_pattern_mismatch"),
        ({"fixed_at": "2026-11-20T12:00:00"}, "positions.1.fixed_at", "string_pattern_mismatch"),
        ({"fixed_at": "2026-02-30T00:00:00Z"}, "positions.1.fixed_at", "datetime_parsing"),
        ({"fixed_at": "2026-11-20T12:00:00+99:00"}, "positions.1.fixed_at", "datetime_parsing"),
        ({"worker": "W1"}, "positions.1.worker", "string_pattern_mismatch"),
        ({"worker": 5}, "positions.1.worker", "string_type"),
        ({"colour": "red"}, "positions.1.colour", "extra_forbidden"),
    ],
)
async def test_a_wrong_shape_is_refused_as_a_whole_and_nothing_is_written(
    staff: Staff, spoilt: dict[str, Any], field: str, problem: str
) -> None:
    worker = await staff.hire("W1", None)
    content = json.dumps({"positions": [fix(worker), fix(worker) | spoilt, fix(worker)]})
    headers = bearing(staff.tokens["W1"]) | {"content-type": "application/json"}
    answer = await staff.client.post("/api/positions", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [{"field": field, "problem": problem}]
    assert (await staff.counted())["worker_position"] == 0


async def test_times_at_the_ends_of_time_are_refused_one_by_one(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    ends = (
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00Z",
        "0001-01-01T00:00:00+23:59",
    )
    told = (await send(staff, staff.tokens["W1"], *(fix(worker, fixed_at=end) for end in ends))).json()
    assert [one["code"] for one in told["refused"]] == ["time_in_future"] * 2 + ["time_too_old"] * 2


async def test_how_many_may_come_at_once(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    one = fix(worker, accuracy_m=12.25)
    for count in (0, schemas.MOST_AT_ONCE + 1):
        answer = await send(staff, staff.tokens["W1"], *[one] * count)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), count
    assert (await send(staff, staff.tokens["W1"], *[one] * schemas.MOST_AT_ONCE)).json()["kept"] == 1
    answer = await send(staff, staff.tokens["W1"], one | {"datum": "x" * (1 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_batches_that_overlap_at_the_same_time_wait_for_each_other_and_never_in_a_circle(staff: Staff) -> None:
    workers = [await staff.hire(f"W{number}", None) for number in range(40)]
    centre = await staff.place.token("dispatcher")

    async def batch(turn: int) -> Any:
        some = workers[turn % 7 :: 1 + turn % 3][:: 1 if turn % 2 else -1]
        at = ago(seconds=100 - turn)
        return await send(staff, centre, *(fix(one, middle(turn % 3, 0), fixed_at=at) for one in some))

    answers = await asyncio.gather(*(batch(turn) for turn in range(60)))
    assert {answer.status_code for answer in answers} == {200}
    newest = {number: turn for turn in range(60) for number in range(40)[turn % 7 :: 1 + turn % 3]}
    found = await stands(staff)
    assert {code: row.lng for code, row in found.items()} == {
        f"W{number}": middle(turn % 3, 0)[0] for number, turn in newest.items()
    }


async def test_what_is_not_committed_is_not_called_kept(staff: Staff) -> None:
    one, two = await staff.hire("W1", None), await staff.hire("W2", None)
    await staff.place.run(REFUSE_AT_COMMIT.format(state="P0001"))
    await staff.place.run(ON_INCIDENTS.replace("ON incident", "ON worker_position"))
    answer = await send(staff, await staff.place.token("dispatcher"), fix(one), fix(two))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert (await staff.counted())["worker_position"] == 0


async def test_row_security_stands_behind_what_the_desk_decides(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, other = await staff.hire("W1", None), await staff.hire("W2", None)
    monkeypatch.setattr("data.rights.Rights.covers", lambda *_: True)
    answer = await send(staff, staff.tokens["W1"], fix(worker), fix(other))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await staff.counted())["worker_position"] == 0


async def test_whoever_moved_is_ranked_where_he_is(staff: Staff) -> None:
    far, near = await staff.hire("W1", middle(2, 1)), await staff.hire("W2", middle(1, 0))
    await staff.open()
    crew = staff.client.app.state.process.city.crew
    await send(staff, staff.tokens["W1"], fix(far, middle(0, 0), fixed_at=datetime.now(UTC).isoformat()))
    await staff.client.caught_up()
    assert staff.client.app.state.process.city.crew is crew, "nobody was read anew"
    told = (await staff.client.report("noise", at=middle(0, 0))).json()
    assert [one["worker"]["id"] for one in told["candidates"]] == [str(far), str(near)]
