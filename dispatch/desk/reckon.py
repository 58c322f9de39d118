"""Reckon: a process's ledger, read when somebody first asks for figures and kept true by the ids that the feed tells."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from data.feed import Change
from data.ledger import entries_of
from data.store import Store
from dispatch.errors import FiguresLoadingError
from dispatch.ledger import Ledger

WAITS_S = 5.0
"""How long a question waits for the ledger before it is told to come back."""
AGAIN_S = 2
FORGOTTEN_AT = 100_000
"""So many incidents changed since anybody asked: the ledger is let go, and read anew when somebody does."""


@dataclass(slots=True, eq=False)
class _Held:
    """A ledger that is being read or has been. `changed` are incidents that may have changed since it began."""

    zone: ZoneInfo
    touching: tuple[datetime, datetime] | None = None
    changed: set[UUID] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One question at a time: nobody counts while rows are put down, and what was read later is put down later."""
    reading: asyncio.Task[Ledger] | None = None

    async def read(self, store: Store) -> Ledger:
        """Read every incident; what takes long is done in a thread."""
        ledger = Ledger(self.zone)
        async with store.watcher() as look:
            names = await look.ledger.names()
            async for copied in look.ledger.all(self.touching):
                await asyncio.to_thread(_put, ledger, copied, names)
        return ledger

    async def answer[Answer](self, question: Callable[[Ledger], Answer], ledger: Ledger, store: Store) -> Answer:
        """Put down anew what has changed, then answer. To be run to its end: a thread cannot be called back."""
        async with self.turn:
            await self._catch_up(ledger, store)
            return await asyncio.to_thread(question, ledger)

    async def _catch_up(self, ledger: Ledger, store: Store) -> None:
        changed, self.changed = self.changed, set()
        if not changed:
            return
        try:
            async with store.watcher() as look:
                names, copied = await look.ledger.names(), await look.ledger.of(changed)
            await asyncio.to_thread(_put, ledger, copied, names)
        except BaseException:
            self.changed |= changed
            raise


def _put(ledger: Ledger, copied: bytes, names: Mapping[str, Sequence[Any]]) -> None:
    ledger.put(entries_of(copied, names))


class Reckoning:
    """What questions for figures are put to."""

    def __init__(
        self, store: Store, waits_s: float = WAITS_S, touching: tuple[datetime, datetime] | None = None
    ) -> None:
        """Read from a store; only what was reported, filed or closed in a period, where nothing else will be asked."""
        self._store = store
        self._touching = touching
        self._waits_s = waits_s
        self._held: _Held | None = None

    def note(self, change: Change) -> None:
        """Note what the feed tells. After a gap, or when the tree of areas may have changed, all is read anew."""
        if change.fresh or change.ground:
            self._held = None
        self.note_changed(change.incidents)

    def note_changed(self, incidents: Collection[UUID]) -> None:
        """Note incidents that have changed."""
        if self._held is not None:
            self._held.changed.update(incidents)
            if len(self._held.changed) > FORGOTTEN_AT:
                self._held = None

    async def ask[Answer](self, question: Callable[[Ledger], Answer], zone: ZoneInfo) -> Answer:
        """Answer a question from the ledger, off the event loop; days are the zone's.

        Raises
        ------
        FiguresLoadingError
            If it is still being read after some seconds.
        """
        held, ledger = await self.ready(zone)
        return await asyncio.shield(held.answer(question, ledger, self._store))

    async def ready(self, zone: ZoneInfo) -> tuple[_Held, Ledger]:
        """Wait until the ledger is there; who does so before opening a look at the database holds up nobody's.

        Raises
        ------
        FiguresLoadingError
            If it is still being read after some seconds.
        """
        held = self._held
        if held is None or held.zone != zone:
            held = self._held = _Held(zone, self._touching)
        return held, await self._read(held)

    async def _read(self, held: _Held) -> Ledger:
        if held.reading is None:
            held.reading = asyncio.create_task(held.read(self._store), name="ledger")
        try:
            return await asyncio.wait_for(asyncio.shield(held.reading), self._waits_s)
        except TimeoutError:
            raise FiguresLoadingError(retry_after=AGAIN_S) from None
        except Exception:
            if self._held is held:
                self._held = None
            raise

    async def close(self) -> None:
        """Stop reading."""
        if self._held is not None and self._held.reading is not None:
            self._held.reading.cancel()
            await asyncio.gather(self._held.reading, return_exceptions=True)
