"""Redraw one shape in a built index: new records and pages behind the old ones, which stay as they are."""

import math

import numba as nb
import numpy as np

from geo.kernels.build import (
    EDGE,
    FULL,
    HEAD,
    MORE,
    NO_ANCHOR,
    NONE,
    STEPS,
    choose_anchor,
    collect,
    crossings,
    middle_of,
    no_blocks,
    note,
    walk,
    write_listed,
)
from geo.kernels.find import AREAS, BINS, CORNERS, OWN, PAGES, RANK, SLOTS, TILES, WORDS, at_word, long, real, word
from geo.kernels.memory import pointer
from geo.kernels.raster import PITCH
from geo.kernels.region import ACROSS, EDGE_OF_FACE, REGIONS, bend, faces_reached, region_span
from geo.kernels.sphere import SCALES, on_plane, unit_vector

DONE, OUTSIDE = 0, 1  # OUTSIDE: the region's window of cells is too small for the new shape
NO_ROOM = 2  # in one of the buffers
PAGE = 1024
NEVER = -(2**31)


@nb.njit(cache=True, nogil=True)
def turned(hull, resolution):
    """Turn an axial box of resolution 0 into one that holds it at another: least i, greatest i, least j, greatest j."""
    low_i, high_i, low_j, high_j = 1e18, -1e18, 1e18, -1e18
    for corner in range(4):
        a, b = hull[corner & 1], hull[2 + (corner >> 1)]
        i = SCALES[resolution, 0] * a + SCALES[resolution, 1] * b
        j = SCALES[resolution, 2] * a + SCALES[resolution, 3] * b
        low_i, high_i, low_j, high_j = min(low_i, i), max(high_i, i), min(low_j, j), max(high_j, j)
    return low_i, high_i, low_j, high_j


@nb.njit(cache=True, nogil=True)
def part_in(hull, row, column):
    """Cut an axial box of resolution 0 to a region."""
    low_a, low_b = row / REGIONS - EDGE_OF_FACE, column / REGIONS - EDGE_OF_FACE
    return np.array((
        max(hull[0], low_a), min(hull[1], low_a + 1 / REGIONS), max(hull[2], low_b), min(hull[3], low_b + 1 / REGIONS),
    ))  # fmt: skip


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
def read_others(table, value, row, cell, xy, names, head, entries, pairs, counts):
    """List them as a cell's entries, corners behind those `xy` has already, with their `names`: the records' anchor.

    `counts` (entries, pairs, corners) says how much of the buffers is used; there is room.
    """
    at = at_word(table, WORDS, -2 - value, 4)
    anchor_x, anchor_y = word(at, 0), word(at, 1)
    while True:
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        for candidate in range(candidates):
            if word(at, HEAD + candidate) == row:
                continue
            note(cell, word(at, HEAD + candidate), (word(at, 3) >> candidate) & 1, head, entries, counts)
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
def turn_over(xy, entry, entries, pairs, from_x, from_y, to_x, to_y):
    """Say whether the way between two anchors, in steps, crosses an odd number of an entry's edges."""
    if from_x == to_x and from_y == to_y:
        return False
    first = entries[entry, 2]
    return crossings(xy, pairs, first, -1, from_x / STEPS, from_y / STEPS, to_x / STEPS, to_y / STEPS) % 2 == 1


@nb.njit(cache=True, nogil=True)
def new_value(table, rank, row, value, cell, xy, names, head, entries, pairs, counts, anchor, middle, size, words, used, scratch):
    """Write what a cell has once a shape is redrawn, and return its value; `NEVER` where there is no room.

    The cell's list holds the shape's own entry, if it has one here, said of `anchor`; what others have is put to it.
    """
    mine = head[cell]
    old_x, old_y = anchor[0], anchor[1]
    if value < NONE:
        old_x, old_y = read_others(table, value, row, cell, xy, names, head, entries, pairs, counts)
    elif value >= 0 and value != row:
        note(cell, value, 1, head, entries, counts)
    first = head[cell]
    if first < 0:
        return NONE
    if entries[first, 0] < 0 and entries[first, 3] == 0:
        return entries[first, 1] if entries[first, 4] else NONE
    if mine >= 0 and first == mine:
        x, y = anchor[0], anchor[1]  # nobody else's
    else:
        x, y = choose_anchor(xy, entries, pairs, first, middle[0], middle[1], size)
    entry = first
    while entry >= 0:
        from_x, from_y = (anchor[0], anchor[1]) if entry == mine else (old_x, old_y)
        if turn_over(xy, entry, entries, pairs, from_x, from_y, x, y):
            entries[entry, 4] ^= 1
        entry = entries[entry, 0]
    behind = write_listed(xy, names, rank, first, entries, pairs, x, y, size, words, used[2], scratch)
    if behind == FULL:
        return NEVER
    value = -2 - (long(table, OWN + WORDS) + used[2])
    used[2] = behind
    return value


