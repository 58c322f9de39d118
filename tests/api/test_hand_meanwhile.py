"""Two people at one incident: the later is told what was done meanwhile, and nothing is done half or twice."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from data.needs import NeedState
from data.tasks import TaskStatus
from dispatch.desk.case import RULES, pick_up
from dispatch.desk.offer import fill
from tests.support.hand import WHY, Hand
from tests.support.place import middle
from tests.support.sound import faults


async def test_whoever_looked_before_is_told_what_was_done_since(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    seen = (await hand.staff.row(incident))["revision"]
    assert seen == (await hand.history(incident))[-1]["id"]
    assert (await hand.act(incident, "supervise", "chief 2", note="盯紧", seen=seen)).status_code == 200
    before = await hand.history(incident)
    late = await hand.act(incident, "return", seen=seen, **WHY)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    [line] = late.json()["changed"]
    assert {name: line[name] for name in ("kind", "actor", "worker", "to")} == {
        "kind": "supervised",
        "actor": "account",
        "worker": None,
        "to": "dispatched",
    }
    assert await hand.history(incident) == before
    assert (await hand.act(incident, "return", seen=before[-1]["id"], **WHY)).status_code == 200


async def test_one_s_own_doing_is_nothing_new(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    seen = (await hand.staff.row(incident))["revision"]
    await hand.does(incident, "supervise", note="盯紧", seen=seen)
    assert (await hand.act(incident, "supervise", note="还在盯", seen=seen)).status_code == 200


async def test_what_a_worker_and_the_rules_did_counts_too(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    seen = (await hand.staff.row(incident))["revision"]
    [task] = await hand.active(incident)
    await hand.staff.say("W1", task["id"], "decline", reason="busy")
    late = await hand.act(incident, "withdraw", **WHY, task=task["id"], seen=seen)
    assert late.json()["code"] == "changed_meanwhile"
    told = [(line["kind"], line["actor"], line["worker"]) for line in late.json()["changed"]]
    assert told == [("declined", "worker", "W1"), ("offered", "rules", "W2")]


async def test_of_two_who_dispatch_at_once_one_is_first_and_with_seen_the_other_is_told(hand: Hand) -> None:
    await hand.open()
    for _ in range(5):
        incident = await hand.bring("filed")
        seen = (await hand.staff.row(incident))["revision"]
        bodies = [WHY | {"worker": str(hand.staff.ids[code]), "seen": seen} for code in ("W2", "W3")]
        answers = await asyncio.gather(
            *(
                hand.act(incident, "dispatch", who, **body)
                for who, body in zip(("chief", "chief 2"), bodies, strict=True)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        late = next(answer for answer in answers if answer.status_code == 409).json()
        assert (late["code"], [line["kind"] for line in late["changed"]]) == ("changed_meanwhile", ["dispatched"])
        assert len(await hand.active(incident)) == 1


async def test_of_two_who_end_it_at_once_one_does(hand: Hand) -> None:
    await hand.open()
    for first, second in (("void", "merge"), ("close", "void"), ("shelve", "return"), ("void", "void")):
        incident = await hand.bring("filed")
        bodies = [await hand.body(incident, act) for act in (first, second)]
        answers = await asyncio.gather(
            hand.act(incident, first, "chief", **bodies[0]), hand.act(incident, second, "chief 2", **bodies[1])
        )
        codes = sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)
        assert codes == [(200, ""), (409, "move_not_allowed")] or {first, second} == {"shelve", "return"}, codes
        assert await faults(hand.place) == []


async def test_two_who_merge_each_other_do_not_wait_for_ever_and_one_stays(hand: Hand) -> None:
    await hand.open()
    for _ in range(8):
        one, other = [(await hand.client.report("noise")).json()["id"] for _ in range(2)]
        answers = await asyncio.gather(
            hand.act(one, "merge", "chief", original=other), hand.act(other, "merge", "chief 2", original=one)
        )
        assert sorted((a.status_code, a.json().get("code", "")) for a in answers) == [
            (200, ""),
            (422, "not_the_original"),
        ]
        assert sorted([await hand.stands(one), await hand.stands(other)]) == ["dispatched", "duplicate"]


async def test_of_three_who_merge_in_a_ring_or_a_chain_no_duplicate_is_an_original(hand: Hand) -> None:
    await hand.open()
    for _ in range(8):
        ids = [(await hand.client.report("noise")).json()["id"] for _ in range(3)]
        ring = [(ids[0], ids[1]), (ids[1], ids[2]), (ids[2], ids[0])]
        answers = await asyncio.gather(*(hand.act(one, "merge", original=other) for one, other in ring))
        assert {answer.status_code for answer in answers} <= {200, 422}
        assert await faults(hand.place) == []


async def test_a_worker_s_answer_and_the_hand_at_once_leave_nobody_half_at_it(hand: Hand) -> None:
    await hand.open()

    async def said(incident: str, move: str, **body: Any) -> Any:
        [task] = await hand.active(incident)
        return lambda: hand.staff.say(task["code"], task["id"], move, **body)

    for act in ("withdraw", "void", "shelve", "return", "dispatch", "merge"):
        for move, body in (("accept", {}), ("decline", {"reason": "busy"})):
            incident = await hand.bring("dispatched")
            answer, given = await said(incident, move, **body), await hand.body(incident, act)
            told, done = await asyncio.gather(answer(), hand.act(incident, act, **given))
            assert told.status_code in (200, 409), told.text
            assert done.status_code in (200, 404, 409), done.text
            assert await faults(hand.place) == [], (act, move)


@pytest.mark.alone  # a crowd that shares the machine with other tests is asked to try again
async def test_many_hands_and_workers_at_once_lose_nobody(hand: Hand) -> None:
    await hand.place.add_slot("noise", "second")
    await hand.staff.hire("W0", middle(0.3, 0), capacity=2)
    await hand.open()
    ids = [(await hand.client.report("noise")).json()["id"] for _ in range(6)]

    async def mess(incident: str, seed: int) -> None:
        acts = (
            "dispatch",
            "withdraw",
            "add",
            "return",
            "shelve",
            "resume",
            "whistle",
            "void",
            "reopen",
            "undo",
            "rework",
        )
        for step in range(12):
            act = acts[(seed * 7 + step * 5) % len(acts)]
            body = {} if act == "undo" else await hand.body(incident, act)
            answer = await hand.act(incident, act, ("chief", "chief 2")[seed % 2], **body)
            assert answer.status_code < 500, (act, answer.text)
            for task in (await hand.active(incident))[: seed % 3]:
                if task["code"] in hand.staff.tokens:
                    move = ("accept", "decline", "finish")[step % 3]
                    said = {"decline": {"reason": "busy"}, "finish": {"result": "done"}}.get(move, {})
                    answer = await hand.staff.say(task["code"], task["id"], move, **said)
                    assert answer.status_code < 500, (move, answer.text)

    await asyncio.gather(*(mess(incident, seed) for seed in range(4) for incident in ids))
    assert await faults(hand.place) == []


async def test_whoever_waited_for_the_lock_knows_whom_it_was_offered_to_meanwhile(hand: Hand) -> None:
    await hand.open()
    incident, process = await hand.bring("dispatched"), hand.client.app.state.process
    books, city = process.store.books, process.city
    async with books.open() as first:
        case = await pick_up(UUID(incident), RULES, first)

        async def second() -> tuple[UUID, ...]:
            async with books.open() as book:
                return (await pick_up(UUID(incident), RULES, book)).incident.tried

        waiting = asyncio.create_task(second())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if await hand.place.run("SELECT 1 FROM pg_locks WHERE NOT granted"):
                break
        [ended] = await case.end(case.active(), TaskStatus.DECLINED, first, "busy")
        case.put(replace(case.needs[ended.slot], state=NeedState.OPEN))
        await fill(case, ended.slot, city, first)
        await case.put_down(first, city)
    assert await waiting == (hand.staff.ids["W1"], hand.staff.ids["W2"])
