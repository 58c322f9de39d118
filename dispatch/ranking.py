"""Ranking: who could go, in order, with a reason or a shortfall for every candidate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, count, islice
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from data.categories import RankBy
from data.incidents import Incident
from data.ladders import Whom
from data.needs import Need
from data.workers import Kind
from dispatch.city import City
from dispatch.crew import Bools, Crew
from dispatch.layer import Rings
from geo.nearest import chords2, metres_of

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=30)
SHOWN = 12
SORTED_AT_ONCE = 256
Turns = NDArray[np.int8]


class Reason(StrEnum):
    """Why the first goes: by distance, or by whose ground it is."""

    NEAREST = "nearest"
    OWN_GRID = "own_grid"
    NEIGHBOUR_GRID = "neighbour_grid"
    SAME_AREA = "same_area"
    ELSEWHERE = "elsewhere"


class Shortfall(StrEnum):
    """Why another does not go. Of several the first in this order is named."""

    NOT_ASKED = "not_asked"
    NO_SKILL = "no_skill"
    NOT_SUITED = "not_suited"
    OFF_SHIFT = "off_shift"
    NO_POSITION = "no_position"
    LOST_FIX = "lost_fix"
    STALE_FIX = "stale_fix"
    RESERVED = "reserved"
    DECLINED_BEFORE = "declined_before"
    EXCLUSIVE = "exclusive"
    FULL = "full"
    RESTING = "resting"
    OTHER_GRID = "other_grid"
    FARTHER = "farther"


TIERS = (Reason.OWN_GRID, Reason.NEIGHBOUR_GRID, Reason.SAME_AREA, Reason.ELSEWHERE)
RESTING = len(TIERS)
"""Whoever rests has a turn after all tiers."""
BY_DISTANCE = frozenset({Whom.RANKED, Whom.CENTRE})
REACH = {Whom.BUILDING_HEAD: 1, Whom.HUB_HOUSEHOLD: 1, Whom.GRID_LEADER: 3, Whom.DUTY_CHIEF: 4}
"""On the rungs of those in charge: how many of `TIERS` are asked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One worker considered: the reason of whoever goes, the shortfall of everybody else."""

    worker_id: UUID
    code: str
    metres: float | None
    reason: Reason | None
    shortfall: Shortfall | None

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that answers and history hold."""
        named = {"reason": self.reason} if self.reason else {"shortfall": self.shortfall}
        metres = None if self.metres is None else round(self.metres, 1)
        return {"worker": {"id": str(self.worker_id), "code": self.code}, "metres": metres, **named}


class Order:
    """Rows in the order in which they are asked: sorted as far as somebody looks, and once for all who look."""

    def __init__(self, asked: Bools, turn: Turns, away2: NDArray[np.float64]) -> None:
        self._found: list[int] = []
        self._more = self._chunks(asked, turn, away2)

    def __iter__(self) -> Iterator[int]:
        for place in count():
            if place == len(self._found):
                self._found += next(self._more, [])
            if place == len(self._found):
                return
            yield self._found[place]

    def _chunks(self, asked: Bools, turn: Turns, away2: NDArray[np.float64]) -> Iterator[list[int]]:
        for one in range(RESTING + len(TIERS)):
            yield from by_distance(np.flatnonzero(asked & (turn == one)), away2)