@nb.njit(cache=True, nogil=True)
def stays(table, value, row, xy, entry, entries, pairs, anchor):
    """Say whether a cell's records have just these edges of a shape already, and the same side of them inside."""
    at = at_word(table, WORDS, -2 - value, 4)
    while True:
        packed = word(at, 2)
        count, candidates = packed & 0xFFFFFF, (packed >> 24) & 63
        first = HEAD + candidates
        for candidate in range(candidates):
            if word(at, HEAD + candidate) != row:
                continue
            same, others = 0, 0
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
                    same += forth or back
            if same != entries[entry, 3] or others != same:
                return False
            over = turn_over(xy, entry, entries, pairs, anchor[0], anchor[1], word(at, 0), word(at, 1))
            return ((entries[entry, 4] == 1) ^ over) == ((word(at, 3) >> candidate) & 1 == 1)
        if not packed & MORE:
            return False
        at += 4 * (first + (EDGE + 1) * count)


@nb.njit(cache=True, nogil=True)
def page_for(table, tiles, pages, used, fresh, tile_list, tile, own_pages):
    """Return the place in `pages` of a tile's page that may be written, copying the page first; -1: no room."""
    known = tiles[tile_list + tile]
    if known >= 0 and known - own_pages >= fresh:
        return known - own_pages
    if (used[1] + 1) * PAGE > len(pages):
        return -1
    if known < 0:
        pages[used[1] * PAGE : (used[1] + 1) * PAGE] = NONE if known == NONE else -2 - known
    else:
        old = at_word(table, PAGES, known, 4 * PAGE)
        for cell in range(PAGE):
            pages[used[1] * PAGE + cell] = word(old, cell)
    tiles[tile_list + tile] = own_pages + used[1]
    used[1] += 1
    return used[1] - 1


@nb.njit(cache=True, nogil=True)
def longer(rows, size):
    """Return rows with room for `size`."""
    other = np.empty((size, rows.shape[1]), np.int32)
    other[: len(rows)] = rows
    return other


@nb.njit(cache=True, nogil=True)
def longer_places(xy, size):
    """Return places with room for `size`."""
    other = np.empty((size, 2))
    other[: len(xy)] = xy
    return other


@nb.njit(cache=True, nogil=True)
def longer_names(names, size):
    """Return names with room for `size`."""
    other = np.empty(size, np.int32)
    other[: len(names)] = names
    return other


