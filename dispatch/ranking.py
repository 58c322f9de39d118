"""Ranking: who could go, in order, with a reason or a shortfall for every candidate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from data.categories import Category, RankBy
from data.incidents import Incident
from dispatch.city import City
from dispatch.crew import Crew
from dispatch.layer import Rings
from geo.nearest import metres

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=30)
SHOWN = 12


class Reason(StrEnum):
    """Why the first goes: by distance, or by whose ground it is."""

    NEAREST = "nearest"
    OWN_GRID = "own_grid"
    NEIGHBOUR_GRID = "neighbour_grid"
    SAME_AREA = "same_area"
    ELSEWHERE = "elsewhere"


class Shortfall(StrEnum):
    """Why another does not go. Of several the first in this order is named."""

    NO_SKILL = "no_skill"
    OFF_SHIFT = "off_shift"
    NO_POSITION = "no_position"
    LOST_FIX = "lost_fix"
    STALE_FIX = "stale_fix"
    DECLINED_BEFORE = "declined_before"
    EXCLUSIVE = "exclusive"
    FULL = "full"
    OTHER_GRID = "other_grid"
    FARTHER = "farther"


TIERS = (Reason.OWN_GRID, Reason.NEIGHBOUR_GRID, Reason.SAME_AREA, Reason.ELSEWHERE)
ABLE = -1
UNABLE = (
    Shortfall.NO_SKILL,
    Shortfall.OFF_SHIFT,
    Shortfall.NO_POSITION,
    Shortfall.LOST_FIX,
    Shortfall.STALE_FIX,
    Shortfall.DECLINED_BEFORE,
)


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


@dataclass(frozen=True, slots=True)
class Ranking:
    """The able in the order they are asked, whatever they carry: their load is decided under the row lock.

    `order` int64 (m,) rows of the crew; `away` float64 (n,) great-circle metres, NaN where never seen;
    `tier` int64 (n,) index into `TIERS`; `lacks` int64 (n,) index into `UNABLE`, -1 for the able.
    """

    rule: Category
    crew: Crew
    order: NDArray[np.int64]
    away: NDArray[np.float64]
    tier: NDArray[np.int64]
    lacks: NDArray[np.int64]

    def ids(self) -> list[UUID]:
        """Return the able, first to last."""
        return [self.crew.workers[row].id for row in self.order]

    def anybody_free(self) -> bool:
        """Say whether one of the able seems free, before asking the database."""
        return bool(self.crew.free(exclusive=self.rule.exclusive)[self.order].any())

    def metres_to(self, worker_id: UUID) -> float:
        """Return the great-circle way of a worker."""
        return float(self.away[self.crew.row_of[worker_id]])

    def candidates(self, chosen: UUID | None) -> list[Candidate]:
        """Return whoever goes, then the next in order and the nearest of any kind, by distance; at most twelve."""
        first = None if chosen is None else self.crew.row_of[chosen]
        nearest = np.argsort(self.away, kind="stable")
        half = SHOWN // 2
        rows = {*self.order[:half].tolist(), *nearest[~np.isnan(self.away[nearest])][:half].tolist()} - {first}
        others = sorted(rows, key=lambda row: (self.away[row], row))
        shown = others if first is None else [first, *others[: SHOWN - 1]]
        return [self._candidate(row, first) for row in shown]

    def _candidate(self, row: int, first: int | None) -> Candidate:
        worker, away = self.crew.workers[row], float(self.away[row])
        named = (self._reason(row), None) if row == first else (None, self._shortfall(row, first))
        return Candidate(worker.id, worker.code, None if np.isnan(away) else away, *named)

    def _reason(self, row: int) -> Reason:
        return Reason.NEAREST if self.rule.ranking is RankBy.NEAREST else TIERS[self.tier[row]]

    def _shortfall(self, row: int, first: int | None) -> Shortfall:
        if self.lacks[row] != ABLE:
            return UNABLE[self.lacks[row]]
        if row not in self.order:
            return Shortfall.OTHER_GRID
        if first is None or self._precedes(row, first) or not self.crew.free(exclusive=self.rule.exclusive)[row]:
            return Shortfall.EXCLUSIVE if self._held(row) else Shortfall.FULL
        nearer = self.away[row] < self.away[first] or self.tier[row] > self.tier[first]
        by_grid = self.rule.ranking is RankBy.OWN_GRID_FIRST
        return Shortfall.OTHER_GRID if by_grid and nearer else Shortfall.FARTHER

    def _held(self, row: int) -> bool:
        return bool(self.crew.holds_exclusive[row]) or self.rule.exclusive

    def _precedes(self, row: int, first: int) -> bool:
        places = np.flatnonzero((self.order == row) | (self.order == first))
        return bool(self.order[places[0]] == row)


def rank(incident: Incident, city: City, now: datetime) -> Ranking:
    """Order the workers who are able to go: skill, shift, a fresh fix, not tried before.

    `nearest` orders by great-circle metres. `own_grid_first` orders by whose home the grid is (own, neighbouring,
    same parent area, elsewhere) and then by metres; without a grid in force
    nobody is proposed: the command centre decides. A category this process does not know yet
    proposes nobody either, so that an answer to a task is never refused for it.
    Ties: worker code.
    """
    rule, crew = city.rules.get(incident.category, _nobodys(incident)), city.crew
    away = metres(incident.point, crew.lng, crew.lat)
    lacks = _lacks(incident, rule, city, now)
    layer = city.layers.get(incident.layer)
    rings = layer.rings(incident.area_id) if layer and incident.area_id else None
    tier = _tiers(crew, rings)
    able = np.flatnonzero(lacks == ABLE)
    if rule.ranking is RankBy.NEAREST:
        order = able[np.argsort(away[able], kind="stable")]
    elif rings is None or incident.category not in city.rules:
        order = able[:0]
    else:
        order = able[np.lexsort((able, away[able], tier[able]))]
    return Ranking(rule, crew, order.astype(np.int64), away, tier, lacks)


def _nobodys(incident: Incident) -> Category:
    """Return the rule for a category this process does not know yet: nobody is proposed, the incident waits."""
    none = timedelta(0)
    ranking = RankBy.OWN_GRID_FIRST
    return Category(
        incident.category, "", None, incident.urgency, ranking, exclusive=False, deadline=none, offer=none
    )


def _lacks(incident: Incident, rule: Category, city: City, now: datetime) -> NDArray[np.int64]:
    crew = city.crew
    age = now.timestamp() - crew.fixed_at
    tried = np.zeros(len(crew), np.bool_)
    tried[[crew.row_of[id_] for id_ in incident.tried if id_ in crew.row_of]] = True
    conditions = [
        ~crew.has(rule.skill),
        ~crew.on_shift(city.second_of_day(now)),
        np.isnan(age),
        age > STALE.total_seconds(),
        age > FRESH.total_seconds(),
        tried,
    ]
    return np.select(conditions, list(range(len(UNABLE))), default=ABLE).astype(np.int64)


def _tiers(crew: Crew, rings: Rings | None) -> NDArray[np.int64]:
    if rings is None:
        return np.full(len(crew), TIERS.index(Reason.ELSEWHERE), np.int64)
    conditions = [
        crew.at_home_in([rings.own]),
        crew.at_home_in(rings.neighbours),
        crew.at_home_in(rings.same_area),
    ]
    return np.select(conditions, [0, 1, 2], default=3).astype(np.int64)
