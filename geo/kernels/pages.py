"""Things that move, by cells of the lattice: put in, taken out, moved.

A cell's movers lie in pages of eight, column by column, so that one page is looked at at once. A page is 48 words of
64 bits: x, y, z, when each was seen, bits (eight each), rows (eight of 32 bits), the page that follows (32 bits), how
many are in it (32 bits), the cell it belongs to (64 bits); x of a place that is free is infinite. All pages of a cell but
the first are full. Cells lie in tiles of 8 by 8, found by a table of keys with open addresses.
"""

from typing import Any

import numba as nb
import numpy as np

from geo.kernels.sphere import RADIANS, SCALES, round_hex, to_face

type Kernel = Any  # one that works through rows and says how far it came
LONGS = nb.types.Array(nb.int64, 1, "C", readonly=True)  # takes those that may be written to, too: compiled once
FLOATS = nb.types.Array(nb.float64, 1, "C", readonly=True)
GROUND = (  # from `linked` on
    nb.int64, nb.float64[:, ::1], nb.float64[::1], nb.int64[::1], nb.int64, nb.int64[::1],
    nb.float64[:, ::1], nb.int64[:, ::1], nb.int64[::1], nb.int64[::1], nb.int32[::1], nb.int64[::1],
)  # fmt: skip
LANES = 8  # movers of a page
PAGE = 48  # words of a page
Y, Z, SEEN, BITS, CELL = 8, 16, 24, 32, 45  # where each stands in a page, in words of 64 bits; x stands first
ROWS, NEXT, COUNT = 80, 88, 89  # in words of 32 bits
TILE = 8  # cells of a tile along each axis
CELLS = TILE * TILE
NONE = -1
PAGES_USED, PAGE_FREED, TILES_USED, LINKED = 0, 1, 2, 3  # places among the counts


@nb.njit(inline="always")
def even_sine(r):
    """Return the sine of `r` radians within ±45° by its series, each product and sum rounded by itself."""
    s = r * r
    t = 1.6059043836821613e-10 - s * (7.647163731819816e-13 - s * 2.8114572543455206e-15)
    t = 2.7557319223985893e-06 - s * (2.505210838544172e-08 - s * t)
    t = 8.333333333333333e-03 - s * (1.984126984126984e-04 - s * t)
    return r - r * s * (1.6666666666666666e-01 - s * t)


@nb.njit(inline="always")
def even_cosine(r):
    """Return the cosine of `r` radians within ±45° by its series, each product and sum rounded by itself."""
    s = r * r
    t = 2.08767569878681e-09 - s * (1.1470745597729725e-11 - s * 4.779477332387385e-14)
    t = 2.48015873015873e-05 - s * (2.755731922398589e-07 - s * t)
    t = 4.1666666666666664e-02 - s * (1.388888888888889e-03 - s * t)
    return 1 - s * (0.5 - s * t)


@nb.njit(inline="always")
def toward(lng, lat):
    """Return where degrees point: x, y, z; to the last bit as `geo.movers.toward` does without compiled code."""
    quarters = np.rint(lng * (1 / 90))
    east = (lng - 90 * quarters) * RADIANS
    sine, cosine = even_sine(east), even_cosine(east)
    odd = abs(quarters) == 1
    east_sine = cosine if odd else sine
    east_cosine = sine if odd else cosine
    east_sine = -east_sine if (quarters == -1) | (abs(quarters) == 2) else east_sine
    east_cosine = -east_cosine if (quarters == 1) | (abs(quarters) == 2) else east_cosine
    half = lat * (RADIANS * 0.5)
    sine, cosine = even_sine(half), even_cosine(half)
    level = (cosine - sine) * (cosine + sine)
    return level * east_cosine, level * east_sine, 2 * sine * cosine


@nb.njit(inline="always")
def key_of(face, tile_i, tile_j):
    """Name a tile."""
    return (face << 52) + ((tile_i + (1 << 25)) << 26) + tile_j + (1 << 25)


@nb.njit(inline="always")
def place_of(key, keys):
    """Return where a key stands in the table, or the empty place where it would."""
    most = len(keys) - 1
    place = (key * -7046029254386353131 >> 29) & most
    while keys[place] != NONE and keys[place] != key:
        place = (place + 1) & most
    return place


@nb.njit(inline="always")
def tile_and_cell(x, y, z, resolution):
    """Return the key of the tile a unit vector lies in, and its cell there."""
    face, a, b = to_face(x, y, z)
    up_a, up_b, left_a, left_b = SCALES[resolution]
    i, j, _ = round_hex(up_a * a + up_b * b, left_a * a + left_b * b)
    i, j = np.int64(i), np.int64(j)
    return key_of(np.int64(face), i >> 3, j >> 3), (i & 7) << 3 | (j & 7)


@nb.njit(cache=True, nogil=True)
def cell_for(x, y, z, resolution, keys, tiles, heads, counts):
    """Return the cell a unit vector lies in, as a place in `heads`; its tile is made if need be, -1: no room."""
    key, cell = tile_and_cell(x, y, z, resolution)
    place = place_of(key, keys)
    if keys[place] == NONE:
        tile = counts[TILES_USED]
        if (tile + 1) * CELLS > len(heads):
            return NONE
        keys[place], tiles[place] = key, tile
        counts[TILES_USED] = tile + 1
    return tiles[place] * CELLS + cell


