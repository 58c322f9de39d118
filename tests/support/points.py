"""A file of points answered in memory, by halves of the Earth."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.importing.errors import ImportingError
from data.points.answers import Answers
from data.points.asked import Wanted
from data.points.assigning import Counts, Work, assign
from data.points.files import Place, raws_of, reading, sink_for
from geo.datum import Datum

CODES, AREAS = ("G1", "G2"), ("C/G1", "C/G2")


def by_half(lng: np.ndarray[Any, Any], lat: np.ndarray[Any, Any], /) -> np.ndarray[Any, Any]:
    """Lay the west into the first grid, the east into the second, and the south into none."""
    return np.where(np.isnan(lng) | (lat < 0), -1, np.where(lng < 0, 0, 1)).astype(np.int32)


def carried(
    given: Place,
    target: Place = Path("x.csv"),
    wanted: Wanted | None = None,
    stretch: int = 1 << 16,
    threads: int = 2,
) -> tuple[bytes, Counts]:
    """Answer a file and return what would be written."""
    stream = io.BytesIO()
    with reading(given, wanted or Wanted(), stretch) as opened:
        sink = sink_for(target, stream, opened, Answers(CODES, AREAS))
        counts = assign(opened, raws_of(opened, target), sink, Work(by_half, Datum.WGS84, threads))
        sink.close()
    return stream.getvalue(), counts


def answered(text: str | bytes, **options: Any) -> str:
    """Answer CSV and return CSV."""
    return carried(io.BytesIO(text.encode() if isinstance(text, str) else text), **options)[0].decode()


def refusal(text: str | bytes, kind: type[ImportingError], **options: Any) -> dict[str, object]:
    with pytest.raises(kind) as refused:
        answered(text, **options)
    return refused.value.facts
