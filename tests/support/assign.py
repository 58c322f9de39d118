"""`wangge assign` as whoever holds the machine uses it."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.kernels import make_ready

HOME = Path(__file__).resolve().parents[2] / "var"
Run = Callable[..., Awaitable[Result]]


def running(server_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command by the server's login alone, in a folder of its own; in a thread, which takes no signals."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    make_ready(HOME, lambda _: None)  # now, lest the command says that it compiles
    monkeypatch.setenv("WANGGE_KERNELS", "1")
    monkeypatch.setenv("WANGGE_HOME", str(HOME))
    monkeypatch.delenv("WANGGE_OWNER_DATABASE_URL", raising=False)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    monkeypatch.chdir(folder)

    async def invoke(
        *arguments: str, says: str | bytes = "", layer: str = "governance", datum: str = "wgs84"
    ) -> Result:
        command = ["assign", *arguments, "--layer", layer, "--datum", datum]
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, command, input=says))

    return invoke


def refusal(done: Result) -> str:
    """Return why the command stopped: one line, and nothing else."""
    assert (done.exit_code, done.stdout) == (2, ""), done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("✗ ")
    return line


def left(folder: Path) -> list[str]:
    """Return the names of all that lies in a folder."""
    return sorted(file.name for file in folder.iterdir())
