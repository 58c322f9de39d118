"""Build the lattice index of one region: which grid, none, or which border record each cell has.

A record says which of its candidates cover its anchor (a bit each, candidates in order of code) and lists the
edges nearby with the bits of those they bound. On the way from the anchor to a point every edge crossed turns
its bits over: what is left covers the point. An edge that two grids share is stored once.
"""

import math

import numba as nb
import numpy as np

from geo.kernels.exact import crosses, lies_on, side
from geo.kernels.raster import centre_of, edge_cells, place_of

TILE = 32  # cells of a tile along each axis
BLOCK = 16  # cells along each axis whose middles are worked out from one
NONE = -1
STEPS = 2.0**23  # anchors are whole numbers of 1 / STEPS degrees: exact in floats
HEAD = 5  # words of a record before its candidates
EDGE = 5  # words of an edge: its ends from the anchor in degrees as float32, its bits
MOST = 32  # candidates of one record; more go into records that follow it
MORE = 1 << 30
FLOAT32 = 2.0**-24
NO_ANCHOR = -(2**31)
FULL = -1  # a buffer was too small; the caller gives more


@nb.njit(cache=True, nogil=True)
def note(cell, row, state, head, entries, counts):
    """Begin an entry without edges for a cell; False: the buffer is full."""
    if counts[0] == len(entries):
        return False
    entry = counts[0]
    counts[0] += 1
    entries[entry, 0], entries[entry, 1], entries[entry, 2] = head[cell], row, -1
    entries[entry, 3], entries[entry, 4], entries[entry, 5] = 0, state, cell
    head[cell] = entry
    return True


@nb.njit(cache=True, nogil=True)
def take(cell, row, head, entries, counts, fill):
    """Note that a cell lies wholly inside a shape; False: the buffer is full."""
    if head[cell] < 0 and fill[cell] < 0:
        fill[cell] = row
        return True
    if fill[cell] >= 0:
        if not note(cell, fill[cell], 1, head, entries, counts):
            return False
        fill[cell] = NONE
    return note(cell, row, 1, head, entries, counts)


@nb.njit(cache=True, nogil=True)
def box_of(face, resolution, window):
    """Return a box of degrees that holds a window of cells, with room to spare: west, south, east, north."""
    west, south, east, north = 1e9, 1e9, -1e9, -1e9
    for up in range(5):
        for left in range(5):
            i, j = window[0] + window[2] * up / 4, window[1] + window[3] * left / 4
            lng, lat = centre_of(i, j, face, resolution)
            west, south, east, north = min(west, lng), min(south, lat), max(east, lng), max(north, lat)
    spare_x, spare_y = (east - west) * 0.2, (north - south) * 0.2
    return west - spare_x, south - spare_y, east + spare_x, north + spare_y


@nb.njit(cache=True, nogil=True)
def collect(xy, first, last, face, resolution, window, row, cells, head, entries, pairs, counts):
    """Note the cells of the window that the edges of a shape's rings (corners in `first`, `last`) meet.

    `head` (cells of the window) begins a list of `entries` (next, row, first pair, pairs' count, state, cell) for
    each cell, the latest first; `pairs` (next, corner) lists an entry's edges. False: a buffer is full.
    """
    began = counts[0]
    west, south, east, north = box_of(face, resolution, window)
    for ring in range(len(first)):
        known, a1, b1 = -1, 0.0, 0.0
        for k in range(first[ring], last[ring] - 1):
            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
            outside = max(ax, bx) < west or min(ax, bx) > east or max(ay, by) < south or min(ay, by) > north
            if outside or (ax == bx and ay == by):
                continue
            a0, b0 = (a1, b1) if known == k else place_of(ax, ay, face, resolution)
            a1, b1 = place_of(bx, by, face, resolution)
            known = k + 1
            met = edge_cells(xy, k, a0, b0, a1, b1, face, resolution, window, cells)
            if met < 0:
                return False
            for number in range(met):
                cell = cells[number]
                entry = head[cell]
                if entry < began:  # none of this shape yet
                    if not note(cell, row, 0, head, entries, counts):
                        return False
                    entry = head[cell]
                elif pairs[entries[entry, 2], 1] == k:
                    continue
                if counts[1] == len(pairs):
                    return False
                pairs[counts[1], 0], pairs[counts[1], 1] = entries[entry, 2], k
                entries[entry, 2] = counts[1]
                entries[entry, 3] += 1
                counts[1] += 1
    return True


@nb.njit(cache=True, nogil=True)
def clear_of(xy, entries, pairs, entry, x, y):
    """Measure how far a position is from the lines of a cell's edges, in degrees; 0 on one."""
    least = 1e9
    while entry >= 0:
        pair = entries[entry, 2]
        while pair >= 0:
            k = pairs[pair, 1]
            ax, ay, bx, by = xy[k, 0] - x, xy[k, 1] - y, xy[k + 1, 0] - x, xy[k + 1, 1] - y
            along = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
            least = min(least, abs(ax * by - ay * bx) / along)
            pair = pairs[pair, 0]
        entry = entries[entry, 0]
    return least


