"""From a point to the grid that covers it, for one layer of grids."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.nearest import metres_to_boxes, metres_to_shapes
from geo.point import Point
from geo.pure import Pure
from geo.shapes import Shape, Shapes

RESOLUTIONS = range(6, 14)
SAME_METRES = 0.001  # distances closer than this are a tie
WORTH_A_THREAD = 20_000  # points


class Locator:
    """Answers which grid of a layer covers a point, exactly as `shapely.covers` does.

    Borders and vertices belong to a grid; where several grids cover a point the lowest code (string order)
    answers, of equal codes the lowest row. None and empty shapes cover nothing. A locator never changes; a
    redraw makes a new one that shares what stayed. Safe to ask from several threads.
    """

    def __init__(
        self,
        codes: Sequence[str],
        shapes: Shapes,
        resolution: int | None = None,
        *,
        kernels: bool = True,
        threads: int = 1,
    ) -> None:
        """Index `shapes` in WGS 84 degrees; `resolution` is chosen from their areas unless given.

        `kernels`: by compiled loops over the lattice of H3; without them by library H3 and shapely, with the same
        answers, slower, and without the seconds that loading them takes. `threads` build at once.
        """
        if len(codes) != len(shapes):
            raise ValueError("as many codes as shapes are needed")
        if resolution is not None and resolution not in RESOLUTIONS:
            raise ValueError(f"not from {RESOLUTIONS[0]} to {RESOLUTIONS[-1]}: resolution {resolution}")
        self.codes = tuple(codes)
        ground = np.empty(len(codes), dtype=np.object_)
        ground[:] = list(shapes)
        rank = np.empty(len(codes), dtype=np.int32)
        rank[sorted(range(len(codes)), key=self.codes.__getitem__)] = np.arange(len(codes), dtype=np.int32)
        self._rows: dict[str, int] = {}
        if kernels:
            from geo.compiled import Compiled  # numba, and what it compiled, are loaded where they are wanted only

            self._finder: Pure | Compiled = Compiled.of(ground, rank, resolution, threads)
        else:
            self._finder = Pure(ground, rank, resolution)

    def locate(self, point: Point) -> int | None:
        """Find the row of the grid that covers `point`; None if none does."""
        row = self._finder.one(point.lng, point.lat)
        return None if row < 0 else row

    def locate_many(self, lng: ArrayLike, lat: ArrayLike, threads: int = 1) -> NDArray[np.int32]:
        """Find the rows of the grids that cover positions in WGS 84 degrees, by so many threads at once.

        Returns
        -------
        NDArray
            int32 (k,): row, or -1 where no grid covers the position or it is not on Earth.
        """
        x = np.ascontiguousarray(lng, dtype=np.float64)
        y = np.ascontiguousarray(lat, dtype=np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError("lng and lat must be one-dimensional and equally long")
        parts = min(threads, 1 + len(x) // WORTH_A_THREAD)
        if parts <= 1:
            return self._finder.many(x, y)
        with ThreadPoolExecutor(parts) as pool:
            found = pool.map(self._finder.many, np.array_split(x, parts), np.array_split(y, parts))
            return np.concatenate(list(found))

    def redrawn(self, changes: Mapping[str, Shape | None]) -> "Locator":
        """Return a locator in which grids have other shapes: by code, None for no ground any more.

        This one stays as it is, so that who reads it is not disturbed: a redraw is published by handing out the new
        one. With kernels only what changes is made; codes that are new here come last, and make all of it anew, at
        resolutions chosen again.

        Raises
        ------
        ValueError
            If codes are known twice: which grid is meant?
        """
        if not self._rows:
            rows = {code: row for row, code in enumerate(self.codes)}
            if len(rows) != len(self.codes):
                raise ValueError("codes are known twice")
            self._rows = rows
        new = [code for code in changes if code not in self._rows]
        if new:
            shapes = list(self._finder.shapes_of(np.arange(len(self.codes))))
            codes = [*self.codes, *new]
            whole = [changes.get(code, shape) for code, shape in zip(codes, [*shapes, *new], strict=True)]
            return Locator(codes, whole, kernels=not isinstance(self._finder, Pure))
        other = copy(self)
        other._finder = self._finder.redrawn({self._rows[code]: shape for code, shape in changes.items()})
        return other

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Lay out all of it in numeric arrays by name, to be kept and given to `from_arrays`; only with kernels.

        Raises
        ------
        ValueError
            Without kernels: there is nothing that would be quicker to load than to make.
        """
        if isinstance(self._finder, Pure):
            raise ValueError("a locator without kernels has no arrays")
        letters, ends = _joined([code.encode() for code in self.codes])
        return {**self._finder.to_arrays(), "code_letters": letters, "code_ends": ends}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Locator":
        """Take up the arrays of `to_arrays`, memory-mapped if you like: they are read where they are, never changed.

        Raises
        ------
        ValueError
            If an array is missing or has another type.
        """
        from geo.compiled import Compiled

        other = cls.__new__(cls)
        other._finder = Compiled.from_arrays(arrays, {"code_letters": "u1", "code_ends": "i8"})
        letters, ends = arrays["code_letters"].tobytes(), arrays["code_ends"].tolist()
        other.codes = tuple(letters[a:b].decode() for a, b in pairwise([0, *ends]))
        other._rows = {}
        return other

    def nearest(self, point: Point) -> tuple[int, float] | None:
        """Find the grid nearest to `point`: its row and the great-circle metres to its ground, 0 inside.

        Right to 0.5 % up to 50 km. Distances that agree within a millimetre are a tie: lowest code. None
        where the layer has no ground.
        """
        inside = self.locate(point)
        if inside is not None:
            return inside, 0.0
        boxes = metres_to_boxes(point, self._finder.boxes())
        order = np.argsort(boxes, kind="stable")[: np.count_nonzero(np.isfinite(boxes))]
        away = np.full(len(boxes), np.inf)
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            if boxes[part[0]] > away.min() * 1.01 + 1:  # a box's distance is a little rough, too
                break
            away[part] = metres_to_shapes(point, self._finder.shapes_of(part))
        if not len(order):
            return None
        tied = np.flatnonzero(away <= away.min() + SAME_METRES)
        row = int(tied[np.argmin(self._finder.rank[tied])])
        return row, float(away[row])


def _joined(texts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Join texts into one: its bytes, and where each text ends."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return np.frombuffer(b"".join(texts), dtype=np.uint8), ends
