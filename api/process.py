"""One serving process: its store, its city, and the loops that keep both true."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from zoneinfo import ZoneInfo

from api.ground_jobs import GroundJobs
from api.hub import Hub
from api.outgoing import Outgoing
from api.pulse import Pulse
from api.shown import publish
from api.telling import Telling
from data.engine import BROKEN
from data.store import Reader, Store
from dispatch.city import City
from dispatch.desk.fire import fire, seconds_to_next
from dispatch.desk.forget import forget
from dispatch.desk.keep import keep, renew
from dispatch.desk.reckon import Reckoning
from dispatch.desk.seat import take_demo_seat
from dispatch.desk.sign_in import SignedIn
from dispatch.desk.sweep import sweep

log = logging.getLogger(__name__)

TOWN_FIELDS = ("code", "name", "name_en", "time_zone", "demo")
COLLECTED_AFTER = (100_000, 50, 50)
PULSE_S = 1.0
LONGEST_SLEEP_S = 0.5
"""Of the loop that fires timers."""
FORGET_EVERY_S = 3600.0
REST_AFTER_SWEEP_S = 0.1
PAUSE_AFTER_FAILURE_S = 1.0
FAILURES: tuple[type[Exception], ...] = (*BROKEN, OSError)


class Process:
    """What the routes find under `app.state.process`."""

    def __init__(
        self,
        store: Store,
        sweep_seconds: float,
        outgoing: Outgoing,
        ground_jobs: GroundJobs,
        home: str = "",
        *,
        kernels: bool = True,
    ) -> None:
        self.store = store
        self.ground_jobs = ground_jobs
        self.city = City(kernels=kernels)
        self.hub = Hub()
        self.ready = asyncio.Event()
        self._sweep_seconds = sweep_seconds
        self._stirred = asyncio.Event()
        self.pulse = Pulse()
        self.reckoning = Reckoning(store)
        self.telling = Telling(outgoing, store, self._zone, home)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        """Keep the loops going while the server serves, and end them and every stream when it stops."""
        loops = [self._ring, self._follow, self._fire, self._sweep, self._beat, self._forget, self._tell]
        tasks = [asyncio.create_task(_for_ever(loop), name=loop.__name__) for loop in loops]
        try:
            yield self
        finally:
            self.hub.end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.ground_jobs.close()
            await self.reckoning.close()
            await self.telling.outgoing.close()
            await self.store.close()

    async def _ring(self) -> None:
        await self.store.bell.keep_ringing()

    async def _follow(self) -> None:
        async for change in self.store.feed.follow():
            await keep(change, self.city, self.store.books)
            self.reckoning.note(change)
            if change.fresh:
                leave_loaded_alone()
            self.ready.set()
            self._stirred.set()
            if change.fresh or change.ground:
                self.hub.end()  # what lay before this look, or what one may see, may differ: clients come back
            self.hub.end_of(change.rights)
            self.pulse.touch(await publish(change, self.hub, self.store))

    async def _sweep(self) -> None:
        await self.ready.wait()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self._sweep_seconds)
            self._stirred.clear()
            await renew(self.city, self.store.books)
            await sweep(self.city, self.store.books)
            await asyncio.sleep(REST_AFTER_SWEEP_S)

    async def _fire(self) -> None:
        """Do what is due, then sleep until the next is, half a second at the longest: another process may set a timer."""
        await self.ready.wait()
        while True:
            await fire(self.city, self.store.books)
            seconds = await seconds_to_next(self.store.books)
            await asyncio.sleep(LONGEST_SLEEP_S if seconds is None else min(max(seconds, 0.005), LONGEST_SLEEP_S))

    async def _forget(self) -> None:
        while True:
            await forget(self.store.books)
            await asyncio.sleep(FORGET_EVERY_S)

    async def _tell(self) -> None:
        await self.telling.keep_telling()

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.city.town.time_zone if self.city.town else "UTC")

    async def _beat(self) -> None:
        """Send what moves and what is counted, at most once a second, and only what differs from the last time."""
        while True:
            await asyncio.sleep(PULSE_S)
            await self.pulse.beat(self.hub, self.city, self.store)

    async def town(self, reader: Reader) -> dict[str, Any]:
        """Return the town as pages need it: names, time zone, where its ground lies (WGS 84)."""
        town, bounds = self.city.town, await reader.board.bounds() or (0.0, 0.0, 0.0, 0.0)
        west, south, east, north = bounds
        named = {} if town is None else {name: getattr(town, name) for name in TOWN_FIELDS}
        return named | {"centre": [(west + east) / 2, (south + north) / 2], "bounds": list(bounds)}

    async def seats(self) -> list[str]:
        """Return the seats that a demo town offers; none in every other town."""
        if self.city.town is None or not self.city.town.demo:
            return []
        async with self.store.books.open() as book:
            return await book.seats.logins()

    async def take_demo_seat(self, login: str, address: str | None, instead_of: str | None = None) -> SignedIn | None:
        """Open a seat that a demo town offers to whoever is at the machine; None in every other town."""
        async with self.store.books.open() as book:
            return await take_demo_seat(login, address, book, instead_of)


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
