"""Compile the kernels once before the tests, rather than in each of those that run at once; in two processes."""

import os
import subprocess
import sys
from pathlib import Path

from api.kernels import make_ready
from data.locators import made_by

ROOT = Path(__file__).resolve().parents[1]
OTHER_END = "geo.paged"
"""What compiles a third of them as it is imported; whoever comes to it later loads what is kept by then."""


def say(said: str) -> None:
    """Say it at once: what follows takes half a minute."""
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()


def main() -> None:
    """Compile what is not kept yet; another process begins at the other end."""
    kept = ROOT / "var" / "kernels" / made_by()
    beside = None
    if not kept.exists():
        environment = os.environ | {"NUMBA_CACHE_DIR": str(kept)}
        beside = subprocess.Popen([sys.executable, "-c", f"import {OTHER_END}"], cwd=ROOT, env=environment)
    make_ready(ROOT / "var", say)
    if beside is not None and beside.wait() != 0:
        raise SystemExit(f"{OTHER_END} could not be compiled")


if __name__ == "__main__":
    main()
