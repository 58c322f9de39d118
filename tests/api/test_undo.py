"""Undo: within a minute a hand takes back its own last act, and what was before is again; nothing more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.hand import WHY, Hand, pass_time
from tests.support.place import middle

UNDOABLE = {
    "reject": ("reported", "received", "verifying"),
    "void": ("reported", "received", "verifying", "handled", "inspecting", "returned", "shelved", "dispatched"),
    "merge": ("reported", "received", "verifying", "handled", "inspecting", "returned", "shelved", "dispatched"),
    "close": ("handled", "inspecting", "returned", "filed"),
    "shelve": ("returned", "filed", "dispatched", "handling"),
}
"""By act, from where; an incident then stands there again, and where somebody was on the way or there: is asked anew."""
NOT_UNDOABLE = (
    "receive",
    "verify",
    "file",
    "withdraw",
    "return",
    "whistle",
    "extend",
    "supervise",
    "remind",
    "rework",
)


def back_to(status: str) -> str:
    return "dispatched" if status == "handling" else status


@pytest.mark.parametrize("act", UNDOABLE)
async def test_what_was_ended_or_put_by_is_as_it_was(hand: Hand, act: str) -> None:
    await hand.open()
    for status in UNDOABLE[act]:
        incident = await hand.bring(status)
        before, timers = await hand.needs(incident), await hand.timers(incident)
        who = await hand.who(incident)
        told = await hand.does(incident, act, **await hand.body(incident, act))
        assert told["undo_until"] is not None
        undone = await hand.does(incident, "undo")
        assert (undone["status"], undone["undo_until"]) == (back_to(status), None), (
            status,
            await hand.lines(incident),
        )
        assert await hand.needs(incident) == before, status
        assert await hand.who(incident) == who, (status, "whoever was called back is asked again")
        rests = status in ("handled", "inspecting", "shelved")
        run = [one for one in timers if one != "deadline" or not rests]  # a clock that rests has no timer
        assert await hand.timers(incident) == sorted([*run, *(["offer"] if status == "handling" else [])]), status
        assert (await hand.lines(incident)).count("undone") == 1


@pytest.mark.parametrize("status", ["filed", "returned", "dispatched"])
async def test_a_dispatch_is_taken_back_and_who_was_on_it_is_asked_again(hand: Hand, status: str) -> None:
    await hand.open()
    incident = await hand.bring(status)
    needs, who = await hand.needs(incident), await hand.who(incident)
    body = WHY | {"worker": str(hand.staff.ids["W3"])}
    await hand.does(incident, "dispatch", **body)
    assert await hand.who(incident) == {"lead": "W3"}
    assert (await hand.does(incident, "undo"))["status"] == status
    assert (await hand.needs(incident), await hand.who(incident)) == (needs, who)
    assert (await hand.staff.load("W3"))[0] == 0


@pytest.mark.parametrize("by", ["worker", "skill"])
async def test_one_who_was_added_is_taken_back(hand: Hand, by: str) -> None:
    await hand.staff.hire("vet", middle(1, 1), skills=("vet",), capacity=9)
    await hand.open()
    incident = await hand.bring("dispatched")
    added: dict[str, Any] = {"worker": str(hand.staff.ids["vet"])} if by == "worker" else {"skill": "vet"}
    await hand.does(incident, "add", **WHY, **added)
    assert await hand.who(incident) == {"lead": "W1", "added_1": "vet"}
    assert (await hand.does(incident, "undo"))["status"] == "dispatched"
    assert (await hand.who(incident), await hand.needs(incident)) == (
        {"lead": "W1"},
        {"lead": "taken", "added_1": "dropped"},
    )
    await hand.does(incident, "void", **WHY)
    await hand.does(incident, "reopen", **WHY)
    assert await hand.needs(incident) == {"lead": "taken", "added_1": "dropped"}, "who was never wanted is not asked"


async def test_one_who_was_to_be_added_and_was_not_found_is_not_looked_for_any_more(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    await hand.does(incident, "add", **WHY, skill="vet")
    assert (await hand.needs(incident))["added_1"] == "open"
    assert (await hand.does(incident, "undo"))["status"] == "dispatched"
    assert (await hand.needs(incident))["added_1"] == "dropped"


async def test_what_was_done_before_stays_done(hand: Hand) -> None:
    await hand.place.add_slot("noise", "second", skill="vet")
    await hand.open()
    incident = (await hand.client.report("noise")).json()["id"]
    for step in ("!accept", "!finish"):
        await hand.step(incident, step)
    assert (await hand.stands(incident), await hand.needs(incident)) == ("filed", {"lead": "done", "second": "open"})
    for act in ("close", "void", "merge", "shelve"):
        await hand.does(incident, act, **await hand.body(incident, act))
        await hand.does(incident, "undo")
        assert await hand.needs(incident) == {"lead": "done", "second": "open"}, act
        assert (await hand.stands(incident), await hand.active(incident)) == ("filed", []), act


async def test_what_the_hand_kept_for_itself_it_keeps(hand: Hand) -> None:
    await hand.open()
    for act in ("shelve", "void", "close"):
        incident = await hand.bring("filed")
        assert await hand.needs(incident) == {"lead": "held"}
        await hand.does(incident, act, **await hand.body(incident, act))
        await hand.does(incident, "undo")
        assert (await hand.needs(incident), await hand.active(incident)) == ({"lead": "held"}, []), act


async def test_it_is_taken_up_by_itself_only_if_it_is_still_shelved_and_only_then(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("filed")
    soon = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    await hand.does(incident, "shelve", **WHY, until=soon)
    assert "resume" in await hand.timers(incident)
    await hand.does(incident, "undo")
    await hand.does(incident, "shelve", **WHY)
    assert "resume" not in await hand.timers(incident), "not at the time that was taken back"
    await hand.does(incident, "resume")
    await hand.does(incident, "shelve", **WHY, until=soon)
    await hand.does(incident, "void", **WHY)
    assert "resume" not in await hand.timers(incident)
    await hand.does(incident, "undo")
    await pass_time(hand.place, timedelta(hours=2))
    await hand.until_lines(incident, "undone", "resumed", "undone", "resumed")
    assert await hand.who(incident) == {"lead": "W1"}, "called back two hours ago: asked again"


async def test_it_is_too_late_after_a_minute_or_when_somebody_went_on_or_a_second_time(hand: Hand) -> None:
    await hand.open()

    async def refused(incident: str, who: str = "chief") -> None:
        before = await hand.history(incident)
        answer = await hand.act(incident, "undo", who)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo"), answer.text
        assert await hand.history(incident) == before

    incident = await hand.bring("handled")
    await refused(incident)
    await hand.does(incident, "close", disposition="resolved")
    await refused(incident, "chief 2")
    await pass_time(hand.place, timedelta(seconds=61))
    await refused(incident)

    incident = await hand.bring("dispatched")
    await hand.does(incident, "dispatch", **WHY, worker=str(hand.staff.ids["W3"]))
    await hand.step(incident, "!accept")
    await refused(incident)

    incident = await hand.bring("returned")
    await hand.does(incident, "dispatch", **WHY, worker=str(hand.staff.ids["W3"]))
    await hand.does(incident, "supervise", "chief 2", note="盯紧")
    await refused(incident)

    incident = await hand.bring("handled")
    await hand.does(incident, "void", **WHY)
    await hand.does(incident, "undo")
    await refused(incident)


async def test_only_who_may_do_a_thing_takes_it_back(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("reported")
    await hand.does(incident, "void", **WHY)
    assert (await hand.act(incident, "undo", "resident")).status_code == 403
    assert (await hand.act(incident, "undo", "dispatcher")).json()["code"] == "nothing_to_undo"


@pytest.mark.parametrize("act", NOT_UNDOABLE)
async def test_what_others_were_told_of_is_not_taken_back(hand: Hand, act: str) -> None:
    await hand.open()
    incident = await hand.bring({"rework": "handled", "withdraw": "handling"}.get(act, "dispatched"))
    if act in ("receive", "verify", "file"):
        incident = await hand.bring("reported")
    told = await hand.does(incident, act, **await hand.body(incident, act))
    assert told["undo_until"] is None
    assert (await hand.act(incident, "undo")).json()["code"] == "nothing_to_undo"
