"""What is open stays with its area when a grid is redrawn, ends by time, or disappears."""

from datetime import timedelta

from tests.support.client import Client, until
from tests.support.place import Place, middle, square

REDRAW = """
    UPDATE grid SET valid = tstzrange(lower(valid), '2026-01-01+00') WHERE code = :code AND upper_inf(valid)
"""


async def told(place: Place, client: Client) -> None:
    await place.run("INSERT INTO outbox (kind, at) VALUES ('ground', now())")
    await client.caught_up()


async def count_of(client: Client, code: str) -> int:
    grids = (await client.get("/api/board")).json()["grids"]
    found: int = next(grid["open"] for grid in grids if grid["code"] == code)
    return found


async def test_an_open_incident_counts_in_its_grid_after_a_redraw(place: Place, client: Client) -> None:
    await place.add_block(2, 1)
    await place.add_category("noise", ranking="own_grid_first")
    await told(place, client)
    reported = (await client.report("noise", middle(0, 0))).json()
    assert reported["status"] == "filed"
    assert await count_of(client, "G00") == 1

    await place.run(REDRAW, code="G00")
    await place.add_grid("G00", square(0, 0).union(square(0, 1)), valid="[2026-01-01 00:00+00,)")
    await told(place, client)
    assert await count_of(client, "G00") == 1

    await place.add_worker("FAR", middle(0.1, 0))
    await place.add_worker("OWN", middle(1.4, 0), home="G00")
    await client.caught_up()
    shown = (await client.get(f"/api/incidents/{reported['id']}")).json()
    await until_task(client, reported["id"])
    shown = (await client.get(f"/api/incidents/{reported['id']}")).json()
    assert shown["task"]["worker"]["code"] == "OWN", "its own people come first, whatever the version"
    assert [area["code"] for area in shown["areas"]] == ["C1", "G00"]


async def until_task(client: Client, incident_id: str) -> None:
    for _ in range(100):
        if (await client.get(f"/api/incidents/{incident_id}")).json()["task"]:
            return
        await client.get("/livez")
        await client.caught_up()
    raise AssertionError("nobody was offered the task")


async def test_a_grid_whose_time_is_over_holds_nothing_any_more(place: Place, client: Client) -> None:
    await place.add_block(2, 1)
    await place.run(
        "UPDATE grid SET valid = tstzrange(lower(valid), now() + interval '3 seconds') WHERE code = 'G10'"
    )
    await told(place, client)
    where = {"lng": middle(1, 0)[0], "lat": middle(1, 0)[1], "datum": "wgs84"}
    assert (await client.get("/api/locate", params=where)).json()["grid"]["code"] == "G10"
    city = client.app.state.process.city
    await until(lambda: "G10" not in [grid.code for grid in city.layers["governance"].grids], 10)
    assert (await client.get("/api/locate", params=where)).json()["grid"] is None


async def test_an_incident_whose_layer_has_lost_its_grids_holds_nobody_else_up(place: Place, client: Client) -> None:
    await place.add_block(1, 1)
    await place.add_grid("H1", square(0, 0), layer="health")
    await place.add_category("fall", layer="health", ranking="own_grid_first", offer_seconds=1)
    await place.add_category("noise", offer_seconds=1)
    worker = await place.add_worker("W1", middle(0, 0), capacity=3)
    await told(place, client)
    lost = (await client.report("fall", middle(0, 0))).json()["tasks"]
    other = (await client.report("noise", middle(0, 0))).json()["tasks"]
    await place.run("UPDATE grid SET valid = tstzrange(lower(valid), now()) WHERE layer = 'health'")
    await place.run("INSERT INTO outbox (kind, at) VALUES ('ground', now())")

    assert worker
    assert lost
    for task in (*lost, *other):
        await ended(place, task["id"])


async def ended(place: Place, task_id: str) -> None:
    for _ in range(60):
        rows = await place.run("SELECT status FROM task WHERE id = CAST(CAST(:id AS text) AS uuid)", id=task_id)
        if rows[0].status == "expired":
            return
        await place.run("SELECT pg_sleep(0.1)")
    raise AssertionError(f"the offer never expired after {timedelta(seconds=6)}")