def by_distance(rows: NDArray[np.int64], away2: NDArray[np.float64]) -> Iterator[list[int]]:
    """Sort rows by their distances, the nearest few hundred first and then the rest; equally far ones in row order."""
    away2 = away2[rows]
    if len(rows) > SORTED_AT_ONCE:
        near = away2 <= np.partition(away2, SORTED_AT_ONCE)[SORTED_AT_ONCE]
        yield rows[near][np.argsort(away2[near], kind="stable")].tolist()
        rows, away2 = rows[~near], away2[~near]
    if len(rows):
        yield rows[np.argsort(away2, kind="stable")].tolist()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The able in the order they are asked, whatever they carry: their load is decided under the row lock.

    `away2` float64 (n,) squared chords, infinite where never seen; `turn` int8 (n,) index into `TIERS`, 0 where ground
    does not count, `RESTING` more for whoever rests; `lacks` the shortfalls with whom each holds, bool (n,); `asked`
    bool (n,) who is able and in reach. None of them changes when the crew does.
    """

    need: Need
    crew: Crew
    away2: NDArray[np.float64]
    turn: Turns
    lacks: tuple[tuple[Shortfall, Bools], ...]
    asked: Bools
    by_grid: bool
    order: Order

    def in_order(self) -> Iterator[int]:
        """Yield the rows of those who are asked, first to last: whoever rests after all others."""
        return iter(self.order)

    def ids(self) -> Iterator[UUID]:
        """Yield the ids of those who are asked, first to last."""
        return (self.crew.workers[row].id for row in self.in_order())

    def ids_seeming_free(self) -> Iterator[UUID]:
        """Yield the ids of those who are asked and seem free, first to last."""
        return (self.crew.workers[row].id for row in self.in_order() if self._seems_free(row))

    def anybody_free(self) -> bool:
        """Say whether one of those who are asked seems free, before asking the database."""
        return bool((self.crew.free(exclusive=self.need.exclusive) & self.asked).any())

    def shortfall_of(self, worker_id: UUID) -> Shortfall | None:
        """Return what speaks against sending a worker, load apart; None when nothing does."""
        row = self.crew.row_of[worker_id]
        return next((shortfall for shortfall, whom in self.lacks if whom[row]), None)

    def metres_to(self, worker_id: UUID) -> float | None:
        """Return the great-circle way of a worker; None when never seen."""
        return self._metres([self.crew.row_of[worker_id]])[0]

    def _metres(self, rows: list[int]) -> list[float | None]:
        away2 = self.away2[rows]
        seen, metres = np.isfinite(away2), metres_of(away2).tolist()
        return [away if known else None for away, known in zip(metres, seen, strict=True)]

    def candidates(self, chosen: UUID | None, shown: int = SHOWN) -> list[Candidate]:
        """Return whoever goes, then the next in order and the nearest of any kind, by distance."""
        first = None if chosen is None else self.crew.row_of[chosen]
        following = list(islice(self.in_order(), shown // 2))
        others = {*following, *self._nearest(shown // 2, following)} - {first}
        by_way = sorted(others, key=lambda row: (self.away2[row], row))
        rows = list(islice(chain([] if first is None else [first], by_way), shown))
        return [self._candidate(row, first, away) for row, away in zip(rows, self._metres(rows), strict=True)]

    def _nearest(self, most: int, known: list[int]) -> list[int]:
        """Return the rows nearest of any kind; where so many are known none of them is farther than the last of those."""
        within = self.away2[known].max() if len(known) == most else np.inf
        rows = np.flatnonzero((self.away2 <= within) & (self.away2 < np.inf))
        return list(islice(chain.from_iterable(by_distance(rows, self.away2)), most))

    def _candidate(self, row: int, first: int | None, metres: float | None) -> Candidate:
        worker = self.crew.workers[row]
        named = (self._reason(row), None) if row == first else (None, self._shortfall(row, first))
        return Candidate(worker.id, worker.code, metres, *named)

    def _reason(self, row: int) -> Reason:
        return TIERS[self.turn[row] % RESTING] if self.by_grid else Reason.NEAREST

    def _shortfall(self, row: int, first: int | None) -> Shortfall:
        lack = next((shortfall for shortfall, whom in self.lacks if whom[row]), None)
        if lack is not None:
            return lack
        if not self.asked[row]:
            return Shortfall.OTHER_GRID
        if first is None or self._key(row) < self._key(first) or not self._seems_free(row):
            held = self.crew.holds_exclusive[row] or self.need.exclusive
            return Shortfall.EXCLUSIVE if held else Shortfall.FULL
        if self.turn[row] >= RESTING > self.turn[first]:
            return Shortfall.RESTING
        nearer = self.away2[row] < self.away2[first] or self.turn[row] > self.turn[first]
        return Shortfall.OTHER_GRID if self.by_grid and nearer else Shortfall.FARTHER

    def _seems_free(self, row: int) -> bool:
        return bool(self.crew.free(exclusive=self.need.exclusive, rows=row))

    def _key(self, row: int) -> tuple[int, float, int]:
        return int(self.turn[row]), float(self.away2[row]), row


def rank(incident: Incident, need: Need, whom: Whom, city: City, now: datetime) -> Ranking:
    """Order those who are able to fill a need from one rung of its ladder.

    On the rung `ranked` (and at the `centre`) those with the skill, on duty, freshly seen, not spoken for and not asked
    before: `nearest` orders by great-circle metres, `own_grid_first` by whose home the grid is (own, neighbouring, same
    parent area, elsewhere) and then by metres; without a grid in force nobody is proposed there: the command centre
    decides. On the rungs of those in charge it is the role that counts, and whose ground it is; they need not be seen.
    Whoever rests comes after all others. Ties: worker code.
    """
    crew, layer = city.crew, city.layers.get(incident.layer)
    by_grid = whom not in BY_DISTANCE or need.ranking is RankBy.OWN_GRID_FIRST
    rings = layer.rings(incident.area_id) if by_grid and layer and incident.area_id else None
    turn = _tiers(crew, rings) if by_grid else np.zeros(len(crew), np.int8)
    lacks = _lacks(incident, need, city, now) if whom in BY_DISTANCE else _lacks_in_charge(incident, whom, city, now)
    asked = ~_any(who for _, who in lacks)
    if by_grid and rings is None and whom is not Whom.DUTY_CHIEF:
        asked[:] = False
    if whom in REACH:
        asked &= turn < REACH[whom]
    turn[crew.rest_until > now.timestamp()] += RESTING
    away2 = np.fmin(chords2(incident.point, crew.toward), np.inf)  # never seen: infinitely far
    return Ranking(need, crew, away2, turn, lacks, asked, by_grid, Order(asked, turn, away2))


def _any(masks: Iterable[Bools]) -> Bools:
    first, *others = masks
    found = first.copy()
    for mask in others:
        found |= mask
    return found


def _lacks(incident: Incident, need: Need, city: City, now: datetime) -> tuple[tuple[Shortfall, Bools], ...]:
    crew = city.crew
    rule = city.rules.get(incident.category)
    suits_mobile = rule is not None and rule.mobile
    age = now.timestamp() - crew.seen_at
    return (
        (Shortfall.NOT_ASKED, ~crew.of_kind(need.responder) | crew.of_role(Whom.DUTY_CHIEF)),
        (Shortfall.NO_SKILL, ~crew.has(need.skill)),
        (Shortfall.NOT_SUITED, crew.mobile() & (not suits_mobile)),
        (Shortfall.OFF_SHIFT, ~city.on_duty(now)),
        (Shortfall.NO_POSITION, np.isnan(age) & ~crew.of_kind(Kind.DEPARTMENT)),
        (Shortfall.LOST_FIX, age > STALE.total_seconds()),
        (Shortfall.STALE_FIX, age > FRESH.total_seconds()),
        (Shortfall.RESERVED, city.spoken_for(now, incident.id)),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def _lacks_in_charge(
    incident: Incident, whom: Whom, city: City, now: datetime
) -> tuple[tuple[Shortfall, Bools], ...]:
    crew = city.crew
    return (
        (Shortfall.NOT_ASKED, ~crew.of_role(whom)),
        (Shortfall.OFF_SHIFT, ~city.on_duty(now)),
        (Shortfall.RESERVED, city.spoken_for(now, incident.id)),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def _tried(incident: Incident, crew: Crew) -> Bools:
    tried = np.zeros(len(crew), np.bool_)
    tried[[crew.row_of[id_] for id_ in incident.tried if id_ in crew.row_of]] = True
    return tried


def _tiers(crew: Crew, rings: Rings | None) -> Turns:
    of_home = np.full(len(crew.areas) + 1, TIERS.index(Reason.ELSEWHERE), np.int8)  # the last: without a home
    if rings is not None:
        of_home[crew.homes_in(rings.same_area)] = TIERS.index(Reason.SAME_AREA)
        of_home[crew.homes_in(rings.neighbours)] = TIERS.index(Reason.NEIGHBOUR_GRID)
        of_home[crew.homes_under(rings.path)] = TIERS.index(Reason.OWN_GRID)
    tier: Turns = of_home[crew.home]
    return tier
