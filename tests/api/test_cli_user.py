"""`wangge user` and `wangge token`, as whoever holds the machine uses them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from data import cluster as clusters
from data.cluster import Cluster
from data.store import Store
from dispatch.desk.sign_in import sign_in
from dispatch.errors import WrongSignInError
from tests.support.client import Client, bearing
from tests.support.place import Place

WANGGE = Path(sys.executable).with_name("wangge")
Run = Callable[..., Awaitable[Result]]
GOOD = "清晨 walks 7 dogs"


@pytest.fixture
async def run(server_url: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database by the server's login alone; in a thread, which takes no signals."""
    await place.add_block(1, 1)
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.delenv("WANGGE_OWNER_DATABASE_URL", raising=False)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    return lambda *arguments, says="": asyncio.to_thread(CliRunner().invoke, app, arguments, input=says)


async def opens(store: Store, login: str, password: str) -> bool:
    try:
        await sign_in(login, password, None, store.books)
    except WrongSignInError:
        return False
    return True


def only_line(done: Result) -> str:
    """Return the one line that was printed."""
    assert done.exit_code == 0, done.stderr
    [line] = done.stdout.splitlines()
    return line


def refusal(done: Result) -> str:
    """Return why a command stopped: one line, and no traceback."""
    assert done.exit_code == 1, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


async def test_the_first_account_of_a_town_is_added_with_its_role(run: Run, store: Store, place: Place) -> None:
    password = only_line(await run("user", "add", "Chen", "--role", "system_admin", "--name", "陈某"))
    assert await opens(store, "chen", password)
    assert only_line(await run("user", "list")) == "chen\t陈某\t–\topen\tsystem_admin"
    notes = await place.run("SELECT actor, account_id, action FROM audit WHERE actor = 'cli' ORDER BY id")
    assert [tuple(note) for note in notes] == [("cli", None, "account_added"), ("cli", None, "role_given")]


async def test_what_is_done_here_is_noted_with_the_system_s_name_of_who_did_it(run: Run, place: Place) -> None:
    await run("user", "add", "li", "--role", "dispatcher")
    await run("token", "li")
    name = (await asyncio.to_thread(subprocess.check_output, ["id", "-un"], text=True)).strip()
    notes = await place.run("SELECT action, facts->>'os_user' AS name FROM audit WHERE actor = 'cli' ORDER BY id")
    assert [tuple(note) for note in notes] == [
        (action, name) for action in ("account_added", "role_given", "token_made")
    ]


async def test_who_has_no_name_in_the_system_is_noted_without_one(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("api.cli.desk").os, "getuid", lambda: 4_000_000_000)
    monkeypatch.setenv("USER", "somebody-else")
    assert (await run("user", "add", "li")).exit_code == 0
    [note] = await place.run("SELECT facts FROM audit WHERE action = 'account_added'")
    assert note.facts == {}


async def test_a_worker_s_account_is_held_for_an_area(run: Run, place: Place) -> None:
    await place.add_worker("W1")
    made = await run("user", "add", "w1", "--role", "worker", "--area", "C1", "--layer", "health", "--worker", "W1")
    assert made.exit_code == 0, made.stderr
    assert only_line(await run("user", "list", "W1")) == "w1\tw1\tW1\topen\tworker@C1/health"
    assert (await run("user", "list", "nobody")).stdout == ""


async def test_nothing_is_added_when_the_role_cannot_be_given(run: Run) -> None:
    for wrong in (("--role", "emperor"), ("--role", "worker", "--area", "C9"), ("--role", "worker", "--layer", "x")):
        assert "There is no such" in refusal(await run("user", "add", "chen", *wrong))
    assert "--role" in refusal(await run("user", "add", "chen", "--area", "C1"))
    assert "whole town" in refusal(await run("user", "add", "chen", "--role", "auditor", "--area", "C1"))
    assert (await run("user", "list")).stdout == ""


async def test_what_cannot_be_taken_is_said_in_a_line(run: Run) -> None:
    for login in ("", "a b", "长", "x" * 65, "a'--", "_"):
        assert "login" in refusal(await run("user", "add", login))
    assert "name" in refusal(await run("user", "add", "li", "--name", "长" * 101))
    assert (await run("user", "add", "li")).exit_code == 0
    assert "Somebody has" in refusal(await run("user", "add", "LI"))
    for command in ("lock", "unlock", "password"):
        assert "no such account" in refusal(await run("user", command, "nobody"))
    assert "no such account" in refusal(await run("user", "role", "nobody", "worker"))
    assert "no such account" in refusal(await run("token", "nobody"))


