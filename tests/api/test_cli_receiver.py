"""`wangge receiver`, as whoever holds the machine uses it."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from tests.support.place import Place
from tests.support.sink import sink

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def run(server_url: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database; this machine is the town's own network."""
    await place.add_block(1, 1)
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setenv("WANGGE_OUTGOING_PRIVATE", "127.0.0.1")
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    return lambda *arguments, says="": asyncio.to_thread(
        CliRunner().invoke, app, ("receiver", *arguments), input=says
    )


async def test_a_receiver_is_added_tried_paused_and_removed(run: Run, place: Place) -> None:
    with sink() as there:
        added = await run("add", "webhook", "县平台", "--area", "C1", says=f"{there.url}\n")
        assert added.exit_code == 0, added.stderr
        assert len(added.stdout.strip()) >= 40, "the key, once"
        assert (await run("test", "县平台")).exit_code == 0
        assert len(there.got) == 1
    [line] = (await run("list")).stdout.splitlines()
    assert line.split("\t")[1:] == [
        "县平台",
        "webhook",
        "127.0.0.1",
        "well",
        "delivered 0",
        "waiting 0",
        "given_up 0",
        "–",
    ]
    failed = await run("test", line.split("\t")[0])
    assert (failed.exit_code, failed.stderr.strip()) == (1, "✗ Not delivered: no_connection.")
    await run("pause", "县平台")
    assert "\tpaused\t" in (await run("list")).stdout
    await run("pause", "县平台", "--go-on")
    assert "\twell\t" in (await run("list")).stdout
    assert (await run("remove", "县平台")).exit_code == 0
    assert (await run("list")).stdout == ""
    notes = await place.run("SELECT DISTINCT actor FROM audit")
    assert [note.actor for note in notes] == ["cli"]


@pytest.mark.parametrize(
    ("kind", "address", "secret", "told"),
    [
        ("webhook", "http://10.0.0.1/", None, "not_public"),
        ("webhook", "http://u:p@8.8.8.8/", None, "password_in_address"),
        ("pigeon", "https://8.8.8.8/", None, "kind"),
        ("webhook", "", None, "address"),
    ],
)
async def test_what_is_refused_is_said_in_one_line_without_the_address(
    run: Run, kind: str, address: str, secret: str | None, told: str
) -> None:
    refused = await run("add", kind, "x", says=f"{address}\n")
    assert refused.exit_code == 1
    [line] = refused.stderr.splitlines()
    assert told in line
    assert not address or address not in line


async def test_a_secret_comes_by_the_second_line(run: Run, place: Place) -> None:
    said = "https://oapi.dingtalk.com/robot/send?access_token=abc\nSECabc\n"
    assert (await run("add", "dingtalk", "群", "--secret-stdin", says=said)).stdout == ""
    [row] = await place.run("SELECT secret FROM receiver")
    assert row.secret == "SECabc"
