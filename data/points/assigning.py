"""Each row of a file gets its grid: in stretches, on all cores, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from data.points.answers import Rows
from data.points.rows import Degrees, Raw, Stretch
from geo.datum import Datum, to_wgs84

EXAMPLES = 5


class Locate(Protocol):
    """Finds for positions in WGS 84, NaN for none, the rows of the grids that cover them; of several the lowest code."""

    def __call__(self, lng: Degrees, lat: Degrees, /) -> Rows:
        """Return int32 (k,): row, or -1."""
        ...


class Source(Protocol):
    """An open file of points."""

    def rows(self, raw: Raw) -> Stretch:
        """Take what one read took off the file apart."""
        ...


class Sink(Protocol):
    """An open file to write."""

    def form(self, stretch: Stretch, rows: Rows) -> Any:
        """Make what is to be written; from any thread."""
        ...

    def write(self, formed: Any) -> None:
        """Write it."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows. `examples` are the lines of the first ones without a position."""

    rows: int = 0
    in_a_grid: int = 0
    without_position: int = 0
    examples: tuple[int, ...] = ()

    @property
    def in_none(self) -> int:
        """Return how many rows have a position that no grid covers."""
        return self.rows - self.in_a_grid - self.without_position

    def __add__(self, later: "Counts") -> "Counts":
        return Counts(
            self.rows + later.rows,
            self.in_a_grid + later.in_a_grid,
            self.without_position + later.without_position,
            (self.examples + later.examples)[:EXAMPLES],
        )


@dataclass(frozen=True, slots=True)
class Work:
    """How rows are answered: which grids, the datum of the degrees, on how many threads."""

    locate: Locate
    datum: Datum
    threads: int = 1


def assign(
    source: Source,
    raws: Iterable[Raw],
    sink: Sink,
    work: Work,
    told: Callable[[int, int], None] = lambda read, rows: None,
) -> Counts:
    """Write what is read with the answers, without memory growing.

    `told` hears after each stretch how far the file is read and how many rows those were.
    """

    def answered(raw: Raw) -> tuple[int, Any, Counts]:
        return raw.read, *answer(source, raw, sink, work)

    total = Counts()
    for read, formed, counts in in_order(answered, raws, work.threads):
        sink.write(formed)
        total += counts
        told(read, total.rows)
    return total


def answer(source: Source, raw: Raw, sink: Sink, work: Work) -> tuple[Any, Counts]:
    """Make what is to be written for one stretch, and count it."""
    stretch = source.rows(raw)
    lng, lat = stretch.degrees()
    without = ~((np.abs(lng) <= 180) & (np.abs(lat) <= 90))  # NaN fails every comparison
    rows = work.locate(*to_wgs84(np.where(without, np.nan, lng), np.where(without, np.nan, lat), work.datum))
    counts = Counts(
        rows=len(lng),
        in_a_grid=int(np.count_nonzero(rows >= 0)),
        without_position=int(np.count_nonzero(without)),
        examples=tuple(stretch.lines[np.flatnonzero(without)[:EXAMPLES]].tolist()),
    )
    return sink.form(stretch, rows), counts


def in_order[Given, Made](make: Callable[[Given], Made], given: Iterable[Given], threads: int) -> Iterator[Made]:
    """Yield what is made of each, in order, a few at a time on `threads` threads."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Made]] = deque()
        for one in given:
            waiting.append(pool.submit(make, one))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
