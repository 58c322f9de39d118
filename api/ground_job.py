"""A look at the ground, or a repair of it, in a process of its own with bounds on memory and time.

One line of JSON in says what to do; the exit code says how it went. Only here are shapes made valid: a few thousand
corners can take hours of it, and nothing in the process can stop that. Whoever started it ends it.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from shapely.errors import ShapelyError

from api.bounded import bound
from data.store import Store
from dispatch.desk.check_ground import carry_out_check
from dispatch.desk.mend_ground import carry_out_repair
from geo.mending import NotMendableError

WORK: Mapping[str, Callable[..., Awaitable[object]]] = {"check": carry_out_check, "repair": carry_out_repair}
EXITS = {3: "too_much_memory", 4: "too_many_vertices", 5: "not_a_coverage", 6: "ground_lost", 7: "nothing_to_mend"}
"""What an exit code says; 0 is done, any other is `broken`."""
CODES = {reason: code for code, reason in EXITS.items()}


async def work(asked: Mapping[str, Any]) -> None:
    """Do what was asked."""
    store = Store(asked["url"], pool_size=4)
    try:
        await WORK[asked["work"]](UUID(asked["id"]), store.books)
    finally:
        await store.close()


def main() -> None:
    """Do what a line on standard input asks for; nothing is printed, for it could name somebody."""
    logging.disable()
    asked = json.loads(sys.stdin.readline())
    bound(asked["seconds"], asked["megabytes"])
    try:
        asyncio.run(work(asked))
    except NotMendableError as error:
        sys.exit(CODES[str(error.facts["reason"])])
    except MemoryError:
        sys.exit(CODES["too_much_memory"])
    except ShapelyError as error:
        sys.exit(CODES["too_much_memory"] if "bad_alloc" in str(error) else 1)


if __name__ == "__main__":
    main()
