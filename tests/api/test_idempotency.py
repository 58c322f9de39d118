"""A request repeated under its key gets the first answer and changes nothing."""

import asyncio

import pytest

from tests.support.client import bearing, kept
from tests.support.staff import Staff


async def test_the_same_request_under_the_same_key_gets_the_same_answer(staff: Staff) -> None:
    await staff.hire("W1", capacity=3)
    await staff.open()
    first = await staff.client.report("noise", key="k-1")
    second = await staff.client.report("noise", key="k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert kept(first) == kept(second)
    assert (first.json()["receipt"] is None, second.json()["receipt"]) == (False, None)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (await staff.counted())["incident"] == 1
    assert await staff.load("W1") == (1, False)


async def test_another_request_under_the_same_key_is_refused(staff: Staff) -> None:
    await staff.open()
    await staff.client.report("noise", key="k")
    other = await staff.client.report("noise", key="k", description="另一处")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await staff.counted())["incident"] == 1


async def test_the_same_body_at_another_address_is_another_request(staff: Staff) -> None:
    await staff.hire("W1", capacity=2)
    await staff.open()
    one, two = [(await staff.client.report("noise")).json()["tasks"][0]["id"] for _ in range(2)]
    assert (await staff.say("W1", one, "accept", key="k")).status_code == 200
    other = await staff.say("W1", two, "accept", key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_two_people_may_use_the_same_key(staff: Staff) -> None:
    await staff.open()
    other = await staff.place.token("resident")
    first = await staff.client.report("noise", key="k")
    second = await staff.client.report("noise", key="k", token=other, description="别人")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_without_a_key_every_request_counts(staff: Staff) -> None:
    await staff.open()
    for _ in range(2):
        await staff.client.report("noise")
    counted = await staff.counted()
    assert (counted["incident"], counted["answer"]) == (2, 0)


async def test_fifty_at_once_under_one_key_make_one_incident(staff: Staff) -> None:
    await staff.hire("W1", capacity=3)
    await staff.open()
    answers = await asyncio.gather(*(staff.client.report("noise", key="storm") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({kept(answer) for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49
    assert (await staff.counted())["incident"] == 1
    assert await staff.load("W1") == (1, False)


async def test_a_refused_request_leaves_its_key_free(staff: Staff) -> None:
    await staff.open()
    assert (await staff.client.report("flood", key="k")).status_code == 422
    assert (await staff.counted())["answer"] == 0
    assert (await staff.client.report("noise", key="k")).status_code == 201


async def test_an_acceptance_that_is_sent_again_is_no_second_step(staff: Staff) -> None:
    """A phone that lost the answer in a tunnel repeats its request."""
    await staff.hire("W1")
    await staff.open()
    task = (await staff.client.report("noise")).json()["tasks"][0]["id"]
    first = await staff.say("W1", task, "accept", key="a")
    again = await staff.say("W1", task, "accept", key="a")
    assert first.text == again.text
    assert again.headers["idempotency-replayed"] == "true"
    assert (await staff.say("W1", task, "accept", key="b")).json()["code"] == "move_not_allowed"


async def test_closing_twice_under_one_key_closes_once(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    told = (await staff.client.report("noise")).json()
    await staff.say("W1", told["tasks"][0]["id"], "accept")
    await staff.say("W1", told["tasks"][0]["id"], "finish", result="done")
    answers = [
        await staff.client.post(
            f"/api/incidents/{told['id']}/close", json={"disposition": "resolved"}, headers={"Idempotency-Key": "c"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    row = await staff.row(told["id"])
    assert [line["kind"] for line in row["history"]].count("closed") == 1


@pytest.mark.parametrize("key", ["", "k" * 201, "a b", "ключ".encode(), b"\x7f"])
async def test_a_key_that_is_none_is_refused(staff: Staff, key: str | bytes) -> None:
    await staff.open()
    before = await staff.counted()
    headers = [(b"idempotency-key", key.encode() if isinstance(key, str) else key)]
    body = {"lng": 118.305, "lat": 27.005, "datum": "wgs84", "category": "noise", "description": "x"}
    answer = await staff.client.post("/api/incidents", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await staff.counted() == before


async def test_the_kept_answer_is_the_actor_s_and_nobody_else_s(staff: Staff) -> None:
    """Somebody who guesses a key gets an answer of one's own."""
    await staff.open()
    mine = (await staff.client.report("noise", key="guessed")).json()
    other = await staff.client.report("noise", token=await staff.place.token("resident"), key="guessed")
    assert other.json()["id"] != mine["id"]
    assert (await staff.client.get(f"/api/incidents/{mine['id']}", headers=bearing("x"))).status_code == 401
