"""Count: each figure over the incidents that are wanted, in all and for each group."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.incidents import Status
from data.ledger import STATUSES
from data.rights import Permission
from data.tokens import Actor
from dispatch.figures.cohort import IS_FILED, Cohort
from dispatch.figures.groups import MEDIATION, Groups, Known, groups_of, lies_in
from dispatch.figures.kinds import FIGURES, Figure, Kind, Of
from dispatch.figures.rates import SECOND_US, quantiles
from dispatch.figures.wanted import Wanted
from dispatch.ledger import Ledger, day_number

type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]

DAY_OF = {Of.REPORTED: "reported_day", Of.FILED: "filed_day", Of.CLOSED: "closed_day"}
IS_COUNTED: Mapping[Of, Mask] = {
    Of.REPORTED: np.ones(len(STATUSES), bool),
    Of.FILED: IS_FILED,
    Of.CLOSED: np.array([status is Status.CLOSED for status in STATUSES]),
}
SHARES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Tally:
    """A figure of each group, int64 (k,): how many count (`n`) of how many (`of`).

    Of means also their `sum`, of durations `median` and `p90` in whole seconds, -1 where there is none.
    """

    n: Ints
    of: Ints
    sum: Ints | None = None
    median: Ints | None = None
    p90: Ints | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Every figure in all, and by group; `groups` None: not split."""

    total: Mapping[str, Tally]
    groups: Groups | None
    split: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Counting:
    """A question to the ledger at a moment (microseconds since 1970); `actor` None: everything is counted."""

    wanted: Wanted
    known: Known
    now: int
    actor: Actor | None = None

    def count(self, ledger: Ledger) -> Counted:
        """Count every figure."""
        cohorts = {of: self.cohort(of, ledger) for of in Of}
        groups = groups_of(self.wanted, ledger, self.known)
        codes = {} if groups is None else {of: groups.of(one, DAY_OF[of]) for of, one in cohorts.items()}
        total, split = {}, {}
        for figure in FIGURES.values():
            cohort = cohorts[figure.cohort]
            of, n = figure.of(cohort), figure.n(cohort)
            total[figure.code] = _tally(figure, cohort, (of, n), None, 1)
            if groups is not None:
                split[figure.code] = _tally(figure, cohort, (of, n), codes[figure.cohort], len(groups.heads))
        return Counted(total, groups, split)

    def cohort(self, of: Of, ledger: Ledger) -> Cohort:
        """Return the rows that a figure is about, as far as the person may have them counted."""
        day = ledger[DAY_OF[of]]
        chosen = (day >= day_number(self.wanted.first)) & (day <= day_number(self.wanted.last))
        rows = np.flatnonzero(chosen)
        rows = np.compress(IS_COUNTED[of][ledger["status"][rows]], rows)
        rows = np.compress(self._within(ledger, rows), rows)
        return Cohort(ledger, rows, self.now, self._disputes(ledger))

    def _within(self, ledger: Ledger, rows: Ints) -> Mask:
        """Say which rows lie where and are what is wanted, and are the person's to count."""
        places = self._places(ledger)
        layer, area = ledger["layer"][rows], ledger["area"][rows]
        wanted = np.asarray(places[1][layer, area])
        if self.wanted.category is not None:
            codes = list(ledger.names("category"))
            code = codes.index(self.wanted.category) if self.wanted.category in codes else -1
            wanted &= ledger["category"][rows] == code
        if self.actor is None:
            return wanted
        return np.asarray(wanted & (places[0][layer, area] | self._own(ledger, rows)))

    def _places(self, ledger: Ledger) -> tuple[Mask, Mask]:
        """Say of each layer and area (the last: none) whether it is the person's, and whether it is wanted."""
        layers, areas = ledger.names("layer"), [*ledger.names("area"), None]
        mine, wanted = (np.zeros((len(layers), len(areas)), bool) for _ in range(2))
        rights = None if self.actor is None else self.actor.rights
        everywhere = rights is None or rights.may_everywhere(Permission.FIGURES_VIEW)
        within = self.known.path(self.wanted.area)
        for column, path in enumerate(areas):
            inside = self.wanted.area is None or lies_in(path, within)
            for row, layer in enumerate(layers):
                mine[row, column] = everywhere or (
                    rights is not None and rights.covers(Permission.FIGURES_VIEW, layer, path)
                )
                wanted[row, column] = inside and self.wanted.layer in (None, layer)
        return mine, wanted

    def _own(self, ledger: Ledger, rows: Ints) -> Mask:
        """Say which rows were handled by the person's own unit, for who may see that."""
        if self.actor is None or not self.actor.may(Permission.FIGURES_OWN):
            return np.zeros(len(rows), bool)
        own = [n for n, id_ in enumerate(ledger.names("worker")) if id_ in self.actor.responders]
        return np.isin(ledger["handler"][rows], own) | np.isin(ledger["department"][rows], own)

    def _disputes(self, ledger: Ledger) -> list[int]:
        known = self.known.categories
        return [n for n, code in enumerate(ledger.names("category")) if known.get(code, {}).get("skill") == MEDIATION]


def _tally(figure: Figure, cohort: Cohort, which: tuple[Mask, Mask], groups: Ints | None, count: int) -> Tally:
    of, n = (_counted(mask, groups, count) for mask in which)
    if figure.measure is None:
        return Tally(n, of)
    measured = np.compress(which[0], figure.measure(cohort))  # several times as fast as an index of bool
    inside = None if groups is None else np.compress(which[0], groups)
    if figure.kind is Kind.MEAN:
        sums = np.array([measured.sum()]) if inside is None else np.bincount(inside, measured, count).astype(np.int64)
        return Tally(n, of, sum=sums)
    seconds = np.maximum(measured, 0) // SECOND_US
    of, (median, p90) = quantiles(seconds, inside, count, SHARES)
    return Tally(of, of, median=median, p90=p90)


def _counted(mask: Mask, groups: Ints | None, count: int) -> Ints:
    if groups is None:
        return np.array([np.count_nonzero(mask)])
    return np.bincount(groups, mask, count).astype(np.int64)  # weights are exact up to 2⁵³
