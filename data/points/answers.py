"""What is written beside a row: its grid's code, and the areas from the top of the tree down to that grid's."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

type Rows = NDArray[np.int32]
"""For each position the row of its grid, -1 where there is none: int32 (k,)."""


class Answers:
    """The texts of a layer's grids, ready to be laid beside any number of rows; nothing beside a row in no grid."""

    def __init__(self, codes: Sequence[str], areas: Sequence[str]) -> None:
        """Take codes and areas, the latter joined by `/`: letters, figures, `_` and `/`, so never to be quoted."""
        self._codes = pa.array([*codes, None], pa.string())
        self._areas = pa.array([*areas, None], pa.string())
        tails = [*(f",{code},{path}" for code, path in zip(codes, areas, strict=True)), ",,"]
        self._tails = pa.array([f"{tail}{end}" for end in ("\n", "\r\n") for tail in tails], pa.binary())

    def columns(self, rows: Rows) -> tuple[pa.Array, pa.Array]:
        """Return the codes and the areas of `rows`, null where there is none."""
        at = pa.array(self._known(rows))
        return self._codes.take(at), self._areas.take(at)

    def tails(self, rows: Rows, returns: NDArray[np.bool_]) -> pa.Array:
        """Return what ends each line of a CSV file, the line's end with a carriage return where it had one."""
        return self._tails.take(pa.array(self._known(rows) + returns * len(self._codes)))

    def _known(self, rows: Rows) -> NDArray[np.int64]:
        return np.where(rows < 0, len(self._codes) - 1, rows)
