"""`./wangge chaos`: the long forms of two tests run, say what happened, and know their names."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def chaos(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it."""
    command = [sys.executable, "tests/chaos/run.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_a_moment_of_fifty_people_ends_well_and_says_what_happened() -> None:
    done = chaos("people", "--seconds", "0.5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answers to 50 people" in done.stdout
    assert "0 foreign rows or failures" in done.stdout


def test_a_name_that_nobody_knows_is_refused() -> None:
    assert chaos("nothing").returncode == 2
