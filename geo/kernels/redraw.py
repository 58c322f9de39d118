"""Redraw one shape in a built index: new records and pages behind the old ones, which stay as they are."""

import math

import numba as nb
import numpy as np

from geo.kernels.anchors import choose_anchor, middle_of
from geo.kernels.entries import box_of, collect, note
from geo.kernels.find import BINS, FACES, OWN, PAGES, RANK, TILES, WINDOWS, WORDS, at_word
from geo.kernels.memory import long, pointer, word
from geo.kernels.records import FULL, write_listed
from geo.kernels.region import ACROSS, EDGE_OF_FACE, REGIONS, bend, faces_reached, goes_on, region_span
from geo.kernels.reread import PAGE, cell_value, count_others, has_row, read_others, stays, turn_over
from geo.kernels.sheet import NONE, new_sheet
from geo.kernels.sphere import SCALES, on_plane, unit_vector
from geo.kernels.walk import walk

DONE, OUTSIDE = 0, 1  # OUTSIDE: the region's window of cells is too small for the new shape
NO_ROOM = 2  # in what is behind the base
CRAMPED = 3  # nor in the sheet for others' edges: give `xy` more corners to spare
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
def new_value(table, rank, row, value, cell, xy, names, sheet, words, used, scratch):
    """Write what a cell has once a shape is redrawn, and return its value; `NEVER` where there is no room.

    The cell's list holds the shape's own entry, if it has one here, said of the sheet's anchor; others' are put to it.
    """
    entries, head = sheet.entries, sheet.head
    own_x, own_y = sheet.anchors[cell, 0], sheet.anchors[cell, 1]
    mine, old_x, old_y = head[cell], own_x, own_y
    if value < NONE:
        old_x, old_y = read_others(table, value, row, cell, xy, names, sheet)
    elif value >= 0 and value != row:
        note(head, entries, sheet.counts, cell, value, 1)
    first = head[cell]
    if first < 0:
        return NONE
    if entries[first, 0] < 0 and entries[first, 3] == 0:
        return entries[first, 1] if entries[first, 4] else NONE
    middle_x, middle_y = middle_of(sheet.face, sheet.resolution, sheet.window, sheet.blocks, cell)
    x, y = choose_anchor(xy, entries, sheet.pairs, first, middle_x, middle_y, sheet.size)
    entry = first
    while entry >= 0:
        from_x, from_y = (own_x, own_y) if entry == mine else (old_x, old_y)
        if turn_over(xy, entries, sheet.pairs, entry, from_x, from_y, x, y):
            entries[entry, 4] ^= 1
        entry = entries[entry, 0]
    behind = write_listed(xy, names, rank, sheet.size, entries, sheet.pairs, first, (x, y), words, used[2], scratch)
    if behind == FULL:
        return NEVER
    value = -2 - (long(table, OWN + WORDS) + used[2])
    used[2] = behind
    return value


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
def list_for(table, place, tiles, used):
    """Copy a region's list of tiles behind those in `tiles`: where it begins there; -1: no room."""
    many, begins = (place[3] >> 5) * (place[4] >> 5), used[0]
    if begins + many > len(tiles):
        return -1
    for tile in range(many):
        tiles[begins + tile] = word(at_word(table, TILES, place[5] + tile, 4), 0)
    used[0] += many
    return begins


