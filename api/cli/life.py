"""The life of a demo town while it is served: people walk and report; what they say goes through the desk."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from api.cli.hands import Act, Hands
from api.cli.officer import ALONE, BESIDE_A_PERSON, Officer
from api.process import FAILURES, Process
from data.demo.clock import tick
from data.demo.doings import Doing, doings, hear_from, on_the_desk, seats_taken, somebody_at_the_desk
from data.demo.life import Walkers, arrivals, arrived, head_for, let_go, set_out, walk, where
from data.demo.matters import AGAIN
from data.demo.neighbours import AT_HOME
from data.demo.network import Network, network_of
from data.demo.place import place_of
from data.demo.reports import Report as Told
from data.demo.reports import places_of
from data.demo.rows import Town
from data.incidents import Given
from data.tasks import TaskStatus
from data.workers import Kind
from dispatch.able import FRESH
from dispatch.desk.receive import receive
from dispatch.errors import RefusedError
from dispatch.triage import Report

log = logging.getLogger(__name__)

TICK_S = 1.0
PHONES_REPORT_EVERY = 3  # ticks
LYING_PHONES_REPORT_EVERY = 60
OFFICER_LOOKS_EVERY = 3
MEAN_PAUSE_S = 9.0
TOLD_AGAIN_SHARE, TOLD_AGAIN_AFTER_S = 0.04, 20.0


class Life:
    """Everybody of a demo town whose part no person has taken."""

    def __init__(self, process: Process, made: Town, chapter: int) -> None:
        self._process = process
        self._crew = process.city.crew
        self._network: Network = network_of(made.streets, place_of(made.place).frame)
        self._rng = np.random.default_rng([made.town.demo_seed, 7])
        self._reports: Iterator[Told] = arrivals(places_of(made), made.town.demo_seed + chapter)
        silent = {seen.worker for seen in made.positions if seen.age_s > FRESH.total_seconds()}
        self._talking = np.array([w.code not in silent and w.lng is not None for w in self._crew.workers])
        self._afoot = self._crew.of_kind(Kind.PERSON).copy()
        self._at_home = np.array([worker.role in AT_HOME for worker in self._crew.workers])
        at = np.column_stack([np.nan_to_num(self._crew.lng), np.nan_to_num(self._crew.lat)])
        self._walkers: Walkers = set_out(self._network, at, at, self._rng)
        self._accuracy = self._rng.uniform(4, 15, len(self._crew))
        self._hands, self._officer = Hands(process), Officer(process)
        self._sent: dict[UUID, UUID] = {}
        self._ticks, self._moving = 0, False

    async def go_on(self, moving: bool) -> None:
        """Live until cancelled; `moving` False only keeps phones reporting from where they are."""
        self._moving = moving
        tasks = [self._every_tick(self._report_positions)]
        if moving:
            tasks += [self._every_tick(self._walk), self._every_tick(self._work), self._arrive()]
            tasks.append(self._every_tick(self._sit_at_the_desk, OFFICER_LOOKS_EVERY))
        await asyncio.gather(*tasks)

    async def _every_tick(self, act: Act, ticks: int = 1) -> None:
        while True:
            await asyncio.sleep(ticks * TICK_S)
            await _carried_on(act)

    async def _report_positions(self) -> None:
        """Let a third of the phones report in each second, of those that are on duty and talk at all.

        Phones that lie still at their owners' only say now and then that they live.
        """
        async with self._process.store.books.open() as book:
            now = await book.now()
            on_duty = self._process.city.duty.mask(self._crew.row_of, len(self._crew), now)
            phoned = self._phoned(await seats_taken(book.connection), now)
            talking = self._talking & on_duty & ~phoned & self._afoot
            rows = np.flatnonzero(talking & ~self._at_home & self._turn(PHONES_REPORT_EVERY))
            lng, lat = self._places()[rows].T
            await book.workers.move_all(self._ids(rows), lng, lat, self._accuracy[rows])
            lying = np.flatnonzero(talking & self._at_home & self._turn(LYING_PHONES_REPORT_EVERY))
            await hear_from(book.connection, self._ids(lying))
            await tick(book.connection)
        self._ticks += 1

    def _turn(self, every: int) -> NDArray[np.bool_]:
        """Say whose turn it is to report, (n,)."""
        due: NDArray[np.bool_] = np.arange(len(self._crew)) % every == self._ticks % every
        return due

    def _ids(self, rows: NDArray[np.int64]) -> list[UUID]:
        return [self._crew.workers[row].id for row in rows]

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
        """Let everybody walk on but units and those who sit at home."""
        before, stays = self._walkers, self._at_home | ~self._afoot
        after = walk(before, self._network, TICK_S, self._rng)
        step = np.where(stays, before.step, after.step)
        self._walkers = replace(after, step=step, along_m=np.where(stays, before.along_m, after.along_m))

    async def _work(self) -> None:
        """Let each worker with a task take the next step when its time has come."""
        async with self._process.store.books.open() as book:
            busy = await doings(book.connection)
        known = [doing for doing in busy if doing.worker_id in self._crew.row_of]
        self._send_out([doing for doing in known if doing.kind is Kind.PERSON])
        there = arrived(self._walkers, self._network)
        for doing in known:
            act = self._hands.next_step(doing, bool(there[self._crew.row_of[doing.worker_id]]))
            if act is not None:
                await _carried_on(act)

    async def _sit_at_the_desk(self) -> None:
        """Let the command centre do what its time has come for; beside a person it waits longer."""
        async with self._process.store.books.open() as book:
            found = await on_the_desk(book.connection)
            patience = BESIDE_A_PERSON if await somebody_at_the_desk(book.connection) else ALONE
        for standing in found:
            act = self._officer.next_act(standing, patience)
            if act is not None:
                await _carried_on(act)

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
                self._at_home[row] = False
                self._sent[worker_id] = doing.task_id

    async def _arrive(self) -> None:
        """Report for ever; now and then a neighbour reports the same once more."""
        async with asyncio.TaskGroup() as neighbours:
            for told in self._reports:
                await asyncio.sleep(MEAN_PAUSE_S * told.pause)
                await _carried_on(partial(self._report, told))
                if self._rng.random() < TOLD_AGAIN_SHARE:
                    neighbours.create_task(self._report_again(told))

    async def _report_again(self, told: Told) -> None:
        await asyncio.sleep(TOLD_AGAIN_AFTER_S)
        await _carried_on(
            partial(self._report, replace(told, reporter="resident", description=AGAIN + told.description))
        )

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
