"""The real demo, started as a person would start it, in a home of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.support.memory import in_memory

WANGGE = Path(sys.executable).with_name("wangge")
READY_WITHIN_S = 60
SMALL = ("--households", "6000")
"""A quarter of the usual town, made and loaded in a quarter of the time."""
PASSWORD = re.compile(r"password of them all.*: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Demo:
    """A demo town that is being served."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same home."""
        return run(self.home, *arguments)

    def told(self, *arguments: str) -> str:
        """Run another command on the same home, which must do what it is for, and return what it tells."""
        made = self.run(*arguments)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def token(self, login: str) -> str:
        """Make a token of an account by the command line."""
        return self.told("token", login).strip()

    @property
    def password(self) -> str:
        """The password of all accounts, as the terminal shows it."""
        shown = (self.home / "demo.log").read_text(encoding="utf-8")
        found: str = PASSWORD.findall(shown)[-1]
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `wangge` on a home."""
    environment = os.environ | {"WANGGE_HOME": str(home)}
    return subprocess.run(
        [WANGGE, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def home() -> Iterator[Path]:
    """Lend a home; the database in it is deleted afterwards."""
    outer = Path(tempfile.mkdtemp(prefix="wangge-demo-", dir=in_memory()))
    try:
        yield outer / "var"
    finally:
        run(outer / "var", "down", "--delete", "--yes")
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def demo(at: Path, *options: str) -> Iterator[Demo]:
    """Start `wangge demo` and wait until it is ready; it is stopped by Ctrl-C."""
    port = free_port()
    at.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"WANGGE_HOME": str(at)}
    log = (at / "demo.log").open("ab")
    process = subprocess.Popen(
        [WANGGE, "demo", "--port", str(port), *options],
        env=environment,
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
    )
    served = Demo(f"http://127.0.0.1:{port}", at, process)
    try:
        _wait(served)
        yield served
    finally:
        if process.poll() is None:
            served.interrupt()


def _wait(served: Demo) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        if served.process.poll() is not None:
            raise AssertionError((served.home / "demo.log").read_text())
        try:
            if httpx2.get(f"{served.address}/readyz", timeout=2).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            time.sleep(0.1)
    raise AssertionError("the demo was not ready in time\n" + (served.home / "demo.log").read_text())
