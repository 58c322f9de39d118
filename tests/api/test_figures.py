"""Figures through the door: what the desk did is counted within moments, exported and explained; refused with a code."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from api.sheets import csv_text, workbook
from data.definitions import definitions
from data.incidents import FACTS
from dispatch.desk.reckon import Reckoning
from dispatch.figures.kinds import FIGURES
from tests.support.client import bearing
from tests.support.hand import Hand

EVER = {"from": "2020-01-01", "to": "2029-12-31"}
ZONE = ZoneInfo("Asia/Shanghai")


async def ask(hand: Hand, path: str = "", who: str = "chief", **query: str) -> Any:
    return await hand.client.get(f"/api/figures{path}", params=EVER | query, headers=bearing(hand.tokens[who]))


async def told(hand: Hand, **query: str) -> Any:
    answer = await ask(hand, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def comes_true(hand: Hand, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask until the total is so: the feed tells of a commit within moments."""
    found: dict[str, Any] = {}
    for _ in range(500):
        found = (await told(hand))["total"]
        if so(found):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def facts(hand: Hand, incident: str) -> Any:
    """Read an incident's facts, and when its steps were by its tasks and history."""
    [row] = await hand.place.run(
        """SELECT i.*, w.code AS handler, d.code AS department,
            (SELECT min(accepted_at) FROM task WHERE incident_id = i.id) AS first_accepted,
            (SELECT min(on_scene_at) FROM task WHERE incident_id = i.id) AS first_there,
            (SELECT max(at) FROM incident_event WHERE incident_id = i.id AND kind = 'done') AS last_done,
            (SELECT max(at) FROM incident_event WHERE incident_id = i.id AND kind = 'filed') AS filed
        FROM incident i LEFT JOIN worker w ON w.id = i.handler_id LEFT JOIN worker d ON d.id = i.department_id
        WHERE i.id = :id""",
        id=UUID(incident),
    )
    return row


async def noted(hand: Hand) -> list[tuple[Any, ...]]:
    """Read the facts of all incidents."""
    return [
        tuple(row) for row in await hand.place.run(f"SELECT filed_at, {', '.join(FACTS)} FROM incident ORDER BY id")
    ]


async def as_moved_in(hand: Hand) -> list[tuple[Any, ...]]:
    """Forget the facts and let the migration work them out, as it does for a town of before."""
    forgotten = ", ".join(f"{name} = {0 if name in ('reworks', 'reopenings') else 'NULL'}" for name in FACTS)
    before = await noted(hand)
    await hand.place.run(f"UPDATE incident SET filed_at = reported_at, {forgotten}")
    assert await noted(hand) != before
    for statement in import_module("data.migrations.versions.0009_figures").MOVE_IN:
        await hand.place.run(statement)
    return before


def plain(cell: object) -> object:
    """Return a cell as what it means, whether it is a number or says one."""
    try:
        return float(str(cell))
    except ValueError:
        return cell or ""


async def test_what_is_done_at_the_desk_is_counted(hand: Hand) -> None:
    await hand.open()
    assert (await told(hand))["total"]["reported"] == {"value": 0}

    first = (await hand.client.report("checked")).json()["id"]
    await hand.does(first, "receive")
    found = await comes_true(hand, lambda total: total["reported"]["value"] == 1)
    assert found["filed"] == {"value": 0}, "not sorted yet"
    await hand.does(first, "file", category="noise")
    for step in ("!accept", "!arrive", "!finish"):
        await hand.step(first, step)
    known = await facts(hand, first)
    assert (known.accepted_at, known.scene_at) == (known.first_accepted, known.first_there)
    assert (known.handled_at, known.filed_at, known.handler) == (known.last_done, known.filed, "W1")
    assert known.filed_at > known.reported_at

    await hand.does(first, "rework", **{"reason": "没修好"})
    again = await facts(hand, first)
    assert (again.handled_at, again.reworks) == (None, 1)
    for step in ("!accept", "!finish"):
        await hand.step(first, step)
    await hand.does(first, "close", disposition="resolved")
    closed = await facts(hand, first)
    assert (closed.handled_at, closed.accepted_at) == (closed.last_done, known.accepted_at)
    await hand.does(first, "undo")
    assert (await facts(hand, first)).handled_at == closed.handled_at
    await hand.does(first, "close", disposition="resolved")
    found = await comes_true(hand, lambda total: total["closed"]["value"] == 1)
    assert (found["rework_rate"]["n"], found["same_day"]["n"], found["reopening_rate"]["n"]) == (1, 1, 0)
    assert found["on_time_handle"] == {"value": 1.0, "n": 1, "of": 1, "low": 0.206549, "high": 1.0, "few": True}

    await hand.does(first, "reopen", reason="又坏了")
    second = (await hand.client.report("noise")).json()["id"]
    await hand.does(second, "void", reason="重复")
    await hand.does(second, "reopen", reason="不该作废")
    found = await comes_true(hand, lambda total: total["open"]["value"] == 2)
    assert (found["reopening_rate"]["n"], found["reopening_rate"]["of"], found["closed"]["value"]) == (1, 1, 0)
    assert (await facts(hand, second)).reopenings == 0, "a void taken back is a correction"

    by_worker = (await told(hand, by="worker"))["groups"]
    counted = {one["key"]: one["figures"]["reopening_rate"]["n"] for one in by_worker}
    assert counted == {"W1": 1, None: 0}, "a reopening counts for whoever handled it"
    assert await as_moved_in(hand) == await noted(hand), "the migration finds the same in tasks and history"
    cases = (await ask(hand, "/cases", figure="reopening_rate", side="n", by="worker", key="W1")).json()
    assert ([one["id"] for one in cases["incidents"]], cases["next"]) == ([first], None)


