"""The nearest of things that move, by cells of the lattice.

Why nobody nearer is missed: docs/nearest.md.
"""

import math

import numba as nb
import numpy as np

from geo.kernels.keep import put_in_order, take
from geo.kernels.memory import pointer, prefetch
from geo.kernels.pages import (
    BITS,
    CELLS,
    FLOATS,
    LONGS,
    NEXT,
    NONE,
    PAGE,
    PAGES_USED,
    ROWS,
    SEEN,
    Y,
    Z,
    key_of,
    place_of,
    toward,
)
from geo.kernels.sphere import SCALES, UNIT, on_plane, to_face

PAGES = (  # from `pages` on
    nb.float64[:, ::1], nb.int64[:, ::1], nb.int64[::1], nb.int64[::1], nb.int32[::1], nb.int64[::1],
)  # fmt: skip
WAITING = 64  # cells whose movers are asked for at once
FARTHEST = 2 * UNIT  # of a face's places from its middle, on its plane: its corners
STRETCH = math.sqrt(1 + FARTHEST**2)
AROUND = (
    1 / math.sqrt(3) + 1e-6
)  # from a cell's middle to its corners, in cells, and more than rounding moves a mover
ROWS_OF = 2 / math.sqrt(3)  # rows of cells to a unit of way
NOBODY = 5.0  # farther than any squared chord
WIDE = 0.5  # sine of an angle beyond which all are looked at
NEAR_HOME, HOME = 0.1, 1.75  # within this sine a place lies at most so many times it away on the plane


@nb.njit(inline="always")
def chord2(dx, dy, dz):
    """Return the squared length of a way in space."""
    return dx * dx + dy * dy + dz * dz


@nb.njit(inline="always")
def how_far(at, marks, lane, x, y, z, needs, since):
    """Return the squared chord to a mover of a page, `NOBODY` where it does not fit."""
    far = chord2(at[lane] - x, at[Y + lane] - y, at[Z + lane] - z)
    fits = (marks[BITS + lane] & needs == needs) & (at[SEEN + lane] >= since)
    return far if fits else NOBODY


@nb.njit(inline="always")
def look_at(base, page, x, y, z, needs, since, rows, chords):
    """Look at the movers of a page."""
    at = nb.carray(pointer(base + page * 8 * PAGE), (PAGE,), np.float64)
    marks = nb.carray(pointer(base + page * 8 * PAGE), (PAGE,), np.int64)
    halves = nb.carray(pointer(base + page * 8 * PAGE), (2 * PAGE,), np.int32)
    a = how_far(at, marks, 0, x, y, z, needs, since)
    b = how_far(at, marks, 1, x, y, z, needs, since)
    c = how_far(at, marks, 2, x, y, z, needs, since)
    d = how_far(at, marks, 3, x, y, z, needs, since)
    e = how_far(at, marks, 4, x, y, z, needs, since)
    f = how_far(at, marks, 5, x, y, z, needs, since)
    g = how_far(at, marks, 6, x, y, z, needs, since)
    h = how_far(at, marks, 7, x, y, z, needs, since)
    worst = chords[len(rows) - 1]
    if (a > worst) & (b > worst) & (c > worst) & (d > worst) & (e > worst) & (f > worst) & (g > worst) & (h > worst):
        return np.int64(halves[NEXT])
    for lane, far in enumerate((a, b, c, d, e, f, g, h)):
        if far <= chords[len(rows) - 1] and far < NOBODY:
            take(far, np.int64(halves[ROWS + lane]), rows, chords)
    return np.int64(halves[NEXT])


@nb.njit(cache=True, nogil=True)
def look_at_all(x, y, z, needs, since, rows, chords, pages, words, counts):
    """Look at every mover that is in a cell; returns how many are found."""
    rows[:], chords[:] = NONE, NOBODY
    base = pages.ctypes.data
    for page in range(counts[PAGES_USED]):
        look_at(base, page, x, y, z, needs, since, rows, chords)


