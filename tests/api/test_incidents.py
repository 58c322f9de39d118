"""An incident comes in at the door and is offered to the right worker."""

from datetime import timedelta

from tests.support.client import Client
from tests.support.place import Place, middle, square


async def start(place: Place, client: Client) -> None:
    """Let the city load what was built."""
    await place.run("INSERT INTO outbox (kind, at) VALUES ('ground', now())")
    await client.caught_up()


async def test_a_report_lands_in_its_grid_and_is_offered_to_the_nearest_worker(place: Place, client: Client) -> None:
    await place.add_block(2, 1)
    await place.add_category("fire", urgency="emergency")
    near = await place.add_worker("W1", middle(0.1, 0))
    await place.add_worker("W2", middle(1, 0))
    await start(place, client)

    answer = await client.report("fire")

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["status"] == "dispatched"
    assert told["grid"]["code"] == "G00"
    assert [area["code"] for area in told["areas"]] == ["C1", "G00"]
    assert told["tasks"][0]["worker"] == {"id": str(near), "code": "W1"}
    assert [(c["worker"]["code"], c.get("reason"), c.get("shortfall")) for c in told["candidates"]] == [
        ("W1", "nearest", None),
        ("W2", None, "farther"),
    ]
