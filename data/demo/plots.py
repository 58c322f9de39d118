"""Where rectangles fit: rows of buildings inside a plot, and buildings along a street front. Metres."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.frame import Floats


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rows of equal buildings: their length along the row and depth, the gaps between, the share left out."""

    length_m: float
    depth_m: float
    gap_m: float
    row_gap_m: float
    left_out: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rectangles: corners (n, 4, 2), the first side along the row; `row` (n,) counts rows from the north."""

    corners: Floats
    row: np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def largest(shape: BaseGeometry) -> Polygon:
    """Give the largest polygon of a shape, an empty one where there is none."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())


def eastward(shape: Polygon) -> float:
    """Give the angle (radians) of the side of the shape's tightest rectangle that runs most nearly east."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))
    sides = np.diff(corners, axis=0)[:2]
    angles = np.arctan2(sides[:, 1], sides[:, 0])
    folded = (angles + np.pi / 2) % np.pi - np.pi / 2
    return float(folded[np.argmin(np.abs(folded))])


def rows(plot: Polygon, angle: float, pattern: Pattern, rng: np.random.Generator) -> Rows:
    """Fill a plot with rows of buildings, all wholly inside."""
    if plot.is_empty:
        return Rows(np.empty((0, 4, 2)), np.empty(0, dtype=np.int64))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    level: Polygon = shapely.transform(plot, lambda xy: xy @ turn)
    _, south, _, north = level.bounds
    pitch = pattern.depth_m + pattern.row_gap_m
    count = int((north - south + pattern.row_gap_m) // pitch)
    top = north - (north - south + pattern.row_gap_m - count * pitch) / 2
    lefts, tops, numbers = [], [], []
    for row in range(count):
        y = top - row * pitch
        starts = _places(level, y, pattern)
        lefts.append(starts)
        tops.append(np.full_like(starts, y - pattern.depth_m))
        numbers.append(np.full(len(starts), row))
    if not lefts:
        return Rows(np.empty((0, 4, 2)), np.empty(0, dtype=np.int64))
    x, y0, number = np.concatenate(lefts), np.concatenate(tops), np.concatenate(numbers)
    corner = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [pattern.length_m, pattern.depth_m]
    corners = np.column_stack([x, y0])[:, None, :] + corner
    inside = shapely.covers(level, shapely.polygons(corners)) & (rng.random(len(x)) >= pattern.left_out)
    return Rows((corners @ turn.T)[inside], number[inside].astype(np.int64))


def _places(level: Polygon, top: float, pattern: Pattern) -> Floats:
    """Spread as many buildings as fit evenly over the widest run of one row; gives their left ends."""
    west, _, east, _ = level.bounds
    lines = [LineString([(west, y), (east, y)]) for y in (top, top - pattern.depth_m)]
    runs = [
        max(shapely.get_parts(cut), key=lambda part: part.length, default=None)
        for cut in shapely.intersection(lines, level)
    ]
    if any(run is None for run in runs):
        return np.empty(0)
    bounds = shapely.bounds(runs)
    left, right = bounds[:, 0].max() + 0.01, bounds[:, 2].min() - 0.01
    count = int((right - left + pattern.gap_m) // (pattern.length_m + pattern.gap_m))
    if count < 1:
        return np.empty(0)
    spare = (right - left - count * pattern.length_m) / max(1, count - 1) if count > 1 else 0.0
    step = pattern.length_m + min(spare, 2.2 * pattern.gap_m)
    start = (left + right - (count - 1) * step - pattern.length_m) / 2
    placed: Floats = start + np.arange(count) * step
    return placed


def along(front: Floats, back_m: float, widths: Floats, depths: Floats, gap_m: float) -> Floats:
    """Set buildings side by side along a front (n, 2) with the block on its left, `back_m` behind it.

    Gives corners (k, 4, 2), k <= len(widths), as many as the front is long; the first side faces the street.
    """
    line = LineString(front)
    starts = gap_m + np.concatenate([[0.0], np.cumsum(widths + gap_m)[:-1]])
    fits = starts + widths < line.length - gap_m
    starts, widths, depths = starts[fits], widths[fits], depths[fits]
    one = shapely.get_coordinates(shapely.line_interpolate_point(line, starts))
    two = shapely.get_coordinates(shapely.line_interpolate_point(line, starts + widths))
    ahead = (two - one) / np.maximum(1e-9, np.hypot(*(two - one).T))[:, None]
    left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    near = one + left * back_m
    side = ahead * widths[:, None]
    deep = left * depths[:, None]
    return np.stack([near, near + side, near + side + deep, near + deep], axis=1)


def ellipse(centre: Floats, radii: tuple[float, float], angle: float, points: int = 28) -> Polygon:
    """Draw an ellipse, for ponds and gardens."""
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = radii[0] * np.cos(t), radii[1] * np.sin(t)
    return Polygon(
        np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)]) + centre
    )


def polygons(shape: BaseGeometry, least_m2: float = 50.0) -> list[Polygon]:
    """Give the polygons of a shape that are large enough to see."""
    parts = shapely.get_parts(shape) if isinstance(shape, MultiPolygon) else [shape]
    return [part for part in parts if isinstance(part, Polygon) and part.area >= least_m2]
