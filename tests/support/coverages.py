"""Ground made to be hard on a locator, places most of which lie at its edges, and shapely's answer to each."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from geo.cells import cells_of, icosahedron, outlines
from geo.shapes import Shape

Floats = NDArray[np.float64]
Shapes = Sequence[Shape | None]
Rng = np.random.Generator

CLOSE = 1e-9  # degrees
STEP = 2.0**-23  # degrees: where records may have their anchors
LARGE = 2000  # corners from which a shape is prepared before it is asked


def covering(codes: Sequence[str], shapes: Shapes, places: Floats) -> list[int]:
    """Ask shapely about every grid whose box holds a place: rows, -1 for none; of several the lowest code.

    Unprepared, shapely joins the parts of an invalid shape; prepared, it counts how often a place is enclosed, as we do.
    """
    found = np.full(len(places), -1)
    x, y = places.T
    for row in sorted(range(len(codes)), key=lambda row: (codes[row], row), reverse=True):
        shape = shapes[row]
        if shape is None or shape.is_empty:
            continue
        west, south, east, north = shape.bounds
        near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
        if shapely.get_num_coordinates(shape) > LARGE or not shape.is_valid:
            shape = shapely.transform(shape, np.copy)  # others may be asking the same one
            shapely.prepare(shape)
        found[near[shapely.covers(shape, shapely.points(places[near]))]] = row
    return found.tolist()


def covers_exactly(shape: Shape, lng: float, lat: float) -> bool:
    """Say by fractions, which lose nothing, whether a shape covers a place."""
    x, y, odd = Fraction(lng), Fraction(lat), False
    begin, end = edges_of([shape])
    near = (np.minimum(begin[:, 1], end[:, 1]) <= lat) & (np.maximum(begin[:, 1], end[:, 1]) >= lat)
    for first, last in zip(begin[near].tolist(), end[near].tolist(), strict=True):
        ax, ay, bx, by = map(Fraction, (*first, *last))
        left = (ax - x) * (by - y) - (ay - y) * (bx - x)
        if left == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        odd ^= (ay > y) != (by > y) and (left > 0) == (by > ay)
    return odd


def edges_of(shapes: Shapes) -> tuple[Floats, Floats]:
    """Return where the edges of all shapes begin and end: (k, 2) and (k, 2)."""
    ground = np.array([shape for shape in shapes if shape is not None and not shape.is_empty], dtype=np.object_)
    rings = shapely.get_rings(shapely.get_parts(ground))
    xy, of = shapely.get_coordinates(rings, return_index=True)
    same = of[1:] == of[:-1]
    return xy[:-1][same], xy[1:][same]


def at_edges(shapes: Shapes, rng: Rng, count: int) -> Floats:
    """Choose places on vertices, on the very middles of edges, along edges, and up to `CLOSE` beside them."""
    begin, end = edges_of(shapes)
    edge, along = rng.integers(0, len(begin), count), rng.random((count, 1))
    places = begin[edge] + along * (end - begin)[edge]
    places[::3] = begin[edge][::3]
    places[1::6] = ((begin + end) / 2)[edge][1::6]
    return places + rng.choice([0, 0, 1e-15, 1e-12, CLOSE / 2], (count, 2)) * rng.uniform(-1, 1, (count, 2))


def on_steps(shapes: Shapes, rng: Rng, count: int) -> Floats:
    """Choose places at whole steps of the records' anchors, near vertices."""
    begin, _ = edges_of(shapes)
    near = begin[rng.integers(0, len(begin), count)]
    steps: Floats = (np.round(near / STEP) + rng.integers(-200, 201, (count, 2))) * STEP
    return steps


def on_cells(shapes: Shapes, rng: Rng, count: int) -> Floats:
    """Choose places on the edges and in the middles of lattice cells that the shapes' edges lie in."""
    begin, end = edges_of(shapes)
    edge, along = rng.integers(0, len(begin), 8), rng.random((8, 1))
    places = begin[edge] + along * (end - begin)[edge]
    cells = outlines(cells_of(places[:, 0], places[:, 1], int(rng.integers(7, 14))))
    true = [shapely.affinity.scale(cell, 1 / 1.02, 1 / 1.02) for cell in cells]
    middles = shapely.get_coordinates(shapely.centroid(np.array(true)))
    return np.vstack([at_edges(true, rng, count - len(middles)), middles])


def anywhere(shapes: Shapes, rng: Rng, count: int) -> Floats:
    """Choose places in and around the box of some shapes."""
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=np.object_))
    more = np.array([east - west, north - south]) * 0.1
    return rng.uniform(np.array([west, south]) - more, np.array([east, north]) + more, (count, 2))


def places_for(shapes: Shapes, rng: Rng, count: int) -> Floats:
    """Choose places of every kind, more than half of them at edges; all on Earth."""
    few = count // 8
    places = [at_edges(shapes, rng, count - 3 * few), on_steps(shapes, rng, few), on_cells(shapes, rng, few + 8)]
    return np.ascontiguousarray(np.clip(np.vstack([*places, anywhere(shapes, rng, few)]), (-180, -90), (180, 90)))


def star(rng: Rng, middle: Floats, size: float, corners: int | None = None) -> Polygon:
    """Draw a star, often with a hole."""
    many = int(rng.integers(3, 12)) if corners is None else corners
    turn = np.sort(rng.random(many)) * 0.5 * np.pi / many + np.arange(many) * 2 * np.pi / many
    spikes = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.3, 1, (many, 1)) * size
    return Polygon(middle + spikes, [middle + spikes * 0.5] if rng.random() < 0.4 else [])


