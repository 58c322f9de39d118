"""From points to the grids that cover them, over the arrays of a lattice index.

The index comes as the address of its table of addresses: a call from Python then hands over three numbers and
not a dozen arrays. Whoever calls keeps alive what is at the addresses.
"""

import numba as nb
import numpy as np

from geo.kernels.anchors import STEPS
from geo.kernels.exact import crosses, lies_on
from geo.kernels.memory import pointer, prefetch
from geo.kernels.records import EDGE, HEAD, MORE
from geo.kernels.region import ACROSS, EDGE_OF_FACE, REGIONS
from geo.kernels.sheet import NONE
from geo.kernels.sphere import SCALES, to_face, to_hex, to_planes, unit_vector

BLOCK = 1024
BINS, AREAS, TILES, PAGES, WORDS, CORNERS = 0, 1, 2, 3, 4, 5  # places in the table of addresses: of the base
NEW = 6  # further on: the same of what redraws added, and how much of each the base has
OWN = 12
SLOTS = 19  # of the 20 faces among the bins; before them -1, for what is not on Earth
RANK, TABLE = 39, 40
AREA = 8  # words of a region: resolution, i and j of its first cell, rows, columns, its first tile


@nb.njit(inline="always")
def word(address, place):
    """Read a whole number of 32 bits."""
    return nb.carray(pointer(address), (1 << 40,), np.int32)[place]


@nb.njit(inline="always")
def long(address, place):
    """Read a whole number of 64 bits."""
    return nb.carray(pointer(address), (1 << 40,), np.int64)[place]


@nb.njit(inline="always")
def short_float(address, place):
    """Read a float32 as a float."""
    return np.float64(nb.carray(pointer(address), (1 << 40,), np.float32)[place])


@nb.njit(inline="always")
def real(address, place):
    """Read a float."""
    return nb.carray(pointer(address), (1 << 40,), np.float64)[place]


@nb.njit(inline="always")
def at_word(table, kind, place, size):
    """Return the address of an item of `size` bytes, in the base or behind it in what redraws added."""
    own = long(table, OWN + kind)
    return long(table, kind) + place * size if place < own else long(table, NEW + kind) + (place - own) * size


@nb.njit(inline="always")
def area_of(table, face, a, b):
    """Return the region of a place on a face's plane, -1 where there is none."""
    slot = long(table, SLOTS + face)  # face -1, not on Earth: the word before the first
    if slot < 0:
        return -1
    row, column = int((a + EDGE_OF_FACE) * REGIONS), int((b + EDGE_OF_FACE) * REGIONS)
    if row < 0 or row >= ACROSS or column < 0 or column >= ACROSS:
        return -1
    return word(long(table, BINS), (slot * ACROSS + row) * ACROSS + column)


@nb.njit(inline="always")
def tile_of(table, area, a, b):
    """Return the address of the tile a place lies in and its cell there; address 0 outside the region's window."""
    at = at_word(table, AREAS, area, 4 * AREA)
    resolution = word(at, 0)
    i, j, _ = to_hex(
        SCALES[resolution, 0] * a + SCALES[resolution, 1] * b, SCALES[resolution, 2] * a + SCALES[resolution, 3] * b
    )
    i, j = i - word(at, 1), j - word(at, 2)
    if i < 0 or j < 0 or i >= word(at, 3) or j >= word(at, 4):
        return 0, 0
    tile = word(at, 5) + (i >> 5) * (word(at, 4) >> 5) + (j >> 5)
    return at_word(table, TILES, tile, 4), ((i & 31) << 5) | (j & 31)


@nb.njit(inline="always")
def entry_of(table, tile, cell):
    """Return the address of a cell's entry in the directory; 0 where the tile itself answers."""
    return at_word(table, PAGES, tile, 4096) + 4 * cell


@nb.njit(cache=True, nogil=True)
def exact_answer(table, at, lng, lat):
    """Answer from the records at an address by exact arithmetic: a row, or -1."""
    while True:
        x, y = word(at, 0) / STEPS, word(at, 1) / STEPS
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        mask, touched = np.uint32(word(at, 3)), np.uint32(0)
        for number in range(count):
            bits = np.uint32(word(at, first + EDGE * number + 4))
            corner = at_word(table, CORNERS, np.int64(word(at, first + EDGE * count + number)), 16)
            ax, ay, bx, by = real(corner, 0), real(corner, 1), real(corner, 2), real(corner, 3)
            if lies_on(ax, ay, bx, by, lng, lat):
                touched |= bits
            elif crosses(ax, ay, bx, by, lng, lat, x, y):
                mask ^= bits
        mask |= touched
        for candidate in range(candidates):
            if (mask >> np.uint32(candidate)) & np.uint32(1):
                return np.int64(word(at, HEAD + candidate))
        if not packed & MORE:
            return np.int64(NONE)
        at += 4 * (first + (EDGE + 1) * count)


