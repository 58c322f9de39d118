"""From points to the grids that cover them, over the arrays of a lattice index.

The index comes as the address of its table of addresses: a call from Python then hands over three numbers and
not a dozen arrays. Whoever calls keeps alive what is at the addresses.
"""

import numba as nb
import numpy as np

from geo.kernels.anchors import place_at
from geo.kernels.exact import crosses, lies_on
from geo.kernels.memory import long, prefetch, real, short_float, word
from geo.kernels.records import EDGE, HEAD, MORE
from geo.kernels.region import ACROSS, EDGE_OF_FACE, REGIONS
from geo.kernels.sheet import NONE
from geo.kernels.short import lay_out, masks_of, side
from geo.kernels.sphere import CONTRACT, SCALES, round_hex, to_face, to_hex, to_planes, unit_vector

PLACES = nb.types.Array(nb.float64, 1, "C", readonly=True)  # takes those that may be written to, too: compiled once
BLOCK = 1024  # points that go through the stages together
FEW = 8  # regions of a block that are taken one after another
BINS, WINDOWS, TILES, PAGES, WORDS, CORNERS = 0, 1, 2, 3, 4, 5  # places in the table of addresses: of the base
NEW = 6  # further on: the same of what redraws added, and how much of each the base has
OWN = 12
FACES = 19  # of the 20 faces among the bins; before them -1, for what is not on Earth
RANK, TABLE = 39, 40
WINDOW = 8  # words of a region: resolution, i and j of its first cell, rows, columns, its first tile


@nb.njit(inline="always")
def at_word(table, kind, place, size):
    """Return the address of an item of `size` bytes, in the base or behind it in what redraws added."""
    own = long(table, OWN + kind)
    return long(table, kind) + place * size if place < own else long(table, NEW + kind) + (place - own) * size


@nb.njit(inline="always")
def region_of(table, face, a, b):
    """Return the region of a place on a face's plane, -1 where there is none."""
    own = long(table, FACES + face)  # face -1, not on Earth: the word before the first
    if own < 0:
        return -1
    row, column = int((a + EDGE_OF_FACE) * REGIONS), int((b + EDGE_OF_FACE) * REGIONS)
    if row < 0 or row >= ACROSS or column < 0 or column >= ACROSS:
        return -1
    return word(long(table, BINS), (own * ACROSS + row) * ACROSS + column)


@nb.njit(inline="always")
def tile_of(table, region, a, b):
    """Return the tile a place lies in and its cell there; -1 outside the region's window."""
    at = at_word(table, WINDOWS, region, 4 * WINDOW)
    resolution = word(at, 0)
    i, j, _ = to_hex(
        SCALES[resolution, 0] * a + SCALES[resolution, 1] * b, SCALES[resolution, 2] * a + SCALES[resolution, 3] * b
    )
    i, j = i - word(at, 1), j - word(at, 2)
    if i < 0 or j < 0 or i >= word(at, 3) or j >= word(at, 4):
        return NONE, 0
    return word(at, 5) + (i >> 5) * (word(at, 4) >> 5) + (j >> 5), ((i & 31) << 5) | (j & 31)


@nb.njit(inline="always")
def entry_of(table, tile, cell):
    """Return the address of a cell's entry in the directory; 0 where the tile itself answers."""
    return at_word(table, PAGES, tile, 4096) + 4 * cell


@nb.njit(cache=True, nogil=True)
def exact_answer(table, at, lng, lat):
    """Answer from the records at an address by exact arithmetic: a row, or -1."""
    while True:
        x, y = place_at(word(at, 0), word(at, 1))
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
        x, y = place_at(word(at, 0), word(at, 1))
        px, py = lng - x, lat - y
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        mask = word(at, 3)
        unsure = short_float(at, 4)
        close = False
        edge = at + 4 * (HEAD + candidates)
        for _ in range(count):
            a, b = (short_float(edge, 0), short_float(edge, 1)), (short_float(edge, 2), short_float(edge, 3))
            crossed, of_point = side(a[0], a[1], b[0], b[1], px, py)
            close |= abs(of_point) <= unsure
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


@nb.njit(nb.int64(nb.int64, nb.float64, nb.float64), cache=True, nogil=True)
def find_one(table, lng, lat):
    """Return the row of the grid that covers a position in WGS 84 degrees; -1 for none."""
    if not (abs(lng) <= 180 and abs(lat) <= 90):
        return np.int64(NONE)
    x, y, z = unit_vector(lng, lat)
    face, a, b = to_face(x, y, z)
    region = region_of(table, face, a, b)
    if region < 0:
        return np.int64(NONE)
    place, cell = tile_of(table, region, a, b)
    if place < 0:
        return np.int64(NONE)
    tile = word(at_word(table, TILES, place, 4), 0)
    if tile < 0:
        return np.int64(NONE) if tile == NONE else np.int64(-2 - tile)
    entry = np.int64(word(entry_of(table, tile, cell), 0))
    return entry if entry >= NONE else answer(table, at_word(table, WORDS, -2 - entry, 4), lng, lat)


