"""Count: each figure over the incidents that are wanted, in all and for each group."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from data.areas import lies_in
from data.incidents import Status
from data.ledger import STATUSES
from data.rights import Permission
from data.tokens import Actor
from dispatch.figures.cohort import IS_FILED, Cohort
from dispatch.figures.groups import MEDIATION, Groups, Known, groups_of
from dispatch.figures.kinds import FIGURES, Figure, Kind, Measure, Of, Rule
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
        whole = {of: Counter(one) for of, one in cohorts.items()}
        parts = (
            {}
            if groups is None
            else {of: Counter(one, groups.of(one, DAY_OF[of]), len(groups.heads)) for of, one in cohorts.items()}
        )
        total = {code: _tally(figure, whole[figure.cohort]) for code, figure in FIGURES.items()}
        split = {code: _tally(figure, parts[figure.cohort]) for code, figure in FIGURES.items() if parts}
        return Counted(total, groups, split)

    def cohort(self, of: Of, ledger: Ledger) -> Cohort:
        """Return the rows that a figure is about, as far as the person may have them counted."""
        day = ledger[DAY_OF[of]]
        chosen = (day >= day_number(self.wanted.first)) & (day <= day_number(self.wanted.last))
        rows = np.flatnonzero(chosen)
        rows = np.compress(IS_COUNTED[of][ledger["status"][rows]], rows)
        return Cohort(ledger, self._within(ledger, rows), self.now, self._disputes(ledger))

    def _within(self, ledger: Ledger, rows: Ints) -> Ints:
        """Return the rows that lie where, and are what, is wanted, and are the person's to count."""
        mine, wanted = self._places(ledger)
        own = self.actor is not None and self.actor.may(Permission.FIGURES_OWN)
        places = wanted if own else mine & wanted
        if not places.all():
            rows = np.compress(places[ledger["layer"][rows], ledger["area"][rows]], rows)
        if own:
            rows = np.compress(mine[ledger["layer"][rows], ledger["area"][rows]] | self._own(ledger, rows), rows)
        if self.wanted.category is not None:
            codes = list(ledger.names("category"))
            code = codes.index(self.wanted.category) if self.wanted.category in codes else -1
            rows = np.compress(ledger["category"][rows] == code, rows)
        return rows

    def _places(self, ledger: Ledger) -> tuple[Mask, Mask]:
        """Say of each layer and area (the last: none) whether it is the person's, and whether it is wanted."""
        layers, areas = ledger.names("layer"), [*ledger.names("area"), None]
        within = self.known.path(self.wanted.area)
        inside = np.array([self.wanted.area is None or lies_in(path, within) for path in areas], bool)
        wanted = np.outer(np.array([self.wanted.layer in (None, layer) for layer in layers], bool), inside)
        if self.actor is None or self.actor.rights.may_everywhere(Permission.FIGURES_VIEW):
            return np.ones_like(wanted), wanted
        covers = partial(self.actor.rights.covers, Permission.FIGURES_VIEW)
        mine = np.array([covers(layer, path) for layer in layers for path in areas], bool)
        return mine.reshape(wanted.shape), wanted

    def _own(self, ledger: Ledger, rows: Ints) -> Mask:
        """Say which rows were handled by the person's own unit, for who may see that."""
        if self.actor is None or not self.actor.may(Permission.FIGURES_OWN):
            return np.zeros(len(rows), bool)
        own = [n for n, id_ in enumerate(ledger.names("worker")) if id_ in self.actor.responders]
        return np.isin(ledger["handler"][rows], own) | np.isin(ledger["department"][rows], own)

    def _disputes(self, ledger: Ledger) -> list[int]:
        known = self.known.categories
        return [n for n, code in enumerate(ledger.names("category")) if known.get(code, {}).get("skill") == MEDIATION]


class Counter:
    """Counts which rows of a cohort a rule chooses, in all or in each group; a rule that many figures share, once."""

    def __init__(self, cohort: Cohort, groups: Ints | None = None, count: int = 1) -> None:
        """Take the rows, the group of each, int64 (k,) below `count`; None: there is one group of all."""
        self.cohort, self.groups, self.count = cohort, groups, count
        self._counted: dict[Rule, Ints] = {}

    def counted(self, rule: Rule) -> Ints:
        """Return how many a rule chooses, int64 (count,)."""
        if rule not in self._counted:
            chosen = self.cohort.chosen(rule)
            self._counted[rule] = (
                np.array([np.count_nonzero(chosen)])
                if self.groups is None
                else np.bincount(self.groups, chosen, self.count).astype(np.int64)  # weights are exact up to 2⁵³
            )
        return self._counted[rule]

    def measured(self, rule: Rule, measure: Measure) -> tuple[Ints, Ints | None]:
        """Return the measure of those that a rule chooses, and the group of each."""
        chosen, values = self.cohort.chosen(rule), measure(self.cohort)
        if chosen.all():
            return values, self.groups
        inside = None if self.groups is None else np.compress(chosen, self.groups)
        return np.compress(chosen, values), inside  # several times as fast as an index of bool


def _tally(figure: Figure, counter: Counter) -> Tally:
    of = counter.counted(figure.of)
    if figure.measure is None:
        return Tally(counter.counted(figure.n), of)
    values, groups = counter.measured(figure.of, figure.measure)
    if figure.kind is Kind.MEAN:
        sums = np.array([values.sum()]) if groups is None else np.bincount(groups, values, counter.count)
        return Tally(of, of, sum=sums.astype(np.int64))
    median, p90 = quantiles(np.maximum(values, 0) // SECOND_US, groups, of, SHARES)
    return Tally(of, of, median=median, p90=p90)
