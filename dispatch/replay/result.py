"""The result: two settings side by side, how much of it the record tells and how much models, and who would be hit."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.incidents import Incident
from data.record import Record
from dispatch.replay.difference import Difference
from dispatch.replay.loop import Told
from dispatch.replay.models import EVERYBODY, Models
from dispatch.replay.outcome import Outcome, figures_of, gini, loads_of
from dispatch.replay.side import Side

type Floats = NDArray[np.float64]

DRAWS, SEED = 400, 8
"""Of a bootstrap: how often the incidents are drawn again, and from which seed."""
BOUNDS = (2.5, 97.5)
MOST_HIT = 20
MOMENT = timedelta(microseconds=1)
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """One setting's part: its side after the replay, and what came of it."""

    side: Side
    outcome: Outcome
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was replayed: incidents of the record, or so many made up from a seed; `now` is when it ended."""

    record: Record
    models: Models
    differs: Difference
    now: datetime
    made_up: int | None = None
    seed: int | None = None


def result_of(asked: Asked, was: Run, is_now: Run, told: Told) -> dict[str, Any]:
    """Put two settings side by side, in plain values of which JSON is written."""
    settings = {"as_it_is": _setting(asked, was), "changed": _setting(asked, is_now)}
    zone = was.side.city.zone
    first, last = (at.astimezone(zone).date() for at in (asked.record.since, asked.record.until - MOMENT))
    return {
        "period": {"from": first.isoformat(), "to": last.isoformat(), "zone": str(zone)},
        "as_of": asked.record.as_of.isoformat(),
        "made_up": None if asked.made_up is None else {"incidents": asked.made_up, "seed": asked.seed},
        "changed": _changed(asked.differs),
        "settings": settings,
        "difference": _differences(was.outcome, is_now.outcome),
        "record": _of_the_record(told, asked.made_up is None),
        "models": _models(asked.models),
        "hit": _hit(settings, was.outcome, is_now.outcome),
    }


def _setting(asked: Asked, run: Run) -> dict[str, Any]:
    """Return a setting's figures, what waited, and who carried how much."""
    loads = loads_of(run.outcome.tasks, asked.record.workers, asked.now)
    hours = [one.hours for one in loads.values()]
    tasks = [float(one.tasks) for one in loads.values()]
    return {
        "figures": figures_of(run.outcome, asked.record, run.side.city.rules, asked.now),
        "never_accepted": sum(one.case.incident.accepted_at is None for one in run.outcome.courses),
        "offers": len(run.outcome.tasks),
        "load": {
            "workers": len(loads),
            "tasks": {"median": _half(tasks), "most": max(tasks, default=None), "gini": _round(gini(tasks))},
            "hours": {"median": _half(hours), "most": _round(max(hours, default=None)), "gini": _round(gini(hours))},
        },
        "workers": {code: {"tasks": one.tasks, "hours": _round(one.hours, 2)} for code, one in loads.items()},
    }


