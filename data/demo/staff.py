"""Who goes to a past or open matter of a demo town: a plain stand-in for the dispatch rules, over arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.demo.duty import around_the_clock
from data.demo.frame import Flags, Floats, Frame, Ints
from data.demo.people import FRESH_S
from data.demo.rows import CategoryRow, PositionRow, SlotRow, WorkerRow

ELSEWHERE_M = 50_000.0
FROM_THE_DOOR = "from_the_door"
"""The ladder that begins with the building heads."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is needed in one place of a matter. `role` is asked whatever the skill."""

    responder: str
    skill: str | None
    ranking: str
    exclusive: bool
    mobile: bool
    role: str | None = None


def first_of(category: CategoryRow) -> Wanted:
    """Return who goes first."""
    role = "building_head" if category.ladder == FROM_THE_DOOR else None
    return Wanted(category.responder, category.skill, category.ranking, category.exclusive, category.mobile, role)


def other_of(slot: SlotRow, category: CategoryRow) -> Wanted:
    """Return who goes beside the first."""
    return Wanted(slot.responder, slot.skill, slot.ranking, slot.exclusive, category.mobile)


@dataclass(frozen=True, slots=True, eq=False)
class Staff:
    """The workers as arrays (n,); `load` and `exclusive` change as open tasks are given out.

    `places` are metres (n, 2), `marks` say who has a skill, a role, is of a kind or employed in a way, `ready` who is
    on duty round the clock and freshly seen.
    """

    places: Floats
    marks: dict[str, Flags]
    ready: Flags
    capacity: Ints
    homes: NDArray[np.str_]
    load: Ints
    exclusive: Flags

    def sent(self, wanted: Wanted, place: Floats, home: str, now: bool) -> int | None:
        """Choose a worker for a matter at a place (2,) in the grid `home`; with `now` a free one, who is booked."""
        able = self._able(wanted)
        if now:
            room = (self.load == 0) if wanted.exclusive else (self.load < self.capacity)
            able = able & room & ~self.exclusive & (self.ready | (wanted.role is not None))
        if not able.any():
            return None
        away = np.hypot(*(self.places - place).T)
        if wanted.ranking == "own_grid_first":
            away = away + np.where(self.homes == home, 0.0, ELSEWHERE_M)
        who = int(np.argmin(np.where(able, away, np.inf)))
        if now:
            self.load[who] += 1
            self.exclusive[who] = wanted.exclusive
        return who

    def called(self, code: str, workers: Sequence[WorkerRow]) -> int:
        """Book a department."""
        who = next(row for row, worker in enumerate(workers) if worker.code == code)
        self.load[who] += 1
        return who

    def _able(self, wanted: Wanted) -> Flags:
        nobody = np.zeros(len(self.load), np.bool_)
        if wanted.role is not None:
            return self.marks.get(wanted.role, nobody)
        able = self.marks[wanted.responder] & self.marks.get(wanted.skill or "person", nobody)
        found: Flags = able if wanted.mobile else able & ~self.marks.get("mobile", nobody)
        return found

    def loaded(self, workers: Sequence[WorkerRow]) -> tuple[WorkerRow, ...]:
        """Write the loads into the workers' rows."""
        return tuple(
            replace(worker, active_tasks=load, holds_exclusive=held)
            for worker, load, held in zip(workers, self.load.tolist(), self.exclusive.tolist(), strict=True)
        )


def staff_of(workers: Sequence[WorkerRow], positions: Sequence[PositionRow], frame: Frame) -> Staff:
    """Lay the workers out as arrays; row i of the positions is worker i's."""
    fresh = np.array([position.age_s <= FRESH_S for position in positions])
    said = [{*worker.skills, worker.kind, worker.role, worker.employment or ""} for worker in workers]
    return Staff(
        places=frame.to_metres(np.array([[position.lng, position.lat] for position in positions])),
        marks={mark: np.array([mark in one for one in said]) for mark in set().union(*said)},
        ready=fresh & np.array([around_the_clock(worker.duty) for worker in workers]),
        capacity=np.array([worker.capacity for worker in workers], dtype=np.int64),
        homes=np.array([worker.home_area for worker in workers]),
        load=np.zeros(len(workers), dtype=np.int64),
        exclusive=np.zeros(len(workers), dtype=np.bool_),
    )
