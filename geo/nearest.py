"""Distances on the sphere: the k nearest of things that move, and how far ground is."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import PointOutOfRangeError
from geo.point import Point

EARTH_RADIUS_M = 6_371_008.771415  # PostGIS: (2a + b) / 3 of WGS 84, its sphere for use_spheroid = false
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180  # of latitude


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Where many things are: WGS 84 degrees, float64 (n,) each.

    Raises
    ------
    PointOutOfRangeError
        If any coordinate is not finite or not on Earth.
    """

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]

    def __post_init__(self) -> None:
        for axis, limit in (("lng", 180), ("lat", 90)):
            given = np.array(getattr(self, axis), dtype=np.float64)
            if not np.all(np.abs(given) <= limit):
                raise PointOutOfRangeError(axis=axis)
            given.flags.writeable = False
            object.__setattr__(self, axis, given)
        if self.lng.ndim != 1 or self.lng.shape != self.lat.shape:
            raise ValueError("lng and lat must be one-dimensional and equally long")


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Rows found, nearest first, and how far each is: int64 (m,), float64 (m,)."""

    rows: NDArray[np.int64]
    metres: NDArray[np.float64]


def metres(to: Point, lng: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Measure great-circle metres from `to` to each position given in WGS 84 degrees: float64 (n,)."""
    east = np.radians(np.asarray(lng, dtype=np.float64) - to.lng)
    south, north = np.radians(to.lat), np.radians(np.asarray(lat, dtype=np.float64))
    half_chord2 = np.sin((north - south) / 2) ** 2 + np.cos(south) * np.cos(north) * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half_chord2, 0, 1))), dtype=np.float64)


def unit_vectors(lng: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Return where positions in WGS 84 degrees point from the Earth's centre: float64 (n, 3), NaN stays NaN."""
    east, north = np.radians(np.asarray(lng, np.float64)), np.radians(np.asarray(lat, np.float64))
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def chords2(to: Point, toward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the squared straight way through the Earth to each unit vector, float64 (n,) in Earth radii squared.

    It grows with the great-circle way and costs no sine: good for ordering many.
    """
    total = np.zeros(len(toward))
    for along, here in zip(toward.T, unit_vectors([to.lng], [to.lat])[0], strict=True):
        apart = along - here
        total += apart * apart
    return total


def metres_of(chord2: ArrayLike) -> NDArray[np.float64]:
    """Turn squared chords into great-circle metres, float64 (n,)."""
    half = np.minimum(np.sqrt(np.asarray(chord2, np.float64)) / 2, 1)
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(half), dtype=np.float64)


def nearest(to: Point, among: Positions, k: int = 1) -> Hits:
    """Find the `k` positions closest to `to`.

    Returns
    -------
    Hits
        m = min(k, n), nearest first, equal distances in row order. Great-circle metres, not walking distance.
    """
    m = min(max(k, 0), len(among.lng))
    away = metres(to, among.lng, among.lat)
    if m == 0:
        return Hits(np.empty(0, np.int64), np.empty(0, np.float64))
    near = np.flatnonzero(away <= np.partition(away, m - 1)[m - 1])
    rows = near[np.argsort(away[near], kind="stable")[:m]].astype(np.int64)
    return Hits(rows, away[rows])


def metres_to_boxes(point: Point, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure metres from `point` to boxes of degrees west, south, east, north (n, 4): float64 (n,).

    Right to 1 % within 500 km, rough beyond. Infinite where a box is NaN.
    """
    west, south, east, north = boxes.T
    direct = np.maximum(np.maximum(west - point.lng, point.lng - east), 0)
    round_about = np.maximum(np.minimum(west + 360 - point.lng, point.lng + 360 - east), 0)
    off = np.minimum(direct, round_about)
    return np.nan_to_num(metres(Point(0, point.lat), off, np.clip(point.lat, south, north)), nan=np.inf)


def metres_to_shapes(point: Point, shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Measure metres from `point` to the nearest ground of each shape, 0 inside: float64 (n,).

    Exact to the corners on our sphere; an edge is straight in the azimuthal equidistant projection around
    `point`. NaN for none and for an empty shape.
    """

    def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        east = np.radians(degrees[:, 0] - point.lng)
        south, north = np.radians(point.lat), np.radians(degrees[:, 1])
        x = np.cos(north) * np.sin(east)
        y = np.cos(south) * np.sin(north) - np.sin(south) * np.cos(north) * np.cos(east)
        stretch = metres(point, degrees[:, 0], degrees[:, 1]) / np.maximum(np.hypot(x, y), 1e-300)
        return np.column_stack([x * stretch, y * stretch])

    flat = shapely.transform(shapes, project)
    return np.asarray(shapely.distance(flat, shapely.Point(0, 0)), dtype=np.float64)