def _differences(was: Outcome, is_now: Outcome) -> dict[str, Any]:
    """Return by how much each figure changes, with the bounds between which 95 % of drawn periods lie.

    Incidents are drawn with replacement, each with both of its outcomes; shares in parts of one, times in seconds.
    """
    rng = np.random.default_rng(SEED)
    before, after = _columns(was), _columns(is_now)
    count = len(was.courses)
    drawn: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(DRAWS if count else 0):
        draw = rng.integers(0, count, count)
        for name, measure in MEASURES.items():
            change = _change((before[measure.column][draw], after[measure.column][draw]), measure.of)
            drawn[name] += [] if change is None else [change]
    found = {}
    for name, measure in MEASURES.items():
        change = _change((before[measure.column], after[measure.column]), measure.of)
        known = drawn[name] if change is not None else []
        low, high = np.percentile(known, BOUNDS).tolist() if known else (None, None)
        found[name] = {"change": _round(change), "low": _round(low), "high": _round(high)}
    return found


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of incidents, NaN where one does not count, and what is made of it."""

    column: str
    of: Callable[[Floats], float]


def _median(values: Floats) -> float:
    return float(np.median(values))


def _p90(values: Floats) -> float:
    return float(np.quantile(values, 0.9))


def _mean(values: Floats) -> float:
    return float(values.mean())


MEASURES: Mapping[str, Measure] = {
    "time_to_accept_median": Measure("accepted_at", _median),
    "time_to_accept_p90": Measure("accepted_at", _p90),
    "time_to_scene_median": Measure("scene_at", _median),
    "time_to_scene_p90": Measure("scene_at", _p90),
    "time_to_handle_median": Measure("handled_at", _median),
    "closure_rate": Measure("closed", _mean),
}


def _columns(outcome: Outcome) -> dict[str, Floats]:
    """Return of each filed incident the seconds from its report, NaN where it did not come so far; 1 if it is closed."""
    told = [one.case.incident for one in outcome.courses]
    columns = {name: _since_report(told, name) for name in ("accepted_at", "scene_at", "handled_at")}
    closed = np.array([float(one.closed_at is not None) for one in told])
    return {**columns, "closed": closed}


def _since_report(incidents: Sequence[Incident], name: str) -> Floats:
    at = [(getattr(one, name), one.reported_at) for one in incidents]
    return np.array([np.nan if moment is None else (moment - since).total_seconds() for moment, since in at])


def _change(pair: tuple[Floats, Floats], of: Callable[[Floats], float]) -> float | None:
    known = [column[~np.isnan(column)] for column in pair]
    return of(known[1]) - of(known[0]) if all(len(column) for column in known) else None


def _of_the_record(told: Told, follows: bool) -> dict[str, Any]:
    """Say how much went as in the record, why the rest did not, and what the rules themselves say of the record."""
    causes = Counter(one.cause.value for one in told.courses if one.cause is not None)
    other = sum(causes.values())
    return {
        "incidents": len(told.courses),
        "as_recorded": len(told.courses) - other,
        "another_way": dict(sorted(causes.items())),
        "another_way_share": _round(other / len(told.courses)) if told.courses else None,
        "with_an_answer_by_a_model": sum(one.modelled > 0 for one in told.courses),
        "answers_by_a_model": sum(one.modelled for one in told.courses),
        "acts_by_hand_left_out": sum(one.left_out for one in told.courses),
        "rules_on_the_record": dict(sorted(told.rules.items())) if follows else {},
    }


def _models(models: Models) -> dict[str, Any]:
    return {
        "accepting": {"median_s": _half(models.accepting[EVERYBODY]), "n": models.n_accepted},
        "travelling": {"metres_per_s": _round(models.metres_per_second), "n": models.n_travelled},
        "handling": {"median_s": _round(models.handling.get(EVERYBODY)), "n": models.n_handled},
        "closing": {"median_s": _round(models.closing.get(EVERYBODY)), "n": models.n_closed},
    }


def _changed(differs: Difference) -> dict[str, Any]:
    return {
        "categories": sorted({*differs.slots, *differs.sorting, *differs.offers, *differs.clocks}),
        "ladders": sorted(differs.ladders),
        "limits": differs.limits,
        "workers_with_another_roster": differs.roster,
        "grids": differs.ground,
    }


def _hit(settings: Mapping[str, Any], was: Outcome, is_now: Outcome) -> dict[str, Any]:
    """Name whom the change would hit most: workers by hours, areas by the time until somebody accepts."""
    before, after = (settings[name]["workers"] for name in ("as_it_is", "changed"))
    none = {"tasks": 0, "hours": 0.0}
    workers = [
        {"code": code, "as_it_is": before.get(code, none), "changed": after.get(code, none)}
        for code in sorted({*before, *after})
        if before.get(code) != after.get(code)
    ]
    workers.sort(key=lambda one: (-abs(one["changed"]["hours"] - one["as_it_is"]["hours"]), one["code"]))
    return {"workers": workers[:MOST_HIT], "workers_in_all": len(workers), "areas": _areas(was, is_now)[:MOST_HIT]}


def _areas(was: Outcome, is_now: Outcome) -> list[dict[str, Any]]:
    """Return areas, as incidents lie in them as it is, in which somebody accepts sooner or later in the median."""
    waits: dict[str, tuple[list[float], list[float]]] = {}
    for old, new in zip(was.courses, is_now.courses, strict=True):
        path = old.case.incident.area_path
        if path is None:
            continue
        for some, course in zip(waits.setdefault(path.rpartition(".")[2], ([], [])), (old, new), strict=True):
            incident = course.case.incident
            if incident.accepted_at is not None:
                some.append((incident.accepted_at - incident.reported_at).total_seconds())
    found = [
        {
            "code": code,
            "as_it_is_s": _round(median(old), 1),
            "changed_s": _round(median(new), 1),
            "incidents": len(old),
        }
        for code, (old, new) in sorted(waits.items())
        if old and new and median(old) != median(new)
    ]
    return sorted(found, key=lambda one: -abs(float(one["changed_s"] or 0) - float(one["as_it_is_s"] or 0)))


def _half(values: Sequence[float]) -> float | None:
    return _round(median(values)) if values else None


def _round(value: float | None, digits: int = DIGITS) -> float | None:
    """Return a number as it is written: so many digits, and no zero with a sign."""
    return None if value is None else round(value, digits) + 0.0
