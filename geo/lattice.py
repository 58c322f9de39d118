"""H3 cells by our own compiled kernels: equal to `geo.cells`, for many positions at once and several times faster.

A cell is a position of a hexagonal lattice on a face of the icosahedron before it is a number: `places_of` and
`cells_at` translate. Nearer to a cell's edge than H3's own rounding, H3 itself is asked.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo import cells as h3
from geo.cells import RESOLUTION
from geo.kernels import names

NOWHERE = names.NOWHERE


def cell_of(lng: float, lat: float, resolution: int = RESOLUTION) -> int:
    """Name the H3 cell of one position in WGS 84 degrees; NOWHERE if it is not on Earth."""
    cell: int = names.name_one(lng, lat, resolution)
    return int(h3.cells_of(np.array([lng]), np.array([lat]), resolution)[0]) if cell == names.ASK else cell


def cells_of(lng: ArrayLike, lat: ArrayLike, resolution: int = RESOLUTION) -> NDArray[np.int64]:
    """Name the H3 cell of each position in WGS 84 degrees (k,): int64 (k,), NOWHERE where it is not on Earth."""
    return cells_and_asked(lng, lat, resolution)[0]


def cells_and_asked(lng: ArrayLike, lat: ArrayLike, resolution: int) -> tuple[NDArray[np.int64], int]:
    """Name the cells as `cells_of` does, and say for how many of them H3 itself was asked."""
    x, y = np.ascontiguousarray(lng, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"positions are two rows of one length, not {x.shape} and {y.shape}")
    cells = np.empty(len(x), dtype=np.int64)
    asked: int = names.fill_names(x, y, resolution, cells)
    if asked:
        open_ = np.flatnonzero(cells == names.ASK)
        cells[open_] = h3.cells_of(x[open_], y[open_], resolution)
    return cells, asked


def centres_of(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the cells' centres in WGS 84 degrees: lng, lat float64 (k,); NaN where a number is no cell."""
    given = np.ascontiguousarray(cells, dtype=np.int64)
    lng, lat = np.empty(len(given)), np.empty(len(given))
    names.fill_centres(given, lng, lat)
    return lng, lat


def places_of(cells: ArrayLike) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64]]:
    """Find the face each cell's centre lies on, and its lattice position i, j there: (k,); face -1 if it is no cell.

    The position is that of the cell's own resolution. A centre on a border goes to one of its faces.
    """
    given = np.ascontiguousarray(cells, dtype=np.int64)
    faces, i, j = np.empty(len(given), np.int8), np.empty(len(given), np.int64), np.empty(len(given), np.int64)
    names.fill_places(given, faces, i, j)
    return faces, i, j


def cells_at(faces: ArrayLike, i: ArrayLike, j: ArrayLike, resolution: int) -> NDArray[np.int64]:
    """Name the cells at lattice positions of faces (k,): int64 (k,); NOWHERE where no cell reaches onto the face."""
    cells = np.empty(np.shape(faces), dtype=np.int64)
    if not 0 <= resolution <= 15:
        raise ValueError(f"resolution {resolution} is not 0 to 15")
    face, *position = np.ascontiguousarray(faces, np.int8), *(np.ascontiguousarray(axis, np.int64) for axis in (i, j))
    names.fill_names_at(face, *position, resolution, cells)
    return cells
