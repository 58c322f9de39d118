"""A place in each cell from which its points are told inside from outside: clear of the edges nearby."""

import math

import numba as nb
import numpy as np

from geo.kernels.raster import centre_of
from geo.kernels.sheet import BLOCK, UNKNOWN

STEPS = 2.0**23  # an anchor is named by whole numbers of 1 / STEPS degrees
FINER = 1 / (65536 * STEPS)
TRIES = 64
FLAT = 10  # the coarsest resolution of which a block of cells is as good as flat, up to 80° of latitude
CLEAR = 0.02  # of a sheet's `size`: clear enough
FARTHEST = 0.28  # of it: then the way between neighbours' anchors stays in the two cells
GOLDEN_ANGLE = 2.399963  # spreads tries evenly over a disc


@nb.njit(inline="always")
def place_at(step_x, step_y):
    """Return where an anchor is, by its steps: exact in floats, and a little off them in a way of its own.

    Else ground drawn on a raster of these steps would have an edge through every anchor.
    """
    x, y = np.int64(step_x), np.int64(step_y)
    return ((x << 16) + ((40503 * x + 30011 * y) & 0xFFFF)) * FINER, (
        (y << 16) + ((40503 * y + 30011 * x + 21001) & 0xFFFF)
    ) * FINER


@nb.njit(cache=True, nogil=True)
def clear_of(xy, entries, pairs, entry, x, y):
    """Measure how far a position is from the lines of a cell's edges, in degrees; 0 on one."""
    least = UNKNOWN
    while entry >= 0:
        pair = entries[entry, 2]
        while pair >= 0:
            k = pairs[pair, 1]
            ax, ay, bx, by = xy[k, 0] - x, xy[k, 1] - y, xy[k + 1, 0] - x, xy[k + 1, 1] - y
            along = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
            off = abs(ax * by - ay * bx) / along if along > 0 else math.sqrt(ax * ax + ay * ay)
            least = min(least, off)
            pair = pairs[pair, 0]
        entry = entries[entry, 0]
    return least


@nb.njit(cache=True, nogil=True)
def choose_anchor(xy, entries, pairs, entry, x, y, size):
    """Take the middle of a cell, or a place near it that is clear of the lines of all its edges: in steps."""
    best_x, best_y = math.floor(x * STEPS + 0.5), math.floor(y * STEPS + 0.5)
    at = place_at(best_x, best_y)
    best = clear_of(xy, entries, pairs, entry, at[0], at[1])
    if best > CLEAR * size:
        return best_x, best_y
    stretch = 1 / max(math.cos(y * math.pi / 180), 0.1)
    for attempt in range(1, TRIES):
        far, angle = FARTHEST * size * math.sqrt(attempt / TRIES), GOLDEN_ANGLE * attempt
        at_x = math.floor((x + far * math.cos(angle) * stretch) * STEPS + 0.5)
        at_y = math.floor((y + far * math.sin(angle)) * STEPS + 0.5)
        at = place_at(at_x, at_y)
        clear = clear_of(xy, entries, pairs, entry, at[0], at[1])
        if clear > best:
            best, best_x, best_y = clear, at_x, at_y
        if clear > CLEAR * size:
            break
    return best_x, best_y


@nb.njit(cache=True, nogil=True)
def fill_block(blocks, block, i, j, face, resolution):
    """Work out a block of cells: lng, lat of its middle cell (i, j), and what a step along each axis adds to them."""
    blocks[block, 0], blocks[block, 1] = centre_of(i, j, face, resolution)
    x, y = centre_of(i + 1, j, face, resolution)
    blocks[block, 2], blocks[block, 3] = x - blocks[block, 0], y - blocks[block, 1]
    x, y = centre_of(i, j + 1, face, resolution)
    blocks[block, 4], blocks[block, 5] = x - blocks[block, 0], y - blocks[block, 1]


@nb.njit(inline="always")
def middle_of(face, resolution, window, blocks, cell):
    """Return about where the middle of a cell is, right to 2 % of its size: straight on from its block's."""
    i, j = cell // window[3], cell % window[3]
    if resolution < FLAT:
        return centre_of(window[0] + i, window[1] + j, face, resolution)
    block = (i // BLOCK) * (window[3] // BLOCK + 1) + j // BLOCK
    from_i, from_j = i // BLOCK * BLOCK + BLOCK // 2, j // BLOCK * BLOCK + BLOCK // 2
    if blocks[block, 0] == UNKNOWN:
        fill_block(blocks, block, window[0] + from_i, window[1] + from_j, face, resolution)
    up, left = i - from_i, j - from_j
    return (
        blocks[block, 0] + up * blocks[block, 2] + left * blocks[block, 4],
        blocks[block, 1] + up * blocks[block, 3] + left * blocks[block, 5],
    )


@nb.njit(cache=True, nogil=True)
def give_anchor(xy, face, resolution, window, size, head, entries, pairs, anchors, blocks, cell):
    """Give a cell its anchor. Ask first whether it has none: the call takes longer than that."""
    x, y = middle_of(face, resolution, window, blocks, cell)
    at_x, at_y = math.floor(x * STEPS), math.floor(y * STEPS)
    if head[cell] >= 0:
        at_x, at_y = choose_anchor(xy, entries, pairs, head[cell], x, y, size)
    anchors[cell, 0], anchors[cell, 1] = at_x, at_y
