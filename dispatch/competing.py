"""Competing: open places that want the same people, paired so that the way in all is the least.

It only says whom to ask first: the row lock decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from data.incidents import Incident
from data.needs import Need
from dispatch.city import City
from dispatch.ladder import rung_of
from dispatch.matching import Floats, Longs, match
from dispatch.ranking import rank

Led = Mapping[tuple[UUID, str], UUID]
"""Who is asked first, by incident and slot."""
NOBODY: Led = {}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An incident, those of its places that wait to be offered, and when it was read."""

    incident: Incident
    open: tuple[Need, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """An open place and who could have it, nearest first: for how many such places each has room, and how far each is."""

    incident_id: UUID
    slot: str
    workers: Sequence[UUID]
    room: Sequence[int]
    ways: Sequence[float]


def wishes_of(waiting: Waiting, city: City, most: int) -> list[Wish]:
    """Return a wish for each place that goes by distance and could be filled now, each with the `most` nearest.

    More than there are wishes in all are never needed: of so many, one is not taken by the others.
    """
    found = []
    for need in waiting.open:
        whom = rung_of(need, city.ladder(need.ladder)).whom
        ranking = rank(waiting.incident, need, whom, city, waiting.now)
        if need.worker_id is not None or ranking.by_grid:
            continue
        rows, ways = ranking.nearest_free(most)
        if len(rows):
            crew = ranking.crew
            room = np.where(need.exclusive, 1, crew.capacity[rows] - crew.active[rows]).tolist()
            workers = [crew.workers[row].id for row in rows.tolist()]
            found.append(Wish(waiting.incident.id, need.slot, workers, room, ways.tolist()))
    return found


def pairs(wishes: Sequence[Wish], clock: Callable[[], float], seconds: float) -> Led | None:
    """Say who is asked first for each place, in the order of the wishes; None when time is over: first come, first served.

    Nobody is named where that order does as well: no two have the same nearest.
    """
    if len({wish.workers[0] for wish in wishes}) == len(wishes):
        return NOBODY
    ways = Listed(wishes)
    found = match(ways, len(wishes), clock, seconds)
    if found.first_come:
        return None
    sent = zip(wishes, found.workers.tolist(), strict=True)
    return {(wish.incident_id, wish.slot): ways.whose[place] for wish, place in sent if place >= 0}


class Listed:
    """The ways of a match from wishes: who has room for several stands there as often, `whose` says who it is."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self.whose: list[UUID] = []
        named: dict[tuple[UUID, int], int] = {}
        self._lists: list[tuple[Longs, Floats]] = []
        for wish in wishes:
            listed = zip(wish.workers, wish.room, wish.ways, strict=True)
            places = [(worker, nth, way) for worker, room, way in listed for nth in range(room)][: len(wishes)]
            for worker, nth, _ in places:
                if named.setdefault((worker, nth), len(self.whose)) == len(self.whose):
                    self.whose.append(worker)
            rows = np.array([named[worker, nth] for worker, nth, _ in places], np.int64)
            self._lists.append((rows, np.array([way for *_, way in places])))

    @property
    def workers(self) -> int:
        """Places that are free, of all workers together."""
        return len(self.whose)

    def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
        """Return the first `k` of each list."""
        rows, ways = np.full((len(incidents), k), -1, np.int64), np.full((len(incidents), k), np.inf)
        for at, incident in enumerate(incidents.tolist()):
            listed, away = (one[:k] for one in self._lists[incident])
            rows[at, : len(listed)], ways[at, : len(listed)] = listed, away
        return rows, ways
