"""What leaves this server: errands, handed to the messenger, which is a process of its own."""

import asyncio
import itertools
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import asdict

from api.errand import Errand

ERRAND_S = 10.0
LOOK_UP_S = 4.0
GRACE_S = 5.0
"""Beyond an errand's own limit, before the messenger itself is taken for stuck and begun anew."""
LINE_AT_MOST = 1 << 20
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "NETRC": os.devnull}
"""All that the messenger is given: no database, no proxy, no passwords of the system's user."""


class Outgoing:
    """The server's messenger, begun at the first errand. `private` are the town's own hosts and networks."""

    def __init__(self, private: str = "") -> None:
        self._private = private
        self._messenger: Process | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._out: dict[int, asyncio.Future[str | None]] = {}

    async def send(self, errand: Errand) -> str | None:
        """Carry an errand out; None when it was told, else the code of why not."""
        return await self._ask(errand, ERRAND_S, only_look_up=False)

    async def look_up(self, errand: Errand) -> str | None:
        """Look where an errand would lead and send nothing; None when something may be sent there."""
        return await self._ask(errand, LOOK_UP_S, only_look_up=True)

    async def close(self) -> None:
        """End the messenger and whatever it is at."""
        messenger, hearing = self._messenger, self._hearing
        self._messenger = None
        if messenger is not None and hearing is not None:
            with suppress(ProcessLookupError):
                messenger.kill()
            await messenger.wait()
            await hearing

    async def _ask(self, errand: Errand, seconds: float, only_look_up: bool) -> str | None:
        number = next(self._numbers)
        asked = {"number": number, "seconds": seconds, "allowed": self._private, "only_look_up": only_look_up}
        line = json.dumps(asked | {"errand": asdict(errand)}).encode() + b"\n"
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._out[number] = answer
        try:
            async with asyncio.timeout(seconds + GRACE_S):
                source = await self._source()
                source.write(line)
                return await answer
        except (TimeoutError, OSError):
            await self.close()
            return "unknown"
        finally:
            self._out.pop(number, None)

    async def _source(self) -> asyncio.StreamWriter:
        """Return where errands are written to."""
        async with self._starting:
            if self._messenger is None:
                self._messenger = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-m", "api.messenger"),
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                    env=ENVIRONMENT,
                    limit=LINE_AT_MOST,
                )
                self._hearing = asyncio.create_task(self._hear(self._messenger), name="messenger")
        assert self._messenger is not None and self._messenger.stdin is not None
        return self._messenger.stdin

    async def _hear(self, messenger: Process) -> None:
        """Pass results on until the messenger ends; what it was at then is not known."""
        assert messenger.stdout is not None
        async for line in messenger.stdout:
            told = json.loads(line)
            self._settle(told["number"], told["trouble"])
        if self._messenger is messenger:
            self._messenger = None
        for number in list(self._out):
            self._settle(number, "unknown")

    def _settle(self, number: int, trouble: str | None) -> None:
        answer = self._out.get(number)
        if answer is not None and not answer.done():
            answer.set_result(trouble)
