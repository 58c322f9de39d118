"""A spill: with every worker of A busy B's worker goes, although whoever reported may not see B."""

import json
from typing import Any

import httpx2

from tests.support.client import bearing, until
from tests.support.server import Listening, streaming
from tests.support.two_towns import TwoTowns

EVERYBODY_OF_A_IS_BUSY = """
    UPDATE worker SET active_tasks = capacity, changed = pg_current_xact_id() WHERE code LIKE 'ZQA7%'
"""
ONLY_ONE_OF_B_IS_FREE = """
    UPDATE worker SET active_tasks = capacity, changed = pg_current_xact_id() WHERE code LIKE 'ZQB7%' AND id <> :id
"""


class Town:
    """Both communities, asked in short."""

    def __init__(self, towns: TwoTowns, client: httpx2.AsyncClient) -> None:
        self.towns, self.client = towns, client

    async def get(self, person: str, path: str) -> Any:
        """Ask as a person."""
        return await self.client.get(path, headers=bearing(self.towns.tokens[person]))

    async def post(self, person: str, path: str, **body: Any) -> Any:
        """Command as a person."""
        return await self.client.post(path, json=body, headers=bearing(self.towns.tokens[person]))

    def marks(self, answer: Any, *seen: str) -> list[str]:
        """Return B's marks in an answer, but those that one may see."""
        text = answer.text.lower() if hasattr(answer, "text") else json.dumps(answer, ensure_ascii=False).lower()
        return sorted(mark for mark in self.towns.foreign - set(seen) if mark in text)


async def test_a_spill_reaches_b_s_worker_and_shows_nobody_more_than_before(
    towns: TwoTowns, server: Listening
) -> None:
    worker = towns.ids["worker worker B"]
    await towns.place.run(EVERYBODY_OF_A_IS_BUSY)
    await towns.place.run(ONLY_ONE_OF_B_IS_FREE, id=worker)
    lng, lat = towns.at("A")
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=30) as client,
        streaming(server.url, towns.tokens["worker B"]) as phone,
        streaming(server.url, towns.tokens["dispatcher A"]) as wall,
        streaming(server.url, towns.tokens["dispatcher B"]) as wall_of_b,
    ):
        town = Town(towns, client)
        assert (await town.get("resident A", f"/api/areas?search={'ZQB7'}")).status_code == 403
        report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "ZQA7 路灯不亮"}
        told = await town.post("resident A", "/api/incidents", **report)
        assert told.status_code == 201

        # the rules chose among all; the reporter is told that somebody comes, not who
        [task] = told.json()["tasks"]
        [row] = await towns.place.run("SELECT worker_id FROM task WHERE id = :id", id=task["id"])
        assert row.worker_id == worker
        assert (task["status"], task["worker"], told.json()["candidates"]) == ("offered", None, [])
        assert town.marks(told) == []
        one = f"/api/incidents/{told.json()['id']}"

        # A's people see their incident, and of whom they may not see that there is somebody
        for person in ("resident A", "dispatcher A", "leader A", "chief A"):
            seen = await town.get(person, one)
            assert seen.status_code == 200
            assert town.marks(seen) == [], person
            assert seen.json()["status"] == "dispatched"
        shown = (await town.get("dispatcher A", one)).json()
        assert (shown["task"]["status"], shown["task"]["worker"]) == ("offered", None)
        assert [line["worker"] for line in shown["history"]] == [None, None]
        named = {candidate["worker"]["code"][:4] for candidate in shown["candidates"]}
        assert named <= {"ZQA7"}

        # B's worker is asked, with the place and its grid; B's command centre has nothing to do with it
        [offered] = (await phone.until(1, "task", seconds=10))[-1:]
        assert offered.data["incident"]["grid"]["code"] == "ZQA7_1"
        assert (await town.get("worker B", one)).status_code == 200
        assert (await town.get("dispatcher B", one)).status_code == 404
        assert (await town.get("tasked B", one)).status_code == 404
        assert "incident7" not in (await town.get("worker B", "/api/grids")).text
        grids = (await town.get("worker B", "/api/grids")).json()["features"]
        assert "ZQA7_1" in [grid["properties"]["code"] for grid in grids], "where to go"
        assert "ZQA7_2" not in [grid["properties"]["code"] for grid in grids]

        # and goes there
        for move, body in (("accept", {}), ("arrive", {}), ("finish", {"result": "done", "note": "修好了"})):
            assert (await town.post("worker B", f"/api/tasks/{task['id']}/{move}", **body)).status_code == 200
        assert (await town.post("dispatcher B", f"{one}/close", disposition="resolved")).status_code == 404
        assert (await town.post("dispatcher A", f"{one}/close", disposition="resolved")).status_code == 200
        await until(lambda: "closed" in [sent.data["status"] for sent in wall.of("incident")], 10)
        assert town.marks([sent.data for sent in wall.sent]) == []
        assert town.marks(await town.get("dispatcher A", one)) == []
        assert one.rpartition("/")[2] not in json.dumps([sent.data for sent in wall_of_b.of("incident")])


async def test_who_declines_hands_on_to_the_next_and_sees_the_place_no_longer_than_needed(
    towns: TwoTowns, server: Listening
) -> None:
    worker = towns.ids["worker worker B"]
    await towns.place.run(EVERYBODY_OF_A_IS_BUSY)
    await towns.place.run(ONLY_ONE_OF_B_IS_FREE, id=worker)
    lng, lat = towns.at("A")
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        town = Town(towns, client)
        report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "ZQA7"}
        told = (await town.post("resident A", "/api/incidents", **report)).json()
        decline = f"/api/tasks/{told['tasks'][0]['id']}/decline"
        declined = await town.post("worker B", decline, reason="too_far", note="够不着")
        assert declined.status_code == 200
        seen = await town.get("dispatcher A", f"/api/incidents/{told['id']}")
        assert (seen.json()["status"], seen.json()["waiting"]) == ("filed", True)
        assert town.marks(seen) == []
        [said] = [line for line in seen.json()["history"] if line["kind"] == "declined"]
        assert (said["worker"], said["note"]) == (None, "够不着"), (
            "A reads what was said about A's incident, not by whom"
        )
        for person, note in (("resident A", None), ("leader A", "够不着")):
            answer = await town.get(person, f"/api/incidents/{told['id']}")
            assert town.marks(answer) == []
            assert [line["note"] for line in answer.json()["history"] if line["kind"] == "declined"] == [note]
        await towns.place.run(
            "UPDATE task SET ended_at = now() - interval '13 hours' WHERE worker_id = :id", id=worker
        )
        assert (await town.get("worker B", f"/api/incidents/{told['id']}")).status_code == 404
