"""Receipts: whoever reported or follows looks by a code alone, judges once, and discontent is done again."""

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from data.receipts import LETTERS, key_of
from data.tokens import TokenKind
from tests.support.client import bearing
from tests.support.hand import Hand, pass_time
from tests.support.place import middle

SAID = {"stars": 5, "solved": True}
BAD = {"stars": 4, "solved": False, "words": "还是漏水 13912345678"}


async def residents(hand: Hand) -> None:
    """Open, with two residents who have signed in themselves."""
    for name in ("resident", "resident 2"):
        account = await hand.place.add_account(("resident", None))
        hand.tokens[name] = await hand.place.token_of(account, TokenKind.SESSION)
    await hand.open()


async def anybody(hand: Hand, door: str, **body: Any) -> Any:
    """Ask without a token."""
    return await hand.client.post(f"/api/receipts/{door}", json=body, headers={"authorization": ""})


async def looked(hand: Hand, code: str) -> Any:
    answer = await anybody(hand, "look", code=code)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reported(hand: Hand, category: str = "noise", who: str = "resident", **given: Any) -> tuple[str, str]:
    """Report as somebody and return incident and code."""
    told = (await hand.client.report(category, token=hand.tokens[who], **given)).json()
    return told["id"], told["receipt"]


async def closed(hand: Hand, incident: str) -> None:
    for move in ("!accept", "!arrive", "!finish"):
        await hand.step(incident, move)
    await hand.does(incident, "close", disposition="resolved")


async def test_a_reporter_follows_the_matter_by_its_code_and_nobody_is_named(hand: Hand) -> None:
    await hand.open()
    incident, code = await reported(hand, description="欧阳某某家楼下漏水", address="学院路99号")
    assert set(code.replace("-", "")) <= set(LETTERS)
    assert len(code) == 14
    first = await looked(hand, code)
    assert (first["status"], first["category"], first["kind"], first["may_judge"]) == (
        *("dispatched", "noise", "report", False),
    )
    assert [step["kind"] for step in first["steps"]] == ["filed", "offered"]
    await closed(hand, incident)
    for typed in (code.lower(), f" {code.replace('-', '')} ", code.replace("8", "B"), code.replace("5", "\uff53")):
        last = await looked(hand, typed)
        assert [step["kind"] for step in last["steps"]] == [
            "filed",
            "offered",
            "accepted",
            "on_scene",
            "done",
            "closed",
        ]
        assert (last["may_judge"], last["disposition"]) == (True, "resolved")
        names = {"欧阳", "学院路", str(hand.staff.ids["W1"]), "W1", incident, "worker"}
        assert [name for name in names if name in json.dumps(last, ensure_ascii=False)] == []


async def test_only_a_hash_is_kept_and_no_answer_keeps_the_code(hand: Hand) -> None:
    await residents(hand)
    told = (await hand.client.report("noise", token=hand.tokens["resident"], key="k")).json()
    again = (await hand.client.report("noise", token=hand.tokens["resident"], key="k")).json()
    assert (told["id"], again["receipt"]) == (again["id"], None)
    [row] = await hand.place.run(
        "SELECT r.hash, r.holder = i.reporter AS own FROM receipt r JOIN incident i ON i.id = r.incident_id"
    )
    assert (bytes(row.hash), row.own) == (key_of(told["receipt"]), True)
    bare = told["receipt"].replace("-", "")
    for table in ("receipt", "answer", "incident_event", "outbox", "incident"):
        for [text] in await hand.place.run(f"SELECT to_jsonb(t)::text FROM {table} t"):
            assert told["receipt"] not in text, table
            assert bare not in text, table


async def test_it_is_judged_once_after_it_was_closed_and_the_centre_sees_how(hand: Hand) -> None:
    await hand.open()
    incident, code = await reported(hand)
    early = await anybody(hand, "evaluate", code=code, **SAID)
    assert (early.status_code, early.json()["code"], early.json()["stands"]) == (409, "not_closed", "dispatched")
    await closed(hand, incident)
    answer = await anybody(hand, "evaluate", code=code, **SAID, words="很快 谢谢")
    assert answer.json()["evaluation"] | {"at": 0} == {**SAID, "words": "很快 谢谢", "at": 0}
    assert answer.json()["may_judge"] is False
    twice = await anybody(hand, "evaluate", code=code, **SAID)
    assert (twice.status_code, twice.json()["code"]) == (409, "judged_already")
    row = await hand.staff.row(incident)
    assert row["evaluation"] | {"at": 0} == {**SAID, "words": "很快 谢谢", "at": 0}
    assert (row["status"], row["history"][-1]["kind"], row["history"][-1]["actor"]) == (
        "closed",
        "evaluated",
        "receipt",
    )
    [stars] = await hand.place.run("SELECT stars, solved FROM incident")
    assert tuple(stars) == (5, True)
    seen = (await hand.client.get(f"/api/incidents/{incident}", headers=bearing(hand.tokens["resident"]))).json()
    assert seen["evaluation"] is None, "words are for who may view the incident"


