"""What a demo town's grids are cut from: its blocks, or the plots where a grid is smaller than a block."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.frame import Frame, Ints
from data.demo.ground import Ground, touching_m
from data.demo.parcels import Parcels
from data.demo.partition import Pieces

# How dear a metre of border is along a road of each class: borders follow the wide ones.
BORDER_COST = {"main": 0.35, "secondary": 0.8, "lane": 1.5}
WITHIN_BLOCK = 2.2

type Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Shapes in WGS 84 (n,), and the pieces they are dealt out in: piece i is the shapes `of_piece[i]`."""

    shapes: Shapes
    pieces: Pieces
    of_piece: Sequence[Sequence[int]]

    def of(self, pieces: Sequence[int]) -> list[int]:
        """Return the rows of the shapes of some pieces."""
        return [row for piece in pieces for row in self.of_piece[piece]]


def of_blocks(ground: Ground, flats: Ints, shapes: Shapes, of_block: Sequence[Sequence[int]]) -> Material:
    """Deal the ground out in whole blocks, weighed by their flats (blocks,); `shapes` may be the plots in them."""
    blocks = [block.shape for block in ground.blocks]
    places = shapely.get_coordinates(shapely.centroid(blocks))
    neighbours: list[dict[int, float]] = [{} for _ in blocks]
    dear = np.array([BORDER_COST[road.road_class] for road in ground.roads])[ground.touching[:, 2]]
    for (one, other, _), cost in zip(ground.touching.tolist(), (ground.touching_m * dear).tolist(), strict=True):
        neighbours[one][other] = neighbours[other][one] = neighbours[one].get(other, 0.0) + cost
    return Material(shapes, Pieces(places, flats.astype(np.float64), neighbours), of_block)


def of_plots(ground: Ground, parcels: Parcels, flats: Ints, frame: Frame) -> Material:
    """Deal the ground out in plots, weighed by their flats (plots,); borders through a block are dear."""
    between = {
        (min(one, other), max(one, other)): BORDER_COST[ground.roads[road].road_class]
        for one, other, road in ground.touching.tolist()
    }
    shapes = shapely.transform(parcels.shapes, frame.to_metres)
    neighbours: list[dict[int, float]] = [{} for _ in shapes]
    pairs, metres = touching_m(list(shapes))
    for (one, other), length in zip(pairs.tolist(), metres.tolist(), strict=True):
        a, b = sorted((int(parcels.block[one]), int(parcels.block[other])))
        cost = length * (WITHIN_BLOCK if a == b else between.get((a, b), WITHIN_BLOCK))
        neighbours[one][other] = neighbours[other][one] = neighbours[one].get(other, 0.0) + cost
    places = shapely.get_coordinates(shapely.centroid(shapes))
    pieces = Pieces(places, flats.astype(np.float64), neighbours)
    return Material(parcels.shapes, pieces, [[row] for row in range(len(shapes))])


def connected(neighbours: Sequence[dict[int, float]], rows: set[int]) -> bool:
    """Say whether some pieces hang together."""
    left, border = set(rows), [min(rows)] if rows else []
    left.difference_update(border)
    while border:
        more = [other for other in neighbours[border.pop()] if other in left]
        left.difference_update(more)
        border += more
    return not left
