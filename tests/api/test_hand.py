"""Every act of the command centre's hand: from where it may be done, by whom, and where."""

import re
from typing import Any
from uuid import uuid4

import pytest

from data.rights import Permission
from dispatch.workflow import MOVES, Act
from tests.support.client import bearing
from tests.support.hand import BODIES, WAYS, Hand
from tests.support.place import middle

AT_WORK = "filed returned dispatched handling extension_requested"
OPEN = f"reported received verifying {AT_WORK} handled inspecting shelved"
MAY_BE_DONE = {
    "receive": "reported",
    "verify": "reported received",
    "file": "reported received verifying",
    "reject": "reported received verifying",
    "dispatch": AT_WORK,
    "withdraw": "dispatched handling extension_requested",
    "add": AT_WORK,
    "merge": OPEN,
    "return": "filed dispatched handling extension_requested",
    "shelve": AT_WORK,
    "resume": "shelved",
    "await": AT_WORK,
    "go-on": AT_WORK,
    "whistle": AT_WORK,
    "extend": AT_WORK,
    "refuse-extension": "extension_requested",
    "supervise": OPEN,
    "remind": OPEN,
    "inspect": "handled",
    "rework": "handled inspecting",
    "close": "filed returned handled inspecting",
    "void": OPEN,
    "reopen": "closed rejected void duplicate",
}
"""By hand, from the glossary and the seven steps; the code's own table is not asked."""
THEN = {
    "receive": "received",
    "verify": "verifying",
    "file": "dispatched",
    "reject": "rejected",
    "dispatch": "dispatched",
    "withdraw": "dispatched",
    "merge": "duplicate",
    "return": "returned",
    "shelve": "shelved",
    "resume": "dispatched",
    "inspect": "inspecting",
    "rework": "dispatched",
    "close": "closed",
    "void": "void",
    "reopen": "dispatched",
}
"""Where each leaves an incident; the others move nothing by themselves."""
LINES = {
    "receive": "received",
    "verify": "verifying",
    "file": "filed",
    "reject": "rejected",
    "dispatch": "dispatched reassigned",
    "withdraw": "withdrawn",
    "add": "added",
    "merge": "duplicate",
    "return": "returned",
    "shelve": "shelved",
    "resume": "resumed",
    "await": "awaiting",
    "go-on": "went_on",
    "whistle": "whistled",
    "extend": "extended",
    "refuse-extension": "extension_refused",
    "supervise": "supervised",
    "remind": "reminded",
    "inspect": "inspecting",
    "rework": "rework",
    "close": "closed",
    "void": "void",
    "reopen": "reopened",
}
SORTS, SENDS, SUPERVISES, CLOSES = (
    Permission.INCIDENT_SORT,
    Permission.INCIDENT_DISPATCH,
    Permission.INCIDENT_SUPERVISE,
    Permission.INCIDENT_CLOSE,
)
NEEDS = {
    **dict.fromkeys(("receive", "verify", "file", "reject"), SORTS),
    **dict.fromkeys(
        ("dispatch", "withdraw", "add", "merge", "return", "shelve", "resume", "whistle", "remind", "await", "go-on"),
        SENDS,
    ),
    **dict.fromkeys(("extend", "refuse-extension", "supervise", "void", "reopen"), SUPERVISES),
    **dict.fromkeys(("inspect", "rework", "close"), CLOSES),
}


def test_each_act_and_each_status_is_in_the_tables() -> None:
    assert {act.value.replace("_", "-") for act in Act} - {"ask-extension"} == set(MAY_BE_DONE) == set(BODIES)
    assert len(MOVES) == len(MAY_BE_DONE) + 1
    assert set(NEEDS) == set(LINES) == set(MAY_BE_DONE)


@pytest.mark.parametrize("act", MAY_BE_DONE)
async def test_an_act_is_done_from_where_it_may_be_and_refused_from_everywhere_else(hand: Hand, act: str) -> None:
    await hand.open()
    for status in WAYS:
        incident = await hand.bring(status)
        body = await hand.body(incident, act)
        before, tasks = await hand.history(incident), await hand.active(incident)
        answer = await hand.act(incident, act, **body)
        if status not in MAY_BE_DONE[act].split():
            assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed"), (status, answer.text)
            assert answer.json()["stands"] == status
            assert (await hand.history(incident), await hand.active(incident)) == (before, tasks), status
            continue
        assert answer.status_code == 200, (status, answer.text)
        told, line = answer.json(), (await hand.history(incident))[len(before)]
        assert line["kind"] in LINES[act].split(), status
        assert line["status_from"] == status
        assert line["facts"].get("reason") == body.get("reason"), status
        assert (told["id"], told["status"]) == (incident, await hand.stands(incident)), status
        assert told["revision"] == (await hand.history(incident))[-1]["id"]
        if status == "extension_requested" and act in ("dispatch", "withdraw"):
            assert told["status"] == status, "who is sent decides nothing about the time asked for"
        elif act in THEN:
            assert told["status"] == THEN[act], status
        elif act in ("supervise", "remind"):
            assert told["status"] == status


