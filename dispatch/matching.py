"""Matching: who goes where when several incidents compete, with the least way in all. Why it is the least: docs/matching.md.

Ways are counted in whole millimetres: sums and differences of them are exact, so equal is equal and a proof holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geo.movers import EVER, Movers

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]
FIRST_ASKED = 16
"""Candidates of each incident to begin with."""
AT_ONCE = 64  # incidents placed between two looks at the clock
PRICE_MM = 1 << 57  # of an incident left open: more than all ways together
OPEN = -1


class Ways(Protocol):
    """How far it is: great-circle metres, or the time of a journey, in any unit of which thousandths count."""

    @property
    def workers(self) -> int:
        """Workers are rows below this number."""
        ...

    def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
        """Return the `k` nearest able workers of each of r incidents.

        Rows (r, k), -1 where there are fewer, and ways (r, k) ≥ 0, nearest first; equally near ones in row order. Asked
        again for more, the first are the same.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class GreatCircle:
    """Great-circle metres to movers: incident i lies at `lng[i]`, `lat[i]` and asks for the bits `needs[i]`."""

    movers: Movers
    lng: Floats
    lat: Floats
    needs: Longs
    since: float = EVER

    @property
    def workers(self) -> int:
        """Workers are rows of the movers."""
        return len(self.movers)

    def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
        """Ask the movers."""
        lng, lat, needs = self.lng[incidents], self.lat[incidents], self.needs[incidents]
        hits = self.movers.nearest_many(lng, lat, k, needs, self.since)
        return hits.rows, hits.metres


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Who goes where: `workers` int64 (m,), -1 for an incident left open, and `ways` (m,), NaN there.

    `first_come` says that these are the nearest free in the order of the incidents, because time was over; otherwise
    `proven` says that no other match of free workers leaves fewer open, or earlier ones filled, or has less way in all.
    `first_come_total` is the way of first come, first served, and `first_come_open` how many it leaves open;
    `longest` the candidates of whoever needed most.
    """

    workers: Longs
    ways: Floats
    proven: bool
    first_come: bool
    total: float
    first_come_total: float
    first_come_open: int
    seconds: float
    longest: int

    @property
    def open(self) -> Longs:
        """Return the incidents for whom nobody is left."""
        return np.flatnonzero(self.workers == OPEN)


class Lists:
    """The candidates of m incidents as far as they were asked for, one list behind another.

    `starts`, `listed` int64 (m,): where a list begins and how many are on it; `whole` bool (m,) whether nobody else is
    able; `workers`, `ways_mm` int64, behind `used` nothing that counts.

    Raises
    ------
    ValueError
        If ways come unsorted or below zero, or are too long for their sum to stay below the price of an open incident.
    """

    def __init__(self, ways: Ways, incidents: int) -> None:
        self._ways, self.used = ways, 0
        self.starts, self.listed, self._asked = (np.zeros(incidents, np.int64) for _ in range(3))
        self.whole = np.zeros(incidents, np.bool_)
        self.workers, self.ways_mm = (np.zeros(2 * FIRST_ASKED * incidents + 1, np.int64) for _ in range(2))
        if incidents:
            self._ask(np.arange(incidents), FIRST_ASKED)

    def __len__(self) -> int:
        return len(self.starts)

    def grow(self, short: Longs) -> None:
        """Make lists that are not whole twice as long."""
        short = short[~self.whole[short]]
        for k in np.unique(self._asked[short]).tolist():
            self._ask(short[self._asked[short] == k], 2 * k)

    def _ask(self, incidents: Longs, k: int) -> None:
        workers, ways = self._ways.nearest(incidents, k)
        some = workers >= 0
        ways_mm = np.rint(np.where(some, ways, 0) * 1000).astype(np.int64)
        if np.any(some[:, 1:] & ((ways_mm[:, 1:] < ways_mm[:, :-1]) | ~some[:, :-1])) or np.any(ways_mm < 0):
            raise ValueError("candidates must come nearest first")
        self.starts[incidents] = self.used + k * np.arange(len(incidents))
        self.listed[incidents], self._asked[incidents] = some.sum(axis=1), k
        self.whole[incidents] = self.listed[incidents] < k
        part = slice(self.used, self.used + workers.size)
        self.used += workers.size
        while self.used > len(self.workers):
            self.workers, self.ways_mm = (np.concatenate([one, one]) for one in (self.workers, self.ways_mm))
        self.workers[part], self.ways_mm[part] = workers.ravel(), ways_mm.ravel()
        if float(self.last_mm().sum(dtype=np.float64)) >= PRICE_MM // len(self):
            raise ValueError("ways are too long to be summed up")

    def without(self, taken: Bools) -> Longs:
        """Return the incidents on whose lists everybody is taken, those with whole lists left out; `taken` (n,)."""
        incidents, workers, _ = self.pairs()
        found = self.whole.copy()
        found[incidents[~taken[workers]]] = True
        return np.flatnonzero(~found)

    def last_mm(self) -> Longs:
        """Return the way of the last on each list, 0 for an empty one: nobody who is not on it is nearer."""
        ends = np.maximum(self.starts + self.listed - 1, 0)
        return np.where(self.listed > 0, self.ways_mm[ends], 0)

    def of(self, incident: int) -> tuple[Longs, Longs]:
        """Return one list: workers and ways in millimetres."""
        part = slice(self.starts[incident], self.starts[incident] + self.listed[incident])
        return self.workers[part], self.ways_mm[part]

    def pairs(self) -> tuple[Longs, Longs, Longs]:
        """Return all pairs of incident and candidate: incidents, workers, ways in millimetres, int64 (p,) each."""
        incidents = np.repeat(np.arange(len(self)), self.listed)
        first = np.repeat(self.starts - np.concatenate([[0], np.cumsum(self.listed)[:-1]]), self.listed)
        at = first + np.arange(len(incidents))
        return incidents, self.workers[at], self.ways_mm[at]


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Duals in millimetres: `up` int64 (m,) what filling an incident is worth, `down` int64 (n,) ≤ 0 what a worker saves."""

    up: Longs
    down: Longs


