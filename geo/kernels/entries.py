"""Which cells the edges of shapes meet: noted on a sheet.

What runs for every cell takes a sheet's arrays, not the sheet: each taken out of it is counted, which costs more
than the work.
"""

import numba as nb

from geo.kernels.raster import centre_of, edge_cells, place_of
from geo.kernels.sheet import NONE


@nb.njit(cache=True, nogil=True)
def note(head, entries, counts, cell, row, state):
    """Begin an entry without edges for a cell; False: the buffer is full."""
    entry = counts[0]
    if entry == len(entries):
        return False
    entries[entry, 0], entries[entry, 1], entries[entry, 2] = head[cell], row, -1
    entries[entry, 3], entries[entry, 4], entries[entry, 5] = 0, state, cell
    head[cell] = entry
    counts[0] += 1
    return True


@nb.njit(cache=True, nogil=True)
def take(head, entries, counts, fill, cell, row):
    """Note that a cell with something in it already lies wholly inside a shape, too; False: the buffer is full."""
    if fill[cell] >= 0:
        if not note(head, entries, counts, cell, fill[cell], 1):
            return False
        fill[cell] = NONE
    return note(head, entries, counts, cell, row, 1)


@nb.njit(inline="always")
def note_edge(head, entries, pairs, counts, cell, row, k, began):
    """Put an edge to the entry a shape has for a cell, the first of the shape's being `began`; False: no room."""
    entry = head[cell]
    if entry < began:  # none of this shape yet
        if not note(head, entries, counts, cell, row, 0):
            return False
        entry = head[cell]
    elif pairs[entries[entry, 2], 1] == k:
        return True
    pair = counts[1]
    if pair == len(pairs):
        return False
    pairs[pair, 0], pairs[pair, 1] = entries[entry, 2], k
    entries[entry, 2] = pair
    entries[entry, 3] += 1
    counts[1] += 1
    return True


@nb.njit(cache=True, nogil=True)
def box_of(sheet):
    """Return a box of degrees that holds a sheet's window, with room to spare: west, south, east, north."""
    window = sheet.window
    west, south, east, north = 1e9, 1e9, -1e9, -1e9
    for up in range(5):
        for left in range(5):
            i, j = window[0] + window[2] * up / 4, window[1] + window[3] * left / 4
            lng, lat = centre_of(i, j, sheet.face, sheet.resolution)
            west, south, east, north = min(west, lng), min(south, lat), max(east, lng), max(north, lat)
    spare_x, spare_y = (east - west) * 0.2, (north - south) * 0.2
    return west - spare_x, south - spare_y, east + spare_x, north + spare_y


@nb.njit(cache=True, nogil=True)
def collect(sheet, box, xy, first, last, row, cells):
    """Note the cells that the edges of a shape's rings (corners in `first`, `last`) meet.

    `box` is the sheet's, `cells` room for those that one edge meets. False: a buffer is full.
    """
    head, entries, pairs, counts, window = sheet.head, sheet.entries, sheet.pairs, sheet.counts, sheet.window
    began, face, resolution = counts[0], sheet.face, sheet.resolution
    west, south, east, north = box
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
                if not note_edge(head, entries, pairs, counts, cells[number], row, k, began):
                    return False
    return True
