"""`./wangge bench NAME [--json FILE]`: measure one thing beside its peers and say whether it holds."""

import argparse
import asyncio
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = {
    "main": "benchmarks.main",
    "locate": "benchmarks.locate",
    "audit": "benchmarks.audit",
    "once": "benchmarks.once",
    "security": "benchmarks.security",
    "ground": "benchmarks.ground_town",
    "nearest": "benchmarks.nearest",
    "matching": "benchmarks.matching",
    "positions": "benchmarks.positions",
    "figures": "benchmarks.figures",
}
"""Name: the module whose `measure(quick)` gives the rows; one that adds arguments of its own by
`add_arguments(parser)` gets what was given, too: `measure(quick, given)`."""


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; 0 when every figure holds, 1 when one does not, 2 for a name nobody knows."""
    parser = argparse.ArgumentParser(prog="./wangge bench", description=__doc__, add_help=False)
    parser.add_argument("name", nargs="?", default="", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the rows and every repetition's seconds here"
    )
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="put the table into this page of the documentation")
    parser.add_argument("--quick", action="store_true", help=argparse.SUPPRESS)
    name = parser.parse_known_args(arguments)[0].name
    module = import_module(BENCHMARKS[name]) if name in BENCHMARKS else None
    own = getattr(module, "add_arguments", None)
    if own is not None:
        own(parser)
    parser.add_argument("-h", "--help", action="help", help="show this, and a benchmark's own options after its name")
    given = parser.parse_args(arguments)
    if module is None:
        parser.error(f"there is no benchmark {name!r}; known are: {', '.join(BENCHMARKS)}")

    import uvloop

    from api.kernels import make_ready
    from benchmarks import page, rows

    make_ready(ROOT / "var", print)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        more = () if own is None else (given,)
        measured = runner.run(module.measure(given.quick, *more))
    rows.show(measured)
    if given.json is not None:
        rows.write(given.json, given.name, measured)
    if given.docs is not None:
        page.put(given.docs, given.name, measured)
    return 1 if measured.failing else 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # the script's own folder would let its modules stand before others of the same name
    sys.exit(main())