def prices_of(incidents: int) -> Longs:
    """Return what leaving each incident open costs in millimetres: the earlier the more, by more than all ways together."""
    return PRICE_MM + PRICE_MM // max(incidents, 1) * np.arange(incidents, 0, -1)


def match(ways: Ways, incidents: int, clock: Callable[[], float], seconds: float, *, kernels: bool = True) -> Match:
    """Match incidents 0 to m - 1, in the order of their reports, with at most one worker each and none twice.

    As many as possible are filled, of all incidents the earliest that can be, and with these filled the way in all is the
    least. When that takes more than `seconds` of the `clock`, the answer is first come, first served: each in turn the
    nearest who is still free. The same question has the same answer.
    """
    if kernels:
        import_module("geo.kernels.assign")  # loaded at the first match, before its time begins
    began = clock()
    lists = Lists(ways, incidents)
    in_turn = first_come(lists, ways.workers)
    in_turn_mm = ways_of(lists, in_turn)
    solved = _solved(lists, in_turn, ways.workers, lambda: clock() - began < seconds) if kernels else None
    workers, prices = (in_turn, None) if solved is None else solved
    found_mm = in_turn_mm if solved is None else ways_of(lists, workers)
    return Match(
        workers=workers,
        ways=np.where(workers >= 0, found_mm / 1000, np.nan),
        proven=prices is not None and proves(lists, workers, prices),
        first_come=prices is None,
        total=float(found_mm.sum()) / 1000,
        first_come_total=float(in_turn_mm.sum()) / 1000,
        first_come_open=int(np.count_nonzero(in_turn == OPEN)),
        seconds=clock() - began,
        longest=int(lists.listed.max(initial=0)),
    )


