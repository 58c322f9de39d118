"""A's matter is B's worker's: A's hand acts on it, and reads of B no more than that there is somebody."""

from typing import Any

import httpx2
import pytest

from tests.stories.test_a_spill import EVERYBODY_OF_A_IS_BUSY, ONLY_ONE_OF_B_IS_FREE, Town
from tests.support.server import Listening
from tests.support.two_towns import TwoTowns

WHY = {"reason": "ZQA7 核对后决定"}


@pytest.fixture
async def spilled(towns: TwoTowns, server: Listening) -> Any:
    """Lend a town in which B's worker was sent to A's incident: the town, and the incident's address."""
    await towns.place.run(EVERYBODY_OF_A_IS_BUSY)
    await towns.place.run(ONLY_ONE_OF_B_IS_FREE, id=towns.ids["worker worker B"])
    lng, lat = towns.at("A")
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        town = Town(towns, client)
        report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "noise", "description": "ZQA7 路灯不亮"}
        told = (await town.post("resident A", "/api/incidents", **report)).json()
        [row] = await towns.place.run("SELECT worker_id FROM task WHERE id = :id", id=told["tasks"][0]["id"])
        assert row.worker_id == towns.ids["worker worker B"]
        await towns.place.run("UPDATE worker SET capacity = capacity + 1 WHERE code LIKE 'ZQA7worker7_1'")
        yield town, f"/api/incidents/{told['id']}", told["tasks"][0]["id"]


async def test_what_changed_meanwhile_names_nobody_one_may_not_see(spilled: Any) -> None:
    town, one, task = spilled
    seen = (await town.get("dispatcher A", one)).json()["revision"]
    assert (await town.post("worker B", f"/api/tasks/{task}/accept")).status_code == 200
    late = await town.post("dispatcher A", f"{one}/return", **WHY, seen=seen)
    assert (late.status_code, [line["kind"] for line in late.json()["changed"]]) == (409, ["accepted"])
    assert late.json()["changed"][0]["worker"] is None
    assert town.marks(late) == []
    whole = await town.post("dispatcher A", f"{one}/return", **WHY, seen=0)
    assert town.marks(whole) == []


async def test_whoever_was_called_back_is_named_only_to_who_may_see_them(spilled: Any) -> None:
    town, one, task = spilled
    mine = str(town.towns.ids["worker leader A"])
    answer = await town.post("dispatcher A", f"{one}/dispatch", **WHY, worker=mine)
    assert (answer.status_code, town.marks(answer)) == (200, [])
    for person in ("resident A", "dispatcher A", "chief A", "leader A"):
        seen = await town.get(person, one)
        assert (seen.status_code, town.marks(seen)) == (200, []), person
        assert ("核对后决定" in seen.text) is (person != "resident A")
    assert (await town.get("dispatcher A", one)).json()["history"][-1]["facts"] == WHY
    assert town.marks(await town.post("dispatcher A", f"{one}/undo")) == []
    assert town.marks(await town.get("dispatcher A", f"{one}/candidates")) == []
    [called] = await town.towns.place.run("SELECT status FROM task WHERE id = :id", id=task)
    assert called.status == "withdrawn"


async def test_what_a_worker_of_b_says_aside_is_not_for_who_reported(spilled: Any) -> None:
    town, one, task = spilled
    answer = await town.post("worker B", f"/api/tasks/{task}/return", reason="够不着那条街")
    assert answer.status_code == 200
    assert town.marks(await town.get("resident A", one)) == []
    assert "够不着" not in (await town.get("resident A", one)).text
    assert "够不着" in (await town.get("dispatcher A", one)).text
    assert town.marks(await town.get("dispatcher A", one)) == []
