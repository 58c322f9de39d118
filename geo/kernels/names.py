"""From lattice positions to H3's 64-bit names and back."""

import math

import numba as nb
import numpy as np

from geo.kernels.sphere import CONTRACT, FACES, SCALES, round_hex, to_face, to_planes, unit_vector
from geo.kernels.tree import BASES, BOTTOMS, FOURS, OFFSETS, PLACE_COUNTS, PLACES, ROW, SIDE, SLOTS, UNKNOWN

BLOCK = 512  # points at a time: their planes stay in the first cache
LOW = np.int64(0o111111111111111)  # the lowest bit of each of 15 digits
DIGITS = np.int64((1 << 45) - 1)
CELL = 1 << 59  # the kind of index, in the highest bits
NOWHERE, ASK = -1, -2  # instead of a name: not on Earth or no such cell; only H3 can say
# H3's own rounding decides nearer to an edge than this. 1e-6 cell widths stand for all of it (2e-8 measured at
# resolution 15) but one term: H3 takes its distance r from the face's middle as acos(1 - x), wrong by 2^-54 / r. In
# slacks times axial distances of resolution 0 that is 2^-53 / UNIT² = 7.6e-16 times the lattice's size; 5 times that.
BAND = 2e-6
NEAR = np.array([(4e-15 * 7 ** (resolution / 2)) ** 2 for resolution in range(16)])
BACK = np.linalg.inv(FACES)
BOTTOM = 7.0**8  # positions of resolution 16 between neighbours of resolution 0
MANY = nb.types.Array(nb.float64, 1, "C", readonly=True)
CELLS = nb.types.Array(nb.int64, 1, "C", readonly=True)
KERNEL = {"cache": True, "nogil": True, "error_model": "numpy"}


@nb.njit(inline="always")
def climb(i, j):
    """Go up four resolutions: what the table says of them, i and j of the cell above."""
    up, along = np.floor((i + 0.5) * (1 / SIDE)), np.floor((j + 0.5) * (1 / SIDE))
    four = np.int64(FOURS[np.uint64((i - SIDE * up) * SIDE + (j - SIDE * along))])
    return four, up + np.float64((four >> 12 & 3) - 1), along + np.float64((four >> 14 & 3) - 1)


@nb.njit(inline="always")
def turned(digits, turn):
    """Turn 15 digits anticlockwise: a third moves the bits of each round, a half exchanges 0 and 1 unless all are 0."""
    once = (digits >> 1 & LOW * 3) | (digits & LOW) << 2
    twice = (digits & LOW * 3) << 1 | (digits >> 2 & LOW)
    thirds = turn >> 1
    out = once if thirds == 1 else (twice if thirds == 2 else digits)
    some = (out | out >> 1 | out >> 2) & LOW
    return out ^ some * 7 * (turn & 1)


@nb.njit(inline="always")
def name_of(face, i, j):
    """Name a position of resolution 16 on a face: base cell and 15 digits as H3 packs them, and the turn's code."""
    one, i, j = climb(i, j)
    two, i, j = climb(i, j)
    three, i, j = climb(i, j)
    four, i, j = climb(i, j)
    first = four >> 16
    first = first if first > 0 else three >> 16
    first = first if first > 0 else two >> 16
    first = first if first > 0 else one >> 16
    digits = (four & 0xFFF) << 33 | (three & 0xFFF) << 21 | (two & 0xFFF) << 9 | (one & 0xFFF) >> 3
    base = np.int64(BASES[np.uint64(face * SLOTS + (i + 3) * ROW + (j + 3))])
    turn = base >> (7 + 3 * first) & 7
    return (base & 127) << 45 | turned(digits, turn), turn


@nb.njit(inline="always")
def unsure(resolution, p, q, slack, turn):
    """Say whether a position p, q of resolution 0 lies where H3's own rounding decides."""
    near = slack * slack * (p * p - p * q + q * q) < NEAR[resolution]
    return (slack < BAND) | near | (turn == UNKNOWN)


@nb.njit(nb.int64(MANY, MANY, nb.int64, nb.int64[::1]), fastmath=CONTRACT, **KERNEL)
def fill_names(lng, lat, resolution, names):
    """Name the cells of degrees `lng`, `lat` (k,) in `names` (k,), NOWHERE or ASK; return how many are ASK."""
    if not 0 <= resolution <= 15:
        names[:] = ASK
        return len(names)
    scale, bottom = SCALES[resolution], BOTTOMS[resolution]
    head = CELL | resolution << 52 | DIGITS >> 3 * resolution
    faces, a, b = np.empty(BLOCK, np.int8), np.empty(BLOCK), np.empty(BLOCK)
    asked = 0
    for start in range(0, len(lng), BLOCK):
        end = min(start + BLOCK, len(lng))
        to_planes(lng[start:end], lat[start:end], faces, a, b)
        out = names[start:end]
        for k in range(end - start):
            p, q, face = a[k], b[k], faces[k]
            i, j, slack = round_hex(scale[0] * p + scale[1] * q, scale[2] * p + scale[3] * q)
            name, turn = name_of(max(face, 0), bottom[0] * i + bottom[1] * j, bottom[2] * i + bottom[3] * j)
            ask = unsure(resolution, p, q, slack, turn) & (face >= 0)
            asked += ask
            out[k] = ASK if ask else (name | head if face >= 0 else NOWHERE)
    return asked


