"""What is noted while a window of cells is built: one object for the kernels to hand on."""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from geo.kernels.raster import PITCH

Ints = NDArray[np.int32]

NONE = -1
NO_ANCHOR = -(2**31)
BLOCK = 16  # cells along each axis whose middles are worked out from one
UNKNOWN = 1e9


class Sheet(NamedTuple):
    """A window of cells on a face's lattice, and lists of what is in each: a cell is its place, rows of equal i.

    `head` (cells) begins a list of `entries` (next, row, first pair, pairs' count, whether the anchor is inside,
    cell) for each cell, the latest first; `pairs` (next, corner) list an entry's edges by their first corner in `xy`.
    """

    face: int
    resolution: int
    window: NDArray[np.int64]
    """i, j of the first cell, rows, columns."""
    size: float
    """About the least way through a cell, in degrees of latitude."""
    head: Ints
    entries: Ints
    pairs: Ints
    counts: NDArray[np.int64]
    """How many entries, pairs and corners there are."""
    mine: Ints
    """Each cell's entry of the shape at hand."""
    fill: Ints
    """The row that alone covers a cell without entries."""
    anchors: Ints
    blocks: NDArray[np.float64]


@nb.njit(cache=True, nogil=True)
def new_sheet(face, resolution, window, entries, pairs):
    """Take an empty sheet with room for so many entries and pairs."""
    cells = window[2] * window[3]
    return Sheet(
        face,
        resolution,
        window,
        PITCH[resolution] * (180 / np.pi) * 0.6,
        np.full(cells, NONE, np.int32),
        np.empty((entries, 6), np.int32),
        np.empty((pairs, 2), np.int32),
        np.zeros(3, np.int64),
        np.full(cells, NONE, np.int32),
        np.full(cells, NONE, np.int32),
        np.full((cells, 2), NO_ANCHOR, np.int32),
        np.full(((window[2] // BLOCK + 1) * (window[3] // BLOCK + 1), 6), UNKNOWN),
    )
