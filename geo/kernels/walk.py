"""Whether anchors are inside a shape: from a known one to the next, by the edges crossed on the way."""

import numba as nb

from geo.kernels.anchors import give_anchor, place_at
from geo.kernels.entries import take
from geo.kernels.exact import crosses, side
from geo.kernels.sheet import NO_ANCHOR, NONE


@nb.njit(inline="always")
def has_edge(pairs, pair, k):
    """Say whether a list of edges has the one from corner `k`."""
    while pair >= 0:
        if pairs[pair, 1] == k:
            return True
        pair = pairs[pair, 0]
    return False


@nb.njit(inline="always")
def crossings(xy, pairs, one, other, px, py, qx, qy):
    """Count the edges of two lists, each once, that the way from p to q crosses."""
    count = 0
    pair = one
    while pair >= 0:
        k = pairs[pair, 1]
        count += crosses(xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1], px, py, qx, qy)
        pair = pairs[pair, 0]
    pair = other
    while pair >= 0:
        k = pairs[pair, 1]
        if crosses(xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1], px, py, qx, qy) and not has_edge(pairs, one, k):
            count += 1
        pair = pairs[pair, 0]
    return count


@nb.njit(cache=True, nogil=True)
def inside(xy, first, last, px, py):
    """Say whether a point that lies on no edge is inside the rings, by the edges to its right."""
    odd = False
    for ring in range(len(first)):
        for k in range(first[ring], last[ring] - 1):
            ay, by = xy[k, 1], xy[k + 1, 1]
            if (ay > py) != (by > py):
                left = side(xy[k, 0], ay, xy[k + 1, 0], by, px, py) > 0
                odd ^= left == (by > ay)
    return odd


@nb.njit(inline="always")
def step(xy, entries, pairs, mine, anchors, here, there):
    """Say whether the way from one cell's anchor to its neighbour's crosses a shape's edges an odd number of times."""
    one, other = mine[here], mine[there]
    px, py = place_at(anchors[here, 0], anchors[here, 1])
    qx, qy = place_at(anchors[there, 0], anchors[there, 1])
    first = entries[one, 2] if one >= 0 else -1
    second = entries[other, 2] if other >= 0 else -1
    return crossings(xy, pairs, first, second, px, py, qx, qy) % 2 == 1


@nb.njit(cache=True, nogil=True)
def extent(sheet, first, last):
    """Point out a shape's entries in their cells: the first and last row and column of these."""
    entries, mine, columns = sheet.entries, sheet.mine, sheet.window[3]
    low_i, high_i, low_j, high_j = sheet.window[2], -1, columns, -1
    for entry in range(first, last):
        cell = entries[entry, 5]
        mine[cell] = entry
        i, j = cell // columns, cell % columns
        low_i, high_i, low_j, high_j = min(low_i, i), max(high_i, i), min(low_j, j), max(high_j, j)
    return low_i, high_i, low_j, high_j


@nb.njit(cache=True, nogil=True)
def walk(xy, sheet, first, last, row, span):
    """Find for each cell of a shape's part of the window whether its anchor is inside: along rows from a known one.

    `span` is the shape's first and last entry, and whether it goes on outside the window. If it does the window's first
    cell is asked exactly and all are walked; else all around it is outside. False: a buffer is full.
    """
    face, resolution, window, size = sheet.face, sheet.resolution, sheet.window, sheet.size
    head, entries, pairs, counts = sheet.head, sheet.entries, sheet.pairs, sheet.counts
    mine, fill, anchors, blocks = sheet.mine, sheet.fill, sheet.anchors, sheet.blocks
    columns = window[3]
    low_i, high_i, low_j, high_j = extent(sheet, span[0], span[1])
    clipped, column = span[2] == 1, False
    if clipped:
        low_i, high_i, low_j, high_j = 0, window[2] - 1, 0, columns - 1
        give_anchor(xy, face, resolution, window, size, head, entries, pairs, anchors, blocks, 0)
        x, y = place_at(anchors[0, 0], anchors[0, 1])
        column = inside(xy, first, last, x, y)
    ok = True
    for i in range(low_i, high_i + 1):
        state = column
        for cell in range(i * columns + low_j, i * columns + high_j + 1):
            before = cell - 1
            if clipped and cell == i * columns:
                before = max(cell - columns, 0)  # the row's first is reached from the first of the row above
            if (mine[cell] >= 0 or mine[before] >= 0) and before != cell:
                if anchors[before, 0] == NO_ANCHOR:
                    give_anchor(xy, face, resolution, window, size, head, entries, pairs, anchors, blocks, before)
                if anchors[cell, 0] == NO_ANCHOR:
                    give_anchor(xy, face, resolution, window, size, head, entries, pairs, anchors, blocks, cell)
                state ^= step(xy, entries, pairs, mine, anchors, before, cell)
            if cell == i * columns:
                column = state
            if mine[cell] >= 0:
                entries[mine[cell], 4] = state
            elif state and head[cell] < 0 and fill[cell] < 0:
                fill[cell] = row
            elif state:
                ok &= take(head, entries, counts, fill, cell, row)
    for entry in range(span[0], span[1]):
        mine[entries[entry, 5]] = NONE
    return ok