@nb.njit(nb.int64(nb.float64, nb.float64, nb.int64), fastmath=CONTRACT, **KERNEL)
def name_one(lng, lat, resolution):
    """Name the cell of one position in degrees: the name, NOWHERE or ASK."""
    if not 0 <= resolution <= 15:
        return ASK
    if not (abs(lng) <= 180 and abs(lat) <= 90):
        return NOWHERE
    scale, bottom = SCALES[resolution], BOTTOMS[resolution]
    x, y, z = unit_vector(lng, lat)
    face, p, q = to_face(x, y, z)
    i, j, slack = round_hex(scale[0] * p + scale[1] * q, scale[2] * p + scale[3] * q)
    name, turn = name_of(face, bottom[0] * i + bottom[1] * j, bottom[2] * i + bottom[3] * j)
    if unsure(resolution, p, q, slack, turn):
        return ASK
    return name | CELL | resolution << 52 | DIGITS >> 3 * resolution


@nb.njit(nb.void(nb.types.Array(nb.int8, 1, "C", readonly=True), CELLS, CELLS, nb.int64, nb.int64[::1]), **KERNEL)
def fill_names_at(faces, i, j, resolution, names):
    """Name the cells at lattice positions (k,) of `resolution` in `names` (k,): NOWHERE where none begins there."""
    bottom, half = BOTTOMS[resolution], BOTTOM * 2.5
    head = CELL | resolution << 52 | DIGITS >> 3 * resolution
    for k in range(len(faces)):
        a, b = bottom[0] * i[k] + bottom[1] * j[k], bottom[2] * i[k] + bottom[3] * j[k]
        names[k] = NOWHERE
        if 0 <= faces[k] < 20 and abs(a) < half and abs(b) < half:
            name, turn = name_of(faces[k], a, b)
            if turn != UNKNOWN:
                names[k] = name | head


@nb.njit(inline="always")
def first_of(digits):
    """Name the first of 15 digits that is not 0."""
    first = 0
    for level in range(14, -1, -1):
        first = digits >> 3 * level & 7
        if first:
            break
    return first


@nb.njit(inline="always")
def digits_of(cell):
    """Take the digits out of a cell's name, those below its resolution as 0; -1 where it names no cell."""
    below = DIGITS >> 3 * (cell >> 52 & 15)
    digits = cell & DIGITS & ~below
    seven = digits & digits >> 1 & digits >> 2 & LOW
    whole = (cell >> 56 == CELL >> 56) & (cell & below == below) & (seven == 0) & (cell >> 45 & 127 < 122)
    return digits if whole else -1


@nb.njit
def place_of(cell):
    """Find where a cell's centre lies: a face, i and j of resolution 16; face -1 where it names no cell."""
    digits = digits_of(cell)
    base = cell >> 45 & 127
    if digits < 0:
        return -1, 0.0, 0.0
    first = first_of(digits)  # 1, which a pentagon does not have, is UNKNOWN on all its faces
    i, j = 0.0, 0.0
    for four in (digits >> 33, digits >> 21 & 0xFFF, digits >> 9 & 0xFFF, digits << 3 & 0xFFF):
        offset = OFFSETS[four]
        i, j = SIDE * i + ((offset >> 7) - 64), SIDE * j + ((offset & 127) - 64)
    best, found, up, along = -np.inf, -1, 0.0, 0.0
    for one in range(PLACE_COUNTS[base]):  # the cell lies on the face on which it lies deepest
        place = PLACES[base, one]
        turn = place >> (12 + 3 * first) & 7
        slot = place >> 5 & 63
        p, q = i, j
        if turn >> 1 == 1:
            p, q = -j, i - j
        elif turn >> 1 == 2:
            p, q = j - i, -i
        sign = 1 - 2 * (turn & 1)
        p, q = BOTTOM * (slot // ROW - 3) + sign * p, BOTTOM * (slot % ROW - 3) + sign * q
        inside = min(p - 0.5 * q, q - 0.5 * p, -0.5 * (p + q))
        if turn != UNKNOWN and inside > best:
            best, found, up, along = inside, place & 31, p, q
    return found, up, along


@nb.njit(nb.void(CELLS, nb.float64[::1], nb.float64[::1]), **KERNEL)
def fill_centres(cells, lng, lat):
    """Fill `lng`, `lat` (k,) with the degrees of the cells' centres (k,); NaN where it is no cell."""
    for k in range(len(cells)):
        face, i, j = place_of(cells[k])
        lng[k], lat[k] = np.nan, np.nan
        if face >= 0:
            a, b = i / BOTTOM, j / BOTTOM
            x = BACK[face, 0, 0] * a + BACK[face, 0, 1] * b + BACK[face, 0, 2]
            y = BACK[face, 1, 0] * a + BACK[face, 1, 1] * b + BACK[face, 1, 2]
            z = BACK[face, 2, 0] * a + BACK[face, 2, 1] * b + BACK[face, 2, 2]
            lng[k], lat[k] = math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.sqrt(x * x + y * y)))


@nb.njit(nb.void(CELLS, nb.int8[::1], nb.int64[::1], nb.int64[::1]), **KERNEL)
def fill_places(cells, faces, i, j):
    """Fill face, i, j (k,) of the cells' own resolutions; face -1 where it is no cell."""
    for k in range(len(cells)):
        face, p, q = place_of(cells[k])
        scale = SCALES[cells[k] >> 52 & 15]
        faces[k] = face
        i[k] = int(np.rint((scale[0] * p + scale[1] * q) / BOTTOM))
        j[k] = int(np.rint((scale[2] * p + scale[3] * q) / BOTTOM))
