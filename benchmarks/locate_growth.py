"""How the cost of a point grows with the number of grids: the core in turns over all sets, and a picture of everybody."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from benchmarks.ground import Ground
from benchmarks.locate_pairs import OURS, LocatesMany, timed
from benchmarks.locate_sets import SIZES
from benchmarks.rows import Limit, Row, Side, interleave

MUST, AIM = Limit("≤", 8), Limit("≤", 3)
HOW = "Nanoseconds a point, one thread; all sets in turns, each in its own random order of points."
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 440, 64, 280, 36, 48
OUR_INK = "#c0392b"
INKS = ("#1f5f8b", "#3d7a3d", "#8a5a00", "#6b3fa0", "#555555", "#00796b", "#a0406b", "#7a7a00")
Line = Sequence[tuple[int, float]]


async def measure(grounds: Mapping[str, Ground], locators: Mapping[str, LocatesMany], repetitions: int) -> list[Row]:
    """Measure each set's cost a point, and the last set's cost in those of the first."""
    sides = {size: timed(_locating(ground, locators[size])) for size, ground in grounds.items()}
    found = await interleave(sides, repetitions)
    costs = {}
    for size, runs in found.items():
        took = [seconds for seconds, _ in runs]
        costs[size] = Side("ours", [seconds / len(grounds[size].lng) * 1e9 for seconds in took], took)
    rows = [Row(f"growth, {_grids(size)}", "cost of a point", "ns", cost, how=HOW) for size, cost in costs.items()]
    first, *_, last = costs
    times = [late / early for early, late in zip(costs[first].values, costs[last].values, strict=True)]
    must, aim = (MUST, AIM) if (first, last) == ("district", "nation") else (None, None)
    side = Side("ours", times, costs[last].seconds)
    return [
        *rows,
        Row(f"growth, {_grids(first)} to {_grids(last)}", "cost of a point", "×", side, None, must, aim, how=HOW),
    ]


def _grids(size: str) -> str:
    return f"{SIZES[size]:,} grids"


def _locating(ground: Ground, locator: LocatesMany) -> Callable[[], NDArray[np.int32]]:
    return lambda: locator.locate_many(ground.lng, ground.lat)


def draw(file: Path, lines: Mapping[str, Line], right: str = "grids", up: str = "ns a point") -> None:
    """Draw how many (logarithmic, to the `right`) against the cost (logarithmic, `up`), a line for each name."""
    places = [place for line in lines.values() for place in line]
    across = _Axis.over([grids for grids, _ in places], LEFT, WIDTH - RIGHT)
    upward = _Axis.over([cost for _, cost in places], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    ]
    parts += [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for value, x in across.ticks:
        parts.append(_stroke([(x, TOP), (x, HEIGHT - BOTTOM)], "#dddddd", 1))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{value:,}", anchor="middle"))
    for value, y in upward.ticks:
        parts.append(_stroke([(LEFT, y), (WIDTH - RIGHT, y)], "#dddddd", 1))
        parts.append(_text(LEFT - 8, y + 4, f"{value:,}", anchor="end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, right, anchor="middle"))
    parts.append(_text(8, TOP - 18, up))
    parts += _curves(lines, across, upward)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis: where its whole powers of ten begin and end, and where these lie on the paper."""

    low: int
    high: int
    begin: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], begin: float, end: float) -> "_Axis":
        """Make an axis on which all values have their place."""
        low = math.floor(math.log10(min(values)))
        return cls(low, max(math.ceil(math.log10(max(values))), low + 1), begin, end)

    def at(self, value: float) -> float:
        """Say where a value lies."""
        return self.begin + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.begin)

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """The whole powers of ten and where they lie."""
        return [(10**power, self.at(10**power)) for power in range(self.low, self.high + 1)]


def _curves(lines: Mapping[str, Line], across: _Axis, upward: _Axis) -> list[str]:
    """Draw every line, its name at its right end, names never upon each other."""
    drawn, below = [], -math.inf
    ends = sorted((upward.at(line[-1][1]), name) for name, line in lines.items())
    for other, (end, name) in zip(itertools.cycle(INKS), ends, strict=False):
        places = [(across.at(grids), upward.at(cost)) for grids, cost in lines[name]]
        ink, width = (OUR_INK, 3.0) if name == OURS else (other, 1.5)
        drawn.append(_stroke(places, ink, width))
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>' for x, y in places]
        below = max(end + 4, below + 14)
        drawn.append(_text(WIDTH - RIGHT + 8, below, name, ink=ink))
    return drawn


def _stroke(places: Sequence[tuple[float, float]], ink: str, width: float) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{joined}" fill="none" stroke="{ink}" stroke-width="{width}"/>'


def _text(x: float, y: float, said: str, anchor: str = "start", ink: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(said)}</text>'