@nb.njit(inline="always")
def columns(middle, reach, up):
    """Return the first and the last cell of a row `up` from a place whose middles lie within reach; none: 1 and 0."""
    left = reach * reach - 0.75 * up * up
    half = math.sqrt(max(left, 0.0))
    return (math.ceil(middle - half), math.floor(middle + half)) if left >= 0 and reach > 0 else (1, 0)


@nb.njit(inline="always")
def look_through(waiting, count, x, y, z, needs, since, rows, chords, pages, words):
    """Look at the movers of so many cells, given by their first pages."""
    base = pages.ctypes.data
    for number in range(count):
        page = waiting[number]
        while page != NONE:
            page = look_at(base, page, x, y, z, needs, since, rows, chords)


@nb.njit(cache=True, nogil=True)
def look_around(
    face,
    a,
    b,
    reach,
    known,
    x,
    y,
    z,
    needs,
    since,
    resolution,
    rows,
    chords,
    pages,
    words,
    keys,
    tiles,
    heads,
    waiting,
):
    """Look at all movers of a face that lie within `reach`, in cells, of a place on its plane, and some more.

    But for those that were looked at when the reach was `known`.
    """
    base, count = pages.ctypes.data, 0
    up_a, up_b, left_a, left_b = SCALES[resolution]
    at_i, at_j = up_a * a + up_b * b, left_a * a + left_b * b
    reach, known = reach + AROUND, known + AROUND if known > 0 else 0.0
    last_key, tile = np.int64(NONE), np.int64(NONE)
    for i in range(math.ceil(at_i - reach * ROWS_OF), math.floor(at_i + reach * ROWS_OF) + 1):
        up = i - at_i
        first, last = columns(at_j + 0.5 * up, reach, up)
        known_first, known_last = columns(at_j + 0.5 * up, known, up)
        for tile_j in range(first >> 3, (last >> 3) + 1):
            key = key_of(np.int64(face), i >> 3, tile_j)
            if key != last_key:
                place = place_of(key, keys)
                tile = tiles[place] if keys[place] == key else np.int64(NONE)
                last_key = key
            if tile == NONE:
                continue
            cells = tile * CELLS + ((i & 7) << 3)
            for j in range(max(first - (tile_j << 3), 0), min(last - (tile_j << 3), 7) + 1):
                page = np.int64(heads[cells + j])
                if page == NONE or known_first <= (tile_j << 3) + j <= known_last:
                    continue
                if count == len(waiting):
                    look_through(waiting, count, x, y, z, needs, since, rows, chords, pages, words)
                    count = 0
                waiting[count] = page
                count += 1
                for line in range(0, 8 * PAGE, 64):
                    prefetch(base + page * 8 * PAGE + line)
    look_through(waiting, count, x, y, z, needs, since, rows, chords, pages, words)


@nb.njit(inline="always")
def stays_home(sine, slack):
    """Say whether everything within an angle, given by its sine, lies on the face of a place so far from its sides."""
    return sine <= NEAR_HOME and slack > HOME * sine + 1e-9