async def test_a_password_comes_by_standard_input_and_is_not_printed(run: Run, store: Store) -> None:
    done = await run("user", "add", "li", "--password-stdin", says=f"{GOOD}\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert GOOD not in done.stderr
    assert await opens(store, "li", GOOD)
    assert "easily guessed" in refusal(await run("user", "password", "li", "--password-stdin", says="li123456789\n"))
    assert "No password" in refusal(await run("user", "password", "li", "--password-stdin"))
    fresh = only_line(await run("user", "password", "li"))
    assert await opens(store, "li", fresh)
    assert not await opens(store, "li", GOOD)


async def test_an_administrator_s_password_is_reset_here(run: Run, store: Store) -> None:
    first = only_line(await run("user", "add", "chen", "--role", "security_admin"))
    second = only_line(await run("user", "password", "chen"))
    assert [await opens(store, "chen", password) for password in (first, second)] == [False, True]


async def test_locking_ends_what_is_open(run: Run, client: Client) -> None:
    await run("user", "add", "li", "--role", "dispatcher")
    key = bearing(only_line(await run("token", "li")))
    assert (await client.get("/api/me", headers=key)).status_code == 200
    assert (await run("user", "lock", "LI")).exit_code == 0
    assert (await client.get("/api/me", headers=key)).status_code == 401
    assert only_line(await run("user", "list", "li")).split("\t")[3] == "locked"
    assert "locked" in refusal(await run("token", "li"))
    assert (await run("user", "unlock", "li")).exit_code == 0
    assert (await client.get("/api/me", headers=bearing(only_line(await run("token", "li"))))).status_code == 200


async def test_roles_are_given_and_taken(run: Run, client: Client) -> None:
    await run("user", "add", "li")
    assert (await run("user", "role", "li", "dispatcher", "--area", "C1")).exit_code == 0
    assert "already" in refusal(await run("user", "role", "li", "dispatcher", "--area", "C1"))
    key = bearing(only_line(await run("token", "li")))
    assert (await client.get("/api/incidents", headers=key)).status_code == 200
    assert "does not hold" in refusal(await run("user", "role", "li", "dispatcher", "--take"))
    assert (await run("user", "role", "li", "dispatcher", "--area", "C1", "--take")).exit_code == 0
    assert (await client.get("/api/incidents", headers=key)).status_code == 403
    appointed = await run("user", "role", "li", "auditor")
    assert appointed.exit_code == 0
    assert len(only_line(appointed)) >= 15, "another password: who knew the one before shall not be an administrator"
    assert (await client.get("/api/me", headers=key)).status_code == 401
    assert "administrator" in refusal(await run("user", "role", "li", "system_admin"))


async def test_a_token_may_be_narrowed_listed_and_ended(run: Run, client: Client) -> None:
    await run("user", "add", "li", "--role", "dispatcher")
    token = only_line(await run("token", "li", "--days", "3", "--label", "app", "--permission", "ground.view"))
    assert (await client.get("/api/me", headers=bearing(token))).json()["permissions"] == ["ground.view"]
    listed = only_line(await run("token", "li", "--list"))
    id_, kind, label, until, rights = listed.split("\t")
    assert (kind, label, rights, token in listed) == ("program", "app", "ground.view", False)
    assert until.startswith("until 2")
    assert "permissions" in refusal(await run("token", "li", "--permission", "account.manage"))
    await run("user", "add", "zhao")
    assert "no such token" in refusal(await run("token", "zhao", "--revoke", id_))
    assert (await run("token", "li", "--revoke", id_)).exit_code == 0
    assert (await client.get("/api/me", headers=bearing(token))).status_code == 401
    assert (await run("token", "li", "--list")).stdout == ""


def test_a_database_without_the_tables_says_what_to_do(cluster: Cluster, tmp_path: Path) -> None:
    """As a person runs it, in a process of its own."""
    clusters.provision(cluster, "bare_town")
    done = subprocess.run(
        [WANGGE, "user", "list"],
        env=os.environ | {"WANGGE_DATABASE_URL": cluster.url("wangge_server", "bare_town")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "wangge db upgrade" in done.stderr
