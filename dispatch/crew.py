"""The crew: everybody who can be sent as columns, so that a ranking is a handful of array operations."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from typing import Protocol
from uuid import UUID
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from data.positions import Moved
from data.workers import Employment, Kind, Worker
from geo.movers import Movers
from geo.nearest import unit_vectors

Bools = NDArray[np.bool_]
ON_DUTY, NOT_MOBILE = 1, 2
KIND_BITS = {kind: 4 << place for place, kind in enumerate(Kind)}
FIRST_SKILL, SKILLS = 4 << len(Kind), 48
"""Bits of a mover: who has not all that are asked for cannot go, whoever has them may. Skills beyond so many have none."""


def _epoch(at: datetime | None) -> float:
    return np.nan if at is None else at.timestamp()


def _seen(worker: Worker) -> float:
    return np.inf if worker.seen_at and worker.kind != Kind.PERSON else _epoch(worker.seen_at)


class Seen(Protocol):
    """What keeps what it sees of a crew."""

    def keep(self) -> None:
        """Keep it, for it is about to change."""


class Crew:
    """Columns over n workers in the order of their codes, so that row order breaks ties.

    `lng`, `lat` float64 (n,) WGS 84 degrees, `toward` float64 (n, 3) the unit vector of each, `seen_at` and `rest_until`
    float64 (n,) Unix seconds, NaN where there is none; a unit stands where it stands and is seen for ever. `home` int64
    (n,) index into `areas`, -1 where none. `movers` find who is nearest. Columns, and what is asked of them, change in
    place: copy what must not.
    """

    def __init__(self, workers: Iterable[Worker], *, kernels: bool = True) -> None:
        self._kernels = kernels
        self._load({worker.id: worker for worker in workers})

    def _load(self, workers: dict[UUID, Worker]) -> None:
        self.workers = sorted(workers.values(), key=lambda worker: worker.code)
        n = len(self.workers)
        self.row_of = {worker.id: row for row, worker in enumerate(self.workers)}
        self.areas: dict[UUID, int] = {}
        self._paths: list[str] = []
        self._below: dict[str, list[int]] = defaultdict(list)
        self._columns: dict[str, dict[str, Bools]] = {"skill": {}, "kind": {}, "role": {}, "employment": {}}
        self.lng, self.lat, self.seen_at, self.rest_until = (np.full(n, np.nan) for _ in range(4))
        self.toward = np.full((n, 3), np.nan, order="F")  # a ranking reads axis by axis
        self.capacity, self.active, self.home = (np.zeros(n, np.int64) for _ in range(3))
        self.holds_exclusive = np.zeros(n, np.bool_)
        for row, worker in enumerate(self.workers):
            self._write(row, worker)
        self.toward[:] = unit_vectors(self.lng, self.lat)
        self._skill_bits: dict[str, int] = {}
        self._seen_by = WeakSet[Seen]()
        self._on_duty: Bools = np.zeros(n, np.bool_)
        self.movers = Movers(n, kernels=self._kernels)
        self._place(list(range(n)))

    def _place(self, rows: list[int]) -> None:
        self.movers.move(rows, self.lng[rows], self.lat[rows], 0)
        self.movers.mark(rows, [self._bits(row) for row in rows])

    def _bits(self, row: int) -> int:
        worker = self.workers[row]
        bits = KIND_BITS[worker.kind] | (ON_DUTY if self._on_duty[row] else 0)
        bits |= 0 if worker.employment == Employment.MOBILE else NOT_MOBILE
        for skill in worker.skills:
            bits |= self._bit_of(skill)
        return bits

    def _bit_of(self, skill: str) -> int:
        bit = self._skill_bits.setdefault(skill, FIRST_SKILL << len(self._skill_bits))
        return bit if bit < FIRST_SKILL << SKILLS else 0

    def seen_by(self, one: Seen) -> None:
        """Have somebody keep what it sees of the crew before that changes, for as long as it is there."""
        self._seen_by.add(one)

    def asked_for(self, kind: Kind, skill: str | None, *, mobile: bool, on_duty: Bools) -> int:
        """Return the bits that movers must have who could go; `on_duty` (n,) is taken over where it has changed."""
        if on_duty is not self._on_duty:
            (changed,) = np.nonzero(on_duty != self._on_duty)
            self._on_duty = on_duty
            self.movers.mark(changed, [self._bits(row) for row in changed.tolist()])
        bits = KIND_BITS[kind] | ON_DUTY | (0 if mobile else NOT_MOBILE)
        return bits | (self._bit_of(skill) if skill else 0)

    def _write(self, row: int, worker: Worker) -> None:
        self.workers[row] = worker
        self.lng[row] = np.nan if worker.lng is None else worker.lng
        self.lat[row] = np.nan if worker.lat is None else worker.lat
        self.seen_at[row], self.rest_until[row] = _seen(worker), _epoch(worker.rest_until)
        self.capacity[row], self.active[row] = worker.capacity, worker.active_tasks
        self.holds_exclusive[row] = worker.holds_exclusive
        self.home[row] = self._area(worker)
        said = {"skill": worker.skills, "kind": (worker.kind,), "role": (worker.role,)}
        for name, values in (said | {"employment": (worker.employment or "",)}).items():
            self._mark(name, row, values)

    def _area(self, worker: Worker) -> int:
        if worker.home_area_id is None:
            return -1
        at = self.areas.setdefault(worker.home_area_id, len(self.areas))
        path = worker.area_path or ""
        if self._paths[at : at + 1] != [path]:
            self._paths[at : at + 1] = [path]
            self._below.clear()
        return at

    def _mark(self, name: str, row: int, values: Iterable[str]) -> None:
        columns = self._columns[name]
        for column in columns.values():
            column[row] = False
        for value in values:
            columns.setdefault(value, np.zeros(len(self.workers), np.bool_))[row] = True

    def __len__(self) -> int:
        return len(self.workers)

    def apply(self, changed: Iterable[Worker]) -> "Crew":
        """Take over new versions of workers and return the crew to go on with.

        A new one where somebody is unknown or has another code: rows never move under a ranking that is under way.
        """
        changed = list(changed)
        if any(self._code_of(worker.id) != worker.code for worker in changed):
            return Crew([*self.workers, *changed], kernels=self._kernels)
        self._will_change()
        rows = [self.row_of[worker.id] for worker in changed]
        for row, worker in zip(rows, changed, strict=True):
            self._write(row, worker)
        self.toward[rows] = unit_vectors(self.lng[rows], self.lat[rows])
        self._place(rows)
        return self

    def move(self, moved: Moved) -> None:
        """Take over where workers were seen, all at once; who is unknown here is passed over and comes with its row."""
        known = [at for at, id_ in enumerate(moved.ids) if id_ in self.row_of]
        rows = [self.row_of[moved.ids[at]] for at in known]
        self._will_change()
        for at, row in zip(known, rows, strict=True):
            seen = (moved.lng[at], moved.lat[at], moved.fixed_at[at], moved.accuracy_m[at], moved.seen_at[at])
            self.workers[row] = self.workers[row].at(*seen)
            self.seen_at[row] = _seen(self.workers[row])
        self.lng[rows], self.lat[rows] = ([column[at] for at in known] for column in (moved.lng, moved.lat))
        self.toward[rows] = unit_vectors(self.lng[rows], self.lat[rows])
        self.movers.move(rows, self.lng[rows], self.lat[rows], 0)

    def _will_change(self) -> None:
        for one in self._seen_by:
            one.keep()
        self._seen_by.clear()

    def _code_of(self, id_: UUID) -> str | None:
        row = self.row_of.get(id_)
        return None if row is None else self.workers[row].code

    def _who(self, name: str, value: str) -> Bools:
        return self._columns[name].get(value, np.zeros(len(self), np.bool_))

    def has(self, skill: str | None) -> Bools:
        """Say who has a skill, bool (n,); None is everybody."""
        return np.ones(len(self), np.bool_) if skill is None else self._who("skill", skill)

    def of_kind(self, kind: Kind) -> Bools:
        """Say who is a person, a team, a station or a department, bool (n,)."""
        return self._who("kind", kind)

    def of_role(self, role: str) -> Bools:
        """Say who has a role, bool (n,)."""
        return self._who("role", role)

    def mobile(self) -> Bools:
        """Say who is a mobile worker: a courier or rider who lends a hand, bool (n,)."""
        return self._who("employment", Employment.MOBILE)

    def homes_in(self, areas: Iterable[UUID]) -> list[int]:
        """Return which of the crew's home areas are among `areas`, as `home` names them."""
        return [self.areas[area] for area in areas if area in self.areas]

    def homes_under(self, path: str) -> list[int]:
        """Return which of the crew's home areas lie at a place in the tree or below it, as `home` names them."""
        if not self._below:
            for at, one in enumerate(self._paths):
                for above in accumulate(one.split("."), "{}.{}".format):
                    self._below[above].append(at)
        return self._below.get(path, [])

    def free(self, *, exclusive: bool, rows: int | slice = slice(None)) -> Bools:
        """Say who of some rows could carry one more task, as far as this copy knows; the row lock decides."""
        room = self.active[rows] < (1 if exclusive else self.capacity[rows])
        return np.asarray(room & ~self.holds_exclusive[rows])
