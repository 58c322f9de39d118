"""How sure a share is, and where the middle lies."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

Z_95 = 1.959963984540054
"""Between plus and minus so many standard deviations lie 95 % of a normal distribution."""
SECOND_US = 1_000_000
SHIFT = 40
"""Bits for the seconds of a duration, beside a group: 30,000 years."""


def wilson(n: Ints, of: Ints) -> tuple[Floats, Floats]:
    """Return the bounds of the 95 % score interval of n out of `of` (Wilson 1927), each float64 (k,), NaN where of is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = n / of
        widened = 1 + Z_95**2 / of
        centre = (share + Z_95**2 / (2 * of)) / widened
        half = Z_95 / widened * np.sqrt(share * (1 - share) / of + Z_95**2 / (4 * of**2.0))
    return np.where(n == 0, np.where(of == 0, np.nan, 0.0), centre - half), np.where(n == of, share, centre + half)


def quantiles(seconds: Ints, groups: Ints | None, count: int, shares: tuple[float, ...]) -> tuple[Ints, list[Ints]]:
    """Return how many durations each group has, and at each share the least that so many do not exceed: int64 (count,).

    `groups` int (k,) below `count`; None: all are of the one group there is. -1 where a group has none.
    """
    if groups is None:
        n = np.array([len(seconds)])
        at = [_place(n, share) for share in shares]
        sorted_ = np.partition(seconds, [int(one[0]) for one in at]) if len(seconds) else seconds
    else:
        n = np.bincount(groups, minlength=count)
        at = [np.cumsum(n) - n + _place(n, share) for share in shares]
        sorted_ = np.sort((groups.astype(np.int64) << SHIFT) | seconds) & ((1 << SHIFT) - 1)
    found = [np.where(n > 0, np.append(sorted_, -1)[np.where(n > 0, one, -1)], -1) for one in at]
    return n, found


def _place(n: Ints, share: float) -> Ints:
    return np.maximum(np.ceil(n * share - 1e-9).astype(np.int64) - 1, 0)
