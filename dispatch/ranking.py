"""Ranking: who could go, in order, with a reason or a shortfall for every candidate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
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
from geo.point import Point

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=30)
SHOWN = 12
NEAR_AT_HAND = 64
"""So many of the nearest who may be able are looked at before all are."""
SORTED_AT_ONCE = 256
Turns = NDArray[np.int8]
ALL_OF_NOBODY = np.empty(0, np.int64)
Rows = NDArray[np.int64] | list[int] | slice
Mask = Callable[[Rows], Bools]
ALL = slice(None)


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


def by_distance(rows: NDArray[np.int64], away2: NDArray[np.float64]) -> Iterator[list[int]]:
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


@dataclass(frozen=True)
class Ranking:
    """The able in the order they are asked, whatever they carry: their load is decided under the row lock.

    `lacks` are the shortfalls and with whom of some rows each holds; `turn_of` says of rows their index into `TIERS`, 0
    where ground does not count, `RESTING` more for whoever rests. What is asked of a few is reckoned for those few.
    `bits` are what whoever could go has as a mover, 0 where distance alone does not decide.
    """

    at: Point
    need: Need
    crew: Crew
    lacks: tuple[tuple[Shortfall, Mask], ...]
    turn_of: Callable[[Rows], Turns]
    by_grid: bool
    most_turns: int
    bits: int

    @cached_property
    def order(self) -> Order:
        """Those who are asked."""
        return Order(self._chunks())

    @cached_property
    def away2(self) -> NDArray[np.float64]:
        """Squared chords to all, float64 (n,), infinite where never seen."""
        return self._away2(ALL)

    def _away2(self, rows: Rows) -> NDArray[np.float64]:
        return np.fmin(chords2(self.at, self.crew.toward[rows]), np.inf)

    def asked(self, rows: Rows = ALL) -> Bools:
        """Say which of some rows are able and in reach."""
        found = self.turn_of(rows) % RESTING < self.most_turns
        for _, whom in self.lacks:
            found &= ~whom(rows)
        return found

    def _chunks(self) -> Iterator[list[int]]:
        looked_at = self.crew.movers.nearest(self.at, NEAR_AT_HAND, self.bits).rows if self.bits else ALL_OF_NOBODY
        asked = looked_at[self.asked(looked_at)]
        yield asked[self.turn_of(asked) == 0].tolist()
        rest, turn = self.asked(), self.turn_of(ALL)
        rest[looked_at[turn[looked_at] == 0]] = False  # as far as these go all nearer ones are among them
        for one in range(RESTING + len(TIERS)):
            yield from by_distance(np.flatnonzero(rest & (turn == one)), self.away2)

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
        near = islice(self.in_order(), 1)
        if any(self._seems_free(row) for row in near):
            return True
        return bool((self.crew.free(exclusive=self.need.exclusive) & self.asked()).any())

    def shortfall_of(self, worker_id: UUID) -> Shortfall | None:
        """Return what speaks against sending a worker, load apart; None when nothing does."""
        return self._lack(self.crew.row_of[worker_id])

    def _lack(self, row: int) -> Shortfall | None:
        return next((shortfall for shortfall, whom in self.lacks if whom([row])[0]), None)

    def metres_to(self, worker_id: UUID) -> float | None:
        """Return the great-circle way of a worker; None when never seen."""
        return self._metres([self.crew.row_of[worker_id]])[0]

    def _metres(self, rows: list[int]) -> list[float | None]:
        away2 = self._away2(rows)
        seen, metres = np.isfinite(away2), metres_of(away2).tolist()
        return [away if known else None for away, known in zip(metres, seen, strict=True)]

    def candidates(self, chosen: UUID | None, shown: int = SHOWN) -> list[Candidate]:
        """Return whoever goes, then the next in order and the nearest of any kind, by distance."""
        first = None if chosen is None else self.crew.row_of[chosen]
        following = list(islice(self.in_order(), shown // 2))
        others = [*({*following, *self.crew.movers.nearest(self.at, shown // 2).rows.tolist()} - {first})]
        by_way = [row for _, row in sorted(zip(self._away2(others).tolist(), others, strict=True))]
        rows = list(islice(chain([] if first is None else [first], by_way), shown))
        return [self._candidate(row, first, away) for row, away in zip(rows, self._metres(rows), strict=True)]

    def _candidate(self, row: int, first: int | None, metres: float | None) -> Candidate:
        worker = self.crew.workers[row]
        named = (self._reason(row), None) if row == first else (None, self._shortfall(row, first))
        return Candidate(worker.id, worker.code, metres, *named)

    def _reason(self, row: int) -> Reason:
        return TIERS[int(self.turn_of([row])[0]) % RESTING] if self.by_grid else Reason.NEAREST

    def _shortfall(self, row: int, first: int | None) -> Shortfall:
        lack = self._lack(row)
        if lack is not None:
            return lack
        if not self.asked([row])[0]:
            return Shortfall.OTHER_GRID
        (turn, away2, _), going = self._key(row), None if first is None else self._key(first)
        if going is None or self._key(row) < going or not self._seems_free(row):
            held = self.crew.holds_exclusive[row] or self.need.exclusive
            return Shortfall.EXCLUSIVE if held else Shortfall.FULL
        if turn >= RESTING > going[0]:
            return Shortfall.RESTING
        nearer = away2 < going[1] or turn > going[0]
        return Shortfall.OTHER_GRID if self.by_grid and nearer else Shortfall.FARTHER

    def _seems_free(self, row: int) -> bool:
        return bool(self.crew.free(exclusive=self.need.exclusive, rows=row))

    def _key(self, row: int) -> tuple[int, float, int]:
        return int(self.turn_of([row])[0]), float(self._away2([row])[0]), row


def rank(incident: Incident, need: Need, whom: Whom, city: City, now: datetime) -> Ranking:
    """Order those who are able to fill a need from one rung of its ladder.

    On the rung `ranked` (and at the `centre`) those with the skill, on duty, freshly seen, not spoken for and not asked
    before: `nearest` orders by great-circle metres, `own_grid_first` by whose home the grid is (own, neighbouring, same
    parent area, elsewhere) and then by metres; without a grid in force nobody is proposed there: the command centre
    decides. On the rungs of those in charge it is the role that counts, and whose ground it is; they need not be seen.
    Whoever rests comes after all others. Ties: worker code.
    """
    crew, layer, rule = city.crew, city.layers.get(incident.layer), city.rules.get(incident.category)
    by_grid = whom not in BY_DISTANCE or need.ranking is RankBy.OWN_GRID_FIRST
    rings = layer.rings(incident.area_id) if by_grid and layer and incident.area_id else None
    tiers = _tiers(crew, rings) if by_grid else np.zeros(len(crew), np.int8)
    most, moment, on_duty = REACH.get(whom, len(TIERS)), now.timestamp(), city.on_duty(now)
    if by_grid and rings is None and whom is not Whom.DUTY_CHIEF:
        most = 0

    def turn_of(rows: Rows) -> Turns:
        return np.asarray(tiers[rows] + RESTING * (crew.rest_until[rows] > moment), np.int8)

    if whom not in BY_DISTANCE:
        return Ranking(
            incident.point, need, crew, _lacks_in_charge(incident, whom, city, now), turn_of, by_grid, most, 0
        )
    mobile = rule is not None and rule.mobile
    plain = not by_grid and need.responder is not Kind.DEPARTMENT
    bits = crew.asked_for(need.responder, need.skill, mobile=mobile, on_duty=on_duty) if plain else 0
    return Ranking(incident.point, need, crew, _lacks(incident, need, city, now), turn_of, by_grid, most, bits)


def _of(column: Bools) -> Mask:
    return lambda rows: column[rows]


def _not_of(column: Bools) -> Mask:
    return lambda rows: ~column[rows]


def _lacks(incident: Incident, need: Need, city: City, now: datetime) -> tuple[tuple[Shortfall, Mask], ...]:
    crew, moment = city.crew, now.timestamp()
    rule = city.rules.get(incident.category)
    suits_mobile = rule is not None and rule.mobile
    of_kind, chiefs, departments = (
        crew.of_kind(need.responder),
        crew.of_role(Whom.DUTY_CHIEF),
        crew.of_kind(Kind.DEPARTMENT),
    )
    mobile = crew.mobile()
    return (
        (Shortfall.NOT_ASKED, lambda rows: ~of_kind[rows] | chiefs[rows]),
        (Shortfall.NO_SKILL, _not_of(crew.has(need.skill))),
        (Shortfall.NOT_SUITED, lambda rows: mobile[rows] & (not suits_mobile)),
        (Shortfall.OFF_SHIFT, _not_of(city.on_duty(now))),
        (Shortfall.NO_POSITION, lambda rows: np.isnan(crew.seen_at[rows]) & ~departments[rows]),
        (Shortfall.LOST_FIX, lambda rows: moment - crew.seen_at[rows] > STALE.total_seconds()),
        (Shortfall.STALE_FIX, lambda rows: moment - crew.seen_at[rows] > FRESH.total_seconds()),
        (Shortfall.RESERVED, _of(city.spoken_for(now, incident.id))),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def _lacks_in_charge(incident: Incident, whom: Whom, city: City, now: datetime) -> tuple[tuple[Shortfall, Mask], ...]:
    crew = city.crew
    return (
        (Shortfall.NOT_ASKED, _not_of(crew.of_role(whom))),
        (Shortfall.OFF_SHIFT, _not_of(city.on_duty(now))),
        (Shortfall.RESERVED, _of(city.spoken_for(now, incident.id))),
        (Shortfall.DECLINED_BEFORE, _tried(incident, crew)),
    )


def _tried(incident: Incident, crew: Crew) -> Mask:
    tried = np.zeros(len(crew), np.bool_)
    tried[[crew.row_of[id_] for id_ in incident.tried if id_ in crew.row_of]] = True
    return _of(tried)


def _tiers(crew: Crew, rings: Rings | None) -> Turns:
    of_home = np.full(len(crew.areas) + 1, TIERS.index(Reason.ELSEWHERE), np.int8)  # the last: without a home
    if rings is not None:
        of_home[crew.homes_in(rings.same_area)] = TIERS.index(Reason.SAME_AREA)
        of_home[crew.homes_in(rings.neighbours)] = TIERS.index(Reason.NEIGHBOUR_GRID)
        of_home[crew.homes_under(rings.path)] = TIERS.index(Reason.OWN_GRID)
    tier: Turns = of_home[crew.home]
    return tier
