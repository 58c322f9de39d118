"""The streets of a demo town as a graph to walk on. Metres of the local frame inside, degrees outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import shapely

from data.demo.frame import Flags, Floats, Frame, Ints
from data.demo.rows import StreetRow


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Straight steps between the vertices of all streets, each in both directions.

    Attributes
    ----------
    places
        (nodes, 2) metres.
    starts, ends, lengths_m
        (steps,) nodes and length of each step; step i + steps / 2 is step i walked back.
    leaving
        (nodes, most) steps that leave a node, -1 where there are no more.
    tree
        The first half of the steps as lines.
    frame
        The way from metres to degrees.
    """

    places: Floats
    starts: Ints
    ends: Ints
    lengths_m: Floats
    leaving: Ints
    tree: shapely.STRtree
    frame: Frame

    def back(self, steps: Ints) -> Ints:
        """Give the same steps walked in the other direction."""
        return (steps + len(self.starts) // 2) % len(self.starts)

    def metres_to(self, node: int) -> Floats:
        """Measure the way along the streets from every node to one: (nodes,), infinite where there is none."""
        far = np.full(len(self.places), np.inf)
        far[node], waiting = 0.0, [(0.0, node)]
        ends, lengths, leaving = self.ends.tolist(), self.lengths_m.tolist(), self.leaving.tolist()
        while waiting:
            metres, here = heappop(waiting)
            if metres > far[here]:
                continue
            for step in leaving[here]:
                if step >= 0 and metres + lengths[step] < far[ends[step]]:
                    far[ends[step]] = metres + lengths[step]
                    heappush(waiting, (metres + lengths[step], ends[step]))
        return far


def network_of(streets: Sequence[StreetRow], frame: Frame) -> Network:
    """Join streets at equal vertices; main roads that end nowhere lead out of town and are left out."""
    lines = [street.line for street in streets]
    degrees, owner = shapely.get_coordinates(lines, return_index=True)
    raster, node = np.unique(np.round(degrees * 1e7).astype(np.int64), axis=0, return_inverse=True)
    node = node.reshape(-1)
    same = owner[1:] == owner[:-1]
    pairs = np.column_stack([node[:-1], node[1:]])[same]
    main = np.array([street.road_class == "main" for street in streets])[owner[1:][same]]
    pairs = _without_ways_out(pairs, main, len(raster))
    used, pairs = np.unique(pairs, return_inverse=True)
    pairs = pairs.reshape(-1, 2)
    places = frame.to_metres(raster[used] / 1e7)
    starts, ends = np.concatenate([pairs, pairs[:, ::-1]]).T.astype(np.int64)
    lengths = np.hypot(*(places[ends] - places[starts]).T)
    tree = shapely.STRtree(np.array(shapely.linestrings(places[pairs])))
    return Network(places, starts, ends, lengths, _leaving(starts, len(used)), tree, frame)


def _without_ways_out(pairs: Ints, main: Flags, nodes: int) -> Ints:
    """Peel main roads off from their loose ends up to the first junction."""
    while True:
        loose = np.bincount(pairs.ravel(), minlength=nodes) == 1
        gone = loose[pairs].any(axis=1) & main
        if not gone.any():
            return pairs
        pairs, main = pairs[~gone], main[~gone]


def _leaving(starts: Ints, nodes: int) -> Ints:
    order = np.argsort(starts, kind="stable")
    counts = np.bincount(starts, minlength=nodes)
    place = np.arange(len(starts)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((nodes, int(counts.max())), -1, dtype=np.int64)
    table[starts[order], place] = order
    return table
