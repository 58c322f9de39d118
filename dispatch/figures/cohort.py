"""A cohort: some rows of the ledger, with their columns at hand while figures are counted."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.incidents import Status
from data.ledger import STATUSES
from dispatch.ledger import Ledger

UNSORTED = (Status.REPORTED, Status.RECEIVED, Status.VERIFYING)
SET_ASIDE = (Status.REJECTED, Status.VOID, Status.DUPLICATE)
IS_SET_ASIDE = np.array([status in SET_ASIDE for status in STATUSES])
IS_FILED = np.array([status not in (*UNSORTED, *SET_ASIDE) for status in STATUSES])


class Cohort:
    """Rows int64 (k,) of a ledger at a moment, in microseconds since 1970; `disputes_of` are categories' codes in it."""

    def __init__(self, ledger: Ledger, rows: NDArray[np.int64], now: int, disputes_of: Collection[int] = ()) -> None:
        self.rows, self.now = rows, now
        self._ledger, self._disputes_of = ledger, np.array(sorted(disputes_of), np.int16)
        self._taken: dict[str, NDArray[Any]] = {}
        self._chosen: dict[Callable[[Cohort], NDArray[np.bool_]], NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column of these rows (k,)."""
        if name not in self._taken:
            self._taken[name] = self._ledger[name][self.rows]
        return self._taken[name]

    def chosen(self, rule: "Callable[[Cohort], NDArray[np.bool_]]") -> NDArray[np.bool_]:
        """Say which rows a rule chooses (k,)."""
        if rule not in self._chosen:
            self._chosen[rule] = rule(self)
        return self._chosen[rule]

    @property
    def set_aside(self) -> NDArray[np.bool_]:
        """Which were found void, rejected or duplicate."""
        return np.asarray(IS_SET_ASIDE[self["status"]])

    @property
    def disputes(self) -> NDArray[np.bool_]:
        """Which are for a mediator."""
        return np.isin(self["category"], self._disputes_of)
