"""What a worker says to a task, and where that leaves the incident."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff

ROW = {
    *("slot", "whom", "by_hand", "unit"),
    "id", "status", "attempt_no", "metres", "offered_at", "offer_expires_at", "accepted_at", "on_scene_at",
    "ended_at", "reason", "result", "incident",
}  # fmt: skip


async def offered(staff: Staff, category: str = "noise") -> tuple[str, str]:
    """Report and return the ids of the incident and of its task."""
    told = (await staff.client.report(category)).json()
    return told["id"], told["tasks"][0]["id"]


async def test_a_task_goes_from_offer_to_done_and_the_worker_is_free_again(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.open()
    incident, task = await offered(staff)
    assert (await staff.row(incident))["status"] == "dispatched"

    accepted = (await staff.say("W1", task, "accept")).json()
    assert (accepted["status"], accepted["accepted_at"] is None, accepted["offer_expires_at"]) == (
        "accepted",
        False,
        None,
    )
    arrived = (await staff.say("W1", task, "arrive")).json()
    assert arrived["status"] == "on_scene"
    assert (await staff.row(incident))["status"] == "handling"
    assert await staff.load("W1") == (1, False)

    done = (await staff.say("W1", task, "finish", result="done", note="已修好")).json()
    assert (done["status"], done["result"], done["incident"]["status"]) == ("done", "已修好", "handled")
    row = await staff.row(incident)
    assert (row["status"], row["waiting"], row["task"]["status"]) == ("handled", False, "done")
    assert (row["task"]["reason"], row["task"]["result"]) == (None, "已修好")
    assert [line["kind"] for line in row["history"]] == ["filed", "offered", "accepted", "on_scene", "done"]
    assert [line["note"] for line in row["history"]] == [None, None, None, None, "已修好"]
    assert await staff.load("W1") == (0, False)
    assert [one["status"] for one in await staff.tasks("W1")] == ["done"]


async def test_every_answer_to_a_task_is_its_row_as_the_list_shows_it(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.open()
    _, task = await offered(staff)
    [listed] = await staff.tasks("W1")
    assert set(listed) == ROW
    assert listed["metres"] == pytest.approx(99.07, abs=0.1)
    for move, body in (("accept", {}), ("arrive", {}), ("finish", {"result": "done"})):
        answer = (await staff.say("W1", task, move, **body)).json()
        assert [answer] == await staff.tasks("W1"), move
        assert answer["incident"]["grid"]["code"] == "G00"


async def test_a_worker_may_finish_without_having_said_that_he_arrived(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    incident, task = await offered(staff)
    await staff.say("W1", task, "accept")
    assert (await staff.say("W1", task, "finish", result="done")).json()["status"] == "done"
    assert (await staff.row(incident))["status"] == "handled"


async def test_what_one_declines_the_next_is_offered(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(1, 0))
    await staff.open()
    incident, task = await offered(staff)
    declined = await staff.say("W1", task, "decline", reason="too_far", note="在开会")
    assert (declined.status_code, declined.json()["status"], declined.json()["reason"]) == (
        200,
        "declined",
        "too_far",
    )
    row = await staff.row(incident)
    assert (row["status"], row["task"]["worker"]["code"], row["task"]["attempt_no"]) == ("dispatched", "W2", 2)
    assert [line["kind"] for line in row["history"]] == ["filed", "offered", "declined", "offered"]
    assert [(line["reason"], line["note"]) for line in row["history"]][1:3] == [(None, None), ("too_far", "在开会")]
    assert {one["worker"]["code"]: one.get("reason") or one["shortfall"] for one in row["candidates"]} == {
        "W2": "nearest",
        "W1": "declined_before",
    }
    assert [await staff.load(code) for code in ("W1", "W2")] == [(0, False), (1, False)]


async def test_what_everybody_declines_waits_and_nobody_is_asked_twice(staff: Staff) -> None:
    for code in ("W1", "W2"):
        await staff.hire(code)
    await staff.open()
    incident, task = await offered(staff)
    await staff.say("W1", task, "decline", reason="busy")
    [second] = await staff.tasks("W2")
    await staff.say("W2", second["id"], "decline", reason="unsafe")
    row = await staff.row(incident)
    assert (row["status"], row["waiting"], row["task"]) == ("filed", True, None)
    await staff.client.caught_up()
    assert [await staff.load(code) for code in ("W1", "W2")] == [(0, False), (0, False)]


async def test_what_failed_goes_to_the_next(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(1, 0))
    await staff.open()
    incident, task = await offered(staff)
    await staff.say("W1", task, "accept")
    await staff.say("W1", task, "arrive")
    failed = (await staff.say("W1", task, "finish", result="failed", note="门锁着")).json()
    assert (failed["status"], failed["result"]) == ("failed", "门锁着")
    row = await staff.row(incident)
    assert [line["note"] for line in row["history"] if line["kind"] == "failed"] == ["门锁着"]
    assert (row["status"], row["task"]["worker"]["code"]) == ("dispatched", "W2")


async def test_a_worker_sees_and_touches_no_task_of_another(staff: Staff) -> None:
    await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(1, 0))
    await staff.open()
    _, task = await offered(staff)
    before = await staff.counted()
    assert await staff.tasks("W2") == []
    for move, body in MOVES.items():
        for id_ in (task, str(uuid4())):
            answer = await staff.say("W2", id_, move, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task")
    assert await staff.counted() == before


MOVES: dict[str, dict[str, Any]] = {
    "accept": {},
    "decline": {"reason": "busy"},
    "arrive": {},
    "finish": {"result": "done"},
}


@pytest.mark.parametrize("who", ["dispatcher", "resident"])
async def test_only_workers_have_tasks(staff: Staff, who: str) -> None:
    await staff.hire("W1")
    await staff.open()
    _, task = await offered(staff)
    headers = bearing(await staff.place.token(who))
    assert (await staff.client.get("/api/tasks", headers=headers)).status_code == 403
    for move, body in MOVES.items():
        answer = await staff.client.post(f"/api/tasks/{task}/{move}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_who_may_answer_but_is_no_worker_has_no_task(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    _, task = await offered(staff)
    headers = bearing(await staff.place.token("worker"))
    before = await staff.counted()
    assert (await staff.client.get("/api/tasks", headers=headers)).status_code == 403
    for move, body in MOVES.items():
        answer = await staff.client.post(f"/api/tasks/{task}/{move}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task")
    assert await staff.counted() == before


STEPS = {
    "offered": {"accept", "decline"},
    "accepted": {"arrive", "finish"},
    "on_scene": {"finish"},
    "declined": set[str](),
    "done": set[str](),
}
WAY: dict[str, list[str]] = {
    "offered": [],
    "accepted": ["accept"],
    "on_scene": ["accept", "arrive"],
    "declined": ["decline"],
    "done": ["accept", "finish"],
}


@pytest.mark.parametrize("stands", STEPS)
async def test_a_step_that_does_not_follow_is_refused_and_changes_nothing(staff: Staff, stands: str) -> None:
    await staff.hire("W1")
    await staff.open()
    incident, task = await offered(staff)
    for move in WAY[stands]:
        await staff.say("W1", task, move, **MOVES[move])
    row, before = await staff.row(incident), await staff.counted()
    for move in MOVES.keys() - STEPS[stands]:
        answer = await staff.say("W1", task, move, **MOVES[move])
        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed"), move
        assert answer.json()["stands"] == stands
    assert await staff.row(incident) == row
    assert await staff.counted() == before


async def test_a_reason_and_a_result_are_words_of_a_list(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    _, task = await offered(staff)
    for move, body in (
        ("decline", {"reason": "lazy"}),
        ("decline", {}),
        ("accept", {"x": 1}),
        ("finish", {"result": "offered"}),
    ):
        answer = await staff.say("W1", task, move, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_the_phone_lists_active_tasks_first_and_forgets_after_twelve_hours(staff: Staff) -> None:
    await staff.hire("W1", capacity=3)
    await staff.open()
    ids = [(await offered(staff))[1] for _ in range(3)]
    for task in ids[:2]:
        await staff.say("W1", task, "accept")
        await staff.say("W1", task, "finish", result="done")
    answer = (await staff.client.get("/api/tasks", headers=bearing(staff.tokens["W1"]))).json()
    assert [one["id"] for one in answer["items"]] == [ids[2], ids[1], ids[0]]
    assert answer["worker"] == {"id": str(staff.ids["W1"]), "code": "W1", "name": "王*"}
    assert {"cursor", "now", "worker", "items"} <= set(answer)
    await staff.place.run("UPDATE task SET ended_at = now() - interval '13 hours' WHERE id = :id", id=ids[0])
    assert [one["id"] for one in await staff.tasks("W1")] == [ids[2], ids[1]]
