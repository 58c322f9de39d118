"""The benchmark of figures: what it draws is what a ledger reads, and a grid of which SQL says anything else is seen."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks import figures, run
from benchmarks.figures_drawn import NAMES, Extent, drawn
from data.incidents import Status
from data.ledger import STATUSES, entries_of
from dispatch.ledger import Ledger

EXTENT = Extent(3, np.array([1, 2]), 4)
CODED = {"category": ["a", "b", "c"], "layer": ["governance"], "area": ["C", "C.G1", "C.G2"]}


def test_what_is_drawn_is_read_by_a_ledger_row_by_row() -> None:
    assert len({id_.tobytes() for rows in drawn(150_000, EXTENT) for id_ in rows["id"]}) == 150_000
    [rows] = drawn(500, EXTENT)
    names = CODED | {"worker": [UUID(int=number) for number in range(4)]}
    ledger = Ledger(ZoneInfo("Asia/Shanghai"), [entries_of(rows.tobytes(), names)])
    assert len(ledger) == len(set(ledger.ids.tolist())) == 500
    assert {name: ledger[name].sum() for name in ("status", "reworks", "stars")} == {
        name: rows[name].sum() for name in ("status", "reworks", "stars")
    }
    assert {ledger.names("area")[code] for code in ledger["area"]} == {"C.G1", "C.G2"}
    closed = ledger["status"] == STATUSES.index(Status.CLOSED)
    assert (ledger["closed_day"][closed] >= ledger["filed_day"][closed]).all()
    assert set(np.diff(ledger["reported_at"]) >= 0) == {True}
    assert rows.tobytes() == next(drawn(500, EXTENT)).tobytes()
    assert set(NAMES) < set(rows.dtype.names or ())


def test_one_incident_more_in_one_grid_is_seen() -> None:
    told: dict[str, Any] = {code: {"n": 1} for code in figures.SHARES}
    told |= {"filed": {"value": 2}, "closed": {"value": 1}, "time_to_handle": {"p90": 60}}
    answer = {"groups": [{"key": "G1", "figures": told}]}
    right = {"code": "G1", "filed": 2, "closed": 1, **dict.fromkeys(figures.SHARES, 1), "p90": 60}
    assert figures._differing(answer, [right]) == 0
    assert figures._differing(answer, [right | {"closed": 2}]) == 2
    assert run.BENCHMARKS["figures"] == figures.__name__