@nb.njit(cache=True, nogil=True)
def choose_anchor(xy, entries, pairs, entry, x, y, size):
    """Take the middle of a cell, or a place near it that is clear of all edges' lines: in steps; and how clear."""
    best_x, best_y = int(math.floor(x * STEPS + 0.5)), int(math.floor(y * STEPS + 0.5))
    best = clear_of(xy, entries, pairs, entry, best_x / STEPS, best_y / STEPS)
    if best > 0.02 * size:
        return best_x, best_y
    for attempt in range(1, 64):
        far = 0.28 * size * math.sqrt(attempt / 64)
        angle = 2.399963 * attempt
        stretch = 1 / max(math.cos(y * math.pi / 180), 0.1)
        at_x = int(math.floor((x + far * math.cos(angle) * stretch) * STEPS + 0.5))
        at_y = int(math.floor((y + far * math.sin(angle)) * STEPS + 0.5))
        clear = clear_of(xy, entries, pairs, entry, at_x / STEPS, at_y / STEPS)
        if clear > best:
            best, best_x, best_y = clear, at_x, at_y
        if clear > 0.02 * size:
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
def middle_of(blocks, cell, face, resolution, window):
    """Return about where the middle of a cell is, right to 2 % of its size: straight on from its block's."""
    i, j = cell // window[3], cell % window[3]
    block = (i // BLOCK) * (window[3] // BLOCK + 1) + j // BLOCK
    from_i, from_j = i // BLOCK * BLOCK + BLOCK // 2, j // BLOCK * BLOCK + BLOCK // 2
    if blocks[block, 0] > 1000:
        fill_block(blocks, block, window[0] + from_i, window[1] + from_j, face, resolution)
    up, left = i - from_i, j - from_j
    return (
        blocks[block, 0] + up * blocks[block, 2] + left * blocks[block, 4],
        blocks[block, 1] + up * blocks[block, 3] + left * blocks[block, 5],
    )


@nb.njit(cache=True, nogil=True)
def no_blocks(window):
    """Return the blocks of a window, none worked out yet: float64 (k, 6)."""
    return np.full(((window[2] // BLOCK + 1) * (window[3] // BLOCK + 1), 6), 1e9)


@nb.njit(inline="always")
def anchor_at(xy, cell, face, resolution, window, head, entries, pairs, anchors, blocks, pitch):
    """Give a cell its anchor, where it has none yet."""
    if anchors[cell, 0] == NO_ANCHOR:
        x, y = middle_of(blocks, cell, face, resolution, window)
        anchors[cell, 0], anchors[cell, 1] = int(math.floor(x * STEPS)), int(math.floor(y * STEPS))
        if head[cell] >= 0:
            at_x, at_y = choose_anchor(xy, entries, pairs, head[cell], x, y, pitch)
            anchors[cell, 0], anchors[cell, 1] = at_x, at_y


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
        if not has_edge(pairs, one, k):
            count += crosses(xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1], px, py, qx, qy)
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
def step(xy, face, resolution, window, head, entries, pairs, mine, anchors, blocks, pitch, here, there):
    """Say whether the way from one cell's anchor to its neighbour's crosses a shape's edges an odd number of times."""
    one, other = mine[here], mine[there]
    anchor_at(xy, here, face, resolution, window, head, entries, pairs, anchors, blocks, pitch)
    anchor_at(xy, there, face, resolution, window, head, entries, pairs, anchors, blocks, pitch)
    px, py = anchors[here, 0] / STEPS, anchors[here, 1] / STEPS
    qx, qy = anchors[there, 0] / STEPS, anchors[there, 1] / STEPS
    first = entries[one, 2] if one >= 0 else -1
    second = entries[other, 2] if other >= 0 else -1
    return crossings(xy, pairs, first, second, px, py, qx, qy) % 2 == 1


@nb.njit(cache=True, nogil=True)
def walk(xy, first, last, face, resolution, window, row, span, head, entries, pairs, counts, mine, anchors, blocks, fill, pitch):
    """Find for each cell of a shape's part of the window whether its anchor is inside: along rows from a known one.

    `span` is the shape's first and last entry. Where the shape goes on outside the window, the window's first
    cell is asked exactly; else all around it is outside.
    """
    rows, columns = window[2], window[3]
    low_i, high_i, low_j, high_j = rows, -1, columns, -1
    for entry in range(span[0], span[1]):
        cell = entries[entry, 5]
        mine[cell] = entry
        i, j = cell // columns, cell % columns
        low_i, high_i, low_j, high_j = min(low_i, i), max(high_i, i), min(low_j, j), max(high_j, j)
    clipped = span[2] == 1
    if clipped:
        low_i, high_i, low_j, high_j = 0, rows - 1, 1, columns - 1
        anchor_at(xy, 0, face, resolution, window, head, entries, pairs, anchors, blocks, pitch)
        column = inside(xy, first, last, anchors[0, 0] / STEPS, anchors[0, 1] / STEPS)
    else:
        column = False
    ok = True
    for i in range(low_i, high_i + 1):
        here = i * columns + low_j - 1
        if clipped:
            if i > 0:
                column ^= step(
                    xy, face, resolution, window, head, entries, pairs, mine, anchors, blocks, pitch, here - columns, here
                )
            if mine[here] >= 0:
                entries[mine[here], 4] = column
            elif column:
                ok &= take(here, row, head, entries, counts, fill)
        state = column
        for there in range(here + 1, i * columns + high_j + 1):
            if mine[there] >= 0 or mine[there - 1] >= 0:
                state ^= step(
                    xy, face, resolution, window, head, entries, pairs, mine, anchors, blocks, pitch, there - 1, there
                )
            if mine[there] >= 0:
                entries[mine[there], 4] = state
            elif state:
                ok &= take(there, row, head, entries, counts, fill)
    for entry in range(span[0], span[1]):
        mine[entries[entry, 5]] = -1
    return ok


@nb.njit(cache=True, nogil=True)
def known_edge(xy, found, masks, count, k, bit):
    """Find an edge among those of a record that is the same, either way round, and does not bound this grid yet."""
    for number in range(count):
        other = found[number]
        if masks[number] & bit:
            continue
        if xy[other, 0] == xy[k + 1, 0] and xy[other, 1] == xy[k + 1, 1]:
            if xy[other + 1, 0] == xy[k, 0] and xy[other + 1, 1] == xy[k, 1]:
                return number
        elif xy[other, 0] == xy[k, 0] and xy[other, 1] == xy[k, 1]:
            if xy[other + 1, 0] == xy[k + 1, 0] and xy[other + 1, 1] == xy[k + 1, 1]:
                return number
    return -1


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
def write_group(xy, names, entries, pairs, group, more, anchor_x, anchor_y, size, record, at, found, masks):
    """Write one record of up to `MOST` entries at word `at`; return the word behind it. There is room."""
    floats = record.view(np.float32)
    x, y = anchor_x / STEPS, anchor_y / STEPS
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
            same = known_edge(xy, found, masks, count, k, bit) if candidate > 0 and count <= 256 else -1
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
    unsure = 8 * FLOAT32 * reach
    floats[at + 4] = unsure if least > 4 * unsure else 1e30
    record[at], record[at + 1] = anchor_x, anchor_y
    record[at + 2] = count | (len(group) << 24) | (MORE if more else 0)
    record[at + 3] = np.int32(mask)
    return edges_at + (EDGE + 1) * count


@nb.njit(cache=True, nogil=True)
def write_listed(xy, names, rank, first, entries, pairs, anchor_x, anchor_y, size, record, at, scratch):
    """Write the records of a cell from its list of entries: the word behind them, FULL when they do not fit.

    Candidates come in order of code, up to `MOST` in a record; `names` (none: its own number) are what the record
    calls an edge's first corner.
    """
    count, total = 0, 0
    entry = first
    while entry >= 0:
        count, total = count + 1, total + entries[entry, 3]
        entry = entries[entry, 0]
    if at + (HEAD + 1) * count + (EDGE + 1) * total > len(record):
        return FULL
    if 2 * total + count > len(scratch):
        scratch = np.empty(2 * total + count, np.int32)
    order, found, masks = scratch[:count], scratch[count : count + total], scratch[count + total :].view(np.uint32)
    in_order(rank, entries, first, order)
    for done in range(0, count, MOST):
        group = order[done : done + MOST]
        more = done + MOST < count
        at = write_group(
            xy, names, entries, pairs, group, more, anchor_x, anchor_y, size, record, at, found, masks
        )
    return at


@nb.njit(cache=True, nogil=True)
def emit(xy, names, rank, face, resolution, window, head, entries, pairs, anchors, blocks, fill, size, tiles, directory, record, used):
    """Turn what was noted into tiles, directory and records; `used` (tiles with a directory, words of records).

    A tile is -1 where no grid is, -2 - row where one grid covers all of it, else the number of its directory. A
    directory's cell is a row, -1, or -2 - the word where its records begin.
    """
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
                anchor_at(xy, cell, face, resolution, window, head, entries, pairs, anchors, blocks, size)
                x, y = anchors[cell, 0], anchors[cell, 1]
                value = -2 - used[1]
                behind = write_listed(
                    xy, names, rank, head[cell], entries, pairs, x, y, size, record, used[1], scratch
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
