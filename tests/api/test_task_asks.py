"""What a worker asks beside the steps of a task: more time, help from departments, or that it is not the own to do."""

from typing import Any
from uuid import uuid4

from tests.support.hand import WHY, Hand

NO_REASONS: list[Any] = [None, 5, "", " ", "x" * 901, "a\x00b", []]
NO_TIMES: list[Any] = [None, 5, "x", "2026-11-20", []]
NO_IDS: list[Any] = [5, "x", ["x"], [None]]
LATER = "2027-06-01T00:00:00+08:00"
ASKS: dict[str, dict[str, Any]] = {"return": WHY, "extension": WHY | {"until": LATER}, "whistle": WHY}
WAYS = {"offered": (), "accepted": ("!accept",), "on_scene": ("!accept", "!arrive")}
ENDED = {"done": ("!accept", "!finish"), "declined": ("!decline",)}
STANDS = {"return": "returned", "extension": "extension_requested"}
LINES = {"return": "returned", "extension": "extension_requested", "whistle": "whistled"}


async def test_each_may_be_asked_while_the_task_goes_on_and_not_after(hand: Hand) -> None:
    await hand.open()
    for ask, body in ASKS.items():
        for step, way in WAYS.items():
            incident = await hand.bring("dispatched")
            [task] = await hand.active(incident)
            for one in way:
                await hand.step(incident, one)
            stood = await hand.stands(incident)
            answer = await hand.staff.say(task["code"], task["id"], ask, **body)
            assert answer.status_code == 200, (ask, step, answer.text)
            line = next(one for one in await hand.history(incident) if one["kind"] == LINES[ask])
            assert (line["actor"], line["facts"]["reason"]) == (
                f"worker:{hand.staff.ids[task['code']]}",
                WHY["reason"],
            )
            assert await hand.stands(incident) == STANDS.get(ask, stood), (ask, step)
        for ended, way in ENDED.items():
            incident = await hand.bring("dispatched")
            [task] = await hand.active(incident)
            for one in way:
                await hand.step(incident, one)
            before = await hand.history(incident)
            answer = await hand.staff.say(task["code"], task["id"], ask, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task"), (ask, ended)
            assert await hand.history(incident) == before


async def test_what_is_returned_waits_for_the_hand_and_the_worker_is_free(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    [task] = await hand.active(incident)
    answer = await hand.staff.say("W1", task["id"], "return", reason="不归我们管")
    assert answer.json()["status"] == "returned"
    assert (await hand.needs(incident), await hand.staff.load("W1")) == ({"lead": "held"}, (0, False))
    [listed] = await hand.staff.tasks("W1")
    assert (listed["status"], listed["reason"]) == ("failed", "not_mine")
    assert (await hand.staff.row(incident))["waiting"] is True


async def test_a_worker_asks_only_for_what_is_the_own_and_once_with_a_key(hand: Hand) -> None:
    await hand.open()
    for ask, body in ASKS.items():
        incident = await hand.bring("dispatched")
        [task] = await hand.active(incident)
        before = await hand.history(incident)
        for code, id_ in (("W2", task["id"]), ("W1", str(uuid4()))):
            answer = await hand.staff.say(code, id_, ask, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task"), ask
        assert await hand.history(incident) == before
        first = await hand.staff.say("W1", task["id"], ask, key=ask, **body)
        lines = await hand.history(incident)
        again = await hand.staff.say("W1", task["id"], ask, key=ask, **body)
        assert (first.status_code, again.status_code, again.text) == (200, 200, first.text)
        assert await hand.history(incident) == lines


async def test_who_only_looks_asks_for_no_time_and_no_departments(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("received")
    await hand.does(incident, "verify", worker=str(hand.staff.ids["W2"]))
    [task] = await hand.active(incident)
    for ask in ("extension", "whistle"):
        answer = await hand.staff.say("W2", task["id"], ask, **ASKS[ask])
        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
    assert (await hand.staff.say("W2", task["id"], "return", **WHY)).json()["status"] == "received"


async def test_what_should_never_be_taken_is_refused(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    [task] = await hand.active(incident)
    before = await hand.history(incident)
    for ask, body in ASKS.items():
        wrong: list[dict[str, Any]] = [
            *({"reason": value} for value in NO_REASONS),
            {"seen": 1},
            {"x": 1},
        ]
        wrong += [{"until": value} for value in NO_TIMES] if ask == "extension" else []
        wrong += [{"departments": value} for value in NO_IDS] if ask == "whistle" else []
        for part in wrong:
            answer = await hand.staff.say("W1", task["id"], ask, **body | part)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), (ask, part)
    named = {"departments": [str(hand.staff.ids["W2"])]}
    assert (await hand.staff.say("W1", task["id"], "whistle", **WHY, **named)).json()["code"] == "not_a_department"
    assert await hand.history(incident) == before
