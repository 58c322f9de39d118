"""Micro-grids: each grid shared out among hub households, each of whom answers for the houses nearest to the own one."""

from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np

from data.demo.frame import Floats, Ints
from data.demo.partition import Pieces


def allot(weights: Floats, most: Ints, total: int) -> Ints:
    """Share out so many in proportion to weights (n,), at least one and at most `most` each (n,)."""
    given = np.ones(len(weights), dtype=np.int64)
    while given.sum() < total:
        hungry = np.where(given < most, weights / given, -1.0)
        if hungry.max() < 0:
            raise ValueError(f"{total} micro-grids are more than there are houses")
        given[int(np.argmax(hungry))] += 1
    return given


def shared_out(pieces: Pieces, members: Sequence[int], count: int) -> list[list[int]]:
    """Share connected pieces out among so many that weigh something, far from each other: each gets what is nearest.

    The parts come from north to south, each in the order of its rows; all are connected.
    """
    weighing = [row for row in members if pieces.weights[row] > 0]
    heads = sorted(
        _far_apart(pieces.places[weighing], count).tolist(), key=lambda at: -pieces.places[weighing[at], 1]
    )
    within, owner = set(members), dict[int, int]()
    waiting = [(0.0, number, weighing[at]) for number, at in enumerate(heads)]
    while waiting:
        metres, number, row = heappop(waiting)
        if row in owner:
            continue
        owner[row] = number
        for other in pieces.neighbours[row]:
            if other in within and other not in owner:
                step = float(np.hypot(*(pieces.places[other] - pieces.places[row])))
                heappush(waiting, (metres + step, number, other))
    return [[row for row in sorted(members) if owner[row] == number] for number in range(count)]


def _far_apart(places: Floats, count: int) -> Ints:
    """Choose rows far from each other, the first one nearest to the middle."""
    chosen = [int(np.argmin(np.hypot(*(places - places.mean(axis=0)).T)))]
    away = np.hypot(*(places - places[chosen[0]]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(places - places[chosen[-1]]).T))
    return np.array(chosen, dtype=np.int64)
