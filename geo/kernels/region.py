"""Build one region of the lattice index from the shapes that may reach into it."""

import numba as nb
import numpy as np

from geo.kernels.build import NO_ANCHOR, collect, emit, no_blocks, walk
from geo.kernels.raster import PITCH
from geo.kernels.sphere import RADIANS, SCALES, UNIT, nearest_face, on_plane, unit_vector

REGIONS = 128  # regions along each axis, of one distance between centres at resolution 0: 19 km wide
EDGE_OF_FACE = 2.5  # axial positions of a face lie within ±2.5
ACROSS = 640  # = 2 · EDGE_OF_FACE · REGIONS


@nb.njit(cache=True, nogil=True)
def build_region(xy, names, ring_ends, grid_rings, rank, rows, hulls, face, resolution, window, sizes):
    """Index the `rows` (in falling order of code) in a window of cells: i, j of the first, rows, columns.

    `hulls` (k, 4) are the shapes' axial boxes at this resolution, `sizes` how many entries, pairs, tiles and words
    there is room for. Returns whether there was room, tiles, directory, records and how much of the last two is used.
    """
    cells_count = window[2] * window[3]
    head, fill = np.full(cells_count, -1, np.int32), np.full(cells_count, -1, np.int32)
    mine = np.full(cells_count, -1, np.int32)
    anchors = np.full((cells_count, 2), NO_ANCHOR, np.int32)
    entries, pairs = np.empty((sizes[0], 6), np.int32), np.empty((sizes[1], 2), np.int32)
    blocks = no_blocks(window)
    counts, spans = np.zeros(2, np.int64), np.empty((len(rows), 3), np.int64)
    directory, record = np.empty(sizes[2] * 1024, np.int32), np.empty(sizes[3], np.int32)
    tiles, used = np.full(cells_count // 1024, -1, np.int32), np.zeros(2, np.int64)
    cells = np.empty(max(sizes[1], 1024), np.int32)
    size = PITCH[resolution] * (180 / np.pi) * 0.6
    ok = True
    for number in range(len(rows)):
        row = rows[number]
        first, last = ring_ends[grid_rings[row] : grid_rings[row + 1]], ring_ends[grid_rings[row] + 1 : grid_rings[row + 1] + 1]
        spans[number, 0] = counts[0]
        ok = ok and collect(xy, first, last, face, resolution, window, row, cells, head, entries, pairs, counts)
        spans[number, 1] = counts[0]
        low_a, high_a, low_b, high_b = hulls[number]
        wide = max(high_a - low_a, high_b - low_b)
        bent = 3 + wide * wide * PITCH[resolution] * 12
        spans[number, 2] = (
            low_a - bent < window[0]
            or low_b - bent < window[1]
            or high_a + bent > window[0] + window[2] - 1
            or high_b + bent > window[1] + window[3] - 1
        )
    for number in range(len(rows)):
        row = rows[number]
        first, last = ring_ends[grid_rings[row] : grid_rings[row + 1]], ring_ends[grid_rings[row] + 1 : grid_rings[row + 1] + 1]
        ok = ok and walk(
            xy, first, last, face, resolution, window, row, spans[number],
            head, entries, pairs, counts, mine, anchors, blocks, fill, size,
        )
    ok = ok and emit(
        xy, names, rank, face, resolution, window, head, entries, pairs, anchors, blocks, fill, size, tiles, directory, record, used
    )
    return ok, tiles, directory, record, used


@nb.njit(cache=True, nogil=True)
def faces_of(west, south, east, north):
    """Name the faces that a box of degrees may reach into: a bit each. Boxes up to some degrees wide."""
    faces = 0
    for face in range(20):
        best = -1e9
        for i in range(9):
            for j in range(9):
                x, y, z = unit_vector(west + (east - west) * i / 8, south + (north - south) * j / 8)
                _, _, slack = on_plane(face, x, y, z)
                best = max(best, slack)
        if best > -1e-6 - max(east - west, north - south) / 8 * RADIANS * 2 / UNIT:
            faces |= 1 << face
    return faces


@nb.njit(cache=True, nogil=True)
def faces_reached(west, south, east, north):
    """Name the faces that a box of degrees may reach into, quickly where it is well within one: a bit each."""
    x, y, z = unit_vector((west + east) / 2, (south + north) / 2)
    middle = nearest_face(x, y, z)
    _, _, slack = on_plane(middle, x, y, z)
    reach = max(east - west, north - south) * RADIANS * 2 / UNIT + 1e-6
    return 1 << middle if slack > reach else faces_of(west, south, east, north)


@nb.njit(cache=True, nogil=True)
def bend(wide):
    """Return how far edges of a shape so wide may leave the box of its corners, axial at resolution 0."""
    return wide * wide * UNIT * 12 + 1e-9


@nb.njit(cache=True, nogil=True)
def region_span(hull):
    """Name the regions an axial box at resolution 0 may reach into: first and last row, first and last column."""
    return (
        max(int((hull[0] + EDGE_OF_FACE) * REGIONS - 1e-3), 0),
        min(int((hull[1] + EDGE_OF_FACE) * REGIONS + 1e-3), ACROSS - 1),
        max(int((hull[2] + EDGE_OF_FACE) * REGIONS - 1e-3), 0),
        min(int((hull[3] + EDGE_OF_FACE) * REGIONS + 1e-3), ACROSS - 1),
    )


@nb.njit(cache=True, nogil=True)
def measure(xy, ring_ends, grid_rings, boxes, suited, faces, hulls, areas):
    """Measure shapes on the faces they reach into.

    Writes (row, face) pairs into `faces` (k, 2), their axial boxes at resolution 0 into `hulls` (k, 4) and their
    areas, in cells of resolution 0, into `areas` (k,). Returns how many pairs; negative when there is no room.
    """
    count = 0
    for row in range(len(suited)):
        if not suited[row]:
            continue
        west, south, east, north = boxes[row]
        bits = faces_reached(west, south, east, north)
        for face in range(20):
            if not (bits >> face) & 1:
                continue
            if count == len(faces):
                return -1
            low_a, high_a, low_b, high_b, total = 1e9, -1e9, 1e9, -1e9, 0.0
            for ring in range(grid_rings[row], grid_rings[row + 1]):
                before_a, before_b = 0.0, 0.0
                for k in range(ring_ends[ring], ring_ends[ring + 1]):
                    x, y, z = unit_vector(xy[k, 0], xy[k, 1])
                    a, b, _ = on_plane(face, x, y, z)
                    low_a, high_a, low_b, high_b = min(low_a, a), max(high_a, a), min(low_b, b), max(high_b, b)
                    if k > ring_ends[ring]:
                        total += before_a * b - before_b * a
                    before_a, before_b = a, b
            faces[count, 0], faces[count, 1] = row, face
            bent = bend(max(high_a - low_a, high_b - low_b))
            hulls[count, 0], hulls[count, 1] = low_a - bent, high_a + bent
            hulls[count, 2], hulls[count, 3] = low_b - bent, high_b + bent
            areas[count] = abs(total) / 2
            count += 1
    return count


@nb.njit(cache=True, nogil=True)
def reached(faces, hulls, count, keys, owners):
    """List the regions each measured shape may reach into: `keys` (face · ACROSS + row) · ACROSS + column, `owners`."""
    total = 0
    for number in range(count):
        first_row, last_row, first_column, last_column = region_span(hulls[number])
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                if total < len(keys):
                    keys[total] = (faces[number, 1] * ACROSS + row) * ACROSS + column
                    owners[total] = number
                total += 1
    return total
