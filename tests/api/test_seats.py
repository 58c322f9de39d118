"""Signing in and out: a key that was left behind opens nothing, and a demo's seats are not for a foreign name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.settings import Settings
from data.demo.doings import doings
from data.engine import Role
from data.store import Store, transaction
from dispatch.desk.forget import forget
from tests.support.client import Client, serving
from tests.support.place import Place, middle
from tests.support.staff import Staff

AS_SENT = {"content-type": "application/x-www-form-urlencoded", "Authorization": ""}


@pytest.fixture
async def demo(place: Place, settings: Settings) -> AsyncIterator[Staff]:
    """Lend a demo town with one worker."""
    async with serving(settings, await place.token("dispatcher")) as client:
        staff = Staff(place, client)
        await staff.build()
        await place.run("UPDATE town SET demo = true")
        await staff.hire("W1", middle(0, 0))
        await staff.open()
        yield staff


async def sign_in(client: Client, key: str, host: str = "127.0.0.1:8000") -> Any:
    return await client.post("/sign-in", content=f"key={key}", headers=AS_SENT | {"host": host})


def cookie(token: str) -> dict[str, str]:
    return {"cookie": f"wangge_key={token}", "Authorization": ""}


async def opens(client: Client, token: str) -> bool:
    client.cookies.clear()
    return bool((await client.get("/api/categories", headers=cookie(token))).status_code == 200)


async def test_who_signs_out_leaves_a_key_that_opens_nothing_and_nobody_else_s(staff: Staff) -> None:
    await staff.open()
    mine, copy = await staff.place.token("dispatcher"), await staff.place.token("dispatcher")
    assert await opens(staff.client, mine)
    foreign = {"origin": "https://evil.example"}
    refused = await staff.client.post("/sign-out", headers=cookie(mine) | foreign)
    assert (refused.status_code, await opens(staff.client, mine)) == (403, True)
    left = await staff.client.post("/sign-out", headers=cookie(mine))
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert 'wangge_key=""' in left.headers["set-cookie"]
    assert not await opens(staff.client, mine)
    assert await opens(staff.client, copy)


@pytest.mark.parametrize("headers", [{"Authorization": ""}, cookie("nobody-s")])
async def test_signing_out_without_a_key_that_opens_anything_does_no_harm(
    staff: Staff, headers: dict[str, str]
) -> None:
    await staff.open()
    assert (await staff.client.post("/sign-out", headers=headers)).status_code == 303


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "127.0.0.1", "192.168.1.7:80", "[::1]:8000", "localhost:8000", "LOCALHOST"]
)
@pytest.mark.parametrize(("seat", "page"), [("demo-dispatcher", "/"), ("demo-worker", "/work")])
async def test_a_demo_s_seat_is_given_where_it_is_called_by_its_address(
    demo: Staff, host: str, seat: str, page: str
) -> None:
    answer = await sign_in(demo.client, seat, host)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    shown = await demo.client.get("/sign-in", headers={"host": host})
    assert f'value="{seat}"' in shown.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "x@:1", ""],
)
@pytest.mark.parametrize("seat", ["demo-dispatcher", "demo-worker"])
async def test_a_demo_s_seat_is_not_given_under_a_name_that_anybody_may_point_here(
    demo: Staff, host: str, seat: str
) -> None:
    answer = await sign_in(demo.client, seat, host)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    shown = await demo.client.get("/sign-in", headers={"host": host})
    assert seat not in shown.text
    key = await demo.place.token("dispatcher")
    assert (await sign_in(demo.client, key, host)).status_code == 303, "a real key is good under every name"


async def test_a_town_that_is_no_demo_has_no_seats(staff: Staff) -> None:
    await staff.open()
    assert (await sign_in(staff.client, "demo-dispatcher")).status_code == 403


async def test_a_worker_whose_person_has_signed_out_is_simulated_again(demo: Staff, server_url: str) -> None:
    async def simulated() -> int:
        async with transaction(server_url, Role.DISPATCHER) as connection:
            return len(await doings(connection))

    await demo.client.report("noise", at=middle(0, 0))
    assert await simulated() == 0
    await demo.client.post("/sign-out", headers=cookie(demo.tokens["W1"]))
    assert await simulated() == 1


async def test_tokens_long_dead_are_dropped_and_all_others_kept(place: Place, store: Store) -> None:
    changes = {
        "ran out long ago": "expires_at = now() - interval '31 days'",
        "ran out": "expires_at = now() - interval '29 days'",
        "revoked long ago": "revoked_at = now() - interval '31 days'",
        "revoked": "revoked_at = now() - interval '29 days'",
        "good": "expires_at = now() + interval '1 day'",
    }
    for change in changes.values():
        token = await place.token("dispatcher")
        await place.run(f"UPDATE access_token SET {change} WHERE hash = sha256(:t)", t=token.encode())
    await forget(store.books)
    kept = await place.run(
        """SELECT extract(epoch FROM now() - least(expires_at, revoked_at)) / 86400 AS days
        FROM access_token ORDER BY days"""
    )
    assert [round(float(row.days)) for row in kept] == [-1, 29, 29]