@nb.njit(cache=True, nogil=True)
def put_in(row, cell, x, y, z, seen, bits, slots, pages, words, heads, counts):
    """Put a mover into a cell; False: no room."""
    halves = pages.view(np.int32)
    page = np.int64(heads[cell])
    if page == NONE or halves[page, COUNT] == LANES:
        new = counts[PAGE_FREED]
        if new != NONE:
            counts[PAGE_FREED] = halves[new, NEXT]
        elif counts[PAGES_USED] < len(pages):
            new = counts[PAGES_USED]
            counts[PAGES_USED] = new + 1
        else:
            return False
        halves[new, NEXT], halves[new, COUNT], words[new, CELL] = page, 0, cell
        pages[new, :LANES] = np.inf
        heads[cell] = new
        page = new
    lane = halves[page, COUNT]
    pages[page, lane], pages[page, Y + lane], pages[page, Z + lane], pages[page, SEEN + lane] = x, y, z, seen
    words[page, BITS + lane], halves[page, ROWS + lane] = bits, row
    halves[page, COUNT] = lane + 1
    slots[row] = page * LANES + lane
    counts[LINKED] += 1
    return True


@nb.njit(cache=True, nogil=True)
def take_out(row, slots, pages, words, heads, counts):
    """Take a mover out of its cell; the last of the cell's first page takes its place."""
    halves = pages.view(np.int32)
    page, lane = slots[row] // LANES, slots[row] % LANES
    cell = words[page, CELL]
    first = np.int64(heads[cell])
    last = halves[first, COUNT] - 1
    for column in range(0, ROWS // 2, LANES):
        words[page, column + lane] = words[first, column + last]
    other = halves[first, ROWS + last]
    halves[page, ROWS + lane] = other
    slots[other], slots[row] = page * LANES + lane, NONE
    counts[LINKED] -= 1
    halves[first, COUNT] = last
    pages[first, last] = np.inf
    if last == 0:
        heads[cell] = halves[first, NEXT]
        halves[first, NEXT] = counts[PAGE_FREED]
        counts[PAGE_FREED] = first


@nb.njit(cache=True, nogil=True)
def settle(row, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts):
    """Bring a mover's place among the cells up to what `at`, `seen` and `bits` say of it; False: no room, nothing done."""
    x, y, z = at[row, 0], at[row, 1], at[row, 2]
    if bits[row] & linked != linked or x != x:
        if slots[row] != NONE:
            take_out(row, slots, pages, words, heads, counts)
        return True
    cell = cell_for(x, y, z, resolution, keys, tiles, heads, counts)
    if cell == NONE:
        return False
    if slots[row] != NONE:
        page, lane = slots[row] // LANES, slots[row] % LANES
        if words[page, CELL] == cell:
            pages[page, lane], pages[page, Y + lane], pages[page, Z + lane] = x, y, z
            pages[page, SEEN + lane], words[page, BITS + lane] = seen[row], bits[row]
            return True
        if counts[PAGE_FREED] == NONE and counts[PAGES_USED] == len(pages):
            return False
        take_out(row, slots, pages, words, heads, counts)
    return put_in(row, cell, x, y, z, seen[row], bits[row], slots, pages, words, heads, counts)


@nb.njit(nb.int64(nb.int64, LONGS, *GROUND), cache=True, nogil=True)
def settle_many(begin, rows, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts):
    """Settle `rows` from number `begin` on; return how many are done: fewer than all where there is no room."""
    for number in range(begin, len(rows)):
        if not settle(
            rows[number], linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts
        ):
            return number
    return len(rows)


@nb.njit(nb.int64(nb.int64, LONGS, FLOATS, FLOATS, FLOATS, *GROUND), cache=True, nogil=True)
def move_many(
    begin, rows, lng, lat, when, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts
):
    """Move `rows` from number `begin` on; return how many are done: fewer than all where there is no room."""
    for number in range(begin, len(rows)):
        row = rows[number]
        if lng[number] == lng[number]:
            at[row, 0], at[row, 1], at[row, 2] = toward(lng[number], lat[number])
        else:
            at[row, 0] = at[row, 1] = at[row, 2] = np.nan
        seen[row] = when[number]
        if not settle(row, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts):
            return number
    return len(rows)


@nb.njit(nb.int64(nb.int64, LONGS, LONGS, *GROUND), cache=True, nogil=True)
def mark_many(
    begin, rows, marks, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts
):
    """Give `rows` from number `begin` on new bits; return how many are done: fewer than all where there is no room."""
    for number in range(begin, len(rows)):
        row = rows[number]
        bits[row] = marks[number]
        if not settle(row, linked, at, seen, bits, resolution, slots, pages, words, keys, tiles, heads, counts):
            return number
    return len(rows)


@nb.njit(nb.void(nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1]), cache=True, nogil=True)
def put_keys(keys, tiles, new_keys, new_tiles):
    """Put all keys of a table into a larger one."""
    for old in range(len(keys)):
        if keys[old] != NONE:
            place = place_of(keys[old], new_keys)
            new_keys[place], new_tiles[place] = keys[old], tiles[old]


@nb.njit(nb.void(nb.float64[:, ::1], LONGS, nb.int64, nb.int64[::1]), cache=True, nogil=True)
def name_cells(at, rows, resolution, cells):
    """Name the cell of each row: int64 (m,)."""
    for number in range(len(rows)):
        row = rows[number]
        key, cell = tile_and_cell(at[row, 0], at[row, 1], at[row, 2], resolution)
        cells[number] = (key << 6) ^ cell
