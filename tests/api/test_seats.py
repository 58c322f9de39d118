"""Seats and sign-out: a key that was left behind opens nothing, and a demo's seats are for who is at the machine."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from api.settings import Settings
from data.demo.accounts import give_accounts, set_password
from data.demo.doings import doings
from data.engine import Role
from data.store import Store, transaction
from dispatch.desk.forget import forget
from dispatch.passwords import hashed
from tests.support.client import Client, serving
from tests.support.place import Place, middle
from tests.support.staff import Staff

AS_SENT = {"content-type": "application/x-www-form-urlencoded", "Authorization": ""}


PAGES = {"dispatcher": "/", "worker": "/work", "security_admin": "/admin", "auditor": "/audit", "resident": "/me"}


@pytest.fixture
async def demo(place: Place, settings: Settings, owner_url: str) -> AsyncIterator[Staff]:
    """Lend a demo town with one worker, and an account for everybody in it."""
    async with serving(settings, await place.token("dispatcher")) as client:
        staff = Staff(place, client)
        await staff.build()
        await place.run("UPDATE town SET demo = true")
        await place.add_worker("W1", middle(0, 0))
        async with transaction(owner_url) as connection:
            await give_accounts(connection)
        await staff.open()
        yield staff


async def sign_in(client: Client, host: str = "127.0.0.1:8000", **fields: str) -> Any:
    headers = AS_SENT | {"host": host, "sec-fetch-site": "same-origin"}
    return await client.post("/sign-in", content=urlencode(fields), headers=headers)


def cookie(token: str) -> dict[str, str]:
    return {"cookie": f"wangge_key={token}", "Authorization": "", "sec-fetch-site": "same-origin"}


async def opens(client: Client, token: str) -> bool:
    client.cookies.clear()
    return bool((await client.get("/api/categories", headers=cookie(token))).status_code == 200)


async def test_who_signs_out_leaves_a_key_that_opens_nothing_and_nobody_else_s(staff: Staff) -> None:
    await staff.open()
    mine, copy = await staff.place.token("dispatcher"), await staff.place.token("dispatcher")
    assert await opens(staff.client, mine)
    for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        refused = await staff.client.post("/sign-out", headers=cookie(mine) | foreign)
        assert (refused.status_code, await opens(staff.client, mine)) == (403, True)
    left = await staff.client.post("/sign-out", headers=cookie(mine))
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert 'wangge_key=""' in left.headers["set-cookie"]
    assert not await opens(staff.client, mine)
    assert await opens(staff.client, copy)


@pytest.mark.parametrize("headers", [{"Authorization": "", "origin": "http://test"}, cookie("nobody-s")])
async def test_signing_out_without_a_key_that_opens_anything_does_no_harm(
    staff: Staff, headers: dict[str, str]
) -> None:
    await staff.open()
    assert (await staff.client.post("/sign-out", headers=headers)).status_code == 303


async def test_a_seat_taken_in_the_place_of_another_ends_the_session_there(demo: Staff) -> None:
    first = (await sign_in(demo.client, seat="dispatcher")).cookies["wangge_key"]
    demo.client.cookies.set("wangge_key", first)
    second = (await sign_in(demo.client, seat="auditor")).cookies["wangge_key"]
    assert [await opens(demo.client, token) for token in (first, second)] == [False, True]
    demo.client.cookies.set("wangge_key", second)
    await demo.place.run("UPDATE account SET password_hash = :h WHERE login = 'worker'", h=await hashed("invented"))
    third = (await sign_in(demo.client, login="worker", password="invented")).cookies["wangge_key"]
    assert [await opens(demo.client, token) for token in (second, third)] == [False, True]


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "127.0.0.1", "192.168.1.7:80", "[::1]:8000", "localhost:8000", "LOCALHOST"]
)
@pytest.mark.parametrize("seat", PAGES)
async def test_a_demo_s_seat_is_given_where_it_is_called_by_its_address(demo: Staff, host: str, seat: str) -> None:
    answer = await sign_in(demo.client, host, seat=seat)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGES[seat])
    shown = await demo.client.get("/sign-in", headers={"host": host})
    assert f'value="{seat}"' in shown.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "x@:1", ""],
)
@pytest.mark.parametrize("seat", ["dispatcher", "worker"])
async def test_a_demo_s_seat_is_not_given_under_a_name_that_anybody_may_point_here(
    demo: Staff, owner_url: str, host: str, seat: str
) -> None:
    answer = await sign_in(demo.client, host, seat=seat)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    shown = await demo.client.get("/sign-in", headers={"host": host})
    assert shown.status_code == 200
    assert 'name="seat"' not in shown.text
    async with transaction(owner_url) as connection:
        await set_password(connection, await hashed("invented"))
    by_password = await sign_in(demo.client, host, login=seat, password="invented")
    assert by_password.status_code == 303, "a password is good under every name"


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
async def test_a_demo_s_seat_is_not_given_to_whom_a_proxy_passed_on(demo: Staff, header: str) -> None:
    """Behind a proxy on the same machine that nobody named, everybody seems to be at the machine."""
    sent = AS_SENT | {"host": "127.0.0.1:8000", "sec-fetch-site": "same-origin", header: "8.8.8.8"}
    answer = await demo.client.post("/sign-in", content=urlencode({"seat": "auditor"}), headers=sent)
    assert answer.status_code == 403
    form = await demo.client.get("/sign-in", headers={"host": "127.0.0.1:8000", header: "8.8.8.8"})
    assert 'name="seat"' not in form.text


async def test_a_demo_s_seat_is_not_given_to_another_machine(demo: Staff) -> None:
    transport = httpx2.ASGITransport(app=demo.client.app, client=("192.0.2.7", 4711))
    async with Client(transport=transport, base_url="http://127.0.0.1:8000") as elsewhere:
        answer = await sign_in(elsewhere, seat="dispatcher")
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert 'name="seat"' not in (await elsewhere.get("/sign-in")).text


@pytest.mark.parametrize("seat", ["nobody", "w1", "", "dispatcher' OR true --", "DISPATCHER"])
async def test_what_is_no_seat_is_not_given(demo: Staff, seat: str) -> None:
    """`w1` is somebody's login, but no role's."""
    await demo.place.add_worker("W2", middle(1, 0))
    assert (await sign_in(demo.client, seat=seat)).status_code == 403


async def test_the_seat_of_a_worker_is_one_with_something_to_do(demo: Staff, owner_url: str) -> None:
    for number in range(2, 5):
        await demo.place.add_worker(f"W{number}", middle(1, number / 10))
    async with transaction(owner_url) as connection:
        await give_accounts(connection)
    await demo.open()
    told = (await demo.client.report("noise", at=middle(1, 0.3))).json()
    taken = await sign_in(demo.client, seat="worker")
    mine = (await demo.client.get("/api/tasks", headers=cookie(taken.cookies["wangge_key"]))).json()
    assert mine["worker"]["code"] == told["tasks"][0]["worker"]["code"] == "W3"


async def test_a_locked_seat_is_neither_shown_nor_given(demo: Staff) -> None:
    await demo.place.run("UPDATE account SET locked_at = now() WHERE login = 'dispatcher'")
    assert (await sign_in(demo.client, seat="dispatcher")).status_code == 403
    shown = (await demo.client.get("/sign-in", headers={"host": "localhost"})).text
    assert 'value="auditor"' in shown
    assert 'value="dispatcher"' not in shown


async def test_a_town_that_is_no_demo_has_no_seats(demo: Staff) -> None:
    await demo.place.run("UPDATE town SET demo = false")
    await demo.open()
    assert (await sign_in(demo.client, seat="dispatcher")).status_code == 403
    assert 'name="seat"' not in (await demo.client.get("/sign-in", headers={"host": "localhost"})).text


async def test_a_worker_whose_person_has_signed_out_is_simulated_again(demo: Staff, server_url: str) -> None:
    async def simulated() -> int:
        async with transaction(server_url, Role.DISPATCHER) as connection:
            return len(await doings(connection))

    await demo.client.report("noise", at=middle(0, 0))
    assert await simulated() == 1
    taken = await sign_in(demo.client, seat="worker")
    assert await simulated() == 0
    await demo.client.post("/sign-out", headers=cookie(taken.cookies["wangge_key"]))
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