async def test_an_act_is_done_only_by_who_may_and_where(hand: Hand) -> None:
    await hand.open()
    await hand.place.add_area("C2")
    elsewhere = bearing(await hand.place.token("duty_chief", area_code="C2"))
    here = bearing(await hand.place.token("duty_chief", area_code="C1"))
    account = await hand.place.add_account(("duty_chief", None))
    without = {
        code: bearing(await hand.place.token_of(account, only=[one for one in Permission if one is not code]))
        for code in set(NEEDS.values())
    }
    strangers = [bearing(token) for token in (hand.tokens["resident"], hand.staff.tokens["W3"])]
    for act in MAY_BE_DONE:
        incident = await hand.bring(MAY_BE_DONE[act].split()[0])
        body, before = await hand.body(incident, act), await hand.history(incident)
        refused = (
            (404, "unknown_incident") if act == "remind" else (403, "forbidden")
        )  # whoever may report may remind of the own
        on_the_ground = (404, "unknown_incident") if act in ("await", "go-on") else refused  # asked of who has a task
        tried = [(elsewhere, (404, "unknown_incident")), (without[NEEDS[act]], on_the_ground)]
        for headers, wanted in [*tried, (strangers[0], refused), (strangers[1], on_the_ground)]:
            answer = await hand.client.post(f"/api/incidents/{incident}/{act}", json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == wanted, (act, answer.text)
        assert (await hand.act(str(uuid4()), act, **body)).json()["code"] == "unknown_incident", act
        assert await hand.history(incident) == before, act
        answer = await hand.client.post(f"/api/incidents/{incident}/{act}", json=body, headers=here)
        if act in ("dispatch", "add"):  # who is at home nowhere is only for those of the whole town
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_worker")
        else:
            assert answer.status_code == 200, (act, answer.text)


async def test_an_act_with_a_key_is_done_once(hand: Hand) -> None:
    await hand.open()
    for act in MAY_BE_DONE:
        incident = await hand.bring(MAY_BE_DONE[act].split()[0])
        body = await hand.body(incident, act)
        first = await hand.act(incident, act, key=act, **body)
        lines, tasks = await hand.history(incident), await hand.active(incident)
        again = await hand.act(incident, act, key=act, **body)
        assert (first.status_code, again.status_code, again.text) == (200, 200, first.text), act
        assert again.headers["idempotency-replayed"] == "true"
        assert (await hand.history(incident), await hand.active(incident)) == (lines, tasks), act


UNTAKEN: list[Any] = [None, 5, "", " \t", "x\x00y", "x" * 901, ["x"], {"x": 1}, True]
NO_IDS: list[Any] = [None, 5, "", "x", "00000000-0000-0000-0000-00000000000", ["x"], True]
NO_TIMES: list[Any] = [5, "", "x", "2026-11-20", "2026-11-20T12:00:00", "9999-12-31T23:59:59-23:59", [], True]
HOSTILE: dict[str, list[Any]] = {
    "reason": UNTAKEN,
    "note": [value for value in UNTAKEN if value is not None],
    "seen": [-1, 1 << 63, "x", 1.5, [], 10**30],
    "worker": NO_IDS,
    "task": NO_IDS,
    "original": NO_IDS,
    "until": NO_TIMES,
    "disposition": [None, 5, "", "solved", ["resolved"]],
    "slot": [5, "", "Lead", "x" * 65, "lead; --", []],
    "skill": [5, "", "x" * 200, []],
    "responder": [None, 5, "", "robot"],
    "departments": [5, "x", ["x"], [None], [str(uuid4()) for _ in range(21)]],
    "hold": [None, 5, "perhaps", []],
    "category": [5, "", "x" * 65, []],
}
ALSO = {
    "dispatch": ("slot",),
    "withdraw": ("hold",),
    "add": ("responder", "skill"),
    "whistle": ("departments",),
    "shelve": ("until",),
    "file": ("category",),
    "verify": ("note", "worker"),
    "receive": ("note",),
}


async def test_what_should_never_be_taken_is_refused_and_changes_nothing(hand: Hand) -> None:
    await hand.open()
    for act in MAY_BE_DONE:
        incident = await hand.bring(MAY_BE_DONE[act].split()[0])
        good, before = await hand.body(incident, act), await hand.history(incident)
        for name in {*good, "seen", *ALSO.get(act, ())}:
            for value in HOSTILE[name]:
                if value is None and (name, act) in {("worker", "verify"), ("worker", "add")}:
                    continue
                answer = await hand.act(incident, act, **good | {name: value})
                assert 400 <= answer.status_code < 500, (act, name, value, answer.text)
                assert re.fullmatch("[a-z_]+", answer.json()["code"])
        for body in (b"", b"null", b"[]", b'{"reason":', b'{"x": 1}'):
            path = f"/api/incidents/{incident}/{act}"
            answer = await hand.client.post(path, content=body, headers=bearing(hand.tokens["chief"]))
            assert 400 <= answer.status_code < 500, (act, body)
        assert await hand.history(incident) == before, act


async def test_nobody_is_shown_or_sent_by_a_hand_that_may_not_see_them(hand: Hand) -> None:
    await hand.place.add_area("C2")
    await hand.place.add_area("G99", "grid", "C2")
    await hand.staff.hire("far", middle(0, 0), home="G99", capacity=9)
    await hand.staff.hire("near", middle(1, 0), home="G00", capacity=9)
    await hand.open()
    here = bearing(await hand.place.token("duty_chief", area_code="C1"))
    incident = (await hand.client.report("noise")).json()["id"]
    answer = await hand.client.get(f"/api/incidents/{incident}/candidates", headers=here)
    assert [one["worker"]["code"] for one in answer.json()["items"]] == ["near"]
    for worker, status, code in (("far", 404, "unknown_worker"), ("near", 200, None)):
        body = {"worker": str(hand.staff.ids[worker]), "reason": "熟悉情况"}
        answer = await hand.client.post(f"/api/incidents/{incident}/dispatch", json=body, headers=here)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
