"""Sight: the crew as one moment shows it, once for everybody who watches; what differs from another, as JSON text."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data.rights import Permission, Rights
from data.workers import Worker
from dispatch.city import City
from dispatch.states import WorkerState, states
from geo.box import Box

type Bools = NDArray[np.bool_]


class Sight:
    """All workers in row order, where they are and their states. It never changes; columns have the shape (n,)."""

    def __init__(self, city: City, now: datetime) -> None:
        crew = city.crew
        self._row_of = crew.row_of
        self._workers: Sequence[Worker | None] = list(crew.workers)
        self._lng, self._lat = crew.lng.copy(), crew.lat.copy()
        self._states = states(city, now)
        paths: dict[str | None, int] = {}
        self._place = np.array([paths.setdefault(one.area_path, len(paths)) for one in crew.workers], np.int64)
        self._paths = list(paths)
        self._reached: dict[Rights, Bools] = {}
        self._texts: dict[int, str] = {}
        self._differs: dict[Sight, tuple[Bools, Bools]] = {}

    def reached_by(self, rights: Rights) -> Bools:
        """Say whom one may see."""
        found = self._reached.get(rights)
        if found is None:
            covered = [rights.covers(Permission.WORKER_VIEW, None, path) for path in self._paths]
            found = self._reached[rights] = np.array(covered, np.bool_)[self._place]
        return found

    def on_duty_and_free(self, rights: Rights) -> tuple[int, int]:
        """Count those one may see who are on duty, and who are free."""
        found = self._states[self.reached_by(rights)]
        return int((found != WorkerState.OFF).sum()), int((found == WorkerState.FREE).sum())

    def told(self, rights: Rights, box: Box | None, before: "Sight | None") -> NDArray[np.int64]:
        """Return the rows of those one may see who show otherwise than `before` (None: all who were ever seen).

        With a box: who moved within it, into it or out of it, and whose state is another, wherever they are.
        """
        visible = self.reached_by(rights) & ~np.isnan(self._lng)
        here = visible if box is None else visible & box.holds(self._lng, self._lat)
        if before is None:
            return np.flatnonzero(here)
        moved, turned = self._differing(before)
        if box is not None:
            _, _, lng, lat = before._in_the_order_of(self)
            here = here | box.holds(lng, lat)
        return np.flatnonzero(visible & (turned | (moved & here)))

    def let_go(self) -> None:
        """Drop what was worked out, and with it the sights before: another has taken this one's place."""
        self._differs, self._texts = {}, {}

    def _differing(self, before: "Sight") -> tuple[Bools, Bools]:
        """Say who was seen elsewhere or at another time, and whose state is another."""
        known = self._differs.get(before)
        if known is None:
            known = self._differs[before] = self._compared(before)
        return known

    def _compared(self, before: "Sight") -> tuple[Bools, Bools]:
        workers, states_, lng, lat = before._in_the_order_of(self)
        renewed = np.fromiter((a is not b for a, b in zip(self._workers, workers, strict=True)), np.bool_, len(lng))
        moved = renewed & ((self._lng != lng) | (self._lat != lat))
        for row in np.flatnonzero(renewed & ~moved).tolist():
            moved[row] = _seen(self._workers[row]) != _seen(workers[row])
        return moved, np.asarray(self._states != states_, np.bool_)

    def _in_the_order_of(
        self, other: "Sight"
    ) -> tuple[Sequence[Worker | None], NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
        """Return the columns in another's order; None and NaN for who was not there yet."""
        if self._row_of is other._row_of:
            return self._workers, self._states, self._lng, self._lat
        rows = [self._row_of.get(id_, -1) for id_ in other._row_of]
        lng, lat = (np.append(column, np.nan)[rows] for column in (self._lng, self._lat))
        workers = (*self._workers, None)
        found = np.array([*self._states, None], dtype=object)[rows]
        return [workers[row] for row in rows], found, lng, lat

    def text(self, row: int) -> str:
        """Write one worker as the map shows one, without a name; once for everybody."""
        found = self._texts.get(row)
        if found is None:
            found = self._texts[row] = self._written(row)
        return found

    def _written(self, row: int) -> str:
        worker = self._workers[row]
        assert worker is not None and worker.fixed_at is not None, "who was never seen is told to nobody"
        accuracy = "null" if worker.accuracy_m is None else repr(worker.accuracy_m)
        return (
            f'{{"id":"{worker.id}","lng":{worker.lng!r},"lat":{worker.lat!r},"fixed_at":"{worker.fixed_at.isoformat()}",'
            f'"accuracy_m":{accuracy},"state":"{self._states[row]}"}}'
        )


def _seen(worker: Worker | None) -> tuple[object, ...] | None:
    return None if worker is None else (worker.lng, worker.lat, worker.fixed_at, worker.accuracy_m)