@nb.njit(cache=True, nogil=True)
def look_within(
    sine, known, face, a, b, x, y, z, needs, since, resolution, rows, chords, pages, words, keys, tiles, heads,
    waiting,
):  # fmt: skip
    """Look at all movers within an angle, given by its sine, and at some more; but for those within `known`."""
    pitch = UNIT / math.sqrt(7.0) ** resolution
    off = (a * a - a * b + b * b) * UNIT * UNIT
    slack = UNIT * (1 + min(a - 0.5 * b, b - 0.5 * a, -0.5 * (a + b)))
    wide = math.sqrt(1 + off) * STRETCH / pitch
    look_around(
        face, a, b, sine * wide, known * wide, x, y, z, needs, since, resolution, rows, chords,
        pages, words, keys, tiles, heads, waiting,
    )  # fmt: skip
    if stays_home(sine, slack):
        return
    others_known = 0.0 if stays_home(known, slack) else known
    for other in range(20):
        if other == face:
            continue
        p, q, slack = on_plane(other, x, y, z)
        wide = math.sqrt(1 + (p * p - p * q + q * q) * UNIT * UNIT) * STRETCH
        if slack * UNIT < -sine * wide - 1e-9:
            continue
        its_known = 0.0 if slack * UNIT < -others_known * wide - 1e-9 else others_known
        look_around(
            other, p, q, sine * wide / pitch, its_known * wide / pitch, x, y, z, needs, since, resolution, rows, chords,
            pages, words, keys, tiles, heads, waiting,
        )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def find(lng, lat, needs, since, first, resolution, rows, chords, pages, words, keys, tiles, heads, counts, waiting):
    """Find the nearest `len(rows)` movers with all bits of `needs`, seen since: rows, squared chords; NONE behind them.

    First `first` cells around are looked at. Why nobody nearer is missed: docs/nearest.md.
    """
    x, y, z = toward(lng, lat)
    face, a, b = to_face(x, y, z)
    pitch = UNIT / math.sqrt(7.0) ** resolution
    wide = math.sqrt(1 + (a * a - a * b + b * b) * UNIT * UNIT) * STRETCH
    sine, known = first * pitch / wide, 0.0
    rows[:], chords[:] = NONE, NOBODY
    while True:
        reach = sine * wide / pitch + 1
        if sine > WIDE or 3.7 * reach * reach > 4 * counts[PAGES_USED] + 200:
            look_at_all(x, y, z, needs, since, rows, chords, pages, words, counts)
            break
        look_within(
            sine, known, face, a, b, x, y, z, needs, since, resolution, rows, chords,
            pages, words, keys, tiles, heads, waiting,
        )  # fmt: skip
        known = sine
        farthest = chords[len(rows) - 1]
        if farthest == NOBODY:
            sine *= 2
            continue
        sine = math.sqrt(farthest * max(1 - farthest / 4, 0.0)) * (1 + 1e-9) if farthest <= 2 else 1.0
        if sine <= known:
            break
    put_in_order(rows, chords)


@nb.njit(
    nb.void(
        nb.float64, nb.float64, nb.int64, nb.float64, nb.float64, nb.int64, nb.int64[::1], nb.float64[::1], *PAGES
    ),
    cache=True,
    nogil=True,
)
def nearest_one(lng, lat, needs, since, first, resolution, rows, chords, pages, words, keys, tiles, heads, counts):
    """Find the nearest of one place."""
    waiting = np.empty(WAITING, np.int64)
    find(lng, lat, needs, since, first, resolution, rows, chords, pages, words, keys, tiles, heads, counts, waiting)


@nb.njit(
    nb.void(FLOATS, FLOATS, LONGS, nb.float64, nb.float64, nb.int64, nb.int64[:, ::1], nb.float64[:, ::1], *PAGES),
    cache=True,
    nogil=True,
)
def nearest_many(lng, lat, needs, since, first, resolution, rows, chords, pages, words, keys, tiles, heads, counts):
    """Find the nearest of many places: `rows`, `chords` (m, k)."""
    waiting = np.empty(WAITING, np.int64)
    for number in range(len(lng)):
        find(
            lng[number], lat[number], needs[number], since, first, resolution, rows[number], chords[number],
            pages, words, keys, tiles, heads, counts, waiting,
        )  # fmt: skip


@nb.njit(
    nb.void(
        FLOATS, FLOATS, LONGS, nb.float64, nb.int64[:, ::1], nb.float64[:, ::1],
        nb.float64[:, ::1], nb.float64[::1], nb.int64[::1],
    ),
    cache=True, nogil=True,
)  # fmt: skip
def measure_many(lng, lat, needs, since, rows, chords, at, seen, bits):
    """Do the same by measuring every row of `at` (n, 3)."""
    for number in range(len(lng)):
        x, y, z = toward(lng[number], lat[number])
        rows[number], chords[number] = NONE, NOBODY
        for row in range(len(at)):
            if bits[row] & needs[number] == needs[number] and seen[row] >= since and at[row, 0] == at[row, 0]:
                far = chord2(at[row, 0] - x, at[row, 1] - y, at[row, 2] - z)
                take(far, row, rows[number], chords[number])
        put_in_order(rows[number], chords[number])
