"""What a cell of a built index has, read again for a redraw."""

import numba as nb
import numpy as np

from geo.kernels.anchors import place_at
from geo.kernels.entries import note
from geo.kernels.find import CORNERS, PAGES, TILES, WORDS, at_word
from geo.kernels.memory import real, word
from geo.kernels.records import EDGE, HEAD, MORE
from geo.kernels.sheet import NONE
from geo.kernels.walk import crossings

PAGE = 1024  # cells of a tile
COMPARED = 64  # edges of a cell, with those that were there; more are written anew


@nb.njit(cache=True, nogil=True)
def cell_value(table, tile_first, tiles_across, i, j):
    """Read what a cell of a region has: a row, -1, or -2 - the word where its records begin."""
    tile = word(at_word(table, TILES, tile_first + (i >> 5) * tiles_across + (j >> 5), 4), 0)
    if tile < 0:
        return NONE if tile == NONE else -2 - tile
    return word(at_word(table, PAGES, tile, 4 * PAGE) + 4 * (((i & 31) << 5) | (j & 31)), 0)


@nb.njit(cache=True, nogil=True)
def has_row(table, value, row):
    """Say whether a row is among those a cell's value or records name."""
    if value >= NONE:
        return value == row
    at = at_word(table, WORDS, -2 - value, 4)
    while True:
        packed = word(at, 2)
        candidates = (packed >> 24) & 63
        for candidate in range(candidates):
            if word(at, HEAD + candidate) == row:
                return True
        if not packed & MORE:
            return False
        at += 4 * (HEAD + candidates + (EDGE + 1) * (packed & 0xFFFFFF))


@nb.njit(cache=True, nogil=True)
def count_others(table, value, row):
    """Count the candidates other than `row` in a cell's records and their edges, each for every one it bounds."""
    rows, edges = 0, 0
    at = at_word(table, WORDS, -2 - value, 4)
    while True:
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        for candidate in range(candidates):
            if word(at, HEAD + candidate) != row:
                rows += 1
                for number in range(count):
                    edges += (word(at, first + EDGE * number + 4) >> candidate) & 1
        if not packed & MORE:
            return rows, edges
        at += 4 * (first + (EDGE + 1) * count)


@nb.njit(cache=True, nogil=True)
def read_others(table, value, row, cell, xy, names, sheet):
    """List them as a cell's entries, corners behind those `xy` has already, with their `names`: the records' anchor.

    There is room.
    """
    head, entries, pairs, counts = sheet.head, sheet.entries, sheet.pairs, sheet.counts
    at = at_word(table, WORDS, -2 - value, 4)
    anchor_x, anchor_y = word(at, 0), word(at, 1)
    while True:
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        for candidate in range(candidates):
            if word(at, HEAD + candidate) == row:
                continue
            note(head, entries, counts, cell, word(at, HEAD + candidate), (word(at, 3) >> candidate) & 1)
            entry = head[cell]
            for number in range(count):
                if (word(at, first + EDGE * number + 4) >> candidate) & 1:
                    name = word(at, first + EDGE * count + number)
                    corner = at_word(table, CORNERS, np.int64(name), 16)
                    k = counts[2]
                    xy[k, 0], xy[k, 1] = real(corner, 0), real(corner, 1)
                    xy[k + 1, 0], xy[k + 1, 1] = real(corner, 2), real(corner, 3)
                    names[k] = name
                    pairs[counts[1], 0], pairs[counts[1], 1] = entries[entry, 2], k
                    entries[entry, 2] = counts[1]
                    entries[entry, 3] += 1
                    counts[1] += 1
                    counts[2] += 2
        if not packed & MORE:
            return anchor_x, anchor_y
        at += 4 * (first + (EDGE + 1) * count)


@nb.njit(cache=True, nogil=True)
def turn_over(xy, entries, pairs, entry, from_x, from_y, to_x, to_y):
    """Say whether the way between two anchors, in steps, crosses an odd number of an entry's edges."""
    if from_x == to_x and from_y == to_y:
        return False
    first = entries[entry, 2]
    px, py = place_at(from_x, from_y)
    qx, qy = place_at(to_x, to_y)
    return crossings(xy, pairs, first, -1, px, py, qx, qy) % 2 == 1


@nb.njit(cache=True, nogil=True)
def stays(table, value, row, xy, entries, pairs, anchors, entry):
    """Say whether a cell's records have just these edges of a shape already, and the same side of them inside.

    False also for very many edges.
    """
    at = at_word(table, WORDS, -2 - value, 4)
    while True:
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        for candidate in range(candidates):
            if word(at, HEAD + candidate) != row:
                continue
            same, others = 0, 0
            if entries[entry, 3] > COMPARED:
                return False
            for number in range(count):
                if not (word(at, first + EDGE * number + 4) >> candidate) & 1:
                    continue
                others += 1
                corner = at_word(table, CORNERS, np.int64(word(at, first + EDGE * count + number)), 16)
                ax, ay, bx, by = real(corner, 0), real(corner, 1), real(corner, 2), real(corner, 3)
                pair = entries[entry, 2]
                while pair >= 0:
                    k = pairs[pair, 1]
                    pair = pairs[pair, 0]
                    forth = xy[k, 0] == ax and xy[k, 1] == ay and xy[k + 1, 0] == bx and xy[k + 1, 1] == by
                    back = xy[k, 0] == bx and xy[k, 1] == by and xy[k + 1, 0] == ax and xy[k + 1, 1] == ay
                    if forth or back:
                        same += 1
                        break
            if same != entries[entry, 3] or others != same:
                return False
            cell = entries[entry, 5]
            over = turn_over(xy, entries, pairs, entry, anchors[cell, 0], anchors[cell, 1], word(at, 0), word(at, 1))
            return ((entries[entry, 4] == 1) ^ over) == ((word(at, 3) >> candidate) & 1 == 1)
        if not packed & MORE:
            return False
        at += 4 * (first + (EDGE + 1) * count)