@nb.njit(inline="always", fastmath=CONTRACT)
def cells_in(table, number, count, a, b, region, place, cell):
    """Find the tile and the cell there of those points of a block that lie in one region: no branches, so many at once."""
    at = at_word(table, WINDOWS, number, 4 * WINDOW)
    resolution, first_i, first_j = word(at, 0), float(word(at, 1)), float(word(at, 2))
    rows, columns, first = float(word(at, 3)), float(word(at, 4)), word(at, 5)
    across = np.int32(word(at, 4) >> 5)
    up_a, up_b, left_a, left_b = SCALES[resolution]
    for k in range(count):
        i, j, _ = round_hex(up_a * a[k] + up_b * b[k], left_a * a[k] + left_b * b[k])
        i, j = i - first_i, j - first_j
        here = (region[k] == number) & (i >= 0) & (j >= 0) & (i < rows) & (j < columns)
        p, q = np.int32(i if here else 0.0), np.int32(j if here else 0.0)
        tile = first + (p >> 5) * across + (q >> 5)
        place[k] = tile if here else place[k]
        cell[k] = ((p & 31) << 5 | (q & 31)) if here else cell[k]


@nb.njit(inline="always")
def few(bits):
    """Say whether at most `FEW` bits are set, and not the sign, which would stay when shifted."""
    count = 0
    while bits > 0 and count <= FEW:
        bits &= bits - 1
        count += 1
    return bits == 0


@nb.njit(inline="always")
def regions_of(count, region):
    """Say which regions a block lies in: the lowest, and a bit for each of the 64 from there; no bits where that is not all."""
    lowest, highest = np.int32(2**31 - 1), np.int32(NONE)
    for k in range(count):
        lowest = min(lowest, region[k] if region[k] >= 0 else lowest)
        highest = max(highest, region[k])
    bits = np.int64(0)
    if highest - lowest < 64:
        for k in range(count):
            bits |= np.int64(1) << np.int64(region[k] - lowest) if region[k] >= 0 else np.int64(0)
    return lowest, bits


@nb.njit(nb.void(nb.int64, PLACES, PLACES, nb.int32[::1]), cache=True, nogil=True)
def find_many(table, lng, lat, out):
    """Find the rows of the grids that cover positions in WGS 84 degrees, -1 for none: `out` int32 (k,).

    Blocks go through the stages one after another, so that the memory of many points is asked for at once.
    """
    face, a, b = np.empty(BLOCK, np.int8), np.empty(BLOCK), np.empty(BLOCK)
    region, place, cell = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    asked, at = np.empty(BLOCK + 1, np.int32), np.empty(BLOCK + 1, np.int64)
    x, y, record, edges = (
        np.empty(BLOCK),
        np.empty(BLOCK),
        np.empty((6, BLOCK), np.int32),
        np.empty((9, BLOCK), np.float32),
    )
    tiles, own_tiles, more_tiles = long(table, TILES), long(table, OWN + TILES), long(table, NEW + TILES)
    pages, own_pages, more_pages = long(table, PAGES), long(table, OWN + PAGES), long(table, NEW + PAGES)
    words, own_words, more_words = long(table, WORDS), long(table, OWN + WORDS), long(table, NEW + WORDS)
    for start in range(0, len(lng), BLOCK):
        count = min(BLOCK, len(lng) - start)
        to_planes(lng[start : start + count], lat[start : start + count], face, a, b)
        for k in range(count):
            region[k] = region_of(table, face[k], a[k], b[k])
            place[k] = NONE
        lowest, bits = regions_of(count, region)
        if bits != 0 and few(bits):
            while bits != 0:
                if bits & 1:
                    cells_in(table, lowest, count, a, b, region, place, cell)
                lowest, bits = lowest + 1, bits >> 1
        else:
            for k in range(count):
                if region[k] >= 0:
                    place[k], cell[k] = tile_of(table, region[k], a[k], b[k])
        pending = 0
        for k in range(count):
            tile = np.int32(NONE)
            if place[k] >= 0:
                p = np.int64(place[k])
                tile = word(tiles + 4 * p if p < own_tiles else more_tiles + 4 * (p - own_tiles), 0)
            out[start + k] = np.int32(NONE) if tile >= NONE else np.int32(-2 - tile)
            t = np.int64(tile)
            at[pending] = (pages + (t << 12) if t < own_pages else more_pages + ((t - own_pages) << 12)) + 4 * cell[k]
            asked[pending] = k
            pending += tile >= 0
        for number in range(pending):
            prefetch(at[number])
        waiting = 0
        for number in range(pending):
            entry, k = word(at[number], 0), asked[number]
            out[start + k] = entry
            at[waiting] = -2 - np.int64(entry)
            asked[waiting] = k
            waiting += entry < NONE
        for number in range(waiting):
            p = at[number]
            at[number] = words + 4 * p if p < own_words else more_words + 4 * (p - own_words)
            prefetch(at[number])
            prefetch(at[number] + 64)
        for number in range(waiting):
            k = start + asked[number]
            x[number], y[number] = lng[k], lat[k]
            lay_out(at[number], number, record, edges)
        masks_of(waiting, x, y, record, edges)
        longer = 0
        for number in range(waiting):
            mask, k = record[3, number], asked[number]
            row = word(at[number], HEAD + (0 if mask & 1 else 1))
            out[start + k] = row if mask != 0 else NONE
            at[longer], asked[longer] = at[number], k
            longer += mask == -1
        for number in range(longer):
            k = start + asked[number]
            out[k] = answer(table, at[number], lng[k], lat[k])
