"""What people say and are called is in no log line and in no refusal."""

import json
import logging
from uuid import uuid4

import pytest

from api.routes import grids
from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff

MARKS = ("欧阳某某", "13912345678", "学院路99号", "350783199001011234")


def marked(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text or json.dumps(mark)[1:-1] in text]


async def test_a_whole_story_leaves_no_personal_word_in_the_log(
    staff: Staff, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    for noisy in ("sqlalchemy", "asyncio", "httpx2", "httpcore2", "asyncpg"):
        monkeypatch.setattr(logging.getLogger(noisy), "level", logging.WARNING)
    await staff.hire("W1", middle(0.1, 0), name=MARKS[0])
    await staff.hire("W2", middle(1, 0), name=MARKS[0])
    await staff.open()
    said = {"description": f"{MARKS[0]} {MARKS[1]} {MARKS[3]}", "address": MARKS[2]}
    told = (await staff.client.report("noise", key="k", **said)).json()
    task = told["tasks"][0]["id"]
    await staff.say("W1", task, "decline", reason="other", note=MARKS[0])
    [second] = await staff.tasks("W2")
    await staff.say("W2", second["id"], "accept")
    await staff.say("W2", second["id"], "accept")
    await staff.say("W2", second["id"], "finish", result="done", note=MARKS[1])
    await staff.client.post(f"/api/incidents/{told['id']}/close", json={"disposition": "resolved"})

    # refused, malformed, broken
    await staff.client.report("noise", **said | {"description": said["description"] * 400})
    await staff.client.report("noise", at=(1.0, 1.0), **said)
    await staff.client.report(MARKS[0], **said)
    await staff.client.post("/api/incidents", content=json.dumps(said).encode()[:-3])
    await staff.place.run("ALTER TABLE incident ADD CONSTRAINT never CHECK (description NOT LIKE '%139%') NOT VALID")
    assert (await staff.client.report("noise", **said)).status_code == 500
    monkeypatch.setattr(grids, "located_one", lambda *_: 1 / 0)
    await staff.client.get("/api/locate", params={"lng": 1, "lat": 1, "datum": "wgs84"})
    await staff.client.get("/api/board")

    lines = [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    assert any("statement failed" in line for line in lines), "the broken statement is logged"
    assert marked("\n".join(lines)) == []
    ours = [record for record in caplog.records if record.name.split(".")[0] in ("api", "dispatch", "data")]
    assert marked("\n".join(str(record.args) for record in ours)) == []


async def test_a_refusal_repeats_nothing_that_was_sent(staff: Staff) -> None:
    await staff.hire("W1")
    await staff.open()
    task = (await staff.client.report("noise")).json()["tasks"][0]["id"]
    body = {"lng": 118.305, "lat": 27.005, "datum": "wgs84", "category": "noise", "description": "x"}
    name = MARKS[0]
    answers = [
        *[
            await staff.client.post("/api/incidents", json=body | {field: name})
            for field in ("lng", "datum", "category", "reported_at")
        ],
        await staff.client.post("/api/incidents", json=body | {"description": [name]}),
        await staff.client.post("/api/incidents", json=[name]),
        await staff.client.post("/api/incidents", content=f'{{"{name}'.encode()),
        await staff.client.post("/api/incidents", json=body, headers={"Idempotency-Key": "a b 13912345678"}),
        await staff.client.post(f"/api/incidents/{uuid4()}/close", json={"disposition": name}),
        await staff.say("W1", task, "decline", reason=name),
        await staff.say("W1", task, "finish", result=name),
        await staff.client.put(
            f"/api/workers/{staff.ids['W1']}/position", json={"lng": name, "lat": name, "datum": name}
        ),
        await staff.client.get("/api/incidents", params={"status": name}),
        await staff.client.get("/api/locate", params={"lng": name, "lat": name, "datum": name}),
        await staff.client.get(f"/api/incidents/{name}"),
        await staff.client.get(f"/tiles/{name}/0/0/0"),
        await staff.client.get("/api/board", headers=bearing("13912345678")),
    ]
    for answer in answers:
        assert 400 <= answer.status_code < 500, answer.request.url
        assert marked(answer.text) == [], answer.text


async def test_names_of_workers_are_masked_wherever_they_are_shown(staff: Staff) -> None:
    await staff.hire("W1", name=MARKS[0])
    await staff.open()
    told = (await staff.client.report("noise")).json()
    shown = [
        json.dumps(told, ensure_ascii=False),
        (await staff.client.get("/api/board")).text,
        (await staff.client.get("/api/workers")).text,
        (await staff.client.get("/api/incidents")).text,
        json.dumps(await staff.row(told["id"]), ensure_ascii=False),
        (await staff.client.get("/api/tasks", headers=bearing(staff.tokens["W1"]))).text,
    ]
    assert all(marked(text) == [] for text in shown)
    assert "欧*" in json.dumps(json.loads(shown[1]), ensure_ascii=False)


async def test_no_token_is_kept_as_it_is(staff: Staff) -> None:
    await staff.hire("W1")
    for row in await staff.place.run("SELECT access_token::text AS row FROM access_token"):
        assert staff.tokens["W1"] not in row.row
