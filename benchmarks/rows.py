"""Rows of figures: what was measured, what the peer reached in the same run, and whether that is enough."""

import json
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a value: at least or at most so much, or so many times the peer's."""

    sense: str
    bound: float
    of_peer: bool = False

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}{'× peer' if self.of_peer else ''}"

    def met(self, value: float, peer: float | None) -> bool | None:
        """Say whether a value meets it; None where it is a peer's and there is none."""
        if self.of_peer and peer is None:
            return None
        bound = self.bound * peer if self.of_peer and peer is not None else self.bound
        return value >= bound if self.sense == "≥" else value <= bound


def at_least(bound: float) -> Limit:
    """Ask for so much."""
    return Limit("≥", bound)


def at_most(bound: float) -> Limit:
    """Allow so much."""
    return Limit("≤", bound)


@dataclass(frozen=True, slots=True)
class Side:
    """One contestant: the figure of every repetition, and the seconds each repetition took."""

    name: str
    values: Sequence[float]
    seconds: Sequence[float]

    @property
    def value(self) -> float:
        """The median over the repetitions."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """Return name, median, spread and everything raw."""
        spread = [min(self.values), max(self.values)]
        raw = {"values": list(self.values), "seconds": list(self.seconds)}
        return {"name": self.name, "value": self.value, "spread": spread, **raw}


def quantile(name: str, runs: Sequence[Sequence[float]], q: float, unit: float = 1e3) -> Side:
    """Make a side of latencies: the quantile of each repetition, seconds times `unit`."""
    return Side(name, [float(np.quantile(run, q)) * unit for run in runs], [float(sum(run)) for run in runs])


def rate(name: str, count: int, seconds: Sequence[float], unit: float = 1.0) -> Side:
    """Make a side of rates: `count` things in each repetition, divided by its seconds and by `unit`."""
    return Side(name, [count / took / unit for took in seconds], seconds)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `differing` counts answers that are not what they should be; any makes the row fail."""

    case: str
    figure: str
    unit: str
    ours: Side
    peer: Side | None = None
    must: Limit | None = None
    aim: Limit | None = None
    differing: int | None = None
    how: str = ""

    @property
    def holds(self) -> bool | None:
        """Say whether every answer was right and the bound is met; None where nothing is promised."""
        wrong = None if self.differing is None else self.differing == 0
        met = None if self.must is None else self.met(self.must)
        known = [one for one in (wrong, met) if one is not None]
        return all(known) if known else None

    def met(self, limit: Limit) -> bool | None:
        """Say whether the value meets a limit."""
        return limit.met(self.ours.value, None if self.peer is None else self.peer.value)

    def as_json(self) -> dict[str, Any]:
        """Return the row for a file."""
        return {
            "case": self.case,
            "figure": self.figure,
            "value": self.ours.value,
            "unit": self.unit,
            "peer": self.peer and self.peer.as_json(),
            "must": self.must and str(self.must),
            "aim": self.aim and str(self.aim),
            "reaches_aim": None if self.aim is None else self.met(self.aim),
            "holds": self.holds,
            "differing": self.differing,
            "ours": self.ours.as_json(),
            "how": self.how,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of a benchmark gave."""

    rows: Sequence[Row]
    machine: Mapping[str, Any]
    skipped: Sequence[str] = ()
    quick: bool = False
    """Too little was run for any figure to mean something: only the answers count."""

    @property
    def failing(self) -> list[Row]:
        """Return the rows that do not hold."""
        return [row for row in self.rows if (row.differing if self.quick else row.holds is False)]


async def interleave[T](sides: Mapping[str, Callable[[], Awaitable[T]]], repetitions: int) -> dict[str, list[T]]:
    """Let each side run once a round, in turns from front and back, so that both meet the same machine."""
    found: dict[str, list[T]] = {name: [] for name in sides}
    for turn in range(repetitions):
        for name in list(sides)[:: 1 if turn % 2 == 0 else -1]:
            found[name].append(await sides[name]())
    return found


def show(measured: Measured) -> None:
    """Print the table, the failures once more below it."""
    header = ("case", "figure", "ours", "spread", "peer", "must", "aim", "")
    lines = [header, *(_cells(row) for row in measured.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    for reason in measured.skipped:
        print(f"· skipped: {reason}")
    for row in measured.failing:
        must = f", must be {row.must}" if row.must else ""
        wrong = f", {row.differing} ANSWERS DIFFER" if row.differing else ""
        print(f"✗ {row.case}, {row.figure}: {number(row.ours.value)} {row.unit}{must}{wrong}")
    if measured.quick:
        print("· a quick run: its answers count, its figures do not")
    print("machine: " + ", ".join(f"{name} {fact}" for name, fact in measured.machine.items()))


def _cells(row: Row) -> tuple[str, ...]:
    low, high = min(row.ours.values), max(row.ours.values)
    peer = "" if row.peer is None else f"{number(row.peer.value)} {row.peer.name}"
    verdict = {None: "", True: "✓", False: "✗"}[row.holds]
    if row.differing is not None:
        verdict += " equal" if row.differing == 0 else f" {row.differing} DIFFER"
    if row.aim is not None:
        verdict += "" if row.met(row.aim) else ", short of its aim"
    ours, spread = f"{number(row.ours.value)} {row.unit}", f"{number(low)} to {number(high)}"
    return row.case, row.figure, ours, spread, peer, str(row.must or ""), str(row.aim or ""), verdict


def number(value: float) -> str:
    """Write a figure with three digits that count."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def write(path: Path, name: str, measured: Measured) -> None:
    """Write everything as JSON."""
    rows = [row.as_json() for row in measured.rows]
    skipped = list(measured.skipped)
    whole = {
        "benchmark": name,
        "machine": measured.machine,
        "quick": measured.quick,
        "rows": rows,
        "skipped": skipped,
    }
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
