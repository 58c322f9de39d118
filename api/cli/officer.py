"""The simulated duty officer of a demo town: sorts and files, grants time, looks after what stands still, and closes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

import numpy as np

from api.process import Process
from data.demo.doings import Standing
from data.incidents import Disposition, Status
from data.ladders import Whom
from data.rights import EVERYWHERE, Permission, Rights
from data.tokens import Actor
from dispatch.desk import close, pause, send, sort, whistle
from dispatch.desk.case import By, pick_up
from dispatch.ranking import rank
from geo.nearest import chords2
from geo.point import Point

Act = Callable[[], Awaitable[None]]

CENTRE = Actor(UUID(int=0), None, None, Rights({code: (EVERYWHERE,) for code in Permission}))
"""The simulated duty officer."""
ALONE, BESIDE_A_PERSON = 1.0, 4.0
"""Whoever sits at the command centre has four times as long to do it by hand."""
SORTED_AFTER_S, SORTED_WITHIN_S = 20.0, 20.0
LOOKED_AT_AFTER_S, CLOSED_AFTER_S = 60.0, 90.0
DECIDED_AFTER_S = 25.0
GIVEN_UP_AFTER_S = 600.0
VERIFIED, REJECTED, RECEIVED = 0.2, 0.26, 0.6
"""Of a chance between 0 and 1, up to where a report is looked at, rejected, or taken in before it is filed."""
INSPECTED, REWORKED = 0.2, 0.03
SHELVED_SHARE, SHELVED_FOR = 0.1, timedelta(minutes=4)
GRANTED = 0.85
WAITS_FOR_PARTS = frozenset({"road_damage", "street_light"})
NO_MATTER, NOT_DONE = "不属于网格事项，已电话答复来电人", "现场复核未达到办理标准"
TO_SEE, WRONGLY_SENT = "请先到现场核实", "原承办人不对口，改派"
HURRY, PARTS, SAME = "已超过办理时限，请加快", "配件缺货，到货后继续办理", "同一地点同一事项"
ENOUGH, TOO_LATE = "情况属实，同意延时", "不具备延时条件，请按期办结"


class Officer:
    """The command centre while nobody sits there; beside a person, slower."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._duties: Mapping[Status, Callable[[Standing, float, float], Act | None]] = {
            Status.REPORTED: self._sorts,
            Status.RECEIVED: self._files,
            Status.VERIFYING: self._files_at_last,
            Status.FILED: self._sees_to,
            Status.DISPATCHED: self._watches,
            Status.HANDLING: self._watches,
            Status.RETURNED: self._sends_another,
            Status.EXTENSION_REQUESTED: self._decides,
            Status.HANDLED: self._looks_or_closes,
            Status.INSPECTING: self._closes,
        }

    def next_act(self, standing: Standing, patience: float) -> Act | None:
        """Return what is done about an incident now, if anything; `patience` stretches all waiting."""
        duty = self._duties.get(standing.status)
        chance = (standing.id.int % 997) / 997
        return None if duty is None else duty(standing, chance, standing.seconds / patience)

    def _sorts(self, one: Standing, chance: float, seconds: float) -> Act | None:
        if seconds < SORTED_AFTER_S + SORTED_WITHIN_S * chance:
            return None
        if chance < VERIFIED:
            return partial(self._verify, one)
        if chance < REJECTED:
            return partial(self._reject, one)
        return partial(self._receive, one) if chance < RECEIVED else partial(self._file, one)

    def _files(self, one: Standing, chance: float, seconds: float) -> Act | None:
        return partial(self._file, one) if seconds > SORTED_AFTER_S * (0.5 + chance) else None

    def _files_at_last(self, one: Standing, _: float, seconds: float) -> Act | None:
        return partial(self._file, one) if seconds > GIVEN_UP_AFTER_S else None

    def _sees_to(self, one: Standing, chance: float, seconds: float) -> Act | None:
        """See to what is filed and in nobody's hands."""
        if one.held is not None and seconds > DECIDED_AFTER_S:
            return partial(self._send_another, one)
        if not one.waits and seconds > GIVEN_UP_AFTER_S:
            return partial(self._close, one, Disposition.TRANSFERRED)
        return self._watches(one, chance, seconds)

    def _watches(self, one: Standing, chance: float, seconds: float) -> Act | None:
        """Merge what was reported twice, put by what waits for parts, supervise what is late; each once."""
        if one.twin is not None and seconds > DECIDED_AFTER_S and one.status is not Status.HANDLING:
            return partial(self._merge, one, one.twin)
        if one.category in WAITS_FOR_PARTS and chance < SHELVED_SHARE and "shelved" not in one.kinds:
            return partial(self._shelve, one) if seconds > DECIDED_AFTER_S else None
        if one.late and "supervised" not in one.kinds and seconds > DECIDED_AFTER_S:
            return partial(self._supervise, one)
        return None

    def _sends_another(self, one: Standing, _: float, seconds: float) -> Act | None:
        return partial(self._send_another, one) if seconds > DECIDED_AFTER_S else None

    def _decides(self, one: Standing, chance: float, seconds: float) -> Act | None:
        if seconds < DECIDED_AFTER_S:
            return None
        return partial(self._extend, one) if chance < GRANTED else partial(self._refuse, one)

    def _looks_or_closes(self, one: Standing, chance: float, seconds: float) -> Act | None:
        if chance < INSPECTED and seconds > LOOKED_AT_AFTER_S and "inspecting" not in one.kinds:
            return partial(self._inspect, one)
        return partial(self._close, one) if seconds > CLOSED_AFTER_S else None

    def _closes(self, one: Standing, chance: float, seconds: float) -> Act | None:
        if seconds < DECIDED_AFTER_S:
            return None
        again = chance < REWORKED and "rework" not in one.kinds
        return partial(self._rework, one) if again else partial(self._close, one)

    async def _receive(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await sort.receive_report(one.id, None, By(CENTRE), self._process.city, book)

    async def _verify(self, one: Standing) -> None:
        sight = sort.Sight(self._near(one), TO_SEE)
        async with self._process.store.books.open() as book:
            await sort.verify(one.id, sight, By(CENTRE), self._process.city, book)

    async def _reject(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await sort.reject(one.id, NO_MATTER, By(CENTRE), self._process.city, book)

    async def _file(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await sort.file(one.id, None, By(CENTRE), self._process.city, book)

    async def _send_another(self, one: Standing) -> None:
        """Send the first who could go; with nobody free the incident stays in sight."""
        city = self._process.city
        async with self._process.store.books.open() as book:
            case = await pick_up(one.id, str(CENTRE), book)
            slot = next(iter(case.unfilled()), None)
            if slot is None:
                return
            free = city.crew.free(exclusive=case.needs[slot].exclusive)
            ranked = rank(case.incident, case.needs[slot], Whom.RANKED, city, case.now).in_order()
            row = next((row for row in ranked if free[row]), None)
            if row is not None:
                chosen = send.Chosen(city.crew.workers[row].id, WRONGLY_SENT, slot)
                await send.dispatch(one.id, chosen, By(CENTRE), city, book)

    async def _merge(self, one: Standing, twin: UUID) -> None:
        async with self._process.store.books.open() as book:
            await close.merge(one.id, twin, SAME, By(CENTRE), self._process.city, book)

    async def _shelve(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            until = await book.now() + SHELVED_FOR
            await pause.shelve(one.id, until, PARTS, By(CENTRE), self._process.city, book)

    async def _supervise(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await whistle.supervise(one.id, HURRY, By(CENTRE), book)

    async def _extend(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            until = one.asked or await book.now() + timedelta(hours=1)
            await pause.extend(one.id, until, ENOUGH, By(CENTRE), self._process.city, book)

    async def _refuse(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await pause.refuse_extension(one.id, TOO_LATE, By(CENTRE), book)

    async def _inspect(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await close.inspect(one.id, None, By(CENTRE), book)

    async def _rework(self, one: Standing) -> None:
        async with self._process.store.books.open() as book:
            await close.rework(one.id, NOT_DONE, By(CENTRE), self._process.city, book)

    async def _close(self, one: Standing, said: Disposition | None = None) -> None:
        rule = self._process.city.rules.get(one.category)
        settled = Disposition.MEDIATED if rule and rule.skill == "mediation" else Disposition.RESOLVED
        async with self._process.store.books.open() as book:
            await close.close(one.id, said or settled, By(CENTRE), self._process.city, book)

    def _near(self, one: Standing) -> UUID | None:
        """Return the nearest grid worker who is free; None: nobody is sent to look."""
        crew = self._process.city.crew
        free = np.flatnonzero(crew.of_role("grid_worker") & crew.free(exclusive=False) & ~np.isnan(crew.lng))
        if not len(free):
            return None
        away2 = chords2(Point(*one.place), crew.toward[free])
        return crew.workers[int(free[np.argmin(away2)])].id
