"""Anything in any order: hands, workers and clocks at random, several at once; and after every round all fits together."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.hand import BODIES, WHY, Hand, pass_time
from tests.support.place import middle
from tests.support.sound import faults

ACTS = [*BODIES, "dispatch", "withdraw", "add", *["undo"] * 4]
MOVES = ("accept", "accept", "arrive", "finish", "decline", "return", "extension", "whistle")
AT_REST = {"closed", "void", "rejected", "duplicate", "shelved", "handled", "inspecting"}
ROUNDS = 25


async def town(hand: Hand) -> None:
    """Build matters with several places, ladders of both ends, a team, a department, and few who carry little."""
    place, staff = hand.place, hand.staff
    await place.add_category("blaze", urgency="emergency", scene_minutes=10, deadline_minutes=30, rest_minutes=5)
    await place.add_slot("blaze", "brigade", responder="team", skill="fire", exclusive=True)
    await place.add_slot("blaze", "second")
    await place.add_category("door", ladder="from_the_door", sorted_by_hand=True)
    member = await staff.hire("member", None)
    await place.add_unit("T1", middle(1, 0), members=[member], skills=("fire",), capacity=2)
    staff.tokens["T1"] = staff.tokens["member"]
    await staff.hire("leader", None, home="G00", role="grid_leader", capacity=3)
    await staff.hire("duty", None, role="duty_chief", capacity=3)
    staff.ids["D9"] = await place.add_department("D9", "blaze", "door", capacity=2)
    staff.tokens["D9"] = await place.token("department", staff.ids["D9"])
    for number in range(4):
        await staff.hire(f"P{number}", middle(0.1 * number, 0), capacity=1 + number % 2)
    await hand.open()


async def body_of(hand: Hand, act: str, incident: str, ids: list[str], dice: random.Random) -> dict[str, Any]:
    """Return a body for an act, mostly one that makes sense."""
    body = {} if act == "undo" else await hand.body(incident, act)
    soon = (datetime.now(UTC) + timedelta(minutes=20)).isoformat()
    otherwise: dict[str, dict[str, Any]] = {
        "merge": {"original": dice.choice(ids)},
        "add": dice.choice(({}, {"worker": None, "skill": "fire"}, {"worker": None, "responder": "team"})),
        "dispatch": {"worker": str(dice.choice(list(hand.staff.ids.values())))},
        "withdraw": {"hold": dice.random() < 0.5},
        "shelve": {"until": dice.choice((None, soon))},
    }
    return body | otherwise.get(act, {})


async def anything(hand: Hand, ids: list[str], dice: random.Random) -> None:
    """Do one thing: report, act by hand, or answer a task."""
    if len(ids) < 2 or dice.random() < 0.08:
        told = await hand.client.report(dice.choice(("blaze", "door", "noise", "checked", "fire")))
        assert told.status_code == 201, told.text
        ids.append(told.json()["id"])
        return
    incident = dice.choice(ids[-8:])
    if dice.random() < 0.5:
        act = dice.choice(ACTS)
        body = await body_of(hand, act, incident, ids, dice)
        answer = await hand.act(incident, act, dice.choice(("chief", "chief 2")), **body)
    else:
        tasks, move = [t for t in await hand.active(incident) if t["code"] in hand.staff.tokens], dice.choice(MOVES)
        if not tasks:
            return
        task, until = dice.choice(tasks), {"until": "2027-06-01T00:00:00+08:00"} if move == "extension" else {}
        said = {"finish": {"result": dice.choice(("done", "failed"))}, "decline": {"reason": "busy"}}
        asked = WHY if move in ("return", "extension", "whistle") else {}
        answer = await hand.staff.say(task["code"], task["id"], move, **said.get(move, {}), **asked, **until)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("seed", [1, 11])
async def test_whatever_is_done_all_fits_together_and_what_nobody_has_is_in_sight(
    hand: Hand, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    await town(hand)
    dice, ids = random.Random(seed), list[str]()
    for number in range(ROUNDS):
        await asyncio.gather(
            *(anything(hand, ids, random.Random(dice.random())) for _ in range(dice.choice((1, 6, 10))))
        )
        if dice.random() < 0.25:
            await pass_time(hand.place, timedelta(minutes=dice.choice((1, 3, 15, 31))))
            await asyncio.sleep(0.4)
        assert await faults(hand.place) == [], number
    for incident in ids:
        row = await hand.staff.row(incident)
        at_it = any(need["task"] and need["state"] == "taken" for need in row["needs"])
        assert row["status"] in AT_REST or at_it or row["waiting"], (row["status"], await hand.needs(incident))
    assert [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []
