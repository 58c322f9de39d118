"""The live stream through a real server: nothing is missed, nothing foreign is seen."""

import asyncio
from typing import Any

import httpx2
import pytest

from api import process as processes
from api.routes import live as lives
from data.cluster import Cluster
from dispatch.desk.forget import forget
from tests.support.client import bearing, until
from tests.support.place import middle
from tests.support.server import Listening, streaming
from tests.support.staff import Staff

Served = tuple[Listening, Staff, str]


async def test_the_command_centre_sees_an_incident_s_whole_way(served: Served) -> None:
    server, staff, token = served
    await staff.hire("W1")
    await staff.open()
    async with streaming(server.url, token) as stream:
        incident = (await staff.client.report("noise")).json()["id"]
        await stream.until(1, "incident")
        [task] = await staff.tasks("W1")
        for move, body in (("accept", {}), ("arrive", {}), ("finish", {"result": "done"})):
            seen = len(stream.of("incident"))
            await staff.say("W1", task["id"], move, **body)
            await stream.until(seen + 1, "incident")
        rows = [one.data for one in stream.of("incident")]
        assert {row["id"] for row in rows} == {incident}
        assert [row["status"] for row in rows] == ["dispatched", "dispatched", "handling", "handled"]
        listed = (await staff.client.get("/api/incidents")).json()["items"][0]
        assert rows[-1] == listed
        assert stream.of("task") == []
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] in ("no-cache", "no-store")


async def test_a_worker_sees_own_tasks_and_nothing_else(served: Served) -> None:
    server, staff, token = served
    await staff.hire("W1", middle(0.1, 0))
    await staff.hire("W2", middle(2, 1))
    await staff.open()
    async with (
        streaming(server.url, staff.tokens["W1"]) as one,
        streaming(server.url, staff.tokens["W2"]) as two,
        streaming(server.url, token) as centre,
    ):
        await staff.client.report("noise", at=middle(0, 0))
        [offered] = await one.until(1, "task")
        assert offered.data == (await staff.tasks("W1"))[0]
        await staff.say("W1", offered.data["id"], "decline", reason="busy")
        await one.until(2, "task")
        [to_other] = await two.until(1, "task")
        assert [sent.data["status"] for sent in one.of("task")] == ["offered", "declined"]
        assert to_other.data["status"] == "offered"
        await centre.until(1, "workers")
        assert {sent.event for sent in one.sent + two.sent} == {"task"}
    async with httpx2.AsyncClient(headers=bearing(await staff.place.token("resident"))) as resident:
        answer = await resident.get(f"{server.url}/api/live")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_client_that_comes_back_gets_what_it_missed_in_order_and_then_what_is_new(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    async with streaming(server.url, token) as stream:
        first = (await staff.client.report("noise")).json()["id"]
        await stream.until(1, "incident")
        last = stream.last_id
    missed = [(await staff.client.report("noise")).json()["id"] for _ in range(3)]
    async with streaming(server.url, token, last=last) as stream:
        sent = await stream.until(3, "incident")
        assert [one.data["id"] for one in sent[:3]] == missed
        later = (await staff.client.report("noise")).json()["id"]
        await until(lambda: later in [one.data["id"] for one in stream.of("incident")])
        assert first not in [one.data["id"] for one in stream.of("incident")]


async def test_the_board_s_cursor_leads_on_without_a_gap(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    before = (await staff.client.report("noise")).json()["id"]
    board = (await staff.client.get("/api/board")).json()
    after = (await staff.client.report("noise")).json()["id"]
    assert [row["id"] for row in board["incidents"]] == [before]
    async with streaming(server.url, token, after=board["cursor"]) as stream:
        sent = await stream.until(1, "incident")
        assert sent[-1].data["id"] == after


async def test_a_phone_comes_back_to_the_tasks_it_missed(served: Served) -> None:
    server, staff, _ = served
    await staff.hire("W1", capacity=3)
    await staff.open()
    cursor = (await staff.client.get("/api/tasks", headers=bearing(staff.tokens["W1"]))).json()["cursor"]
    for _ in range(2):
        await staff.client.report("noise")
    async with streaming(server.url, staff.tokens["W1"], after=cursor) as stream:
        sent = await stream.until(2, "task")
        assert [one.data["status"] for one in sent[:2]] == ["offered", "offered"]


async def test_cut_anywhere_a_client_that_resumes_has_seen_everything(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Writes go on while the line breaks after every second row, in the middle of what was read at once too."""
    server, staff, token = served
    await staff.open()
    cursor = (await staff.client.get("/api/board")).json()["cursor"]
    written: set[str] = set()

    async def write() -> None:
        for _ in range(6):
            answers = await asyncio.gather(*(staff.client.report("noise") for _ in range(4)))
            written.update(answer.json()["id"] for answer in answers)

    writing, seen = asyncio.create_task(write()), list[str]()
    async with asyncio.timeout(20):
        while not (writing.done() and set(seen) >= written):
            async with streaming(server.url, token, last=cursor) as stream:
                read = (await stream.until(1, "incident"))[:2]
            seen += [one.data["id"] for one in read]
            cursor = read[-1].id
    assert set(seen) == written
    assert [record for record in caplog.records if record.levelname == "ERROR"] == [], "who leaves is no fault"


@pytest.mark.parametrize("cursor", ["nonsense", "1:2:3", "-1:0", "9" * 18 + ":0", "٣:٤", "x" * 64, "7:"])
async def test_a_nonsense_cursor_means_fetch_anew(served: Served, cursor: str) -> None:
    server, staff, token = served
    await staff.hire("W1")
    await staff.open()
    for who in (token, staff.tokens["W1"]):
        async with streaming(server.url, who, after=cursor) as stream:
            [sent] = await stream.until(1, "reload")
            assert sent.data == {}


async def test_whoever_was_away_too_long_is_told_to_fetch_anew(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    await staff.place.run(
        """INSERT INTO outbox (kind, subject_id, at)
        SELECT 'incident', gen_random_uuid(), now() FROM generate_series(1, 501)"""
    )
    async with streaming(server.url, token, after="0:0") as stream:
        await stream.until(1, "reload")


async def test_whoever_was_away_until_what_was_missed_is_forgotten_is_told_to_fetch_anew(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    cursor = (await staff.client.get("/api/board")).json()["cursor"]
    for _ in range(3):
        await staff.client.report("noise")
    await staff.place.run("UPDATE outbox SET at = now() - interval '60 hours'")
    await forget(server.process.store.books)
    async with streaming(server.url, token, after=cursor) as stream:
        await stream.until(1, "reload")
    async with streaming(server.url, token, after=(await staff.client.get("/api/board")).json()["cursor"]) as stream:
        await staff.client.report("noise")
        await stream.until(1, "incident")
        assert stream.of("reload") == []


async def test_moving_workers_and_figures_come_at_most_once_a_second_and_only_what_differs(served: Served) -> None:
    server, staff, token = served
    one, two = await staff.hire("W1", middle(0, 0)), await staff.hire("W2", middle(1, 0))
    await staff.open()
    async with streaming(server.url, token) as stream:
        await stream.until(1, "workers")
        assert {row["id"] for row in stream.of("workers")[-1].data} == {str(one), str(two)}
        seen = len(stream.of("workers"))
        for number in range(10):
            await staff.client.put(
                f"/api/workers/{one}/position", json={"lng": 118.3 + number / 1e4, "lat": 27.005, "datum": "wgs84"}
            )

        def moves() -> list[Any]:
            return [row for sent in stream.of("workers")[seen:] for row in sent.data]

        await until(lambda: bool(moves()) and moves()[-1]["lng"] == pytest.approx(118.3009, abs=1e-7))
        moved = moves()
        assert {row["id"] for row in moved} == {str(one)}
        assert moved[-1].keys() == {"id", "lng", "lat", "fixed_at", "accuracy_m", "state"}
        figures = len(stream.of("figures"))
        await staff.client.report("fire")
        sent = await stream.until(figures + 1, "figures")
        assert (sent[-1].data["open"], sent[-1].data["waiting"]) == (1, 1)
        assert all(one.id is None for one in stream.of("workers", "figures"))


async def test_whoever_joins_between_two_pulses_is_shown_what_moved_before(served: Served) -> None:
    """The board was fetched, a worker moved, others were told of it, and only then the stream was opened."""
    server, staff, token = served
    worker = await staff.hire("W1", middle(0, 0))
    await staff.open()
    async with streaming(server.url, token) as early:
        await early.until(1, "workers")
        board = (await staff.client.get("/api/board")).json()
        assert board["workers"][0]["lng"] == middle(0, 0)[0]
        pulses = len(early.of("workers"))
        await staff.client.put(
            f"/api/workers/{worker}/position", json={"lng": 118.31, "lat": 27.005, "datum": "wgs84"}
        )
        await early.until(pulses + 1, "workers")
        async with streaming(server.url, token, after=board["cursor"]) as late:
            await late.until(1, "figures")
            [sent] = (await late.until(1, "workers"))[:1]
            assert [(row["id"], row["lng"]) for row in sent.data] == [(str(worker), 118.31)]


async def test_after_the_listening_connection_was_killed_clients_come_back_and_have_missed_nothing(
    served: Served, cluster: Cluster, database: str
) -> None:
    server, staff, token = served
    await staff.open()
    async with streaming(server.url, token) as stream:
        first = (await staff.client.report("noise")).json()["id"]
        await stream.until(1, "incident")
        cluster.psql(
            "postgres",
            f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = '{database}' AND query ILIKE 'LISTEN%'""",
        )
        missed = (await staff.client.report("noise")).json()["id"]
        await stream.end()
        last, got = stream.last_id, [one.data["id"] for one in stream.of("incident")]
    async with streaming(server.url, token, last=last) as stream:
        if missed not in got:
            await stream.until(1, "incident")
        got += [one.data["id"] for one in stream.of("incident")]
    assert set(got) == {first, missed}


async def test_a_quiet_stream_is_kept_alive(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    server, staff, _ = served
    assert lives.KEEP_ALIVE_S == 15
    monkeypatch.setattr(lives, "KEEP_ALIVE_S", 0.1)
    await staff.hire("W1")
    await staff.open()
    async with streaming(server.url, staff.tokens["W1"]) as stream:
        async with asyncio.timeout(3):
            await until(lambda: stream.comments >= 3)
        assert stream.sent == []


async def test_a_client_that_leaves_leaves_nothing_behind(served: Served) -> None:
    server, staff, token = served
    await staff.open()
    for _ in range(5):
        async with streaming(server.url, token):
            await until(lambda: len(server.process.hub) == 1)
        await until(lambda: len(server.process.hub) == 0)


async def test_the_board_holds_everything_the_map_needs(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    _, staff, _ = served
    await staff.hire("W1", home="G00")
    await staff.hire("W2", None)
    await staff.open()
    noise = (await staff.client.report("noise", at=middle(1, 1))).json()
    fire = (await staff.client.report("fire", at=middle(1, 1))).json()
    board = (await staff.client.get("/api/board")).json()
    assert set(board) == {
        "cursor",
        "now",
        "may",
        "town",
        "figures",
        "categories",
        "grids",
        "incidents",
        "unseen",
        "workers",
    }
    assert board["town"] == {
        "code": "350783",
        "name": "试城",
        "name_en": "Test",
        "time_zone": "Asia/Shanghai",
        "demo": False,
        "centre": [pytest.approx(118.315), pytest.approx(27.01)],
        "bounds": [pytest.approx(edge) for edge in (118.30, 27.00, 118.33, 27.02)],
    }
    assert [row["id"] for row in board["incidents"]] == [fire["id"], noise["id"]]
    assert {grid["code"]: grid["open"] for grid in board["grids"]} == {
        f"G{column}{row}": 2 * ((column, row) == (1, 1)) for column in range(3) for row in range(2)
    }
    figures: dict[str, Any] = board["figures"]
    counted = {"open": 2, "waiting": 1, "overdue": 0, "reported_today": 2, "closed_today": 0, "on_duty": 2}
    assert {name: figures[name] for name in counted} == counted
    assert figures["last_closed_at"] is None
    assert [(one["code"], one["name"]) for one in board["workers"]] == [("W1", "王*")]
    assert processes.PULSE_S == 1.0
