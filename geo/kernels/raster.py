"""Which cells of the lattice the edges of a shape meet.

An edge is straight in degrees, so on a face's plane it is slightly bent: long ones are taken in pieces. Cells
are taken `MARGIN` wider than they are, which makes up for that, for the rounding of positions on a cell's
edge, and for the two formulae of the plane not agreeing to the last bit.
"""

import math

import numba as nb
import numpy as np

from geo.kernels.sphere import FACES, RADIANS, SCALES, UNIT, on_plane, unit_vector

MARGIN = 0.01  # of the distance between neighbouring centres
BEND = 0.003  # the most a piece of an edge may leave the straight line, in the same unit
REACH = 2 / 3 + MARGIN  # how far a cell's corner is from its centre along an axis
WIDER = 1 + 2 * MARGIN


def _ways_back() -> np.ndarray:
    """Derive per face the rows such that middle + a · row₀ + b · row₁ points to (a, b): float64 (20, 2, 3)."""
    ways = []
    for row_a, row_b, _ in FACES:
        y = row_b * (math.sqrt(3) / 2 * UNIT)
        x = (row_a - row_b / 2) * UNIT
        ways.append([UNIT * x, UNIT * (y * math.sqrt(3) - x) / 2])
    return np.array(ways)


WAYS_BACK = _ways_back()
UNSCALES = np.linalg.inv(SCALES.reshape(16, 2, 2)).reshape(16, 4)  # from each resolution to 0
PITCH = UNIT / math.sqrt(7) ** np.arange(16)  # of each resolution, in radians in a face's middle


@nb.njit(cache=True, nogil=True)
def place_of(lng, lat, face, resolution):
    """Put one position onto a face's lattice: axial a, b of that resolution."""
    x, y, z = unit_vector(lng, lat)
    a, b, _ = on_plane(face, x, y, z)
    return (
        SCALES[resolution, 0] * a + SCALES[resolution, 1] * b,
        SCALES[resolution, 2] * a + SCALES[resolution, 3] * b,
    )


@nb.njit(cache=True, nogil=True)
def centre_of(i, j, face, resolution):
    """Return where the axial position (i, j) of a face's lattice is: lng, lat in degrees."""
    a = UNSCALES[resolution, 0] * i + UNSCALES[resolution, 1] * j
    b = UNSCALES[resolution, 2] * i + UNSCALES[resolution, 3] * j
    x = FACES[face, 2, 0] + a * WAYS_BACK[face, 0, 0] + b * WAYS_BACK[face, 1, 0]
    y = FACES[face, 2, 1] + a * WAYS_BACK[face, 0, 1] + b * WAYS_BACK[face, 1, 1]
    z = FACES[face, 2, 2] + a * WAYS_BACK[face, 0, 2] + b * WAYS_BACK[face, 1, 2]
    return math.atan2(y, x) / RADIANS, math.atan2(z, math.sqrt(x * x + y * y)) / RADIANS


@nb.njit(inline="always")
def pieces_of(xy, k, a0, b0, a1, b1, resolution):
    """Say in how many pieces the edge from corner `k` must be taken so that each is straight enough.

    The bend of an edge grows with its length squared and towards the poles; 0.6 of what is reckoned here was the most seen.
    """
    long = max(abs(a1 - a0), abs(b1 - b0))
    steep = 1 / max(math.cos(max(abs(xy[k, 1]), abs(xy[k + 1, 1])) * RADIANS), 0.01)
    return 1 + int(math.sqrt(long * long * PITCH[resolution] * (1 + steep) / BEND))


@nb.njit(cache=True, nogil=True)
def piece_cells(a0, b0, a1, b1, window, out, count):
    """Append the cells of a window that a straight piece meets, by their place in the window, rows of equal i.

    `window` is i, j of the first cell, rows, columns. Returns how many `out` holds now; -1 when it is full.
    """
    da, db = a1 - a0, b1 - b0
    across = max(abs(da - 2 * db), abs(2 * da - db), abs(da + db)) * (WIDER / 3)
    i_first = max(math.ceil(min(a0, a1) - REACH), window[0])
    i_last = min(math.floor(max(a0, a1) + REACH), window[0] + window[2] - 1)
    for i in range(i_first, i_last + 1):
        low, high = 0.0, 1.0
        if da != 0:
            one, two = (i - REACH - a0) / da, (i + REACH - a0) / da
            low, high = max(low, min(one, two)), min(high, max(one, two))
        if low > high:
            continue
        b_low, b_high = b0 + low * db, b0 + high * db
        j_first = max(math.ceil(min(b_low, b_high) - REACH), window[1])
        j_last = min(math.floor(max(b_low, b_high) + REACH), window[1] + window[3] - 1)
        for j in range(j_first, j_last + 1):
            p0, q0, p1, q1 = a0 - i, b0 - j, a1 - i, b1 - j
            u0, u1, v0, v1, w0, w1 = 2 * p0 - q0, 2 * p1 - q1, p0 - 2 * q0, p1 - 2 * q1, p0 + q0, p1 + q1
            apart = min(u0, u1) > WIDER or max(u0, u1) < -WIDER or min(v0, v1) > WIDER or max(v0, v1) < -WIDER
            apart = apart or min(w0, w1) > WIDER or max(w0, w1) < -WIDER or abs(da * q0 - db * p0) > across
            if not apart:
                if count == len(out):
                    return -1
                out[count] = (i - window[0]) * window[3] + (j - window[1])
                count += 1
    return count


@nb.njit(cache=True, nogil=True)
def edge_cells(xy, k, a0, b0, a1, b1, face, resolution, window, out):
    """List the cells of a window that the edge from corner `k` meets; some may come twice. -1: `out` is full."""
    pieces = pieces_of(xy, k, a0, b0, a1, b1, resolution)
    count = 0
    from_a, from_b = a0, b0
    for piece in range(1, pieces + 1):
        to_a, to_b = a1, b1
        if piece < pieces:
            t = piece / pieces
            lng, lat = xy[k, 0] + t * (xy[k + 1, 0] - xy[k, 0]), xy[k, 1] + t * (xy[k + 1, 1] - xy[k, 1])
            to_a, to_b = place_of(lng, lat, face, resolution)
        count = piece_cells(from_a, from_b, to_a, to_b, window, out, count)
        if count < 0:
            return -1
        from_a, from_b = to_a, to_b
    return count
