"""Ranking: who could go, in order, with a reason or a shortfall for every candidate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import count, islice
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from data.categories import RankBy
from data.incidents import Incident
from data.ladders import Whom
from data.needs import Need
from data.workers import Kind
from dispatch.able import ALL, Floats, Judged, Rows, Shortfall, Turns, View, lacks, lacks_in_charge, suits_mobile
from dispatch.city import City
from dispatch.crew import Bools, Crew
from dispatch.layer import Rings
from geo.nearest import chords2, metres_of

SHOWN = 12
NEAR_AT_HAND = 64
"""So many of the nearest who may be able are looked at before all are."""
SORTED_AT_ONCE = 256
ANTIPODE2 = 4.0
"""The squared chord to the other side of the Earth: where an able unit stands that has no place."""
RESTING_M = 1e8


class Reason(StrEnum):
    """Why the first goes: by distance, or by whose ground it is."""

    NEAREST = "nearest"
    LEAST_WAY = "least_way"
    OWN_GRID = "own_grid"
    NEIGHBOUR_GRID = "neighbour_grid"
    SAME_AREA = "same_area"
    ELSEWHERE = "elsewhere"


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


def by_distance(rows: NDArray[np.int64], away2: Floats) -> Iterator[list[int]]:
    """Sort rows by their distances, the nearest few hundred first and then the rest; equally far ones in row order."""
    away2 = away2[rows]
    if len(rows) > SORTED_AT_ONCE:
        near = away2 <= np.partition(away2, SORTED_AT_ONCE)[SORTED_AT_ONCE]
        yield rows[near][np.argsort(away2[near], kind="stable")].tolist()
        rows, away2 = rows[~near], away2[~near]
    if len(rows):
        yield rows[np.argsort(away2, kind="stable")].tolist()


class Order:
    """Rows as they come, each found only when somebody looks so far, and once for all who look."""

    def __init__(self, chunks: Iterator[list[int]]) -> None:
        self._found: list[int] = []
        self._more = chunks

    def __iter__(self) -> Iterator[int]:
        for place in count():
            if place == len(self._found):
                self._found += next((chunk for chunk in self._more if chunk), [])
            if place == len(self._found):
                return
            yield self._found[place]


@dataclass(frozen=True, eq=False)
class Ranking:
    """The able in the order they are asked, whatever they carry: their load is decided under the row lock.

    It stays as it was when the crew changes. `led_by` is the row of who is asked before all others, None for nobody.
    """

    need: Need
    crew: Crew
    view: View
    by_grid: bool
    most_turns: int
    led_by: int | None = None

    @cached_property
    def order(self) -> Order:
        """Those who are asked."""
        return Order(self._chunks())

    def asked(self, rows: Rows = ALL) -> Bools:
        """Say which of some rows are able and in reach."""
        return self.view.able(rows) & (self.view.turn_of(rows) % RESTING < self.most_turns)

    def _chunks(self) -> Iterator[list[int]]:
        known = self.view.near_able()
        if len(known):
            near = known[self.asked(known)]
            yield near[self.view.turn_of(near) == 0].tolist()
        rest, turn, away2 = self.asked(), self.view.turn_of(ALL), self.view.away2_of(ALL)
        rest[known[turn[known] == 0]] = False
        for one in range(RESTING + len(TIERS)):
            yield from by_distance(np.flatnonzero(rest & (turn == one)), away2)

    def led(self, worker_id: UUID | None) -> "Ranking":
        """Return the ranking with one worker first who has less way in all with others that wait; as it is if not able."""
        row = None if worker_id is None or self.by_grid else self.crew.row_of.get(worker_id)
        return self if row is None or not self.asked([row])[0] else replace(self, led_by=row)

    def in_order(self) -> Iterator[int]:
        """Yield the rows of those who are asked, first to last: whoever rests after all others."""
        if self.led_by is not None:
            yield self.led_by
        yield from (row for row in self.order if row != self.led_by)

    def ids(self) -> Iterator[UUID]:
        """Yield the ids of those who are asked, first to last."""
        return (self.crew.workers[row].id for row in self.in_order())

    def ids_seeming_free(self) -> Iterator[UUID]:
        """Yield the ids of those who are asked and seem free, first to last."""
        return (self.crew.workers[row].id for row in self.in_order() if self._seems_free(row))

    def anybody_free(self) -> bool:
        """Say whether one of those who are asked seems free, before asking the database."""
        near = islice(self.in_order(), 1)
        if any(self._seems_free(row) for row in near):
            return True
        return bool((self.crew.free(exclusive=self.need.exclusive) & self.asked()).any())

    def nearest_free(self, most: int) -> tuple[NDArray[np.int64], Floats]:
        """Return the `most` nearest of those who are asked and seem free, whoever rests after all others.

        Rows int64 (c,) and ways float64 (c,), nearest first, ties in row order: great-circle metres, and more than any way
        on Earth for whoever rests.
        """
        rows = np.flatnonzero(self.crew.free(exclusive=self.need.exclusive) & self.asked())
        ways = metres_of(np.minimum(self.view.away2_of(rows), ANTIPODE2)) + RESTING_M * (
            self.view.turn_of(rows) >= RESTING
        )
        if len(rows) > most:
            near = ways <= np.partition(ways, most - 1)[most - 1]
            rows, ways = rows[near], ways[near]
        order = np.argsort(ways, kind="stable")[:most]
        return rows[order], ways[order]

    def shortfall_of(self, worker_id: UUID) -> Shortfall | None:
        """Return what speaks against sending a worker, load apart; None when nothing does."""
        return self.view.judged([self.crew.row_of[worker_id]])[0].lack

    def metres_to(self, worker_id: UUID) -> float | None:
        """Return the great-circle way of a worker; None when never seen."""
        [one] = self.view.judged([self.crew.row_of[worker_id]])
        return float(metres_of(one.away2)) if isfinite(one.away2) else None

    def candidates(self, chosen: UUID | None, shown: int = SHOWN) -> list[Candidate]:
        """Return whoever goes, then the next in order and the nearest of any kind, by distance."""
        first = None if chosen is None else self.crew.row_of[chosen]
        following = list(islice(self.in_order(), shown // 2))
        others = {*following, *self.view.near(shown // 2).tolist()} - {first}
        seen = self.view.judged([*([] if first is None else [first]), *others])
        goes, rest = (None, seen) if first is None else (seen[0], seen[1:])
        by_way = sorted(rest, key=lambda one: (one.away2, one.row))
        listed = [*([] if goes is None else [goes]), *by_way][:shown]
        metres = metres_of([one.away2 for one in listed]).tolist()
        return [self._candidate(one, goes, away) for one, away in zip(listed, metres, strict=True)]

    def _candidate(self, one: Judged, goes: Judged | None, metres: float) -> Candidate:
        worker = self.crew.workers[one.row]
        named = (self._reason(one), None) if one is goes else (None, self._shortfall(one, goes))
        return Candidate(worker.id, worker.code, metres if isfinite(one.away2) else None, *named)

    def _reason(self, one: Judged) -> Reason:
        if self.by_grid:
            return TIERS[one.turn % RESTING]
        nearest = next((row for row in self.order if self._seems_free(row)), one.row)
        return Reason.LEAST_WAY if self.led_by == one.row != nearest else Reason.NEAREST

    def _shortfall(self, one: Judged, goes: Judged | None) -> Shortfall:
        if one.lack is not None:
            return one.lack
        if one.turn % RESTING >= self.most_turns:
            return Shortfall.OTHER_GRID
        free = self._seems_free(one.row)
        if free and goes is not None and one.place < goes.place and goes.row == self.led_by:
            return Shortfall.NEEDED_ELSEWHERE
        if goes is None or one.place < goes.place or not free:
            held = self.crew.holds_exclusive[one.row] or self.need.exclusive
            return Shortfall.EXCLUSIVE if held else Shortfall.FULL
        if one.turn >= RESTING > goes.turn:
            return Shortfall.RESTING
        nearer = one.away2 < goes.away2 or one.turn > goes.turn
        return Shortfall.OTHER_GRID if self.by_grid and nearer else Shortfall.FARTHER

    def _seems_free(self, row: int) -> bool:
        return bool(self.crew.free(exclusive=self.need.exclusive, rows=row))


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
    tiers = _tiers(crew, rings) if by_grid else np.zeros(len(crew), np.int8)
    most, moment, on_duty = REACH.get(whom, len(TIERS)), now.timestamp(), city.on_duty(now)
    if by_grid and rings is None and whom is not Whom.DUTY_CHIEF:
        most = 0

    def turn_of(rows: Rows) -> Turns:
        return np.asarray(tiers[rows] + RESTING * (crew.rest_until[rows] > moment), np.int8)

    plain = whom in BY_DISTANCE and not by_grid and need.responder is not Kind.DEPARTMENT
    bits = (
        crew.asked_for(need.responder, need.skill, mobile=suits_mobile(incident, city), on_duty=on_duty)
        if plain
        else 0
    )
    view = View(
        lacks(incident, need, city, now) if whom in BY_DISTANCE else lacks_in_charge(incident, whom, city, now),
        turn_of,
        lambda rows: np.fmin(chords2(incident.point, crew.toward[rows]), np.inf),
        lambda most: crew.movers.nearest(incident.point, most).rows,
        lambda: crew.movers.nearest(incident.point, NEAR_AT_HAND if plain else 0, bits).rows,
    )
    crew.seen_by(view)
    return Ranking(need, crew, view, by_grid, most)


def _tiers(crew: Crew, rings: Rings | None) -> Turns:
    of_home = np.full(len(crew.areas) + 1, TIERS.index(Reason.ELSEWHERE), np.int8)  # the last: without a home
    if rings is not None:
        of_home[crew.homes_in(rings.same_area)] = TIERS.index(Reason.SAME_AREA)
        of_home[crew.homes_in(rings.neighbours)] = TIERS.index(Reason.NEIGHBOUR_GRID)
        of_home[crew.homes_under(rings.path)] = TIERS.index(Reason.OWN_GRID)
    tier: Turns = of_home[crew.home]
    return tier
