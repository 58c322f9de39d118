"""A stretch of a file as the rest sees it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

type Degrees = NDArray[np.float64]

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


class Stretch(Protocol):
    """Some rows of a file, whole and in order."""

    @property
    def lines(self) -> NDArray[np.int64]:
        """The number by which each row is named: the line it begins in, or the row where there are no lines; from 1."""
        ...

    def degrees(self) -> tuple[Degrees, Degrees]:
        """Return longitudes and latitudes as they stand in the file, NaN where none is: float64 (k,) each."""
        ...

    def batch(self) -> pa.RecordBatch:
        """Return the rows as a table's."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """What one read took off a file: bytes or a batch, the first line or row of it, and how far the file is read."""

    content: "bytes | pa.RecordBatch"
    first: int
    read: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file that is read by itself: bytes of CSV or row groups of parquet, from `begin` up to `end`.

    `first` is the line or row it begins with.
    """

    begin: int
    end: int
    first: int


def numbers(texts: pa.Array) -> Degrees:
    """Read texts as numbers, correctly rounded; NaN for what is none. Blanks around a number are allowed."""
    try:
        found = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        trimmed = pc.ascii_trim_whitespace(texts)
        are = pc.match_substring_regex(trimmed.view(pa.binary()), NUMBER)
        found = pc.cast(pc.if_else(are, trimmed, "nan"), pa.float64())
    return _plain(found)


def _plain(found: pa.Array) -> Degrees:
    return np.asarray(pc.fill_null(found, float("nan")).to_numpy(zero_copy_only=False), dtype=np.float64)


def degrees_of(column: pa.Array) -> Degrees | None:
    """Read a column of any type as degrees; None where its type can hold no number."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return degrees_of(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return numbers(pc.fill_null(pc.cast(column, pa.string()), ""))
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _plain(pc.cast(column, pa.float64(), safe=False))
    return _plain(pa.nulls(len(column), pa.float64())) if pa.types.is_null(kind) else None