async def test_discontent_opens_it_again_first_for_whoever_handled_it(hand: Hand) -> None:
    await hand.open()
    incident, code = await reported(hand, at=middle(0.2, 0))
    assert await hand.who(incident) == {"lead": "W3"}, "who is nearest"
    await hand.does(incident, "dispatch", worker=str(hand.staff.ids["W1"]), reason="x")
    await closed(hand, incident)
    answer = (await anybody(hand, "evaluate", code=code, **BAD)).json()
    assert (answer["status"], answer["may_judge"]) == ("dispatched", False)
    assert await hand.who(incident) == {"lead": "W1"}, "who did it"
    lines = (await hand.staff.row(incident))["history"][-4:]
    assert [(line["kind"], line["actor"]) for line in lines] == [
        (kind, "receipt") for kind in ("evaluated", "discontent", "reopened", "offered")
    ]
    assert "13912345678" not in json.dumps(lines), "words are no part of the history"
    [row] = await hand.place.run("SELECT reopenings, stars, solved FROM incident")
    assert tuple(row) == (1, 4, False)
    assert (await anybody(hand, "evaluate", code=code, **SAID)).json()["code"] == "not_closed"
    await closed(hand, incident)
    assert (await anybody(hand, "evaluate", code=code, **SAID)).status_code == 200, (
        "another closing, another judgement"
    )
    assert [tuple(row) for row in await hand.place.run("SELECT stars FROM evaluation ORDER BY id")] == [(4,), (5,)]


async def test_after_thirty_days_nobody_is_asked_any_more(hand: Hand) -> None:
    await hand.open()
    incident, code = await reported(hand)
    await closed(hand, incident)
    await pass_time(hand.place, timedelta(days=30, minutes=1))
    assert (await looked(hand, code))["may_judge"] is False
    late = (await anybody(hand, "evaluate", code=code, **SAID)).json()
    assert (late["code"], late["days"]) == ("judging_ended", 30)


async def test_of_two_who_judge_at_once_one_is_heard_and_it_is_opened_once(hand: Hand) -> None:
    await hand.open()
    incident, code = await reported(hand)
    await closed(hand, incident)
    answers = await asyncio.gather(*(anybody(hand, "evaluate", code=code, **BAD) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    [row] = await hand.place.run("SELECT reopenings, (SELECT count(*) FROM evaluation) AS said FROM incident")
    assert tuple(row) == (1, 1)


async def test_wrong_codes_are_answered_alike_and_held_back(hand: Hand) -> None:
    await hand.open()
    _, code = await reported(hand)
    wrong = ["", "x", "' OR 1=1 --", code[:-1], f"{code}2", "2222-2222-2222"]
    answers = [await anybody(hand, "look", code=one) for one in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    for number in range(24):
        assert (await anybody(hand, "look", code=f"wrong {number}")).status_code == 404
    held = await anybody(hand, "look", code=code)
    assert (held.status_code, held.json()["code"]) == (429, "throttled")
    notes = await hand.place.run(
        "SELECT actor, account_id, facts::text FROM audit WHERE action = 'receipt_throttled'"
    )
    assert [(note.actor, note.account_id) for note in notes] == [("stranger", None)]


async def test_looking_often_holds_nobody_back(hand: Hand) -> None:
    await hand.open()
    _, code = await reported(hand)
    for _ in range(12):
        await looked(hand, code)


async def test_another_site_s_page_may_not_ask(hand: Hand) -> None:
    await hand.open()
    _, code = await reported(hand)
    foreign = {"authorization": "", "origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    answer = await hand.client.post("/api/receipts/look", json={"code": code}, headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_a_merged_report_tells_of_the_one_that_goes_on(hand: Hand) -> None:
    await residents(hand)
    original, _ = await reported(hand)
    second, code = await reported(hand, who="resident 2")
    await hand.does(second, "merge", original=original)
    told = await looked(hand, code)
    assert (told["status"], told["merged"]) == ("dispatched", True)
    assert [step["kind"] for step in told["steps"]] == ["offered", "filed", "duplicate"]
    assert (await hand.staff.row(original))["followers"] == 1
    await closed(hand, original)
    assert [step["kind"] for step in (await looked(hand, code))["steps"]][3:] == [
        "accepted",
        "on_scene",
        "done",
        "closed",
    ]
    assert (await anybody(hand, "evaluate", code=code, **BAD)).json()["status"] == "dispatched"
    assert (await hand.staff.row(original))["history"][-2]["kind"] == "reopened"


async def test_whoever_goes_again_is_told_what_was_wrong_and_no_log_is(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await hand.open()
    incident, code = await reported(hand)
    await closed(hand, incident)
    await anybody(hand, "look", code="wrong")
    await anybody(hand, "evaluate", code=code, **BAD)
    await anybody(hand, "evaluate", code=code, stars=9, solved=True, words=BAD["words"])
    [task] = [task for task in await hand.staff.tasks("W1") if task["status"] == "offered"]
    assert task["incident"]["evaluation"]["words"] == BAD["words"]
    assert [task for code in ("W2", "W3") for task in await hand.staff.tasks(code)] == []
    ours = [record for record in caplog.records if record.name.split(".")[0] in ("api", "dispatch", "data")]
    said = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in ours)
    assert [mark for mark in (code, code.replace("-", ""), "13912345678") if mark in said] == []
    [note] = await hand.place.run("SELECT count(*) AS told FROM delivery WHERE facts::text LIKE '%139%'")
    assert note.told == 0
