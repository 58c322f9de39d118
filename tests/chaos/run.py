"""`./wangge chaos NAME`: the long form of a test, in a throw-away town; 0 when nothing was found."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "crashes: servers are killed and PostgreSQL crashes while people report; exhausted: 200 at once on 5 connections; "
    "outage: PostgreSQL is stopped for ten seconds; people: fifty at once, a minute long; redraws: grids are redrawn "
    "while others ask; schema: 5,000 made-up requests; timers: 1,000 fall due within 20 s while servers are killed"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one; 1 when something was found, 2 for a name nobody knows."""
    from data.locators import made_by
    from tests.chaos.crashes import crashes
    from tests.chaos.exhausted import exhausted
    from tests.chaos.outage import outage
    from tests.chaos.people import people
    from tests.chaos.redraws import redraws
    from tests.chaos.schema import schema
    from tests.chaos.timers import timers

    known: dict[str, Callable[[argparse.Namespace], Coroutine[Any, Any, list[str]]]] = {
        "crashes": crashes,
        "exhausted": exhausted,
        "outage": outage,
        "people": people,
        "redraws": redraws,
        "schema": schema,
        "timers": timers,
    }
    parser = argparse.ArgumentParser(prog="./wangge chaos", description=__doc__)
    parser.add_argument("name", choices=known, help=NAMES)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long people live and servers are killed")
    parser.add_argument(
        "--without",
        action="append",
        choices=("lock", "index", "horizon", "timer_tx"),
        help="take out what saves us, for crashes: then something must be found",
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="cases of every door as everybody (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=7, help="of what the people do (default: %(default)s)")
    given = parser.parse_args(arguments)
    os.environ["NUMBA_CACHE_DIR"] = str(ROOT / "var" / "kernels" / made_by())
    os.environ.setdefault("WANGGE_KERNELS", "0")  # loading them is a second for each of the servers started
    faults = asyncio.run(known[given.name](given))
    for fault in faults[:50]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # the script's own folder would let its modules stand before others of the same name
    sys.exit(main())
