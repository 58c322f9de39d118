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


def quantiles(seconds: Ints, groups: Ints | None, n: Ints, shares: tuple[float, ...]) -> list[Ints]:
    """Return at each share the least duration that so many of a group do not exceed, int64 as `n`; -1 where it has none.

    `groups` says to which group each belongs, int64 (k,), and `n` how many each has; None: there is one group.
    """
    keys = seconds if groups is None else (groups.astype(np.int64) << SHIFT) | seconds
    ordered = np.sort(keys) & ((1 << SHIFT) - 1)
    if not len(ordered):
        return [np.full(len(n), -1) for _ in shares]
    starts = np.cumsum(n) - n
    places = (starts + np.maximum(np.ceil(n * share - 1e-9).astype(np.int64) - 1, 0) for share in shares)
    return [np.where(n > 0, ordered[np.minimum(place, len(ordered) - 1)], -1) for place in places]
