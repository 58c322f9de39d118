"""What is written for a cell: its records, and the tiles and pages that lead to them.

A record says which of its candidates cover its anchor (a bit each, candidates in order of code) and lists the
edges nearby with the bits of those they bound. On the way from the anchor to a point every edge crossed turns
its bits over: what is left covers the point. An edge that two grids share is stored once.
"""

import numba as nb
import numpy as np

from geo.kernels.anchors import give_anchor, place_at
from geo.kernels.sheet import NO_ANCHOR, NONE

TILE = 32  # cells of a tile along each axis
HEAD = 5  # words of a record before its candidates: anchor, counts, bits of the anchor, within what a side is unsure
EDGE = 5  # words of an edge: its ends from the anchor in degrees as float32, its bits
MOST = 32  # candidates of one record; more go into records that follow it
MORE = 1 << 30
LOOKED_THROUGH = 256  # edges of a cell, for one that is the same; beyond, each stands for itself
UNSURE = 32 * 2.0**-24  # of the farthest end squared: what rounding ends to float32 may do to a side, and more
FULL = -1  # a buffer was too small; the caller gives more


@nb.njit(cache=True, nogil=True)
def in_order(rank, entries, first, order):
    """List a cell's entries by their rows' rank; `order` is long enough. Returns how many."""
    count = 0
    entry = first
    while entry >= 0:
        place, its = count, rank[entries[entry, 1]]
        while place > 0 and rank[entries[order[place - 1], 1]] > its:
            order[place] = order[place - 1]
            place -= 1
        order[place] = entry
        count += 1
        entry = entries[entry, 0]
    return count


@nb.njit(cache=True, nogil=True)
def known_edge(xy, found, masks, count, k, bit):
    """Find an edge among those of a record that is the same, either way round, and does not bound this grid yet."""
    for number in range(count):
        other = found[number]
        if masks[number] & bit:
            continue
        back = xy[other, 0] == xy[k + 1, 0] and xy[other, 1] == xy[k + 1, 1]
        back = back and xy[other + 1, 0] == xy[k, 0] and xy[other + 1, 1] == xy[k, 1]
        forth = xy[other, 0] == xy[k, 0] and xy[other, 1] == xy[k, 1]
        if back or (forth and xy[other + 1, 0] == xy[k + 1, 0] and xy[other + 1, 1] == xy[k + 1, 1]):
            return number
    return -1


@nb.njit(cache=True, nogil=True)
def write_group(xy, names, size, entries, pairs, group, more, anchor, record, at, found, masks):
    """Write one record of up to `MOST` entries at word `at`; return the word behind it. There is room."""
    floats = record.view(np.float32)
    x, y = place_at(anchor[0], anchor[1])
    edges_at = at + HEAD + len(group)
    count, mask = 0, np.uint32(0)
    reach, least = size * size, 1e30
    for candidate in range(len(group)):
        entry, bit = group[candidate], np.uint32(1) << np.uint32(candidate)
        record[at + HEAD + candidate] = entries[entry, 1]
        if entries[entry, 4]:
            mask |= bit
        pair = entries[entry, 2]
        while pair >= 0:
            k = pairs[pair, 1]
            pair = pairs[pair, 0]
            same = known_edge(xy, found, masks, count, k, bit) if candidate > 0 and count <= LOOKED_THROUGH else -1
            if same >= 0:
                masks[same] |= bit
                continue
            found[count], masks[count] = k, bit
            word = edges_at + EDGE * count
            ax, ay, bx, by = xy[k, 0] - x, xy[k, 1] - y, xy[k + 1, 0] - x, xy[k + 1, 1] - y
            floats[word], floats[word + 1], floats[word + 2], floats[word + 3] = ax, ay, bx, by
            reach = max(reach, max(ax * ax + ay * ay, bx * bx + by * by))
            least = min(least, abs(ax * by - ay * bx))
            count += 1
    for number in range(count):
        record[edges_at + EDGE * number + 4] = np.int32(masks[number])
        k = found[number]
        record[edges_at + EDGE * count + number] = names[k] if len(names) else k
    unsure = UNSURE * reach
    floats[at + 4] = unsure if least > 4 * unsure else 1e30
    record[at], record[at + 1] = anchor[0], anchor[1]
    record[at + 2] = count | (len(group) << 24) | (MORE if more else 0)
    record[at + 3] = np.int32(mask)
    return edges_at + (EDGE + 1) * count


@nb.njit(cache=True, nogil=True)
def write_listed(xy, names, rank, size, entries, pairs, first, anchor, record, at, scratch):
    """Write the records of a cell from its list of entries: the word behind them, FULL when they do not fit.

    Candidates come in order of code, up to `MOST` in a record; `names` (none: its own number) are what the record
    calls an edge's first corner.
    """
    count, total = 0, 0
    entry = first
    while entry >= 0:
        count, total = count + 1, total + entries[entry, 3]
        entry = entries[entry, 0]
    if total >= 1 << 24 or at + (HEAD + 1) * count + (EDGE + 1) * total > len(record):
        return FULL
    if 2 * total + count > len(scratch):
        scratch = np.empty(2 * total + count, np.int32)
    order, found, masks = scratch[:count], scratch[count : count + total], scratch[count + total :].view(np.uint32)
    in_order(rank, entries, first, order)
    for done in range(0, count, MOST):
        group = order[done : done + MOST]
        at = write_group(
            xy, names, size, entries, pairs, group, done + MOST < count, anchor, record, at, found, masks
        )
    return at


@nb.njit(cache=True, nogil=True)
def emit(xy, names, rank, sheet, tiles, directory, record, used):
    """Turn what was noted into tiles, directory and records; `used` (tiles with a directory, words of records).

    A tile is -1 where no grid is, -2 - row where one grid covers all of it, else the number of its directory. A
    directory's cell is a row, -1, or -2 - the word where its records begin. False: there was no room.
    """
    face, resolution, window, size, head = sheet.face, sheet.resolution, sheet.window, sheet.size, sheet.head
    entries, pairs, fill, anchors, blocks = sheet.entries, sheet.pairs, sheet.fill, sheet.anchors, sheet.blocks
    columns = window[3]
    cells, scratch = np.empty(TILE * TILE, np.int32), np.empty(4096, np.int32)
    for tile in range(len(tiles)):
        across = columns // TILE
        base = (tile // across) * TILE * columns + (tile % across) * TILE
        uniform = True
        for place in range(TILE * TILE):
            cell = base + (place // TILE) * columns + place % TILE
            value = fill[cell]
            if head[cell] >= 0:
                if anchors[cell, 0] == NO_ANCHOR:
                    give_anchor(xy, face, resolution, window, size, head, entries, pairs, anchors, blocks, cell)
                value, anchor = -2 - used[1], (anchors[cell, 0], anchors[cell, 1])
                behind = write_listed(
                    xy, names, rank, size, entries, pairs, head[cell], anchor, record, used[1], scratch
                )
                if behind == FULL:
                    return False
                used[1] = behind
            cells[place] = value
            uniform &= value == cells[0] and head[cell] < 0
        if uniform:
            tiles[tile] = NONE if cells[0] < 0 else -2 - cells[0]
        else:
            if (used[0] + 1) * TILE * TILE > len(directory):
                return False
            directory[used[0] * TILE * TILE : (used[0] + 1) * TILE * TILE] = cells
            tiles[tile] = used[0]
            used[0] += 1
    return True
