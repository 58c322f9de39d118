"""Records of one or two edges, which most are: many answered at once, without branches."""

import numba as nb
import numpy as np

from geo.kernels.anchors import place_at
from geo.kernels.memory import half, word
from geo.kernels.records import EDGE, HEAD


@nb.njit(inline="always")
def side(ax, ay, bx, by, px, py):
    """Say whether the way from a record's anchor to a point crosses an edge, and how far the point is to its side.

    All are from the anchor. Neighbouring edges must reckon their common corner alike: no product and sum in one.
    """
    to_a, to_b, of_anchor = px * ay - py * ax, px * by - py * bx, ax * by - ay * bx
    of_point = of_anchor + to_a - to_b
    return ((to_a >= 0) != (to_b >= 0)) & ((of_anchor > 0) != (of_point > 0)), of_point


@nb.njit(inline="always")
def lay_out(at, k, words, floats):
    """Write the head and the first two edges of a record into column `k`; of one edge that edge twice, of none anything."""
    packed = word(at, 2)
    count = packed & 0xFFFFFF
    one = at + 4 * (HEAD + ((packed >> 24) & 63)) if count > 0 else at
    two = one + 4 * EDGE if count > 1 else one
    words[0, k], words[1, k], words[2, k], words[3, k] = word(at, 0), word(at, 1), packed, word(at, 3)
    words[4, k], words[5, k] = word(one, 4), word(two, 4)
    for place in range(4):
        floats[place, k], floats[4 + place, k] = half(one, place), half(two, place)
    floats[8, k] = half(at, 4)


@nb.njit(inline="always")
def masks_of(count, x, y, words, floats):
    """Answer many at once where a record has one or two edges and two candidates at most: their bits into `words[3]`.

    -1 for other records, and where a side is unsure. No branches.
    """
    for k in range(count):
        from_x, from_y = place_at(words[0, k], words[1, k])
        px, py = x[k] - from_x, y[k] - from_y
        ax, ay, bx, by = floats[0, k], floats[1, k], floats[2, k], floats[3, k]
        one, of_one = side(np.float64(ax), np.float64(ay), np.float64(bx), np.float64(by), px, py)
        ax, ay, bx, by = floats[4, k], floats[5, k], floats[6, k], floats[7, k]
        two, of_two = side(np.float64(ax), np.float64(ay), np.float64(bx), np.float64(by), px, py)
        edges, candidates = words[2, k] & 0xFFFFFF, words[2, k] >> 24  # above 6 bits: more records follow
        mask = words[3, k] ^ (words[4, k] if one else np.int32(0))
        mask ^= words[5, k] if two & (edges > 1) else np.int32(0)
        short = (edges > 0) & (edges <= 2) & (candidates <= 2) & (min(abs(of_one), abs(of_two)) > floats[8, k])
        words[3, k] = mask if short else np.int32(-1)