@nb.njit(cache=True, nogil=True)
def redraw(
    table, number, row, face, hull, region_row, region_column, xy, corners, first, last, names, tiles, pages, words, used, fresh
):
    """Take the shape of `row` out of a region and put its new one in: rings `first` to `last` of `xy`'s first `corners`.

    `hull` is the axial box at resolution 0 of the old shape and the new; `used` says how much of `tiles`, `pages`
    and `words`, which the table has behind the base, is taken; pages from `fresh` on nobody reads yet. The region's
    row in the table, which nobody else reads yet, is changed.
    """
    at = at_word(table, AREAS, number, 32)
    area = nb.carray(pointer(at), (8,), np.int32)
    resolution, columns = area[0], area[4]
    low_i, high_i, low_j, high_j = turned(part_in(hull, region_row, region_column), resolution)
    first_i, last_i = math.floor(low_i) - 2, math.ceil(high_i) + 2
    first_j, last_j = math.floor(low_j) - 2, math.ceil(high_j) + 2
    if first_i < area[1] or first_j < area[2] or last_i >= area[1] + area[3] or last_j >= area[2] + columns:
        return OUTSIDE
    window = np.array((first_i, first_j, last_i - first_i + 1, last_j - first_j + 1))
    cells = window[2] * window[3]
    size = PITCH[resolution] * (180 / math.pi) * 0.6
    head, fill, mine = np.full(cells, -1, np.int32), np.full(cells, -1, np.int32), np.full(cells, -1, np.int32)
    anchors, counts = np.full((cells, 2), NO_ANCHOR, np.int32), np.zeros(3, np.int64)
    room = 4 * corners + 2 * cells + 64
    while True:
        entries, pairs = np.empty((room, 6), np.int32), np.empty((room, 2), np.int32)
        met = np.empty(room, np.int32)
        if collect(xy, first, last, face, resolution, window, row, met, head, entries, pairs, counts):
            break
        head[:], counts[:], room = -1, 0, 2 * room
    blocks = no_blocks(window)
    span = np.array((0, counts[0], 0))
    whole_i, whole_j, whole_k, whole_l = turned(hull, resolution)
    span[2] = whole_i - 1 < first_i or whole_j + 1 > last_i or whole_k - 1 < first_j or whole_l + 1 > last_j
    if corners:
        walk(
            xy, first, last, face, resolution, window, row, span,
            head, entries, pairs, counts, mine, anchors, blocks, fill, size,
        )  # fmt: skip
    rank = nb.carray(pointer(long(table, RANK)), (1 << 40,), np.int32)
    own_tiles, own_pages = long(table, OWN + TILES), long(table, OWN + PAGES)
    tiles_across = columns >> 5
    many = (area[3] >> 5) * tiles_across
    if used[0] + many > len(tiles):
        return NO_ROOM
    listed = used[0]
    for tile in range(many):
        tiles[listed + tile] = word(at_word(table, TILES, area[5] + tile, 4), 0)
    used[0] += many
    scratch = np.empty(1024, np.int32)
    kept_entries, kept_pairs = counts[0], counts[1]
    for cell in range(cells):
        i, j = window[0] + cell // window[3], window[1] + cell % window[3]
        value = cell_value(table, area[5], tiles_across, i - area[1], j - area[2])
        border, inside = head[cell] >= 0, fill[cell] >= 0
        if inside and value == row or not (border or inside or has_row(table, value, row)):
            continue
        if border and value < NONE and stays(table, value, row, xy, head[cell], entries, pairs, anchors[cell]):
            continue
        counts[0], counts[1], counts[2] = kept_entries, kept_pairs, corners
        others, edges = count_others(table, value, row) if value < NONE else (1, 0)
        if kept_entries + others + 1 > len(entries):
            entries = longer(entries, kept_entries + 2 * others + 1)
        if kept_pairs + edges > len(pairs):
            pairs = longer(pairs, kept_pairs + 2 * edges)
        if corners + 2 * edges > len(xy):
            xy, names = longer_places(xy, corners + 4 * edges), longer_names(names, corners + 4 * edges)
        if inside:
            note(cell, row, 1, head, entries, counts)
        middle = middle_of(blocks, cell, face, resolution, window)
        value = new_value(
            table, rank, row, value, cell, xy, names, head, entries, pairs, counts, anchors[cell], middle, size,
            words, used, scratch,
        )  # fmt: skip
        if value == NEVER:
            return NO_ROOM
        tile = ((i - area[1]) >> 5) * tiles_across + ((j - area[2]) >> 5)
        page = page_for(table, tiles, pages, used, fresh, listed, tile, own_pages)
        if page < 0:
            return NO_ROOM
        pages[page * PAGE + ((((i - area[1]) & 31) << 5) | ((j - area[2]) & 31))] = value
    area[5] = own_tiles + listed
    return DONE


@nb.njit(cache=True, nogil=True)
def redraw_everywhere(table, row, every, xy, corners, first, last, names, tiles, pages, words, used, fresh):
    """Redraw a shape in every region that the old or the new one reaches into; `every` are both's corners.

    OUTSIDE also where a region is new, or the shape lies on several faces' border: then the whole is built anew.
    """
    if len(every) == 0:
        return DONE
    west, south = every[:, 0].min(), every[:, 1].min()
    east, north = every[:, 0].max(), every[:, 1].max()
    faces = faces_reached(west, south, east, north)
    for face in range(20):
        if not (faces >> face) & 1:
            continue
        hull = np.array((1e9, -1e9, 1e9, -1e9))
        for k in range(len(every)):
            x, y, z = unit_vector(every[k, 0], every[k, 1])
            a, b, _ = on_plane(face, x, y, z)
            hull[0], hull[1] = min(hull[0], a), max(hull[1], a)
            hull[2], hull[3] = min(hull[2], b), max(hull[3], b)
        bent = bend(max(hull[1] - hull[0], hull[3] - hull[2]))
        hull[0], hull[1], hull[2], hull[3] = hull[0] - bent, hull[1] + bent, hull[2] - bent, hull[3] + bent
        row_0, row_1, column_0, column_1 = region_span(hull)
        for region_row in range(row_0, row_1 + 1):
            for region_column in range(column_0, column_1 + 1):
                slot = long(table, SLOTS + face)
                number = -1
                if slot >= 0:
                    number = word(long(table, BINS), (slot * ACROSS + region_row) * ACROSS + region_column)
                if number < 0:
                    return OUTSIDE
                done = redraw(
                    table, number, row, face, hull, region_row, region_column, xy, corners, first, last, names,
                    tiles, pages, words, used, fresh,
                )  # fmt: skip
                if done != DONE:
                    return done
    return DONE
