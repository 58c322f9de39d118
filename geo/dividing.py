"""Merge blocks into connected parts of a wanted number of homes: short borders, along what is cheap to border on."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from geo.blocks import Blocks, Floats, Ints
from geo.neighbouring import Graph, Wanted, components_to_divide, connected, link

DIRECTIONS = 12
SWEEPS = 12
TRIES, LEAST_TRIES, MOST_TRIED = 8, 2, 20_000  # a town is divided eight times, a city of millions twice
MANY = 1_000
HOME_M = 2_000.0
"""What one home too many or too few in a part costs, in metres of border: more than any border is worth."""
WINDOW = 0.12  # of the wanted share: how far a first cut may be off it


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """Which part each block belongs to: `parts` int64 (b,), numbered from 0 by area, then from north to south.

    `apart` are pieces (rows of blocks) that lie apart from the rest of their area, with other ground between, and
    were joined to the nearest part of it. `crossed` counts parts with homes on both sides of
    water or a main road.
    """

    parts: Ints
    apart: tuple[tuple[int, ...], ...]
    crossed: int


def divide(blocks: Blocks, wanted: Wanted, seed: int) -> Divided:
    """Divide every area's blocks into connected parts of the wanted number of homes, as far as it can be done.

    Water and main roads are crossed only by what lies on one side and has too few homes, or a number that cannot
    be divided (501 to 599 where 300 to 500 are wanted). Ground that lies apart from the rest of its area and has
    too few homes joins the nearest ground of its area. Same seed, same parts.
    """
    graph = Graph(blocks)
    rng = np.random.default_rng(seed)
    apart = link(graph, wanted)
    parts: list[list[int]] = []
    tries = max(LEAST_TRIES, min(TRIES, MOST_TRIED // max(1, len(graph.homes))))
    for component in components_to_divide(graph, wanted):
        for rows in _manageable(graph, sorted(component), rng):
            parts += _best(graph, rows, wanted, rng, tries)
    numbers = np.empty(len(graph.homes), dtype=np.int64)
    for number, part in enumerate(_in_order(blocks, parts)):
        numbers[part] = number
    first, second = blocks.pairs[blocks.barriers].T
    lived = (blocks.homes[first] > 0) & (blocks.homes[second] > 0)
    crossed = np.unique(numbers[first][(numbers[first] == numbers[second]) & lived])
    return Divided(numbers, tuple(map(tuple, apart)), len(crossed))


def _manageable(graph: Graph, rows: list[int], rng: np.random.Generator) -> list[list[int]]:
    """Halve a large city until its pieces have about a thousand blocks; so many homes can always be divided."""
    if len(rows) <= MANY:
        return [rows]
    first, second = _halved(graph, rows, 0.5, float(rng.uniform(0, 2 * np.pi)))
    return _manageable(graph, first, rng) + _manageable(graph, second, rng)


def _best(graph: Graph, rows: list[int], wanted: Wanted, rng: np.random.Generator, tries: int) -> list[list[int]]:
    """Divide connected rows several times; keep what is nearest to the rule, then what has the cheapest borders."""
    count, within = wanted.parts(graph.weight(rows)), set(rows)
    again = range(tries if count > 1 else 1)
    found = [_improved(graph, _divided(graph, rows, count, wanted, rng), wanted) for _ in again]

    def worth(parts: list[list[int]]) -> float:
        off = sum(wanted.strain(graph.weight(part)) for part in parts)
        return HOME_M * off + sum(_cut_price(graph, set(part), within) for part in parts) / 2

    return min(found, key=worth)


def _in_order(blocks: Blocks, parts: list[list[int]]) -> list[list[int]]:
    def place(part: list[int]) -> tuple[int, float, float]:
        east, north = blocks.places[part].mean(axis=0).tolist()
        return int(blocks.parents[part[0]]), -north, east

    return sorted((part for part in parts if part), key=place)


def _divided(graph: Graph, rows: list[int], count: int, wanted: Wanted, rng: np.random.Generator) -> list[list[int]]:
    """Cut connected rows in two, again and again, until there are `count` parts, or no more blocks to cut."""
    if count <= 1 or len(rows) < 2:
        return [rows]
    half = count // 2
    first, second = _halved(graph, rows, half / count, float(rng.uniform(0, 2 * np.pi)))
    return _divided(graph, first, half, wanted, rng) + _divided(graph, second, count - half, wanted, rng)


def _halved(graph: Graph, rows: list[int], share: float, turn: float) -> tuple[list[int], list[int]]:
    """Find the cheapest of several cuts that leave about the share on the first side."""
    within, total = set(rows), max(graph.weight(rows), 1)
    best: tuple[float, list[int]] | None = None
    for angle in turn + np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS):
        towards = graph.blocks.places[rows] @ (np.cos(angle), np.sin(angle))
        first = _grown(graph, rows, within, towards, share * total)
        rest = max(
            connected(graph.next, within - first), key=lambda part: (graph.weight(part), len(part), -min(part))
        )
        side = within - rest
        off = abs(graph.weight(side) - share * total)
        score = _cut_price(graph, side, within) + HOME_M * max(0.0, off - WINDOW * total * min(share, 1 - share))
        if best is None or score < best[0]:
            best = score, sorted(side)
    chosen = best[1] if best else rows[:1]
    return chosen, sorted(within.difference(chosen))


def _cut_price(graph: Graph, side: set[int], within: set[int]) -> float:
    return sum(
        price for row in side for other, price in graph.next[row].items() if other in within and other not in side
    )


def _grown(graph: Graph, rows: list[int], within: set[int], towards: Floats, goal: float) -> set[int]:
    """Grow from one side; of the steps with about the wanted homes take the one with the cheapest border."""
    key = dict(zip(rows, towards.tolist(), strict=True))
    start = min(rows, key=lambda row: (key[row], row))
    waiting, seen, order = [(key[start], start)], {start}, list[int]()
    homes, price, taken = 0, 0.0, set[int]()
    best: tuple[float, int] | None = None
    while waiting and len(order) < len(rows) - 1:
        _, row = heappop(waiting)
        taken.add(row)
        order.append(row)
        homes += graph.homes[row]
        for other, cost in graph.next[row].items():
            if other in within:
                price += -cost if other in taken else cost
                if other not in seen:
                    seen.add(other)
                    heappush(waiting, (key[other], other))
        score = price + HOME_M * max(0.0, abs(homes - goal) - WINDOW * goal)
        if best is None or score < best[0]:
            best = score, len(order)
        if homes > goal * (1 + 2 * WINDOW) and best[0] < score:
            break
    return set(order[: best[1]] if best else [start])


def _improved(graph: Graph, parts: list[list[int]], wanted: Wanted) -> list[list[int]]:
    """Move single blocks between neighbouring parts of one component while that keeps the rule better, or is cheaper."""
    of = {row: number for number, part in enumerate(parts) for row in part}
    members = [set(part) for part in parts]
    homes = [graph.weight(part) for part in parts]
    for _ in range(SWEEPS):
        moved = 0
        for row in sorted(of):
            here = of[row]
            there = _better(graph, row, of, homes, wanted)
            if there is not None and len(members[here]) > 1 and _holds(graph, members[here], row):
                members[here].discard(row)
                members[there].add(row)
                homes[here] -= graph.homes[row]
                homes[there] += graph.homes[row]
                of[row] = there
                moved += 1
        if not moved:
            break
    return [sorted(part) for part in members]


def _better(graph: Graph, row: int, of: dict[int, int], homes: list[int], wanted: Wanted) -> int | None:
    """Return the neighbouring part where the block would do best, if better than where it is."""
    here, count = of[row], graph.homes[row]
    prices: dict[int, float] = {}
    for other, price in graph.next[row].items():
        if other in of:
            prices[of[other]] = prices.get(of[other], 0.0) + price
    best: tuple[float, int] | None = None
    for there in sorted(prices.keys() - {here}):
        off = wanted.strain(homes[here] - count) + wanted.strain(homes[there] + count)
        off -= wanted.strain(homes[here]) + wanted.strain(homes[there])
        gain = HOME_M * off + prices.get(here, 0.0) - prices[there]
        if gain < -1e-6 and (best is None or gain < best[0]):
            best = gain, there
    return best[1] if best else None


def _holds(graph: Graph, part: set[int], row: int) -> bool:
    """Say whether a part stays connected without one of its blocks."""
    beside = [other for other in graph.next[row] if other in part]
    if len(beside) < 2:
        return len(part) > 1
    wanted, seen, border = set(beside[1:]), {beside[0], row}, [beside[0]]
    while border and wanted:
        more = [other for other in graph.next[border.pop()] if other in part and other not in seen]
        seen.update(more)
        wanted.difference_update(more)
        border += more
    return not wanted
