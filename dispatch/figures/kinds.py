"""The figures: of which incidents each is made, and which of them count. `data/definitions.toml` says it in words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from data.incidents import Disposition, Status
from data.ledger import DISPOSITIONS, NONE, STATUSES, STEPS
from dispatch.figures.cohort import Cohort

type Mask = NDArray[np.bool_]
type Rule = Callable[[Cohort], Mask]
type Measure = Callable[[Cohort], NDArray[np.int64]]

CLOSED = STATUSES.index(Status.CLOSED)
MEDIATED = DISPOSITIONS.index(Disposition.MEDIATED)
CONTENT_FROM = 3
"""Stars, of one who says it is solved; the desk opens again what gets fewer (dispatch/judgement.py)."""


class Kind(StrEnum):
    """What a figure is."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    DURATION = "duration"


class Of(StrEnum):
    """Which incidents a figure is about: those reported, filed or closed within the period.

    Filed are all that were filed and not found void, rejected or duplicate since.
    """

    REPORTED = "reported"
    FILED = "filed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Figure:
    """`of` says which of the cohort it is counted from, `n` which of these count; `measure` what is averaged."""

    code: str
    kind: Kind
    cohort: Of
    of: Rule
    n: Rule
    measure: Measure | None = None


def _all(cohort: Cohort) -> Mask:
    return np.ones(len(cohort), bool)


def _set_aside(cohort: Cohort) -> Mask:
    return cohort.set_aside


def _closed(cohort: Cohort) -> Mask:
    return np.asarray(cohort["status"] == CLOSED)


def _open(cohort: Cohort) -> Mask:
    return ~_closed(cohort)


def _closed_by(day: int, cohort: Cohort) -> Mask:
    """Say which were closed by the `day`-th calendar day, that of filing being the first."""
    return np.asarray(_closed(cohort) & (cohort["closed_day"] - cohort["filed_day"] < day))


def _late(step: str, cohort: Cohort) -> Mask:
    due = cohort[f"due_{step}"]
    return np.asarray((cohort[f"late_{step}"] == 1) | ((due != NONE) & (due < cohort.now)))


def _clocked(step: str, cohort: Cohort) -> Mask:
    return np.asarray((cohort[f"late_{step}"] >= 0) | _late(step, cohort))


def _in_time(step: str, cohort: Cohort) -> Mask:
    return np.asarray((cohort[f"late_{step}"] >= 0) & ~_late(step, cohort))


def _was_closed(cohort: Cohort) -> Mask:
    return np.asarray(_closed(cohort) | (cohort["reopenings"] > 0))


def _settled_dispute(cohort: Cohort) -> Mask:
    return np.asarray(cohort.disputes & _was_closed(cohort))


def _at_first(cohort: Cohort) -> Mask:
    untouched = (cohort["reworks"] == 0) & (cohort["reopenings"] == 0)
    return np.asarray(cohort.disputes & _closed(cohort) & (cohort["disposition"] == MEDIATED) & untouched)


def _was_handled(cohort: Cohort) -> Mask:
    return np.asarray((cohort["handled_at"] != NONE) | (cohort["handler"] >= 0) | (cohort["reworks"] > 0))


def _reworked(cohort: Cohort) -> Mask:
    return np.asarray(cohort["reworks"] > 0)


def _reopened(cohort: Cohort) -> Mask:
    return np.asarray(cohort["reopenings"] > 0)


def _judged(cohort: Cohort) -> Mask:
    return np.asarray((cohort["stars"] > 0) & _was_closed(cohort))


def _content(cohort: Cohort) -> Mask:
    return np.asarray((cohort["stars"] >= CONTENT_FROM) & (cohort["solved"] == 1) & _was_closed(cohort))


def _came(name: str, cohort: Cohort) -> Mask:
    return np.asarray(cohort[name] != NONE)


def _since_report(name: str, cohort: Cohort) -> NDArray[np.int64]:
    return np.asarray(cohort[name] - cohort["reported_at"])


def _stars(cohort: Cohort) -> NDArray[np.int64]:
    return cohort["stars"].astype(np.int64)


def _count(code: str, cohort: Of, which: Rule) -> Figure:
    return Figure(code, Kind.COUNT, cohort, which, which)


def _share(code: str, of: Rule, n: Rule, cohort: Of = Of.FILED) -> Figure:
    return Figure(code, Kind.SHARE, cohort, of, n)


def _duration(code: str, name: str) -> Figure:
    came = partial(_came, name)
    return Figure(code, Kind.DURATION, Of.FILED, came, came, partial(_since_report, name))


def _on_time(step: str) -> Figure:
    cohort = Of.REPORTED if step == "receive" else Of.FILED
    return _share(f"on_time_{step}", partial(_clocked, step), partial(_in_time, step), cohort)


FIGURES: dict[str, Figure] = {
    one.code: one
    for one in (
        _count("reported", Of.REPORTED, _all),
        _count("set_aside", Of.REPORTED, _set_aside),
        _count("filed", Of.FILED, _all),
        _count("closed", Of.FILED, _closed),
        _count("closed_in_period", Of.CLOSED, _all),
        _count("open", Of.FILED, _open),
        _share("closure_rate", _all, _closed),
        _share("same_day", _all, partial(_closed_by, 1)),
        _share("two_days", _all, partial(_closed_by, 2)),
        _share("three_days", _all, partial(_closed_by, 3)),
        *(_on_time(step) for step in STEPS),
        _share("first_time", _settled_dispute, _at_first),
        _share("rework_rate", _was_handled, _reworked),
        _share("reopening_rate", _was_closed, _reopened),
        _share("satisfaction", _judged, _content),
        _share("response_rate", _was_closed, _judged),
        Figure("stars", Kind.MEAN, Of.FILED, _judged, _judged, _stars),
        _duration("time_to_accept", "accepted_at"),
        _duration("time_to_scene", "scene_at"),
        _duration("time_to_handle", "handled_at"),
    )
}
