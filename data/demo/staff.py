"""Who goes to a past or open matter of a demo town: a plain stand-in for the dispatch rules, over arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.demo.frame import Floats, Ints, to_metres
from data.demo.lattice import Flags
from data.demo.people import FRESH_S, SKILLS
from data.demo.rows import CategoryRow, PositionRow, WorkerRow

ELSEWHERE_M = 50_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Staff:
    """The workers as arrays (n,); `load` and `exclusive` change as open tasks are given out.

    `places` are metres (n, 2), `ready` says who is on duty round the clock and freshly seen.
    """

    places: Floats
    able: dict[str, Flags]
    ready: Flags
    capacity: Ints
    homes: NDArray[np.str_]
    load: Ints
    exclusive: Flags

    def sent(self, category: CategoryRow, place: Floats, home: str, now: bool) -> int | None:
        """Choose a worker for a matter at a place (2,) in the grid `home`; with `now` a free one, who is booked."""
        able = self.able[category.skill] if category.skill else np.ones(len(self.load), dtype=np.bool_)
        if now:
            room = (self.load == 0) if category.exclusive else (self.load < self.capacity)
            able = able & self.ready & room & ~self.exclusive
        if not able.any():
            return None
        away = np.hypot(*(self.places - place).T)
        if category.ranking == "own_grid_first":
            away = away + np.where(self.homes == home, 0.0, ELSEWHERE_M)
        who = int(np.argmin(np.where(able, away, np.inf)))
        if now:
            self.load[who] += 1
            self.exclusive[who] = category.exclusive
        return who

    def loaded(self, workers: Sequence[WorkerRow]) -> tuple[WorkerRow, ...]:
        """Write the loads into the workers' rows."""
        return tuple(
            replace(worker, active_tasks=load, holds_exclusive=held)
            for worker, load, held in zip(workers, self.load.tolist(), self.exclusive.tolist(), strict=True)
        )


def staff_of(workers: Sequence[WorkerRow], positions: Sequence[PositionRow]) -> Staff:
    """Lay the workers out as arrays; row i of the positions is worker i's."""
    fresh = np.array([position.age_s <= FRESH_S for position in positions])
    always = np.array([worker.shift_starts == worker.shift_ends for worker in workers])
    return Staff(
        places=to_metres(np.array([[position.lng, position.lat] for position in positions])),
        able={skill: np.array([skill in worker.skills for worker in workers]) for skill in SKILLS},
        ready=fresh & always,
        capacity=np.array([worker.capacity for worker in workers], dtype=np.int64),
        homes=np.array([worker.home_area for worker in workers]),
        load=np.zeros(len(workers), dtype=np.int64),
        exclusive=np.zeros(len(workers), dtype=np.bool_),
    )
