"""What H3 makes of a lattice position: tables of digits, base cells and turns, derived here and not copied.

Two resolutions are one division by 7 of axial positions, four a division by 49, and the remainders alone say which
four digits were passed: one look into a table of 49 by 49. The base cells and their turns come from asking H3 about
a few points of each face. Digits are named as H3 names them: I 4, IJ 6, J 2, JK 3, K 1, IK 5 anticlockwise.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geo.cells import cells_of
from geo.kernels.sphere import FACES, SCALES

AROUND = (4, 6, 2, 3, 1, 5)  # the digits of the six neighbours, anticlockwise from the first axis
STEPS = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))  # and the way to each
SIDE = 49
ROW = 7  # base cells lie at -2..2 by -2..2 on a face, a row of ROW for each i; one more each way stays empty
SLOTS = ROW * ROW
UNKNOWN = 7  # a turn nobody has seen: ask H3
CORNERS = ((2, 0), (0, 2), (-2, -2))  # the pentagons
ASIDE = 0.35  # of a cell: how far a sample lies from its cell's centre, towards the middle of the face
INSIDE = 1e-4  # of the way from the border of a face to its middle

Whole = NDArray[np.int64]


def _matrix(fine: int, coarse: int) -> NDArray[np.float64]:
    """Give the matrix from axial positions at one resolution to those at another."""
    matrix: NDArray[np.float64] = SCALES[fine].reshape(2, 2) @ np.linalg.inv(SCALES[coarse].reshape(2, 2))
    return matrix


DOWN = tuple(np.rint(_matrix(r + 1, r)).astype(np.int64) for r in range(2))  # one resolution finer, from even and odd


def parents(i: Whole, j: Whole, resolution: int) -> tuple[Whole, Whole, Whole]:
    """Name the digit of each position at this resolution within the position one resolution coarser: digit, i, j."""
    (a, b), (c, d) = DOWN[(resolution - 1) % 2].tolist()  # of determinant 7
    digit, up, along = np.zeros_like(i), np.zeros_like(i), np.zeros_like(i)
    for name, (p, q) in zip((0, *AROUND), ((0, 0), *STEPS), strict=True):
        x, y = d * (i - p) - b * (j - q), a * (j - q) - c * (i - p)
        here = (x % 7 == 0) & (y % 7 == 0)
        digit[here], up[here], along[here] = name, x[here] // 7, y[here] // 7
    return digit, up, along


def _fours() -> NDArray[np.int32]:
    """Tabulate by the remainders of i and j what four resolutions upwards from an even one pass; int32 (2401,).

    Bits 0 to 11 the digits, 12 and 13 the carry of i + 1, 14 and 15 that of j + 1, 16 to 18 the first digit not 0.
    """
    i, j = np.divmod(np.arange(SIDE * SIDE), SIDE)
    table, first = np.zeros_like(i), np.zeros_like(i)
    for level in range(4):
        digit, i, j = parents(i, j, 16 - level)
        table |= digit << 3 * level
        first = np.where(digit > 0, digit, first)
    table |= (i + 1) << 12 | (j + 1) << 14 | first << 16
    return table.astype(np.int32)


FOURS = _fours()


def _offsets() -> NDArray[np.int32]:
    """Tabulate by four digits the way from the coarse centre to the fine one: (i + 64) · 128 + j + 64; (4096,)."""
    digits = np.arange(4096)
    i, j = np.zeros_like(digits), np.zeros_like(digits)
    steps = np.array([(0, 0)] * 8)
    steps[list(AROUND)] = STEPS
    for level in range(4):
        (a, b), (c, d) = DOWN[level % 2].tolist()
        step = steps[digits >> 3 * (3 - level) & 7]
        i, j = a * i + b * j + step[:, 0], c * i + d * j + step[:, 1]
    return ((i + 64) * 128 + j + 64).astype(np.int32)


OFFSETS = _offsets()


def _bottoms() -> NDArray[np.float64]:
    """Give the matrix from each resolution to the centre of the cell's middle descendant at resolution 16: (16, 4)."""
    last = DOWN[1] @ SCALES[15].reshape(2, 2)
    return np.array([np.rint(last @ np.linalg.inv(SCALES[r].reshape(2, 2))).ravel() for r in range(16)])


BOTTOMS = _bottoms()


