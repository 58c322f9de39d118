"""Looks at the ground and repairs of it: each begun as a process of its own, watched, and ended in time."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from api.ground_job import EXITS
from data.checks import CheckStatus
from data.engine import BROKEN
from data.store import Store
from dispatch.desk.check_ground import CHECK_S, give_up_check
from dispatch.desk.mend_ground import MEND_S, give_up_repair

MEGABYTES = 4096
"""Address space of such a process: a million households and the buildings of a city take a third of it."""
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SIGNALS = {-signal.SIGKILL: "too_much_memory", -signal.SIGABRT: "too_much_memory", -signal.SIGXCPU: "took_too_long"}
"""What it means when nobody of ours ended it: the system did, for memory; C code gave up; the time of computing is up."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process may take: seconds of wall time and of computing, megabytes of address space."""

    seconds: float
    megabytes: int = MEGABYTES


BOUNDS = {"check": Bounds(CHECK_S), "repair": Bounds(MEND_S)}


async def run_job(url: str, work: str, id_: UUID, bounds: Bounds) -> str | None:
    """Do a piece of work in a process of its own and wait; None when it was done, else the code of why not."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "api.ground_job"),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    asked = {"url": url, "work": work, "id": str(id_), "megabytes": bounds.megabytes}
    try:
        async with asyncio.timeout(bounds.seconds):
            await child.communicate(json.dumps(asked | {"seconds": max(1, round(bounds.seconds))}).encode() + b"\n")
    except TimeoutError:
        return "took_too_long"
    finally:
        await _end(child)
    code = child.returncode or 0
    return None if code == 0 else EXITS.get(code) or SIGNALS.get(code, "broken")


async def _end(child: Process) -> None:
    """End a process and whatever it began, if it still runs."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()


class GroundJobs:
    """The pieces of work that this server has begun. `url` is the server's own login to the database."""

    def __init__(self, url: str, store: Store) -> None:
        self._url, self._store = url, store
        self._going: set[asyncio.Task[None]] = set()

    async def check(self, check_id: UUID) -> None:
        """Begin a look at the ground; it goes on when the request is over."""
        self._begin("check", check_id, self._check_failed)

    async def repair(self, proposal_id: UUID) -> None:
        """Begin to make a proposal for a repair."""
        self._begin("repair", proposal_id, self._repair_failed)

    async def close(self) -> None:
        """End all work that is going on, and say so in its rows."""
        for task in list(self._going):
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)

    def _begin(self, work: str, id_: UUID, failed: Callable[[UUID, str], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._watch(work, id_, failed), name=f"ground {work}")
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _watch(self, work: str, id_: UUID, failed: Callable[[UUID, str], Awaitable[None]]) -> None:
        reason: str | None = "stopped"
        try:
            reason = await run_job(self._url, work, id_, BOUNDS[work])
        finally:
            if reason is not None:
                with suppress(*BROKEN, OSError):  # a row that cannot be written now is given up by the next that asks
                    await failed(id_, reason)

    async def _check_failed(self, check_id: UUID, reason: str) -> None:
        status = CheckStatus.STOPPED if reason == "stopped" else CheckStatus.FAILED
        await give_up_check(check_id, status, reason, self._store.books)

    async def _repair_failed(self, proposal_id: UUID, reason: str) -> None:
        await give_up_repair(proposal_id, reason, self._store.books)
