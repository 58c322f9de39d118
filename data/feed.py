"""What changed, for every process: listen, then snapshot, then versions; on a lost connection all over again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from data.outbox import CHANNEL, Cursor, Outbox, latest
from data.positions import NOBODY, Moved, Positions
from data.workers import Worker, Workers

log = logging.getLogger(__name__)

POLL_S = 1.0
RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """What one look found. `fresh`: the feed has (re)connected, read models must be loaded anew.

    Of each incident and task the place of its last change, in that order.
    """

    cursor: Cursor
    fresh: bool = False
    incidents: Mapping[UUID, Cursor] = field(default_factory=dict)
    tasks: Mapping[UUID, Cursor] = field(default_factory=dict)
    ground: bool = False
    rules: bool = False
    roster: bool = False
    rights: frozenset[UUID | None] = frozenset()
    """Accounts whose rights changed; None among them: everybody's."""
    workers: tuple[Worker, ...] = ()
    """Those whose own row changed, with their fix."""
    moved: Moved = NOBODY
    """Those of whom only the fix did."""


class Feed:
    """Follow the outbox and the workers. Positions do not pass through the outbox: their rows carry their version."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._looked: float | None = None

    def seconds_since_look(self) -> float:
        """Return how long ago it last saw the database, changed or not; infinite before the first time."""
        return inf if self._looked is None else asyncio.get_running_loop().time() - self._looked

    def _has_looked(self) -> None:
        self._looked = asyncio.get_running_loop().time()

    async def follow(self) -> AsyncIterator[Change]:
        """Yield changes for ever; the first, and the first after a lost connection, is `fresh`."""
        while True:
            try:
                async with self._listening() as ear:
                    async for change in self._changes(ear):
                        yield change
            except (OSError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("feed lost its connection: %s", type(error).__name__)
                await asyncio.sleep(RETRY_S)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator["_Ear"]:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            raw: Any = (await connection.get_raw_connection()).driver_connection
            ear = _Ear(raw)
            await raw.add_listener(CHANNEL, ear.ring)
            raw.add_termination_listener(ear.ring)
            try:
                yield ear
            finally:
                await connection.invalidate()

    async def _changes(self, ear: "_Ear") -> AsyncIterator[Change]:
        async with self._engine.connect() as connection:
            cursor = await Outbox(connection).horizon()
        seen = cursor.xid
        self._has_looked()
        yield Change(cursor, fresh=True)
        while True:
            await ear.wait()
            change, seen = await self._look(cursor, seen)
            self._has_looked()
            cursor = change.cursor
            if change != Change(cursor):
                yield change

    async def _look(self, cursor: Cursor, seen: int) -> tuple[Change, int]:
        async with self._engine.connect() as connection:
            outbox = Outbox(connection)
            horizon = (await outbox.horizon()).xid
            workers = await Workers(connection).changed(seen)
            moved = await Positions(connection).moved(seen)
            events = await outbox.since(cursor)
        kinds = {event.kind for event in events}
        return Change(
            events[-1].cursor if events else cursor,
            incidents=latest(events, "incident"),
            tasks=latest(events, "task"),
            ground="ground" in kinds,
            rules="rules" in kinds,
            roster="roster" in kinds,
            rights=frozenset(event.subject_id for event in events if event.kind == "rights"),
            workers=tuple(workers),
            moved=moved,
        ), horizon


class _Ear:
    """Wait for the bell, or `POLL_S`; a connection that has died is told by an error, not by silence."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._rung = asyncio.Event()

    def ring(self, *_: object) -> None:
        self._rung.set()

    async def wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), POLL_S)
        self._rung.clear()
        if self._raw.is_closed():
            raise ConnectionError
