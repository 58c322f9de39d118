"""The nearest few of many, as they are met: few in order, many in a heap until the end.

The farthest always stands last. Of equally far ones the lowest row comes first.
"""

import numba as nb

IN_ORDER = 40  # so many are kept in order all the time: fewer steps than a heap takes


@nb.njit(inline="always")
def beyond(far, row, other, other_row):
    """Say whether one comes after another."""
    return far > other or (far == other and row > other_row)


@nb.njit(cache=True, nogil=True)
def sink(far, row, last, first, rows, chords):
    """Put one in place of whoever stands at `last`, the root of a heap that reaches down to `first`."""
    at = last
    while True:
        below = 2 * at - last - 1
        if below < first:
            break
        if below > first and beyond(chords[below - 1], rows[below - 1], chords[below], rows[below]):
            below -= 1
        if not beyond(chords[below], rows[below], far, row):
            break
        rows[at], chords[at] = rows[below], chords[below]
        at = below
    rows[at], chords[at] = row, far


@nb.njit(inline="always")
def take(far, row, rows, chords):
    """Take a mover among the nearest, if it is one of them."""
    place = len(rows) - 1
    if not beyond(chords[place], rows[place], far, row):
        return
    if place >= IN_ORDER:
        sink(far, row, place, 0, rows, chords)
        return
    while place > 0 and beyond(chords[place - 1], rows[place - 1], far, row):
        rows[place], chords[place] = rows[place - 1], chords[place - 1]
        place -= 1
    rows[place], chords[place] = row, far


@nb.njit(cache=True, nogil=True)
def put_in_order(rows, chords):
    """Sort what was taken, nearest first."""
    last = len(rows) - 1
    if last < IN_ORDER:
        return
    for first in range(last):
        far, row = chords[last], rows[last]
        moved, moved_row = chords[first], rows[first]
        chords[first], rows[first] = far, row
        sink(moved, moved_row, last, first + 1, rows, chords)
    rows[:], chords[:] = rows[::-1].copy(), chords[::-1].copy()
