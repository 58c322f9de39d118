"""On which side of a line a point lies, never wrong: in floats where they are sure, else by exact sums.

After J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates (1997).
None of this may be compiled with fastmath.
"""

import numba as nb
import numpy as np

HALF_ULP = 2.0**-53
SURE = (3 + 16 * HALF_ULP) * HALF_ULP  # Shewchuk's bound for the float result
SPLIT = 2.0**27 + 1
LARGER = 2.0**500  # taken times this, degrees next to 0 do not underflow, and 180 does not overflow when squared


@nb.njit(cache=True, nogil=True)
def two_difference(a, b):
    """Return a - b as a float and what it lost."""
    x = a - b
    there = a - x
    back = x + there
    return x, (a - back) + (there - b)


@nb.njit(cache=True, nogil=True)
def two_product(a, b):
    """Return a · b as a float and what it lost (Dekker)."""
    x = a * b
    t = SPLIT * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLIT * b
    b_high = t - (t - b)
    b_low = b - b_high
    return x, a_low * b_low - (((x - a_high * b_high) - a_low * b_high) - a_high * b_low)


@nb.njit(cache=True, nogil=True)
def add_to(total, used, value):
    """Add a float to an exact sum of non-overlapping floats, smallest first; return how many it has now."""
    kept = 0
    for place in range(used):
        part = total[place]
        x = value + part
        virtual = x - value
        rest = (value - (x - virtual)) + (part - virtual)
        value = x
        if rest != 0:
            total[kept] = rest
            kept += 1
    if value != 0:
        total[kept] = value
        kept += 1
    return kept


@nb.njit(cache=True, nogil=True)
def exact_side(ax, ay, bx, by, cx, cy):
    """Return the sign of (a - c) × (b - c) by exact sums."""
    total = np.empty(20)
    used = 0
    acx, acx_rest = two_difference(ax * LARGER, cx * LARGER)
    acy, acy_rest = two_difference(ay * LARGER, cy * LARGER)
    bcx, bcx_rest = two_difference(bx * LARGER, cx * LARGER)
    bcy, bcy_rest = two_difference(by * LARGER, cy * LARGER)
    for left in (acx, acx_rest):
        for right in (bcy, bcy_rest):
            high, low = two_product(left, right)
            used = add_to(total, used, low)
            used = add_to(total, used, high)
    for left in (-acy, -acy_rest):
        for right in (bcx, bcx_rest):
            high, low = two_product(left, right)
            used = add_to(total, used, low)
            used = add_to(total, used, high)
    if used == 0:
        return 0
    return 1 if total[used - 1] > 0 else -1


@nb.njit(cache=True, nogil=True)
def side(ax, ay, bx, by, cx, cy):
    """Say where `c` lies as seen from `a` to `b`: 1 left, -1 right, 0 on the line."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    det = left - right
    bound = SURE * (abs(left) + abs(right))
    if det > bound:
        return 1
    if det < -bound:
        return -1
    return exact_side(ax, ay, bx, by, cx, cy)


@nb.njit(cache=True, nogil=True)
def crosses(ax, ay, bx, by, px, py, qx, qy):
    """Say whether the way from `p` to `q` crosses the edge from `a` to `b`; neither p nor q may lie on the edge.

    A corner on the way counts as left of it, so that the two edges that meet there agree.
    """
    of_p, of_q = side(ax, ay, bx, by, px, py), side(ax, ay, bx, by, qx, qy)
    if of_p * of_q >= 0:
        return False
    return (side(px, py, qx, qy, ax, ay) >= 0) != (side(px, py, qx, qy, bx, by) >= 0)


@nb.njit(cache=True, nogil=True)
def lies_on(ax, ay, bx, by, px, py):
    """Say whether `p` lies on the edge from `a` to `b`, its ends included."""
    if px < min(ax, bx) or px > max(ax, bx) or py < min(ay, by) or py > max(ay, by):
        return False
    return side(ax, ay, bx, by, px, py) == 0
