"""From a report to a receiver's door: delivered once, in order, again after a failure; who is dead holds nobody up."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import outgoing as outgoing_module
from api.settings import Settings
from tests.support.client import serving, until
from tests.support.place import Place
from tests.support.receivers import Notices
from tests.support.sink import Got, Sink, black_hole, sink

KEY = "a-key-of-the-town-s-own"
OPENED = ["filed"]


@pytest.fixture
async def town(place: Place, settings: Settings) -> AsyncIterator[Notices]:
    """Lend a served town of one grid whose own network is this machine."""
    await place.add_block(1, 1)
    await place.add_category("noise")
    own = settings.model_copy(update={"outgoing_private": "127.0.0.1", "public_url": "https://grid.example"})
    async with serving(own, await place.token("dispatcher")) as client:
        await client.opened(place)
        yield await Notices.of(place, client)


def is_signed(got: Got) -> bool:
    """Reckon the signature anew, as a receiver would."""
    stamp, _, signed = got.headers["Wangge-Signature"].partition(",")
    said = stamp.removeprefix("t=").encode() + b"." + got.body
    fresh = abs(int(stamp.removeprefix("t=")) - time.time()) < 60
    return fresh and f"v1={hmac.new(KEY.encode(), said, hashlib.sha256).hexdigest()}" == signed


async def states(town: Notices, receiver: str) -> list[tuple[str, int, str | None]]:
    return [(one["state"], one["tries"], one["trouble"]) for one in reversed(await town.deliveries(receiver))]


async def until_states(
    town: Notices, receiver: str, *wanted: tuple[str, int, str | None], seconds: float = 5
) -> None:
    async def there() -> bool:
        return await states(town, receiver) == list(wanted)

    await until(there, seconds)


async def add(town: Notices, there: Sink, **given: Any) -> str:
    made = await town.add(there.url, **{"secret": KEY, "events": OPENED} | given)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_report_is_told_once_signed_and_without_anybody_s_data(town: Notices) -> None:
    with sink() as there:
        id_ = await add(town, there)
        incident = (await town.client.report("noise", description="王小明 13912345678")).json()
        await until_states(town, id_, ("delivered", 1, None))
        assert (await town.rows())[0]["delivered"] == 1
    [got] = there.got
    assert is_signed(got)
    [delivery] = await town.deliveries(id_)
    assert got.headers["Wangge-Delivery"] == str(delivery["id"])
    body = json.loads(got.body)
    assert (body["event"], body["incident"]["id"]) == ("filed", incident["id"])
    assert body["incident"]["area"] == {"code": "G00", "name": "G00区"}
    assert body["incident"]["link"] == f"https://grid.example/?incident={incident['id']}"
    for personal in ("王小明", "13912345678", "118.3", "reporter", "account:"):
        assert personal not in got.body.decode()


async def test_what_failed_is_told_again_under_the_same_number_and_what_came_after_waits_for_it(
    town: Notices,
) -> None:
    with sink(lambda number: (500 if number == 1 else 200, {}, b"")) as there:
        id_ = await add(town, there)
        await town.client.report("noise")
        await until_states(town, id_, ("waiting", 1, "http_500"))
        await town.client.report("noise")
        await until_states(town, id_, ("waiting", 1, "http_500"), ("waiting", 0, None))
        [row] = await town.rows()
        assert (row["waiting"], row["trouble"], row["tries"]) == (2, "http_500", 1)
        assert len(there.got) == 1
        await town.let_pass(10)
        await until_states(town, id_, ("delivered", 2, None), ("delivered", 1, None))
    first, again, second = [got.headers["Wangge-Delivery"] for got in there.got]
    assert first == again != second


async def test_one_that_was_given_up_is_told_when_somebody_asks_for_it(town: Notices) -> None:
    statuses = [404]
    with sink(lambda _: (statuses[0], {}, b"")) as there:
        id_ = await add(town, there)
        await town.client.report("noise")
        await until_states(town, id_, ("waiting", 1, "http_404"))
        await town.place.run("UPDATE delivery SET tries = 6, due_at = now()")
        await until_states(town, id_, ("given_up", 7, "http_404"))
        statuses[0] = 200
        [delivery] = await town.deliveries(id_)
        retry = f"/deliveries/{delivery['id']}/retry"
        assert (await town.ask("POST", retry)).status_code == 200
        await until_states(town, id_, ("delivered", 1, None))
        refused = await town.ask("POST", retry)
        assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")


async def test_a_try_that_succeeds_lets_what_waits_go_at_once(town: Notices) -> None:
    with sink(lambda number: (500 if number == 1 else 200, {}, b"")) as there:
        id_ = await add(town, there)
        await town.client.report("noise")
        await until_states(town, id_, ("waiting", 1, "http_500"))
        assert (await town.ask("POST", f"/receivers/{id_}/test")).json() == {"trouble": None}
        await until_states(town, id_, ("delivered", 2, None))


async def test_dead_receivers_hold_neither_others_nor_anybody_up(
    town: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing_module, "ERRAND_S", 2.0)
    with black_hole() as hole, sink() as there:
        dead = [await add(town, hole, label=f"dead {n}") for n in range(5)]
        well = await add(town, there)
        began = time.monotonic()
        for _ in range(5):
            await town.client.report("noise")
        await until_states(town, well, *[("delivered", 1, None)] * 5)
        assert time.monotonic() - began < 2.0
        await until_states(town, dead[0], ("waiting", 1, "timeout"), *[("waiting", 0, None)] * 4)
        assert hole.opened == 5, "one try for each, whatever waits behind it"


async def test_a_redirect_is_a_failure_and_not_followed(town: Notices) -> None:
    with sink() as elsewhere, sink(lambda _: (307, {"Location": elsewhere.url}, b"")) as there:
        id_ = await add(town, there)
        await town.client.report("noise")
        await until_states(town, id_, ("waiting", 1, "redirected"))
        assert elsewhere.opened == 0


async def test_a_paused_receiver_is_told_nothing_of_meanwhile(town: Notices) -> None:
    with sink() as there:
        id_ = await add(town, there)
        for paused in (True, False):
            await town.ask("PATCH", f"/receivers/{id_}", json={"paused": paused})
            await town.client.report("noise")
        await until_states(town, id_, ("delivered", 1, None))
        assert len(there.got) == 1


async def test_chats_get_words_in_the_language_that_was_chosen(town: Notices) -> None:
    with sink() as there:
        await add(town, there, lang="en")
        await town.client.report("noise")
        await until(lambda: len(there.got) == 1)
    said = json.loads(there.got[0].body)
    assert said["title"] == "[Wangge] noise: filed"
    assert said["text"].startswith("Urgent · G00区\n")
