"""Drill: from a figure to the incidents behind it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import numpy as np

from dispatch.figures.counting import DAY_OF, Counting
from dispatch.figures.groups import groups_of
from dispatch.figures.kinds import FIGURES
from dispatch.ledger import Ledger


class Side(StrEnum):
    """Which incidents: all that a figure is counted from, those that count, or the rest of them."""

    OF = "of"
    N = "n"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Case:
    """A figure, one of its groups by key, or by kind where it has no key, and which page of what is behind it."""

    figure: str
    side: Side = Side.OF
    key: str | None = None
    kind: str | None = None
    after: UUID | None = None
    limit: int = 100


def ids_behind(counting: Counting, case: Case, ledger: Ledger) -> list[UUID]:
    """Return the ids behind a figure, the newest first, one more than the page holds where there are more."""
    figure = FIGURES[case.figure]
    cohort = counting.cohort(figure.cohort, ledger)
    of, n = cohort.chosen(figure.of), cohort.chosen(figure.n)
    chosen = {Side.OF: of, Side.N: n, Side.REST: of & ~n}[case.side]
    groups = groups_of(counting.wanted, ledger, counting.known)
    if groups is not None and (case.key is not None or case.kind is not None):
        wanted = [
            n
            for n, head in enumerate(groups.heads)
            if (head["key"] == case.key if case.key is not None else head["kind"] == case.kind)
        ]
        chosen = chosen & np.isin(groups.of(cohort, DAY_OF[figure.cohort]), wanted)
    ids = np.sort(ledger.ids[np.compress(chosen, cohort.rows)])
    if case.after is not None:
        ids = ids[: int(np.searchsorted(ids, np.array(case.after.bytes, "S16")))]
    page = ids[::-1][: case.limit + 1]
    return [UUID(bytes=one.ljust(16, b"\0")) for one in page.tolist()]
