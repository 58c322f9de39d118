"""The loop that tells receivers what is due. Nothing is sent inside a transaction, and nobody waits for it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from api.errand import Errand
from api.i18n import texts
from api.outgoing import Outgoing
from api.plain import json_of
from data.engine import BROKEN
from data.receivers import Due, Reached
from data.store import Store
from dispatch.addresses import way_to
from dispatch.desk.tell import claim, noted_as
from dispatch.errors import AddressRefusedError
from dispatch.notices import Happening, Notice, notice, told_to_programs

log = logging.getLogger(__name__)

AT_ONCE = 16
"""How many receivers are told at the same time; each of them one thing after the other."""
POLL_S = 0.5
FAILURES: tuple[type[Exception], ...] = (*BROKEN, OSError)


class Telling:
    """Takes what is due, has it sent, and notes how it went; `zone` gives the town's time zone, `home` our address."""

    def __init__(self, outgoing: Outgoing, store: Store, zone: Callable[[], ZoneInfo], home: str) -> None:
        self.outgoing = outgoing
        self._store, self._zone, self._home = store, zone, home
        self._out: set[asyncio.Task[None]] = set()

    async def keep_telling(self) -> None:
        """Tell what is due until cancelled; what is out then is told again when its lease has ended."""
        try:
            while True:
                await self._begin()
                if self._out:
                    await asyncio.wait(self._out, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(POLL_S)
        finally:
            for task in self._out:
                task.cancel()

    async def _begin(self) -> None:
        free = AT_ONCE - len(self._out)
        for due in await claim(free, self._store.books) if free else ():
            task = asyncio.create_task(self._tell(due))
            self._out.add(task)
            task.add_done_callback(self._out.discard)

    async def _tell(self, due: Due) -> None:
        """Tell one and note how it went; where the database does not take that, the lease ends by itself."""
        try:
            trouble = await self.outgoing.send(self._errand(due))
        except AddressRefusedError:
            trouble = "refused_address"
        try:
            await noted_as(trouble, due, self._store.books)
        except FAILURES as error:
            log.warning("how delivery %s went was not noted: %s", due.id, type(error).__name__)

    def _errand(self, due: Due) -> Errand:
        happening = Happening(**due.told)
        said = notice(happening, texts(due.lang), due.lang, self._zone(), self._home)
        body = json_of(told_to_programs(happening, due.id, said, self._home))
        way = asdict(way_to(due.kind, due.address))
        return Errand(due.kind, way, due.secret, said.title, said.text, body, str(due.id), due.now_s)

    async def try_out(self, receiver: Reached, now: datetime) -> str | None:
        """Tell a receiver that this is a test; None when it was told."""
        words = texts(receiver.lang)
        said = Notice(words["notice.test_title"], words["notice.test_text"])
        body = {"delivery": "test", "event": "test", "at": now.isoformat(), "title": said.title, "text": said.text}
        way = asdict(way_to(receiver.kind, receiver.address))
        at = int(now.timestamp())
        return await self.outgoing.send(
            Errand(receiver.kind, way, receiver.secret, said.title, said.text, json_of(body), "test", at)
        )
