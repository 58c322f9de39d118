"""Spans of time that people hold, many at once: who holds one now, until when, and when that next changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Look:
    """A mask and for how long it is true: from `since` on, until before `until`, Unix seconds."""

    row_of: Mapping[UUID, int]
    since: float
    until: float
    mask: Bools


class Spans:
    """Spans from `starts` on until before `ends`, float64 (m,) Unix seconds; `ids` says whose each is."""

    def __init__(self, ids: Sequence[UUID], starts: Floats, ends: Floats) -> None:
        self.starts, self.ends = starts, ends
        self._index = {id_: at for at, id_ in enumerate(dict.fromkeys(ids))}
        self._ids = list(self._index)
        self._who = np.fromiter((self._index[id_] for id_ in ids), np.int64, len(ids))
        self._edges = np.unique(np.concatenate([starts, ends]))
        self._by_who = np.argsort(self._who, kind="stable")
        self._first = np.searchsorted(self._who[self._by_who], np.arange(len(self._ids) + 1))
        self._rows: tuple[Mapping[UUID, int], Ints] | None = None
        self._look: _Look | None = None

    @classmethod
    def none(cls) -> "Spans":
        """Return no spans at all."""
        return cls((), np.empty(0), np.empty(0))

    def joined(self) -> "Spans":
        """Return the same time in as few spans as it takes: those of one person that overlap or touch become one."""
        order = np.lexsort((self.starts, self._who))
        who, starts, ends = self._who[order], self.starts[order], self.ends[order]
        if not len(who):
            return self
        apart = (ends.max() - starts.min() + 1.0) * who  # so far apart that nobody's span reaches another's
        reached = np.maximum.accumulate(ends + apart)
        fresh = np.append(True, starts[1:] + apart[1:] > reached[:-1])
        heads = np.flatnonzero(fresh)
        tails = np.append(heads[1:], len(who)) - 1
        return Spans([self._ids[at] for at in who[heads]], starts[heads], reached[tails] - apart[tails])

    def at(self, now: datetime) -> list[UUID]:
        """Return who holds a span, in the order in which they were first given."""
        return [self._ids[at] for at in np.unique(self._who[self._holding(now.timestamp())])]

    def until(self, id_: UUID, now: datetime) -> datetime | None:
        """Return when the span ends that somebody holds, the last where there are several; None when none is held."""
        at, moment = self._index.get(id_), now.timestamp()
        if at is None:
            return None
        rows = self._by_who[self._first[at] : self._first[at + 1]]
        held = self.ends[rows[(self.starts[rows] <= moment) & (moment < self.ends[rows])]]
        return datetime.fromtimestamp(held.max(), UTC) if len(held) else None

    def next_boundary(self, now: datetime) -> datetime | None:
        """Return when the next span begins or ends after `now`; None when none does."""
        at = np.searchsorted(self._edges, now.timestamp(), side="right")
        return datetime.fromtimestamp(self._edges[at], UTC) if at < len(self._edges) else None

    def mask(self, row_of: Mapping[UUID, int], n: int, now: datetime) -> Bools:
        """Say who holds a span, bool (n,), read-only; whom `row_of` does not know is left out.

        The same array until the next boundary, or until another mapping is given.
        """
        moment, look = now.timestamp(), self._look
        if look is None or look.row_of is not row_of or len(look.mask) != n or not look.since <= moment < look.until:
            look = self._look = self._looked(row_of, n, moment)
        return look.mask

    def mask_without(self, left_out: Sequence[int], row_of: Mapping[UUID, int], n: int, now: datetime) -> Bools:
        """Say who holds a span when some of them, by their rows, do not count; bool (n,), read-only."""
        holding = self._holding(now.timestamp())
        holding[list(left_out)] = False
        return self._spread(holding, row_of, n)

    def _holding(self, moment: float) -> Bools:
        return (self.starts <= moment) & (moment < self.ends)

    def _looked(self, row_of: Mapping[UUID, int], n: int, moment: float) -> _Look:
        at = int(np.searchsorted(self._edges, moment, side="right"))
        since = float(self._edges[at - 1]) if at else -inf
        until = float(self._edges[at]) if at < len(self._edges) else inf
        return _Look(row_of, since, until, self._spread(self._holding(moment), row_of, n))

    def _spread(self, holding: Bools, row_of: Mapping[UUID, int], n: int) -> Bools:
        rows = self._rows_in(row_of)[self._who[holding]]
        mask = np.zeros(n, np.bool_)
        mask[rows[rows >= 0]] = True
        mask.flags.writeable = False
        return mask

    def _rows_in(self, row_of: Mapping[UUID, int]) -> Ints:
        """Return each person's row, -1 where there is none; looked up once per mapping."""
        if self._rows is None or self._rows[0] is not row_of:
            found = np.fromiter((row_of.get(id_, -1) for id_ in self._ids), np.int64, len(self._ids))
            self._rows = (row_of, found)
        return self._rows[1]