@nb.njit(cache=True, nogil=True)
def redraw(table, number, row, face, hull, part, xy, corners, first, last, names, tiles, pages, words, used, fresh):
    """Take the shape of `row` out of a region and put its new one in: rings `first` to `last` of `xy`'s first `corners`.

    `hull` is the axial box at resolution 0 of the old shape and the new, `part` that part of it in the region; `used`
    says how much of `tiles`, `pages` and `words`, which the table has behind the base, is taken; pages from `fresh`
    on nobody reads yet. The region's words in the table, which nobody else reads yet, are changed.
    """
    place = nb.carray(pointer(at_word(table, WINDOWS, number, 32)), (8,), np.int32)
    rank = nb.carray(pointer(long(table, RANK)), (1 << 40,), np.int32)
    resolution, columns = place[0], place[4]
    low_i, high_i, low_j, high_j = turned(part, resolution)
    first_i, last_i = math.floor(low_i) - 2, math.ceil(high_i) + 2
    first_j, last_j = math.floor(low_j) - 2, math.ceil(high_j) + 2
    if first_i < place[1] or first_j < place[2] or last_i >= place[1] + place[3] or last_j >= place[2] + columns:
        return OUTSIDE
    window = np.array((first_i, first_j, last_i - first_i + 1, last_j - first_j + 1))
    cells, spare = window[2] * window[3], len(xy) - corners
    room = 2 * (corners + cells) + spare
    sheet, met, scratch = (
        new_sheet(face, resolution, window, room, room),
        np.empty(room, np.int32),
        np.empty(1024, np.int32),
    )
    outside = goes_on(np.array(turned(hull, resolution)), window, resolution)
    if corners:
        noted = collect(sheet, box_of(sheet), xy, first, last, row, met)
        if not (noted and walk(xy, sheet, first, last, row, np.array((0, sheet.counts[0], int(outside))))):
            return CRAMPED
    entries, pairs, head, fill = sheet.counts[0], sheet.counts[1], sheet.head, sheet.fill
    listed = list_for(table, place, tiles, used)
    if listed < 0:
        return NO_ROOM
    for cell in range(cells):
        i, j = window[0] + cell // window[3] - place[1], window[1] + cell % window[3] - place[2]
        value = cell_value(table, place[5], columns >> 5, i, j)
        border, inside = head[cell] >= 0, fill[cell] >= 0
        if inside and value == row:
            continue
        if border and value < NONE:
            if stays(table, value, row, xy, sheet.entries, sheet.pairs, sheet.anchors, head[cell]):
                continue
        elif not (border or inside or has_row(table, value, row)):
            continue
        sheet.counts[0], sheet.counts[1], sheet.counts[2] = entries, pairs, corners
        others, edges = count_others(table, value, row) if value < NONE else (1, 0)
        if entries + others + 1 > room or pairs + edges > room or corners + 2 * edges > len(xy):
            return CRAMPED
        if sheet.fill[cell] >= 0:
            note(sheet.head, sheet.entries, sheet.counts, cell, row, 1)
        value = new_value(table, rank, row, value, cell, xy, names, sheet, words, used, scratch)
        page, tile = -1, (i >> 5) * (columns >> 5) + (j >> 5)
        if value != NEVER:
            page = page_for(table, tiles, pages, used, fresh, listed, tile, long(table, OWN + PAGES))
        if page < 0:
            return NO_ROOM
        pages[page * PAGE + (((i & 31) << 5) | (j & 31))] = value
    place[5] = long(table, OWN + TILES) + listed
    return DONE


@nb.njit(cache=True, nogil=True)
def widen(box, xy, count):
    """Widen a box of degrees so that it holds the first places of `xy`."""
    for k in range(count):
        box[0], box[1] = min(box[0], xy[k, 0]), min(box[1], xy[k, 1])
        box[2], box[3] = max(box[2], xy[k, 0]), max(box[3], xy[k, 1])


@nb.njit(cache=True, nogil=True)
def widen_hull(hull, face, xy, count):
    """Widen an axial box on a face so that it holds the first places of `xy`."""
    for k in range(count):
        x, y, z = unit_vector(xy[k, 0], xy[k, 1])
        a, b, _ = on_plane(face, x, y, z)
        hull[0], hull[1] = min(hull[0], a), max(hull[1], a)
        hull[2], hull[3] = min(hull[2], b), max(hull[3], b)


@nb.njit(cache=True, nogil=True)
def redraw_everywhere(table, row, old, xy, corners, first, last, names, tiles, pages, words, used, fresh):
    """Redraw a shape in every region that the old or the new one reaches into; `old` are the old one's corners.

    OUTSIDE also where a region is new, or the shape lies on several faces' border: then the whole is built anew.
    """
    if len(old) + corners == 0:
        return DONE
    box = np.array((1e9, 1e9, -1e9, -1e9))
    widen(box, old, len(old))
    widen(box, xy, corners)
    faces = faces_reached(box[0], box[1], box[2], box[3])
    for face in range(20):
        if not (faces >> face) & 1:
            continue
        hull = np.array((1e9, -1e9, 1e9, -1e9))
        widen_hull(hull, face, old, len(old))
        widen_hull(hull, face, xy, corners)
        bent = bend(max(hull[1] - hull[0], hull[3] - hull[2]), box[1], box[3])
        hull[0], hull[1], hull[2], hull[3] = hull[0] - bent, hull[1] + bent, hull[2] - bent, hull[3] + bent
        row_0, row_1, column_0, column_1 = region_span(hull)
        for region_row in range(row_0, row_1 + 1):
            for region_column in range(column_0, column_1 + 1):
                own = long(table, FACES + face)
                number = -1
                if own >= 0:
                    number = word(long(table, BINS), (own * ACROSS + region_row) * ACROSS + region_column)
                if number < 0:
                    return OUTSIDE
                part = part_in(hull, region_row, region_column)
                done = redraw(
                    table, number, row, face, hull, part, xy, corners, first, last, names,
                    tiles, pages, words, used, fresh,
                )  # fmt: skip
                if done != DONE:
                    return done
    return DONE