async def test_the_same_leaves_as_a_file_of_each_kind(hand: Hand) -> None:
    await hand.open()
    await hand.place.run("UPDATE area SET name = '=1+1' WHERE code = 'G00'")
    await hand.client.report("noise")
    whole = await told(hand, by="area", level="grid")
    as_json = await ask(hand, "/export", by="area", level="grid", format="json")
    assert as_json.json() | {"as_of": None} == whole | {"as_of": None}

    as_csv = await ask(hand, "/export", by="area", level="grid", format="csv")
    assert as_csv.headers["content-disposition"] == 'attachment; filename="figures_2020-01-01_2029-12-31.csv"'
    lines = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    by_key = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    assert by_key[""]["kind"] == "total"
    assert (by_key["G00"]["name"], by_key["G00"]["filed"], by_key["G00"]["closure_rate.of"]) == ("'=1+1", "1", "1")

    as_xlsx = await ask(hand, "/export", by="area", level="grid", format="xlsx")
    book = load_workbook(io.BytesIO(as_xlsx.content))
    head, *rows = book["figures"].iter_rows(values_only=True)
    assert head == tuple(lines[0])
    assert [[plain(cell) for cell in row] for row in rows] == [
        [plain(cell.removeprefix("'")) for cell in line] for line in lines[1:]
    ]
    assert {cell.data_type for row in book["figures"].iter_rows() for cell in row} <= {"s", "n"}, "no formula"
    assert [row[0].value for row in book["definitions"].iter_rows(min_row=2)] == list(FIGURES)


def test_text_that_a_spreadsheet_would_reckon_stays_text() -> None:
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "http://example.org", "12"]
    [line] = csv.reader(io.StringIO(csv_text([nasty]).removeprefix("\ufeff"), newline=""))
    assert line == [f"'{cell}" for cell in nasty[:6]] + nasty[6:]
    book = load_workbook(io.BytesIO(workbook([("x", [["head"], *([cell] for cell in nasty), [None], [1.5]])])))
    cells = [row[0] for row in book["x"].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == [*"s" * len(nasty), "n", "n"]
    assert all(cell.hyperlink is None for cell in cells)


async def test_the_first_who_ask_are_told_to_come_back_while_the_ledger_is_read(hand: Hand) -> None:
    await hand.open()
    process = hand.client.app.state.process
    process.reckoning = Reckoning(process.store, waits_s=0)
    answer = await ask(hand)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "figures_loading", "2")
    await process.reckoning._held.reading
    assert (await ask(hand)).status_code == 200


async def test_new_ground_is_read_anew(hand: Hand) -> None:
    await hand.open()
    reckoning = hand.client.app.state.process.reckoning
    await told(hand)
    _, before = await reckoning.ready(ZONE)
    await hand.client.opened(hand.place)
    assert (await reckoning.ready(ZONE))[1] is not before


async def test_what_cannot_be_counted_is_refused_with_a_code(hand: Hand) -> None:
    await hand.open()
    refused = {
        "figures_period": {"from": "2026-02-02", "to": "2026-02-01"},
        "unknown_area": {"area": "nowhere"},
        "unknown_category": {"category": "nothing"},
        "unknown_layer": {"layer": "nothing"},
        "unknown_level": {"by": "area", "level": "nothing"},
    }
    for code, query in refused.items():
        answer = await ask(hand, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    for query in ({"by": "weather"}, {"from": "1767225600"}, {"to": "2026-13-01"}, {"format": "csv"}):
        assert (await ask(hand, **query)).status_code == 422
    assert (await ask(hand, "/cases", figure="nothing")).status_code == 422
    assert (await ask(hand, who="resident")).status_code == 403


async def test_every_figure_is_explained(hand: Hand) -> None:
    await hand.open()
    explained = (await hand.client.get("/api/figures/definitions")).json()["definitions"]
    assert explained == json.loads(json.dumps(list(definitions().values())))
    assert [one["figure"] for one in explained] == list((await told(hand))["total"])


async def test_every_day_of_a_period_is_told_also_where_nothing_was(hand: Hand) -> None:
    await hand.open()
    days = (await told(hand, **{"from": "2026-02-27", "to": "2026-03-02", "by": "day"}))["groups"]
    assert [one["key"] for one in days] == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    weeks = (await told(hand, **{"from": "2026-02-27", "to": "2026-03-02", "by": "week"}))["groups"]
    assert [date.fromisoformat(one["key"]).weekday() for one in weeks] == [0, 0]
