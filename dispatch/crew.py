"""The crew: every worker as columns, so that a ranking is a handful of array operations."""

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from data.workers import Worker

DAY_S = 86_400


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _epoch(at: datetime | None) -> float:
    return np.nan if at is None else at.timestamp()


class Crew:
    """Columns over n workers in the order of their codes, so that row order breaks ties.

    `lng`, `lat` float64 (n,) WGS 84 degrees and `fixed_at` float64 (n,) Unix seconds, NaN where never seen;
    `home` int64 (n,) index into `areas`, -1 where none; `starts`, `ends` int64 (n,) seconds of the town's day.
    """

    def __init__(self, workers: Iterable[Worker]) -> None:
        self._load({worker.id: worker for worker in workers})

    def _load(self, workers: dict[UUID, Worker]) -> None:
        self.workers = sorted(workers.values(), key=lambda worker: worker.code)
        n = len(self.workers)
        self.row_of = {worker.id: row for row, worker in enumerate(self.workers)}
        self.areas: dict[UUID, int] = {}
        self.skills: dict[str, NDArray[np.bool_]] = {}
        self.lng, self.lat, self.fixed_at = (np.full(n, np.nan) for _ in range(3))
        self.capacity, self.active, self.home, self.starts, self.ends = (np.zeros(n, np.int64) for _ in range(5))
        self.holds_exclusive = np.zeros(n, np.bool_)
        for row, worker in enumerate(self.workers):
            self._write(row, worker)

    def _write(self, row: int, worker: Worker) -> None:
        self.workers[row] = worker
        self.lng[row] = np.nan if worker.lng is None else worker.lng
        self.lat[row] = np.nan if worker.lat is None else worker.lat
        self.fixed_at[row] = _epoch(worker.fixed_at)
        self.capacity[row], self.active[row] = worker.capacity, worker.active_tasks
        self.holds_exclusive[row] = worker.holds_exclusive
        self.starts[row], self.ends[row] = _seconds(worker.shift_starts), _seconds(worker.shift_ends)
        home = worker.home_area_id
        self.home[row] = -1 if home is None else self.areas.setdefault(home, len(self.areas))
        for column in self.skills.values():
            column[row] = False
        for skill in worker.skills:
            self.skills.setdefault(skill, np.zeros(len(self.workers), np.bool_))[row] = True

    def __len__(self) -> int:
        return len(self.workers)

    def apply(self, changed: Iterable[Worker]) -> "Crew":
        """Take over new versions of workers and return the crew to go on with.

        A new one where somebody is unknown or has another code: rows never move under a ranking that is under way.
        """
        changed = list(changed)
        if any(self._code_of(worker.id) != worker.code for worker in changed):
            return Crew([*self.workers, *changed])
        for worker in changed:
            self._write(self.row_of[worker.id], worker)
        return self

    def _code_of(self, id_: UUID) -> str | None:
        row = self.row_of.get(id_)
        return None if row is None else self.workers[row].code

    def has(self, skill: str | None) -> NDArray[np.bool_]:
        """Say who has a skill, bool (n,); None is everybody."""
        if skill is None:
            return np.ones(len(self), np.bool_)
        return self.skills.get(skill, np.zeros(len(self), np.bool_))

    def on_shift(self, second_of_day: int) -> NDArray[np.bool_]:
        """Say whose shift it is, bool (n,). Ends before it starts: over midnight; equal: round the clock."""
        after, before = self.starts <= second_of_day, second_of_day < self.ends
        return np.where(self.starts < self.ends, after & before, after | before | (self.starts == self.ends))

    def at_home_in(self, areas: Iterable[UUID]) -> NDArray[np.bool_]:
        """Say whose home area is one of `areas`, bool (n,)."""
        wanted = [self.areas[area] for area in areas if area in self.areas]
        return np.isin(self.home, wanted)

    def free(self, *, exclusive: bool) -> NDArray[np.bool_]:
        """Say who could carry one more task, bool (n,), as far as this copy knows; the row lock decides."""
        room = self.active < (1 if exclusive else self.capacity)
        return room & ~self.holds_exclusive