@nb.njit(inline="always")
def answer(table, at, lng, lat):
    """Answer from the records at an address: a row, or -1."""
    while True:
        px, py = lng - word(at, 0) / STEPS, lat - word(at, 1) / STEPS
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        mask = word(at, 3)
        unsure = short_float(at, 4)
        close = False
        edge = at + 4 * (HEAD + candidates)
        for _ in range(count):
            ax, ay = short_float(edge, 0), short_float(edge, 1)
            bx, by = short_float(edge, 2), short_float(edge, 3)
            to_a, to_b, of_anchor = px * ay - py * ax, px * by - py * bx, ax * by - ay * bx
            of_point = of_anchor + to_a - to_b
            close |= abs(of_point) <= unsure
            crossed = ((to_a >= 0) != (to_b >= 0)) & ((of_anchor > 0) != (of_point > 0))
            mask ^= word(edge, 4) if crossed else np.int32(0)
            edge += 4 * EDGE
        if close:
            return exact_answer(table, at, lng, lat)
        if mask != 0:
            candidate = 0
            while not (mask >> candidate) & 1:
                candidate += 1
            return np.int64(word(at, HEAD + candidate))
        if not packed & MORE:
            return np.int64(NONE)
        at = edge + 4 * count


@nb.njit(cache=True, nogil=True)
def find_one(table, lng, lat):
    """Return the row of the grid that covers a position in WGS 84 degrees; -1 for none."""
    if not (abs(lng) <= 180 and abs(lat) <= 90):
        return np.int64(NONE)
    x, y, z = unit_vector(lng, lat)
    face, a, b = to_face(x, y, z)
    area = area_of(table, face, a, b)
    if area < 0:
        return np.int64(NONE)
    at, cell = tile_of(table, area, a, b)
    if at == 0:
        return np.int64(NONE)
    tile = word(at, 0)
    if tile < 0:
        return np.int64(NONE) if tile == NONE else np.int64(-2 - tile)
    entry = np.int64(word(entry_of(table, tile, cell), 0))
    return entry if entry >= NONE else answer(table, at_word(table, WORDS, -2 - entry, 4), lng, lat)


@nb.njit(cache=True, nogil=True)
def find_many(table, lng, lat, out):
    """Find the rows of the grids that cover positions in WGS 84 degrees, -1 for none: `out` int32 (k,).

    Blocks go through the stages one after another, so that the memory of many points is asked for at once.
    """
    face, a, b = np.empty(BLOCK, np.int8), np.empty(BLOCK), np.empty(BLOCK)
    area, cell, asked = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    at = np.empty(BLOCK, np.int64)
    for start in range(0, len(lng), BLOCK):
        count = min(BLOCK, len(lng) - start)
        to_planes(lng[start : start + count], lat[start : start + count], face, a, b)
        for k in range(count):
            area[k] = area_of(table, face[k], a[k], b[k])
        for k in range(count):
            at[k] = 0
            if area[k] >= 0:
                at[k], cell[k] = tile_of(table, area[k], a[k], b[k])
        for k in range(count):
            found, place = np.int32(NONE), at[k]
            at[k] = 0
            if place != 0:
                tile = word(place, 0)
                found = np.int32(NONE) if tile >= NONE else np.int32(-2 - tile)
                if tile >= 0:
                    at[k] = entry_of(table, tile, cell[k])
                    prefetch(at[k])
            out[start + k] = found
        waiting = 0
        for k in range(count):
            if at[k] != 0:
                entry = np.int64(word(at[k], 0))
                if entry >= NONE:
                    out[start + k] = entry
                else:
                    asked[waiting] = k
                    at[waiting] = at_word(table, WORDS, -2 - entry, 4)
                    prefetch(at[waiting])
                    prefetch(at[waiting] + 64)
                    waiting += 1
        for number in range(waiting):
            k = start + asked[number]
            out[k] = answer(table, at[number], lng[k], lat[k])
