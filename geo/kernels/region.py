"""Build one region of the lattice index from the shapes that may reach into it."""

import math

import numba as nb
import numpy as np

from geo.kernels.entries import box_of, collect
from geo.kernels.raster import PITCH
from geo.kernels.records import TILE, emit
from geo.kernels.sheet import NONE, new_sheet
from geo.kernels.sphere import RADIANS, UNIT, nearest_face, on_plane, unit_vector
from geo.kernels.walk import walk

REGIONS = 128  # regions along each axis, of one distance between centres at resolution 0: 19 km wide
EDGE_OF_FACE = 2.5  # axial positions of a face lie within ±2.5
ACROSS = 640  # = 2 · EDGE_OF_FACE · REGIONS


@nb.njit(cache=True, nogil=True)
def goes_on(hull, window, resolution):
    """Say whether a shape, by its axial box, may go on outside a window of cells."""
    wide = max(hull[1] - hull[0], hull[3] - hull[2])
    bent = 3 + wide * wide * PITCH[resolution] * 12
    low = hull[0] - bent < window[0] or hull[2] - bent < window[1]
    return low or hull[1] + bent > window[0] + window[2] - 1 or hull[3] + bent > window[1] + window[3] - 1


@nb.njit(cache=True, nogil=True)
def build_region(xy, names, ends, of, rank, rows, hulls, face, resolution, window, sizes):
    """Index the `rows` (in falling order of code) in a window of cells: i, j of the first, rows, columns.

    Row r has the rings `of[r]` to `of[r + 1]`, ring g the corners `ends[g]` to `ends[g + 1]`. `hulls` (k, 4) are the
    shapes' axial boxes at this resolution, `sizes` how many entries, pairs, tiles and words there is room for. Returns
    whether there was room, tiles, directory, records and how much of the last two is used.
    """
    sheet = new_sheet(face, resolution, window, sizes[0], sizes[1])
    spans, cells = np.empty((len(rows), 3), np.int64), np.empty(max(sizes[1], 1024), np.int32)
    directory, record = np.empty(sizes[2] * TILE * TILE, np.int32), np.empty(sizes[3], np.int32)
    tiles, used = np.full(window[2] * window[3] // TILE**2, NONE, np.int32), np.zeros(2, np.int64)
    box = box_of(sheet)
    ok = True
    for number in range(len(rows)):
        row = rows[number]
        first, last = ends[of[row] : of[row + 1]], ends[of[row] + 1 : of[row + 1] + 1]
        spans[number, 0] = sheet.counts[0]
        ok = ok and collect(sheet, box, xy, first, last, row, cells)
        spans[number, 1] = sheet.counts[0]
        spans[number, 2] = goes_on(hulls[number], window, resolution)
    for number in range(len(rows)):
        row = rows[number]
        first, last = ends[of[row] : of[row + 1]], ends[of[row] + 1 : of[row + 1] + 1]
        ok = ok and walk(xy, sheet, first, last, row, spans[number])
    ok = ok and emit(xy, names, rank, sheet, tiles, directory, record, used)
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
def bend(wide, south, north):
    """Return how far edges of a shape so wide, between these latitudes, may leave the box of its corners, axial at 0.

    As `raster.pieces_of` reckons it for an edge.
    """
    steep = 1 / max(math.cos(max(abs(south), abs(north)) * RADIANS), 0.01)
    return wide * wide * UNIT * (1 + steep) + 1e-9


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
            bent = bend(max(high_a - low_a, high_b - low_b), south, north)
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
