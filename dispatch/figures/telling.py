"""Tell: figures as plain values, each share with the bounds between which it lies with 95 % certainty."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dispatch.figures.counting import Counted, Tally
from dispatch.figures.kinds import FIGURES, Kind
from dispatch.figures.rates import wilson

FEW = 5
"""Below so many a figure says little: it is shown, and marked."""
DIGITS = 6


def told(counted: Counted) -> dict[str, Any]:
    """Return `total`, every figure by its code, and `groups`: each with its head and its figures."""
    [total] = _figures(counted.total, 1)
    if counted.groups is None:
        return {"total": total, "groups": []}
    heads, split = counted.groups.heads, _figures(counted.split, len(counted.groups.heads))
    some = np.zeros(len(heads), bool)
    for tally in counted.split.values():
        some |= tally.of > 0
    groups = [
        {**head, "figures": figures}
        for head, figures, any_ in zip(heads, split, some.tolist(), strict=True)
        if any_ or not (counted.groups.sparse or head["key"] is None)
    ]
    return {"total": total, "groups": groups}


def _figures(tallies: Mapping[str, Tally], count: int) -> list[dict[str, Any]]:
    columns = {code: TELL[FIGURES[code].kind](tally) for code, tally in tallies.items()}
    return [{code: column[n] for code, column in columns.items()} for n in range(count)]


def _count(tally: Tally) -> list[dict[str, Any]]:
    return [{"value": n} for n in tally.n.tolist()]


def _share(tally: Tally) -> list[dict[str, Any]]:
    low, high = wilson(tally.n, tally.of)
    rows = zip(
        tally.n.tolist(), tally.of.tolist(), low.round(DIGITS).tolist(), high.round(DIGITS).tolist(), strict=True
    )
    return [
        {"value": round(n / of, DIGITS), "n": n, "of": of, "low": least, "high": most, "few": of < FEW}
        if of
        else {"value": None, "n": 0, "of": 0, "low": None, "high": None, "few": False}
        for n, of, least, most in rows
    ]


def _mean(tally: Tally) -> list[dict[str, Any]]:
    assert tally.sum is not None
    rows = zip(tally.n.tolist(), tally.sum.tolist(), strict=True)
    return [{"value": round(sum_ / n, DIGITS) if n else None, "n": n, "few": 0 < n < FEW} for n, sum_ in rows]


def _duration(tally: Tally) -> list[dict[str, Any]]:
    assert tally.median is not None
    assert tally.p90 is not None
    rows = zip(tally.n.tolist(), tally.median.tolist(), tally.p90.tolist(), strict=True)
    return [
        {"median": median if n else None, "p90": p90 if n else None, "n": n, "few": 0 < n < FEW}
        for n, median, p90 in rows
    ]


TELL = {Kind.COUNT: _count, Kind.SHARE: _share, Kind.MEAN: _mean, Kind.DURATION: _duration}
