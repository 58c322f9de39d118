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

Place = tuple[UUID, str]
"""An incident and one of its slots."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An incident, those of its places that wait to be offered, and when it was read."""

    incident: Incident
    open: tuple[Need, ...]
    now: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """An open place and who could have it, nearest first.

    `rows` int64 (c,) of the crew, `room` int64 (c,) for how many such places each has room, `ways` float64 (c,) how far.
    """

    place: Place
    rows: Longs
    room: Longs
    ways: Floats


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
            room = city.crew.capacity[rows] - city.crew.active[rows]
            found.append(Wish((waiting.incident.id, need.slot), rows, np.where(need.exclusive, 1, room), ways))
    return found


def pairs(wishes: Sequence[Wish], clock: Callable[[], float], seconds: float) -> Mapping[Place, int] | None:
    """Say whom each place asks first, as a row, in the order of the wishes; None when time is over: first come, first served.

    Nobody is named where that order does as well: no two have the same nearest.
    """
    if len({int(wish.rows[0]) for wish in wishes}) == len(wishes):
        return {}
    ways = Listed(wishes)
    found = match(ways, len(wishes), clock, seconds)
    if found.first_come:
        return None
    sent = zip(wishes, found.workers.tolist(), strict=True)
    return {wish.place: ways.row_of(standing) for wish, standing in sent if standing >= 0}


class Listed:
    """The ways of a match from wishes: who has room for several stands there as often."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        most = len(wishes)
        of_each, metres = [], []
        for wish in wishes:
            room = np.minimum(wish.room, most)
            nth = np.arange(room.sum()) - np.repeat(np.cumsum(room) - room, room)
            of_each.append((np.repeat(wish.rows, room) * most + nth)[:most])
            metres.append(np.repeat(wish.ways, room)[:most])
        self._standing, named = np.unique(np.concatenate(of_each), return_inverse=True)
        ends = np.cumsum([len(one) for one in of_each])[:-1]
        self._lists, self._most = list(zip(np.split(named, ends), metres, strict=True)), most

    def row_of(self, standing: int) -> int:
        """Return who stands there."""
        return int(self._standing[standing] // self._most)

    @property
    def workers(self) -> int:
        """For how many there is room, of all together."""
        return len(self._standing)

    def nearest(self, incidents: Longs, k: int) -> tuple[Longs, Floats]:
        """Return the first `k` of each list."""
        rows, ways = np.full((len(incidents), k), -1, np.int64), np.full((len(incidents), k), np.inf)
        for at, incident in enumerate(incidents.tolist()):
            listed, away = (one[:k] for one in self._lists[incident])
            rows[at, : len(listed)], ways[at, : len(listed)] = listed, away
        return rows, ways
