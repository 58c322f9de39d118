"""Reservations: a time for which somebody is spoken for, perhaps for an incident."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.client import bearing, until
from tests.support.place import middle
from tests.support.staff import Staff

HOUR = timedelta(hours=1)


def soon(hours: float) -> str:
    return (datetime.now(UTC) + hours * HOUR).isoformat()


async def reserve(staff: Staff, worker: object, token: str, first: float, last: float, **more: Any) -> Any:
    body = {"from": soon(first), "until": soon(last), "purpose": "检查消火栓"} | more
    return await staff.client.post(f"/api/workers/{worker}/reservations", json=body, headers=bearing(token))


async def drop(staff: Staff, reservation: object, token: str) -> tuple[int, str]:
    answer = await staff.client.delete(f"/api/reservations/{reservation}", headers=bearing(token))
    return answer.status_code, answer.json().get("code", "")


async def timers(staff: Staff) -> list[Any]:
    return await staff.place.run("SELECT kind, incident_id, due_at FROM timer WHERE kind = 'reserved'")


@pytest.fixture
async def worker(staff: Staff) -> UUID:
    """Lend somebody to be reserved."""
    hired = await staff.hire("W1", middle(0, 0), home="G00")
    await staff.open()
    return hired


@pytest.mark.parametrize("role", ["duty_chief", "dispatcher"])
async def test_a_worker_is_spoken_for_once_at_a_time_and_the_city_knows(
    staff: Staff, worker: UUID, role: str
) -> None:
    token, city = await staff.place.token(role), staff.client.app.state.process.city
    made = await reserve(staff, worker, token, -0.5, 1)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["worker"], told["purpose"], told["incident"]) == (str(worker), "检查消火栓", None)
    taken = await reserve(staff, worker, token, 0.9, 2)
    assert (taken.status_code, taken.json()["code"]) == (409, "reserved_already")
    assert (await reserve(staff, worker, token, 1.1, 2)).status_code == 201

    def spoken_for() -> bool:
        return bool(city.reserved.mask(city.crew.row_of, len(city.crew), datetime.now(UTC))[city.crew.row_of[worker]])

    await until(spoken_for)
    assert await drop(staff, told["id"], token) == (200, "")
    await until(lambda: not spoken_for())
    assert await drop(staff, told["id"], token) == (404, "unknown_reservation")
    assert await timers(staff) == []


async def test_whoever_is_spoken_for_is_not_sent_elsewhere(staff: Staff, worker: UUID) -> None:
    far = await staff.hire("W2", middle(2, 1))
    await staff.open()
    token, city = await staff.place.token("dispatcher"), staff.client.app.state.process.city
    assert (await reserve(staff, worker, token, -1, 1)).status_code == 201
    await until(lambda: city.reserved.next_boundary(datetime.now(UTC)) is not None)
    told = (await staff.client.report("noise", at=middle(0, 0))).json()
    assert [task["worker"]["id"] for task in told["tasks"]] == [str(far)]


async def test_an_incident_s_reservation_rings_at_its_start(staff: Staff, worker: UUID) -> None:
    incident = (await staff.client.report("fire")).json()["id"]  # nobody can: it waits
    token = await staff.place.token("dispatcher")
    made = (await reserve(staff, worker, token, 5, 6, incident=incident)).json()
    assert made["incident"] == incident
    [timer] = await timers(staff)
    assert (str(timer.incident_id), timer.due_at) == (incident, datetime.fromisoformat(made["from"]))


async def test_an_incident_that_is_not_there_or_has_ended_reserves_nobody(staff: Staff, worker: UUID) -> None:
    token = await staff.place.token("dispatcher")
    incident = (await staff.client.report("fire")).json()["id"]
    await staff.place.add_area("C2")
    elsewhere = await staff.hire("W2", middle(0, 0), home="C2")
    of_c2 = await staff.place.token("dispatcher", area_code="C2")
    for by, whom, matter in ((token, worker, str(uuid4())), (of_c2, elsewhere, incident)):
        answer = await reserve(staff, whom, by, 1, 2, incident=matter)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_incident")
    await staff.place.run(
        "UPDATE incident SET status = 'closed', disposition = 'resolved', closed_at = now() WHERE id = :id",
        id=incident,
    )
    answer = await reserve(staff, worker, token, 1, 2, incident=incident)
    assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
    assert await staff.place.run("SELECT 1 FROM reservation") == []


async def test_nobody_reserves_whom_he_does_not_command(staff: Staff, worker: UUID) -> None:
    await staff.place.add_area("C2")
    token = await staff.place.token("duty_chief")
    made = (await reserve(staff, worker, token, 1, 2)).json()["id"]
    for role in ("dispatcher", "duty_chief"):
        elsewhere = await staff.place.token(role, area_code="C2")
        answer = await reserve(staff, worker, elsewhere, 3, 4)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_worker")
        assert await drop(staff, made, elsewhere) == (404, "unknown_reservation")
    for outsider in (staff.tokens["W1"], await staff.place.token("resident")):
        assert (await reserve(staff, worker, outsider, 3, 4)).status_code == 403
        assert (await drop(staff, made, outsider))[0] == 403
    assert len(await staff.place.run("SELECT 1 FROM reservation")) == 1


async def test_what_is_no_time_is_refused(staff: Staff, worker: UUID) -> None:
    token = await staff.place.token("duty_chief")
    for first, last, more in (
        (2, 1, {}),
        (1, 1 + 32 * 24, {}),
        (1, 2, {"purpose": " "}),
        (1, 2, {"purpose": "长" * 301}),
        (1, 2, {"purpose": "\x00"}),
        (1, 2, {"incident": "x"}),
        (1, 2, {"from": "9999-12-31T23:59:59-14:00", "until": "9999-12-31T23:59:59-14:00"}),
        (1, 2, {"from": "0001-01-01T00:00:00+14:00"}),
        (1, 2, {"from": 5}),
        (1, 2, {"from": "2026-05-01T08:00:00"}),
        (1, 2, {"made_by": "x"}),
    ):
        answer = await reserve(staff, worker, token, first, last, **more)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (first, last, more)
    past = await reserve(staff, worker, token, -2, -1)
    assert (past.status_code, past.json()["code"]) == (422, "time_past")
    assert await staff.place.run("SELECT 1 FROM reservation") == []
