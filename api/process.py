"""One serving process: its store, its city, and the loops that keep both true."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from api.hub import Hub, Message, read
from data.engine import BROKEN
from data.feed import Change
from data.store import Reader, Store
from data.tokens import Actor
from dispatch.city import City
from dispatch.desk.forget import forget
from dispatch.desk.keep import keep, renew_ground
from dispatch.desk.seat import take_demo_seat
from dispatch.desk.sweep import sweep
from dispatch.states import states

log = logging.getLogger(__name__)

TOWN_FIELDS = ("code", "name", "name_en", "time_zone", "demo")
COLLECTED_AFTER = (100_000, 50, 50)
PULSE_S = 1.0
FORGET_EVERY_S = 3600.0
REST_AFTER_SWEEP_S = 0.1
PAUSE_AFTER_FAILURE_S = 1.0
FAILURES: tuple[type[Exception], ...] = (*BROKEN, OSError)


class Process:
    """What the routes find under `app.state.process`."""

    def __init__(self, store: Store, sweep_seconds: float) -> None:
        self.store = store
        self.city = City()
        self.hub = Hub()
        self.ready = asyncio.Event()
        self._sweep_seconds = sweep_seconds
        self._stirred = asyncio.Event()
        self._shown: dict[str, dict[str, Any]] = {}
        self._figures = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        """Keep the loops going while the server serves, and end them and every stream when it stops."""
        loops = [self._ring, self._follow, self._sweep, self._pulse, self._forget]
        tasks = [asyncio.create_task(_for_ever(loop), name=loop.__name__) for loop in loops]
        try:
            yield self
        finally:
            self.hub.end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.store.close()

    async def _ring(self) -> None:
        await self.store.bell.keep_ringing()

    async def _follow(self) -> None:
        async for change in self.store.feed.follow():
            await keep(change, self.city, self.store.books)
            if change.fresh:
                leave_loaded_alone()
            self.ready.set()
            self._stirred.set()
            if change.fresh:
                self.hub.end()  # what happened before this look is not in it: clients come back and catch up
            self.hub.publish(await self._messages(change))

    async def _messages(self, change: Change) -> list[Message]:
        if not len(self.hub) or not (change.incidents or change.tasks):
            return []
        async with self.store.reader() as reader:
            return await read(reader, change.incidents, change.tasks)

    async def _sweep(self) -> None:
        await self.ready.wait()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self._sweep_seconds)
            self._stirred.clear()
            await renew_ground(self.city, self.store.books)
            await sweep(self.city, self.store.books)
            await asyncio.sleep(REST_AFTER_SWEEP_S)

    async def _forget(self) -> None:
        while True:
            await forget(self.store.books)
            await asyncio.sleep(FORGET_EVERY_S)

    async def _pulse(self) -> None:
        """Send what moves and what is counted, at most once a second, and only what differs from the last time."""
        while True:
            await asyncio.sleep(PULSE_S)
            if not len(self.hub):
                self._shown, self._figures = {}, ""
                continue
            async with self.store.reader() as reader:
                now, counted = await reader.board.now(), await reader.board.figures()
            self.hub.publish(self._pulsed(now, counted))

    def _pulsed(self, now: datetime, counted: dict[str, Any]) -> list[Message]:
        workers = {row["id"]: row for row in self.workers(now)}
        moved = [row for id_, row in workers.items() if row != self._shown.get(id_)]
        figures = json.dumps(self.figures(now, counted))
        messages = [Message("workers", json.dumps(moved))] if moved else []
        if figures != self._figures:
            messages.append(Message("figures", figures))
        self._shown, self._figures = workers, figures
        return messages

    def shown(self) -> list[Message]:
        """Return what the last pulse left on every map: whoever joins now is told only what differs from it."""
        workers = [Message("workers", json.dumps([*self._shown.values()]))] if self._shown else []
        return [*workers, Message("figures", self._figures)] if self._figures else workers

    def workers(self, now: datetime) -> list[dict[str, Any]]:
        """Return every worker that was ever seen as the map shows one, without a name."""
        shown = zip(self.city.crew.workers, states(self.city, now), strict=True)
        return [
            {
                "id": str(worker.id),
                "lng": worker.lng,
                "lat": worker.lat,
                "fixed_at": worker.fixed_at.isoformat(),
                "accuracy_m": worker.accuracy_m,
                "state": state,
            }
            for worker, state in shown
            if worker.fixed_at is not None
        ]

    def workers_by_id(self, now: datetime) -> list[tuple[UUID, dict[str, Any]]]:
        """Return the same beside each worker's id."""
        return [(UUID(row["id"]), row) for row in self.workers(now)]

    async def town(self, reader: Reader) -> dict[str, Any]:
        """Return the town as pages need it: names, time zone, where its ground lies (WGS 84)."""
        town, bounds = self.city.town, await reader.board.bounds() or (0.0, 0.0, 0.0, 0.0)
        west, south, east, north = bounds
        named = {} if town is None else {name: getattr(town, name) for name in TOWN_FIELDS}
        return named | {"centre": [(west + east) / 2, (south + north) / 2], "bounds": list(bounds)}

    async def take_demo_seat(self, key: str) -> tuple[str, Actor] | None:
        """Open a seat that a demo town offers to whoever starts it; None in every other town."""
        if self.city.town is None or not self.city.town.demo:
            return None
        async with self.store.books.open() as book:
            return await take_demo_seat(key, book)

    def figures(self, now: datetime, counted: dict[str, Any]) -> dict[str, Any]:
        """Add to the counted figures those about the crew."""
        found = states(self.city, now)
        last = counted["last_closed_at"]
        crew = {"on_duty": int((found != "off").sum()), "free": int((found == "free").sum())}
        return counted | crew | {"last_closed_at": last and last.isoformat()}


def leave_loaded_alone() -> None:
    """Take what is loaded out of the garbage collector's rounds: walking it held answers up by 100 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop again after the database failed; anything else is a fault that must be seen."""
    while True:
        try:
            await loop()
        except FAILURES as error:
            log.warning("%s paused: %s", loop.__name__, type(error).__name__)
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        except Exception:
            log.exception("%s failed", loop.__name__)
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
