"""A phone that lies still says that it lives, and its last position counts as true."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff

HOUR = timedelta(hours=1)


async def beat(staff: Staff, worker: object, token: str, still: Any = True) -> Any:
    return await staff.client.post(f"/api/workers/{worker}/heartbeat", json={"still": still}, headers=bearing(token))


async def seen(staff: Staff, worker: UUID) -> timedelta:
    """Return how long ago a worker's position was last known to be true."""
    async with staff.client.app.state.process.store.books.open() as book:
        seen_at: datetime = next(one.seen_at for one in await book.workers.all() if one.id == worker)
        now: datetime = await book.now()
        return now - seen_at


async def move(staff: Staff, code: str, **given: Any) -> Any:
    body = {"lng": middle(1, 0)[0], "lat": middle(1, 0)[1], "datum": "wgs84"} | given
    path = f"/api/workers/{staff.ids[code]}/position"
    return (await staff.client.put(path, json=body, headers=bearing(staff.tokens[code]))).json()


async def test_a_phone_that_lies_still_is_not_stale(staff: Staff) -> None:
    worker = await staff.hire("W1", middle(0, 0), age=HOUR)
    await staff.open()
    assert await seen(staff, worker) > HOUR
    assert (await beat(staff, worker, staff.tokens["W1"])).json() == {"heard": True}
    assert await seen(staff, worker) < timedelta(minutes=1)
    await staff.client.caught_up()
    [listed] = (await staff.client.get("/api/workers")).json()
    assert (listed["state"], (listed["lng"], listed["lat"])) == ("free", middle(0, 0))


async def test_a_phone_that_moves_without_saying_where_to_is(staff: Staff) -> None:
    worker = await staff.hire("W1", middle(0, 0), age=HOUR)
    await beat(staff, worker, staff.tokens["W1"])
    assert (await beat(staff, worker, staff.tokens["W1"], still=False)).json() == {"heard": True}
    assert await seen(staff, worker) > HOUR


async def test_a_new_position_ends_lying_still_and_a_late_one_does_not(staff: Staff) -> None:
    worker = await staff.hire("W1", middle(0, 0), age=HOUR)
    await beat(staff, worker, staff.tokens["W1"])
    late = (datetime.now(UTC) - 2 * HOUR).isoformat()
    assert await move(staff, "W1", fixed_at=late) == {"kept": False}
    assert await seen(staff, worker) < timedelta(minutes=1)
    newer = (datetime.now(UTC) - HOUR / 2).isoformat()
    assert await move(staff, "W1", fixed_at=newer) == {"kept": True}
    assert HOUR / 2 < await seen(staff, worker) < HOUR


async def test_whoever_was_never_seen_cannot_lie_still(staff: Staff) -> None:
    worker = await staff.hire("W1", None)
    answer = await beat(staff, worker, staff.tokens["W1"])
    assert (answer.status_code, answer.json()["code"]) == (409, "never_seen")


async def test_nobody_speaks_for_another_s_phone(staff: Staff) -> None:
    worker, other = await staff.hire("W1", middle(0, 0), age=HOUR), await staff.hire("W2", middle(0, 0))
    for whom in (worker, uuid4()):
        answer = await beat(staff, whom, staff.tokens["W2"])
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_worker")
    assert (await beat(staff, worker, await staff.place.token("resident"))).status_code == 403
    assert await seen(staff, worker) > HOUR
    wrongs: tuple[Any, ...] = (1, "yes", None, [])
    for wrong in wrongs:
        answer = await beat(staff, other, staff.tokens["W2"], still=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await beat(staff, worker, await staff.place.token("dispatcher"))).json() == {"heard": True}