def lattice(rng: Rng, middle: Floats, size: float, across: int = 3) -> list[Polygon]:
    """Draw grids that share their borders exactly and fill a square."""
    x, y = np.meshgrid(np.arange(across + 1) - across / 2, np.arange(across + 1) - across / 2, indexing="ij")
    nodes = middle + (np.stack([x, y], axis=-1) + rng.uniform(-0.3, 0.3, (across + 1, across + 1, 2))) * size / across
    return [of_nodes(nodes, i, j) for i in range(across) for j in range(across)]


def of_nodes(nodes: Floats, i: int, j: int) -> Polygon:
    """Draw one grid of a lattice."""
    return Polygon([nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]])


def free(rng: Rng, middle: Floats, size: float) -> list[Shape]:
    """Draw overlaps, gaps, holes and an exclave."""
    stars = [star(rng, middle + rng.uniform(-0.5, 0.5, 2) * size, size / 2) for _ in range(6)]
    joined = MultiPolygon(stars[:2])
    return [joined if joined.is_valid else stars[0], *stars[2:]]


def touching(rng: Rng, middle: Floats, size: float) -> list[Shape]:
    """Draw multipolygons whose parts touch in a point, a hole that touches its shell, and one who fills that hole."""
    part = size / 4
    x, y = middle
    corner = shapely.box(x - part, y - part, x, y), shapely.box(x, y, x + part, y + part)
    others = shapely.box(x - part, y, x, y + part), shapely.box(x, y - part, x + part, y)
    hole = [(x, y - size), (x - part, y - size / 2), (x + part, y - size / 2)]
    ring = [(x, y - size), (x + size, y - size), (x + size, y - part), (x - size, y - part), (x - size, y - size)]
    shapes: list[Shape] = [MultiPolygon(corner), MultiPolygon(others), Polygon(ring, [hole])]
    return [*shapes, Polygon(hole), star(rng, middle, size / 3)]


def spiky(rng: Rng, middle: Floats, size: float) -> list[Shape]:
    """Draw slivers a hair wide, a spike without any width, a bow that crosses itself, corners given twice."""
    slivers: list[Shape] = []
    for hair in (1e-12, 1e-9, 1e-6):
        turn, at = rng.uniform(0, np.pi), middle + rng.uniform(-0.3, 0.3, 2) * size
        along = np.array([np.cos(turn), np.sin(turn)]) * size / 2
        slivers.append(Polygon([at - along, at + along, at + along[::-1] * (-hair, hair) / size]))
    (x, y), part = middle, size / 3
    spike = [
        (x, y),
        (x + part, y),
        (x + part, y + part),
        (x + size, y + 2 * part),
        (x + part, y + part),
        (x, y + part),
    ]
    bow = [(x, y), (x - part, y - part), (x - part, y), (x, y - part)]
    twice = np.repeat(shapely.get_coordinates(star(rng, middle, size / 2).exterior), 3, axis=0)
    line = shapely.segmentize(shapely.box(x - part, y, x, y + size / 2), size / 40)
    return [*slivers, Polygon(spike), Polygon(bow), Polygon(twice), line]


def nested(rng: Rng, middle: Floats, size: float) -> list[Shape]:
    """Draw shapes in shapes, five deep, some equal to each other, some a tenth of a metre large."""
    outer = Polygon(star(rng, middle, size / 2).exterior)
    within = [
        shapely.affinity.scale(outer, part, part, origin=tuple(middle)) for part in (1, 0.8, 0.8, 0.5, 0.2, 0.2)
    ]
    tiny = [star(rng, middle + rng.uniform(-0.1, 0.1, 2) * size, 1e-7 * 10**power) for power in (0, 0, 1)]
    holed = Polygon(within[1].exterior, [within[3].exterior])
    return [*within, *tiny, holed, MultiPolygon([holed, within[5]])]


def stepped(rng: Rng, middle: Floats, size: float) -> list[Shape]:
    """Draw ground all of whose corners lie on steps of the anchors, or on rounded degrees."""
    unit = STEP if rng.random() < 0.7 else 1e-7
    drawn = [*lattice(rng, middle, size), star(rng, middle, size / 2)]
    rounded = [shapely.transform(shape, lambda xy: np.round(xy / unit) * unit) for shape in drawn]
    return [shape for shape in rounded if shape.is_valid and not shape.is_empty]


KINDS: dict[str, Callable[[Rng, Floats, float], Sequence[Shape]]] = {
    "lattice": lattice, "free": free, "touching": touching, "spiky": spiky, "nested": nested, "stepped": stepped,
}  # fmt: skip


def face_borders() -> Floats:
    """Return a place on each border between two faces of the icosahedron: lng, lat (30, 2)."""
    lng, lat = np.radians(icosahedron()).T
    corners = np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
    one, other = np.nonzero(np.triu(corners @ corners.T > 0.4, 1))
    return _degrees(0.4 * corners[one] + 0.6 * corners[other])


def _degrees(vectors: Floats) -> Floats:
    x, y, z = vectors.T
    return np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))]))


def middles() -> dict[str, Floats]:
    """Return where ground is hard to lay: by name, lng, lat (k, 2), all where the lattice suits small ground."""
    corners, borders = icosahedron(), face_borders()
    return {
        "null": np.array([[0.0, 0.0]]),
        "equator": np.array([[103.85, 0.0]]),
        "greenwich": np.array([[0.0, 51.4779]]),
        "north": np.array([[25.0, 79.0]]),
        "south": np.array([[-68.3, -79.0]]),
        "date line": np.array([[174.0, -41.3], [-174.2, 66.0]]),
        "corner": corners[(np.abs(corners) < (173, 78)).all(axis=1)],
        "face border": borders[(np.abs(borders) < (173, 78)).all(axis=1)],
    }
