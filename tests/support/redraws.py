"""A town whose grids are redrawn again and again: in every way that a locator has to follow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geo.shapes import Shape
from tests.support.coverages import Floats, Rng, of_nodes, star

Changes = dict[str, Shape | None]


@dataclass(frozen=True)
class Town:
    """Grids by code; `nodes` (n + 1, n + 1, 2) are the corners that neighbours share. Never changes."""

    shapes: Changes
    nodes: Floats

    @classmethod
    def built(cls, rng: Rng, middle: Floats, size: float, across: int = 5) -> "Town":
        """Lay out a square of grids."""
        x, y = np.meshgrid(np.arange(across + 1.0), np.arange(across + 1.0), indexing="ij")
        nodes = middle + (np.stack([x, y], axis=-1) + rng.uniform(-0.3, 0.3, (across + 1, across + 1, 2))) * size
        codes = rng.permutation([f"G{number:03d}" for number in range(across * across)]).tolist()
        return cls({code: of_nodes(nodes, *divmod(row, across)) for row, code in enumerate(codes)}, nodes)

    @property
    def codes(self) -> list[str]:
        """All codes, those of grids without ground too."""
        return list(self.shapes)

    @property
    def size(self) -> float:
        """About how wide a grid is, in degrees."""
        across = len(self.nodes) - 1
        return float(np.ptp(self.nodes[..., 1])) / across

    def after(self, changes: Changes, nodes: Floats | None = None) -> "Town":
        """Return the town once these grids are redrawn."""
        return Town({**self.shapes, **changes}, self.nodes if nodes is None else nodes)

    def any_code(self, rng: Rng) -> str:
        """Choose a grid of the first layout."""
        return self.codes[int(rng.integers(0, (len(self.nodes) - 1) ** 2))]


def nudge(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Move a corner that up to four grids share; they get back the ground the first layout gave them."""
    nodes, across = town.nodes.copy(), len(town.nodes) - 1
    i, j = rng.integers(0, across + 1, 2).tolist()
    nodes[i, j] += rng.uniform(-0.3, 0.3, 2) * town.size
    around = [(p, q) for p in (i - 1, i) for q in (j - 1, j) if 0 <= p < across and 0 <= q < across]
    return {town.codes[p * across + q]: of_nodes(nodes, p, q) for p, q in around}, nodes


def hair(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Move a shared corner by less than anyone could see."""
    nodes, across = town.nodes.copy(), len(town.nodes) - 1
    i, j = rng.integers(1, across, 2).tolist()
    nodes[i, j] = np.nextafter(nodes[i, j], 1000)
    around = [(p, q) for p in (i - 1, i) for q in (j - 1, j)]
    return {town.codes[p * across + q]: of_nodes(nodes, p, q) for p, q in around}, nodes


def split(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Cut a grid along a line; another grid takes the other half besides what it has, if that can be."""
    code, other = town.any_code(rng), town.any_code(rng)
    shape, others = town.shapes[code], town.shapes[other]
    if code == other or shape is None or shape.is_empty or not shape.is_valid:
        return {code: shape}, None
    west, south, east, north = shape.bounds
    middle = rng.uniform(west, east)
    sides = shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)
    both = [shapely.intersection(shape, side) for side in sides]
    halves = [half for half in both if isinstance(half, Polygon | MultiPolygon) and not half.is_empty]
    if len(halves) < 2:
        return {code: None}, None
    joined = MultiPolygon(list(shapely.get_parts([half for half in (halves[1], others) if half is not None])))
    return {code: halves[0], other: joined if joined.is_valid else halves[1]}, None


def remove(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Take a grid's ground away."""
    return {town.any_code(rng): None if rng.random() < 0.7 else Polygon()}, None


def restore(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Give the grids of a row the ground that the corners say."""
    across = len(town.nodes) - 1
    row = int(rng.integers(0, across))
    return {town.codes[row * across + j]: of_nodes(town.nodes, row, j) for j in range(across)}, None


def overlap(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Give a grid its neighbour's very ground too, or a star with a hole over several."""
    code, other = town.any_code(rng), town.any_code(rng)
    if rng.random() < 0.4:
        return {code: town.shapes[other]}, None
    middle = town.nodes.reshape(-1, 2)[rng.integers(0, town.nodes.size // 2)]
    return {code: star(rng, middle, town.size * float(rng.uniform(0.1, 2)))}, None


def pieces(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Give a grid several pieces among the others' ground."""
    low, high = town.nodes.min(axis=(0, 1)), town.nodes.max(axis=(0, 1))
    stars = [star(rng, rng.uniform(low, high), town.size / 3) for _ in range(4)]
    joined = MultiPolygon(stars)
    return {town.any_code(rng): joined if joined.is_valid else stars[0]}, None


def far(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Let a grid grow far beyond the others."""
    shape = star(rng, town.nodes[0, 0], town.size * float(rng.uniform(3, 30)))
    return {town.any_code(rng): shape}, None


def wide(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Let a grid become so wide that the lattice does not suit it any more."""
    x, y = town.nodes[0, 0]
    return {town.any_code(rng): shapely.box(x - 5, y - 0.5, x + 5, y + 0.5)}, None


def new(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Draw a grid nobody knew, on the others' ground."""
    low, high = town.nodes.min(axis=(0, 1)), town.nodes.max(axis=(0, 1))
    code = f"{'AGZ'[int(rng.integers(0, 3))]}{len(town.shapes)}"
    return {code: star(rng, rng.uniform(low, high), town.size)}, None


def several(town: Town, rng: Rng) -> tuple[Changes, Floats | None]:
    """Redraw two pieces of ground at once."""
    changes, nodes = nudge(town, rng)
    return {**overlap(town, rng)[0], **remove(town, rng)[0], **changes}, nodes


Act = Callable[[Town, Rng], tuple[Changes, Floats | None]]
SMALL: tuple[Act, ...] = (nudge, nudge, nudge, hair, split, remove, restore, overlap, pieces, several)
LARGE: tuple[Act, ...] = (far, wide, new)
"""Those that may have all of it made anew."""
