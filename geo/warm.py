"""Everything that numba compiles, loaded at once."""

import numpy as np
import shapely

from geo.compiled import Compiled
from geo.kernels import assign
from geo.paged import Paged

ALL_AT_IMPORT = (assign, Paged)
"""Whose kernels name the types they take: they are compiled as they are loaded."""


def warm() -> None:
    """Load every kernel, compiling what is not kept yet: some seconds that no request should wait."""
    square = shapely.box(0.0, 0.0, 0.01, 0.01)
    some = Compiled.of(np.array([square], dtype=np.object_), np.zeros(1, np.int32))
    some.one(0.0, 0.0)
    some.many(np.zeros(1), np.zeros(1))
    some.redrawn({0: square})
