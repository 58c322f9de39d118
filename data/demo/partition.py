"""Cut a town into connected, compact parts of about equal weight, again and again, until each part is one grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from data.demo.frame import Floats

DIRECTIONS = 16
MANY, DIRECTIONS_OF_MANY = 1_000, 6
IMBALANCE_COST = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What is cut: places (n, 2), weights (n,), and each piece's neighbours with the cost of cutting between."""

    places: Floats
    weights: Floats
    neighbours: Sequence[dict[int, float]]


def divide(pieces: Pieces, rows: Sequence[int], shares: Sequence[int]) -> list[list[int]]:
    """Divide rows into connected parts whose weights are as the shares; the parts in the order of the shares."""
    if len(shares) == 1:
        return [sorted(rows)]
    half = len(shares) // 2
    first, second = _halve(pieces, sorted(rows), sum(shares[:half]) / sum(shares))
    return divide(pieces, first, shares[:half]) + divide(pieces, second, shares[half:])


def _halve(pieces: Pieces, rows: list[int], share: float) -> tuple[list[int], list[int]]:
    """Find the cheapest of several straight-ish cuts: short, along wide roads, and close to the share."""
    total = pieces.weights[rows].sum()
    size = np.sqrt(np.ptp(pieces.places[rows], axis=0).prod() + 1.0)
    best: tuple[float, set[int]] | None = None
    within, directions = set(rows), DIRECTIONS if len(rows) < MANY else DIRECTIONS_OF_MANY
    for angle in np.arange(directions) * (2 * np.pi / directions):
        first = _grown(pieces, rows, np.array([np.cos(angle), np.sin(angle)]), share * total)
        off = abs(pieces.weights[list(first)].sum() / total - share) / min(share, 1 - share)
        cut = sum(cost for row in first for other, cost in pieces.neighbours[row].items() if other not in first)
        outer = sum(cost for row in first for other, cost in pieces.neighbours[row].items() if other not in within)
        score = (cut - outer) / size + IMBALANCE_COST * off + 20.0 * off * (off > 0.12)
        if 0 < len(first) < len(rows) and (best is None or score < best[0]):
            best = score, first
    if best is None:
        raise ValueError(f"{len(rows)} blocks cannot be cut in two")
    return sorted(best[1]), sorted(set(rows) - best[1])


def _grown(pieces: Pieces, rows: list[int], direction: Floats, wanted: float) -> set[int]:
    """Grow a connected part from one side until it has the wanted weight; what it cuts off joins it."""
    within = set(rows)
    key = dict(zip(rows, (pieces.places[rows] @ direction).tolist(), strict=True))
    start = min(rows, key=lambda row: (key[row], row))
    waiting, taken, seen, weight = [(key[start], start)], set[int](), {start}, 0.0
    while waiting:
        _, row = heappop(waiting)
        more = float(pieces.weights[row])
        if weight + more / 2 > wanted and taken:
            break
        taken.add(row)
        weight += more
        for other in pieces.neighbours[row]:
            if other in within and other not in seen:
                seen.add(other)
                heappush(waiting, (key[other], other))
    rest = max(components(pieces, within - taken), key=lambda part: (pieces.weights[list(part)].sum(), len(part)))
    return within - rest


def components(pieces: Pieces, rows: set[int]) -> list[set[int]]:
    """Split rows into connected parts; one empty part if there are no rows."""
    parts, left = [], set(rows)
    while left:
        part, border = set[int](), [min(left)]
        left.discard(border[0])
        while border:
            row = border.pop()
            part.add(row)
            more = [other for other in pieces.neighbours[row] if other in left]
            left.difference_update(more)
            border += more
        parts.append(part)
    return parts or [set()]