def _window(resolution: int, corner: tuple[int, int], radius: int) -> NDArray[np.float64]:
    """Describe cells around a place of a face by a point of each that lies on the face.

    Rows a, b of the point, i, j of the cell's base cell, the first digit that is not 0.
    """
    span = np.arange(-radius, radius + 1)
    scale = SCALES[resolution].reshape(2, 2)
    middle = np.rint(scale @ corner).astype(np.int64)
    i, j = (axis.ravel() for axis in np.meshgrid(middle[0] + span, middle[1] + span))
    length = np.sqrt(np.maximum(i * i - i * j + j * j, 1))
    a, b = np.linalg.inv(scale) @ ([i, j] * (1 - ASIDE / length))  # a cell across the border reaches over it
    inside = 1 + np.minimum(np.minimum(a - b / 2, b - a / 2), -(a + b) / 2) > INSIDE
    a, b, i, j = a[inside], b[inside], i[inside], j[inside]
    lead = np.zeros_like(i)
    for level in range(resolution, 0, -1):
        digit, i, j = parents(i, j, level)
        lead = np.where(digit > 0, digit, lead)
    return np.column_stack([a, b, i, j, lead])


def _samples() -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Choose one cell of each base cell of a face and first digit, alike on all faces: resolution, rows as above."""
    for resolution, windows in ((3, [((0, 0), 40)]), (4, [(corner, 14) for corner in CORNERS])):
        found = np.concatenate([_window(resolution, place, radius) for place, radius in windows])
        yield resolution, found[np.unique(found[:, 2:], axis=0, return_index=True)[1]]


def _bases() -> tuple[Whole, Whole]:
    """Ask H3 which base cell each place of each face is, and how far digits are turned there.

    Base cells (980,), -1 where none; sixths of a turn by the first digit that is not 0, UNKNOWN where unseen (980, 8).
    """
    place = np.zeros(8, np.int64)
    place[list(AROUND)] = range(6)
    bases, turns = np.full(20 * SLOTS, -1), np.full((20 * SLOTS, 8), UNKNOWN)
    for resolution, samples in _samples():
        points = np.column_stack([samples[:, :2], np.ones(len(samples))]).T
        i, j, lead = samples[:, 2:].astype(np.int64).T
        for face in range(20):
            x, y, z = np.linalg.solve(FACES[face], points)
            cells = cells_of(np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y))), resolution)
            first = np.zeros_like(lead)
            for level in range(15 - resolution, 15):
                digit = cells >> 3 * level & 7
                first = np.where(digit > 0, digit, first)
            slot = face * SLOTS + (i + 3) * ROW + j + 3
            bases[slot] = cells >> 45 & 127
            turns[slot, lead] = np.where(lead > 0, (place[first] - place[lead]) % 6, 0)
    return bases, turns


def _coded(sixths: int) -> int:
    """Write a turn anticlockwise as a half (bit 0) and thirds (bits 1, 2)."""
    return UNKNOWN if sixths == UNKNOWN else sixths % 2 | sixths * 2 % 3 << 1


def _packed() -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Lay the same out for the kernels, forth and back.

    Forth (980,): bits 0 to 6 the base cell, three bits for each first digit 0 to 6: the turn, or UNKNOWN.
    Back (122, 5): the faces a base cell lies on: bits 0 to 4 the face, 5 to 10 its place there, from bit 12 three
    bits for each first digit: the turn from H3's digits to the face's, or UNKNOWN; and how many faces those are (122,).
    """
    bases, turns = _bases()
    corners = {(i + 3) * ROW + j + 3 for i, j in CORNERS}
    forth = np.full(20 * SLOTS, UNKNOWN * 0o1111111 << 7)
    back, count = np.zeros((122, 5), np.int64), np.zeros(122, np.int64)
    for slot in np.flatnonzero(bases >= 0).tolist():
        base, sixths = int(bases[slot]), turns[slot].tolist()
        if slot % SLOTS not in corners:  # no pentagon: one turn for every digit
            sixths = [next(turn for turn in sixths[1:] if turn != UNKNOWN)] * 8
        ours, theirs = [0] + [UNKNOWN] * 6, [0] + [UNKNOWN] * 6
        for place, digit in enumerate(AROUND):
            ours[digit] = _coded(sixths[digit])
            if sixths[digit] != UNKNOWN:
                theirs[AROUND[(place + sixths[digit]) % 6]] = _coded(-sixths[digit] % 6)
        forth[slot] = base | sum(turn << 7 + 3 * digit for digit, turn in enumerate(ours))
        known = slot // SLOTS | slot % SLOTS << 5
        back[base, count[base]] = known | sum(turn << 12 + 3 * digit for digit, turn in enumerate(theirs))
        count[base] += 1
    return forth.astype(np.int32), back, count


BASES, PLACES, PLACE_COUNTS = _packed()
