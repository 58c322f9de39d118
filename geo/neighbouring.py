"""Blocks as a graph: who is next to whom, what lies apart, and which barriers must be crossed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import shapely

from geo.blocks import Blocks

ROOM, NEARLY = 0.2, 0.01
FAR_M = 1e6  # a piece that lies apart is never cut off again


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many homes a part has: from `least` to `most`."""

    least: int
    most: int

    def parts(self, homes: int) -> int:
        """Return into how many parts so many homes are best divided: with the least excess and lack, then the most room."""
        if homes <= 0:
            return 1
        middle = (self.least + self.most) / 2
        few = max(1, homes // max(self.most, 1) - 1)
        choices = range(few, max(few, homes // max(self.least, 1) + 1) + 1)
        return min(choices, key=lambda k: (k * self.off(homes / k), abs(homes / k - middle), k))

    def packable(self, homes: int) -> bool:
        """Say whether so many homes can be divided into parts that all keep to the rule."""
        return homes > 0 and -(-homes // max(self.most, 1)) <= homes // max(self.least, 1)

    def off(self, homes: float) -> float:
        """Say by how many homes a part is off the rule."""
        return max(0.0, homes - self.most) + max(0.0, self.least - homes)

    def strain(self, homes: float) -> float:
        """Say the same, and a little for being near to it: what has room can give and take."""
        room = (self.most - self.least) * ROOM
        return self.off(homes) + NEARLY * max(0.0, homes - self.most + room, self.least + room - homes)


class Graph:
    """Blocks as nodes; who is next to whom at what price, within an area."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.homes: list[int] = blocks.homes.tolist()
        self.next: list[dict[int, float]] = [{} for _ in self.homes]
        self.metres: list[dict[int, float]] = [{} for _ in self.homes]
        for (a, b), price, metres in zip(
            blocks.pairs.tolist(), blocks.prices.tolist(), blocks.metres.tolist(), strict=True
        ):
            self.join(a, b, price, metres)

    def join(self, a: int, b: int, price: float, metres: float) -> None:
        """Make two blocks neighbours."""
        self.next[a][b] = self.next[b][a] = price
        self.metres[a][b] = self.metres[b][a] = metres

    def weight(self, rows: Sequence[int] | set[int]) -> int:
        """Count the homes of some blocks."""
        return sum(self.homes[row] for row in rows)


def connected(beside: Sequence[Mapping[int, float]], rows: set[int]) -> list[set[int]]:
    """Split rows into connected parts, by their lowest rows."""
    left, parts = set(rows), []
    for start in sorted(rows):
        if start in left:
            left.discard(start)
            part, border = {start}, [start]
            while border:
                more = [other for other in beside[border.pop()] if other in left]
                left.difference_update(more)
                part.update(more)
                border += more
            parts.append(part)
    return parts


def link(graph: Graph, wanted: Wanted) -> list[list[int]]:
    """Join what lies apart in its area and has too few homes to the nearest ground of the area."""
    apart: list[list[int]] = []
    for parent in np.unique(graph.blocks.parents).tolist():
        pieces = connected(graph.next, set(np.flatnonzero(graph.blocks.parents == parent).tolist()))
        while len(pieces) > 1:
            small = min(pieces, key=lambda piece: (graph.weight(piece), min(piece)))
            if graph.weight(small) >= wanted.least:
                break
            pieces.remove(small)
            others = sorted(row for piece in pieces for row in piece)
            mine = sorted(small)
            here, there = _nearest(graph.blocks, mine, others)
            graph.join(here, there, FAR_M, 0.0)
            apart.append(mine)
            next(piece for piece in pieces if there in piece).update(small)
    return apart


def _nearest(blocks: Blocks, mine: list[int], others: list[int]) -> tuple[int, int]:
    """Return the block of each side that is nearest to the other side."""
    far = shapely.distance(shapely.union_all(blocks.shapes[mine]), blocks.shapes[others])
    there = others[int(far.argmin())]
    here = mine[int(shapely.distance(blocks.shapes[mine], blocks.shapes[there]).argmin())]
    return here, there


def components_to_divide(graph: Graph, wanted: Wanted) -> Iterator[set[int]]:
    """Split the blocks along barriers, and join across them what cannot be divided by itself."""
    blocked = {tuple(pair) for pair in graph.blocks.pairs[graph.blocks.barriers].tolist()}
    open_to = [
        {other: price for other, price in beside.items() if (min(row, other), max(row, other)) not in blocked}
        for row, beside in enumerate(graph.next)
    ]
    members = dict(enumerate(connected(open_to, set(range(len(graph.homes))))))
    of = {row: number for number, rows in members.items() for row in rows}
    beside: dict[int, dict[int, float]] = {number: {} for number in members}
    for row, others in enumerate(graph.metres):
        for other, metres in others.items():
            if of[other] != of[row]:
                beside[of[row]][of[other]] = beside[of[row]].get(of[other], 0.0) + metres
    homes = {number: graph.weight(rows) for number, rows in members.items()}
    waiting = [(count, number) for number, count in homes.items() if not wanted.packable(count)]
    waiting.sort()
    while waiting:
        count, number = heappop(waiting)
        if number not in members or homes[number] != count or not beside[number]:
            continue
        other = min(beside[number], key=lambda o: _dislike(wanted, count, homes[o], beside[number][o], o))
        _merge(number, other, members, beside, homes)
        if not wanted.packable(homes[other]):
            heappush(waiting, (homes[other], other))
    yield from (members[number] for number in sorted(members, key=lambda n: min(members[n])))


def _dislike(wanted: Wanted, count: int, homes: int, metres: float, other: int) -> tuple[bool, float, int]:
    return count > 0 and not wanted.packable(count + homes), -metres, other


def _merge(
    number: int,
    into: int,
    members: dict[int, set[int]],
    beside: dict[int, dict[int, float]],
    homes: dict[int, int],
) -> None:
    members[into] |= members.pop(number)
    homes[into] += homes.pop(number)
    for other, metres in beside.pop(number).items():
        del beside[other][number]
        if other != into:
            beside[into][other] = beside[other][into] = beside[into].get(other, 0.0) + metres
