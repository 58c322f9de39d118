"""`./wangge bench NAME [--json FILE]`: measure one thing beside its peers and say whether it holds."""

import argparse
import asyncio
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = {
    "main": "benchmarks.main",
    "audit": "benchmarks.audit",
    "once": "benchmarks.once",
    "security": "benchmarks.security",
}
"""Name: the module whose `measure(quick)` gives the rows."""


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; 0 when every figure holds, 1 when one does not, 2 for a name nobody knows."""
    parser = argparse.ArgumentParser(prog="./wangge bench", description=__doc__)
    parser.add_argument("name", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the rows and every repetition's seconds here"
    )
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="put the table into this page of the documentation")
    parser.add_argument("--quick", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.name not in BENCHMARKS:
        parser.error(f"there is no benchmark {given.name!r}; known are: {', '.join(BENCHMARKS)}")

    import uvloop

    from benchmarks import page, rows

    module = import_module(BENCHMARKS[given.name])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(module.measure(given.quick))
    rows.show(measured)
    if given.json is not None:
        rows.write(given.json, given.name, measured)
    if given.docs is not None:
        page.put(given.docs, given.name, measured)
    return 1 if measured.failing else 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # the script's own folder would let its modules stand before others of the same name
    sys.exit(main())