def first_come(lists: Lists, workers: int) -> Longs:
    """Give each incident in turn the nearest worker who is still free: int64 (m,), -1 where nobody is."""
    found, taken = np.full(len(lists), OPEN, np.int64), np.zeros(workers, np.bool_)
    for incident in range(len(lists)):
        while True:
            candidates = lists.of(incident)[0]
            free = ~taken[candidates]
            if free.any() or lists.whole[incident]:
                break
            short = lists.without(taken)  # nobody becomes free again: all that come later and have nobody now
            lists.grow(short[short >= incident])
        if free.any():
            found[incident] = candidates[free.argmax()]
            taken[found[incident]] = True
    return found


def ways_of(lists: Lists, workers: Longs) -> Longs:
    """Return the way of each incident's worker in millimetres, 0 where it is open."""
    incidents, candidates, ways_mm = lists.pairs()
    chosen = candidates == workers[incidents]
    found = np.zeros(len(lists), np.int64)
    found[incidents[chosen]] = ways_mm[chosen]
    return found


def proves(lists: Lists, workers: Longs, prices: Prices) -> bool:
    """Say whether prices prove that a match fills the most, the earliest of all, and has the least way.

    Whoever searched is not believed: every pair is looked at, and of whoever is not on a list that he is not nearer than
    the last who is.
    """
    incidents, candidates, ways_mm = lists.pairs()
    sent = workers[workers >= 0]
    slack = ways_mm - prices.up[incidents] - prices.down[candidates]
    chosen = candidates == workers[incidents]
    used, most = np.zeros(len(prices.down), np.bool_), prices_of(len(lists))
    used[sent] = True
    return bool(
        len(np.unique(sent)) == len(sent)
        and np.count_nonzero(chosen) == len(sent)
        and np.all(slack >= 0)
        and np.all(slack[chosen] == 0)
        and np.all(prices.down <= 0)
        and np.all(prices.down[~used] == 0)
        and np.all(prices.up <= most)
        and np.all(prices.up[workers == OPEN] == most[workers == OPEN])
        and np.all(lists.whole | (prices.up <= lists.last_mm()))
        and int(lists.last_mm().sum()) < PRICE_MM // max(len(lists), 1)
    )


def _solved(lists: Lists, in_turn: Longs, workers: int, in_time: Callable[[], bool]) -> tuple[Longs, Prices] | None:
    """Search the least way; None when time is over.

    Lists reach as far as somebody whom first come leaves free: hardly a search goes farther. Those at whose end one did
    arrive grow, and it is made again.
    """
    from geo.kernels import assign

    count = len(lists)
    worker_of, up = np.full(count, assign.UNASKED, np.int64), np.zeros(count, np.int64)
    incident_of, down, seen, reached, came_from = (np.zeros(workers, np.int64) for _ in range(5))
    state, tree, done = (worker_of, incident_of, up, down), np.empty(2 * count, np.int64), 0
    taken, asked = np.zeros(workers, np.bool_), np.arange(count)
    taken[in_turn[in_turn >= 0]] = True
    while len(asked):
        while len(short := lists.without(taken)):
            if not in_time():
                return None
            lists.grow(short)
        held = (lists.starts, lists.listed, lists.workers, lists.ways_mm, lists.whole, prices_of(count))
        if len(asked) == count:
            assign.take_nearest(*held, *state)
        ended, heap = np.zeros(count, np.int64), np.empty((2, int(lists.listed.sum()) + 1), np.int64)
        asked = np.flatnonzero(worker_of == assign.UNASKED)
        for begin in range(0, len(asked), AT_ONCE):
            if not in_time():
                return None
            room = (ended, seen, reached, came_from, *heap, tree)
            done = assign.place(asked[begin : begin + AT_ONCE], done, *held, *state, *room)
        lists.grow(np.flatnonzero(ended))
        asked, taken = np.flatnonzero(worker_of == assign.UNASKED), incident_of > 0
    return np.where(worker_of >= 0, worker_of, OPEN), Prices(up, down)
