"""Charts for paper: SVG of our own few lines, with no script and nothing to fetch. Colours are those of the light theme."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log10

from maps.palette import LIGHT

type Say = Callable[[float], str]
WIDE, HIGH = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 28
FONT = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Zen Hei, sans-serif"
LABELS = 8
"""About so many names fit under an axis."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar from nought to one: how sure it is from `low` to `high`, and what was aimed at; None where nothing is known."""

    name: str
    number: str
    value: float | None
    low: float | None = None
    high: float | None = None
    target: float | None = None


def sure(value: float | None, low: float | None, high: float | None, target: float | None = None) -> str:
    """Draw a share as a thin bar: the interval as a span, the value as a stroke, the target as a line."""
    parts = [_box(0, 3, 100, 2, "line")]
    if value is not None and low is not None and high is not None:
        parts.append(_box(low * 100, 1.5, max(0.8, (high - low) * 100), 5, "class-3"))
        if target is not None:
            parts.append(_box(min(98.8, target * 100 - 0.6), 0, 1.2, 8, "alarm"))
        parts.append(_box(min(98.4, max(0.0, value * 100 - 0.8)), 0, 1.6, 8, "text"))
    return f'<svg class="sure" viewBox="0 0 100 8" preserveAspectRatio="none">{"".join(parts)}</svg>'


def curve(bars: Sequence[Bar], said: Say) -> str:
    """Draw shares side by side, each with its whisker and its target."""
    step = (WIDE - LEFT - RIGHT) / max(1, len(bars))
    parts = _scale(1.0, 4, said)
    for place, bar in enumerate(bars):
        middle = LEFT + step * (place + 0.5)
        wide = min(90.0, step * 0.5)
        parts.append(_text(middle, HIGH - 9, bar.name, "middle", "text"))
        if bar.value is None:
            continue
        reached = bar.target is None or bar.value >= bar.target
        parts.append(_bar(middle - wide / 2, wide, bar.value, 1.0, "chart-1" if reached else "chart-2"))
        parts.append(_text(middle, HIGH - BOTTOM - 8, bar.number, "middle", "on-link", bold=True))
        if bar.low is not None and bar.high is not None:
            parts.append(_whisker(middle, bar.low, bar.high))
        if bar.target is not None:
            y = _y(bar.target, 1.0)
            parts.append(_line(middle - wide * 0.75, y, middle + wide * 0.75, y, "alarm", 'stroke-dasharray="6 4"'))
            parts.append(_text(middle + wide * 0.75 + 5, y + 4, said(bar.target), "start", "text-2"))
    return _svg(parts)


def trend(names: Sequence[str], rows: Sequence[tuple[float, float]], said: Say) -> str:
    """Draw two counts side by side for each step of time; all names as far as there is room."""
    top = _rounded(max((max(pair) for pair in rows), default=0))
    step = (WIDE - LEFT - RIGHT) / max(1, len(names))
    wide = min(14.0, step * 0.4)
    every = max(1, ceil(len(names) / LABELS))
    parts = _scale(top, 4 if top % 4 == 0 else 5, said)
    for place, (name, pair) in enumerate(zip(names, rows, strict=True)):
        middle = LEFT + step * (place + 0.5)
        for side, (value, colour) in enumerate(zip(pair, ("chart-3", "chart-1"), strict=True)):
            parts.append(_bar(middle - wide + side * wide, wide * 0.92, value, top, colour))
        if place % every == 0:
            parts.append(_text(middle, HIGH - 9, name, "middle", "text-2"))
    return _svg(parts)


def _rounded(most: float) -> float:
    """Return the smallest 4, 5, 8, 10, 20 … that is no less."""
    if most <= 4:
        return 4
    ten = 10 ** int(log10(most))
    return float(next(ten * n for n in (1, 2, 4, 5, 8, 10) if ten * n >= most))


def _y(value: float, top: float) -> float:
    return HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * value / top


def _scale(top: float, steps: int, said: Say) -> list[str]:
    parts = []
    for n in range(steps + 1):
        y = _y(top * n / steps, top)
        parts.append(_line(LEFT, y, WIDE - RIGHT, y, "line", 'stroke-width="1"'))
        parts.append(_text(LEFT - 6, y + 4, said(top * n / steps), "end", "text-2"))
    return parts


def _bar(x: float, wide: float, value: float, top: float, colour: str) -> str:
    y = _y(value, top)
    return _box(x, y, wide, HIGH - BOTTOM - y, colour)


def _whisker(x: float, low: float, high: float) -> str:
    down, up = _y(low, 1.0), _y(high, 1.0)
    ends = ((x, down, x, up), (x - 5, down, x + 5, down), (x - 5, up, x + 5, up))
    return "".join(_line(*end, "text") for end in ends)


def _box(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{LIGHT[colour]}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = 'stroke-width="1.5"') -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{LIGHT[colour]}" {more}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{LIGHT[colour]}"{weight}>{html.escape(text)}</text>'


def _svg(parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDE} {HIGH}" font-size="12" font-family="{FONT}">{"".join(parts)}</svg>'
    )
