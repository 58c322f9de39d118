"""The life of a demo town while it is served: people walk, report, accept, arrive, finish — through the desk."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from api.process import FAILURES, Process
from data.demo.clock import tick
from data.demo.doings import Doing, doings, handled_since, seats_taken
from data.demo.life import Walkers, arrivals, arrived, head_for, let_go, set_out, walk, where
from data.demo.network import Network, network_of
from data.demo.reports import Report as Told
from data.demo.reports import places_of
from data.demo.rows import Town
from data.incidents import Disposition, Given
from data.rights import Rights
from data.tasks import TaskStatus
from data.tokens import Actor
from dispatch.desk.answer import DeclineReason, Said, answer
from dispatch.desk.close import close
from dispatch.desk.receive import receive
from dispatch.errors import RefusedError
from dispatch.ranking import FRESH
from dispatch.triage import Report

log = logging.getLogger(__name__)

TICK_S = 1.0
PHONES_REPORT_EVERY = 3  # ticks
MEAN_PAUSE_S = 9.0
CLOSED_AFTER_S = 90.0
LONGEST_WAY_S = 420.0
Act = Callable[[], Awaitable[None]]
CENTRE = Actor(UUID(int=0), None, None, Rights())
"""The simulated duty officer."""


class Life:
    """Everybody of a demo town whose part no person has taken."""

    def __init__(self, process: Process, made: Town, chapter: int) -> None:
        self._process = process
        self._crew = process.city.crew
        self._network: Network = network_of(made.streets)
        self._rng = np.random.default_rng([made.town.demo_seed, 7])
        self._reports: Iterator[Told] = arrivals(places_of(made), made.town.demo_seed + chapter)
        silent = {seen.worker for seen in made.positions if seen.age_s > FRESH.total_seconds()}
        self._talking = np.array([w.code not in silent and w.lng is not None for w in self._crew.workers])
        at = np.column_stack([np.nan_to_num(self._crew.lng), np.nan_to_num(self._crew.lat)])
        self._walkers: Walkers = set_out(self._network, at, at, self._rng)
        self._accuracy = self._rng.uniform(4, 15, len(self._crew))
        self._sent: dict[UUID, UUID] = {}
        self._ticks, self._moving = 0, False

    async def go_on(self, moving: bool) -> None:
        """Live until cancelled; `moving` False only keeps phones reporting from where they are."""
        self._moving = moving
        tasks = [self._every_tick(self._report_positions)]
        if moving:
            tasks += [self._every_tick(self._walk), self._every_tick(self._work), self._arrive()]
        await asyncio.gather(*tasks)

    async def _every_tick(self, act: Act) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await _carried_on(act)

    async def _report_positions(self) -> None:
        """Let a third of the phones report in each second, of those that are on duty and talk at all."""
        async with self._process.store.books.open() as book:
            now = await book.now()
            on_duty = self._crew.on_shift(self._process.city.second_of_day(now))
            turn = np.arange(len(self._crew)) % PHONES_REPORT_EVERY == self._ticks % PHONES_REPORT_EVERY
            phoned = self._phoned(await seats_taken(book.connection), now)
            rows = np.flatnonzero(self._talking & on_duty & turn & ~phoned)
            lng, lat = self._places()[rows].T
            ids = [self._crew.workers[row].id for row in rows]
            await book.workers.move_all(ids, lng, lat, self._accuracy[rows])
            await tick(book.connection)
        self._ticks += 1

    def _phoned(self, seats: set[UUID], now: datetime) -> NDArray[np.bool_]:
        """Say for whom a real phone has lately told where it is, (n,): its word goes before ours."""
        crew = self._process.city.crew
        found = np.zeros(len(self._crew), np.bool_)
        for row in [self._crew.row_of[id_] for id_ in seats if id_ in self._crew.row_of]:
            seen = crew.workers[crew.row_of[self._crew.workers[row].id]]
            lately = seen.fixed_at is not None and now - seen.fixed_at < FRESH
            found[row] = lately and seen.accuracy_m != self._accuracy[row]
        return found

    def _places(self) -> NDArray[np.float64]:
        """Return where everybody is, (n, 2) degrees: on the streets, or where they were found if nobody moves."""
        if self._moving:
            return where(self._walkers, self._network)
        return np.column_stack([self._crew.lng, self._crew.lat])

    async def _walk(self) -> None:
        self._walkers = walk(self._walkers, self._network, TICK_S, self._rng)

    async def _work(self) -> None:
        """Let each worker with a task take the next step when its time has come, and the centre close."""
        async with self._process.store.books.open() as book:
            busy = await doings(book.connection)
            handled = await handled_since(book.connection, CLOSED_AFTER_S)
        known = [doing for doing in busy if doing.worker_id in self._crew.row_of]
        self._send_out(known)
        there = arrived(self._walkers, self._network)
        for doing in known:
            said = self._next(doing, bool(there[self._crew.row_of[doing.worker_id]]))
            if said is not None:
                await _carried_on(partial(self._say, doing, said))
        for incident_id in handled:
            await _carried_on(partial(self._close, incident_id))

    async def _say(self, doing: Doing, said: Said) -> None:
        actor = Actor(doing.worker_id, None, doing.worker_id, Rights())
        async with self._process.store.books.open() as book:
            await answer(doing.task_id, said, actor, self._process.city, book)

    async def _close(self, incident_id: UUID) -> None:
        async with self._process.store.books.open() as book:
            await close(incident_id, Disposition.RESOLVED, CENTRE, book)

    def _send_out(self, busy: list[Doing]) -> None:
        """Point those who have accepted towards their incident, and let go those who have finished."""
        on_the_way = {doing.worker_id: doing for doing in busy if doing.status == TaskStatus.ACCEPTED}
        for worker_id in [id_ for id_ in self._sent if id_ not in on_the_way]:
            self._walkers = let_go(self._walkers, self._crew.row_of[worker_id])
            del self._sent[worker_id]
        for worker_id, doing in on_the_way.items():
            if worker_id not in self._sent:
                row = self._crew.row_of[worker_id]
                self._walkers = head_for(self._walkers, self._network, row, doing.place)
                self._sent[worker_id] = doing.task_id

    def _next(self, doing: Doing, there: bool) -> Said | None:
        """Decide by the task's id, so that the same task always goes the same way."""
        chance = (doing.task_id.int % 997) / 997
        if doing.status == TaskStatus.OFFERED and doing.seconds > 4 + 16 * chance:
            return Said(TaskStatus.ACCEPTED) if chance < 0.94 else Said(TaskStatus.DECLINED, DeclineReason.BUSY)
        if doing.status == TaskStatus.ACCEPTED and (there or doing.seconds > LONGEST_WAY_S):
            return Said(TaskStatus.ON_SCENE)
        if doing.status == TaskStatus.ON_SCENE and doing.seconds > 40 + 110 * chance:
            return Said(TaskStatus.DONE if chance < 0.97 else TaskStatus.FAILED)
        return None

    async def _arrive(self) -> None:
        for told in self._reports:
            await asyncio.sleep(MEAN_PAUSE_S * told.pause)
            await _carried_on(partial(self._report, told))

    async def _report(self, told: Told) -> None:
        given = Given(told.lng, told.lat, "wgs84")
        report = Report(given, told.category, told.reporter, told.description, told.address)
        async with self._process.store.books.open() as book:
            await receive(report, self._process.city, book)


async def _carried_on(act: Act) -> None:
    """Do one thing; what goes wrong is logged and the town lives on."""
    try:
        await act()
    except RefusedError as refusal:
        log.info("a simulated step was refused: %s", refusal.code)
    except FAILURES as error:
        log.warning("the demo town paused: %s", type(error).__name__)
    except Exception:
        log.exception("a simulated step failed")
