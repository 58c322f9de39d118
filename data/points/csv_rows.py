"""Lines of a CSV file as they are: found and taken apart in whole arrays, never rewritten.

A field is what stands between commas; in quotation marks it may hold commas and line ends, and a mark doubled.
All that matters is below 0x30, where neither UTF-8 nor GB 18030 has a second byte: so the bytes are taken apart as
they are, and a row is written again byte for byte.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.points.columns import Found
from data.points.errors import RaggedRowError, StrayQuoteError
from data.points.rows import Degrees, numbers

LF, CR, COMMA, QUOTE = 10, 13, 44, 34
AROUND_A_FIELD = np.zeros(256, dtype=np.bool_)
AROUND_A_FIELD[[LF, CR, COMMA, QUOTE]] = True
type Places = NDArray[np.int64]
type Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class CsvRows:
    """Rows of a CSV file: its bytes, and for each row (k,) and column (c,) the place of the byte behind the field.

    `begins` (k,) are the rows' first bytes, `lines` (k,) the lines they begin in, from 1.
    """

    text: Bytes
    begins: Places
    behind: Places
    lines: Places
    names: tuple[str, ...]
    found: Found

    def degrees(self) -> tuple[Degrees, Degrees]:
        """Return longitudes and latitudes as they stand in the file, NaN where none is."""
        return numbers(self._column(self.found.lng)), numbers(self._column(self.found.lat))

    def returns(self) -> NDArray[np.bool_]:
        """Say which rows end in a carriage return before their line's end."""
        ends = self.behind[:, -1]
        return np.asarray(self.text[ends - 1] == CR, dtype=np.bool_)

    def records(self) -> pa.Array:
        """Return the rows byte for byte, without their line ends: binary (k,)."""
        return _cut(self.text, self.begins, self.behind[:, -1] - self.returns(), pa.binary())

    def batch(self) -> pa.RecordBatch:
        """Return the rows as a table of texts, out of their quotation marks."""
        columns = [self._column(place) for place in range(len(self.names))]
        return pa.RecordBatch.from_arrays(columns, names=list(self.names))

    def _column(self, place: int) -> pa.Array:
        """Return one column's texts; the bytes are trusted to be UTF-8 where somebody looks at more than ASCII."""
        begin = self.behind[:, place - 1] + 1 if place else self.begins
        end = self.behind[:, place]
        if place == len(self.names) - 1:
            end = end - self.returns()
        quoted = (end > begin) & (self.text[begin] == QUOTE)
        texts = _cut(self.text, begin + quoted, end - quoted, pa.string())
        if not quoted.any():
            return texts
        return pc.if_else(pa.array(quoted), pc.replace_substring(texts, '""', '"'), texts)


def split(text: Bytes, first: int, names: tuple[str, ...], found: Found) -> CsvRows:
    """Take whole lines apart, the first of which is line `first`; empty lines are no rows.

    Raises
    ------
    RaggedRowError, StrayQuoteError
        For the first row that is not as the header promises.
    """
    breaks, commas, quotes = (np.flatnonzero(text == sign) for sign in (LF, COMMA, QUOTE))
    nth = np.arange(len(breaks))
    if len(quotes):
        _check_quotes(text, quotes, breaks, first)
        nth = np.flatnonzero(_outside(quotes, breaks))
        commas = commas[_outside(quotes, commas)]
    ends = breaks[nth]
    begins, lines = _shifted(ends + 1, 0), first + _shifted(nth + 1, 0)
    lengths = ends - begins
    empty = (lengths == 0) | ((lengths == 1) & (text[begins] == CR))
    if empty.any():
        kept = np.repeat(~empty, np.diff(ends, prepend=-1))
        moved = np.cumsum(kept) - 1
        text, commas, ends, lines = text[kept], moved[commas], moved[ends[~empty]], lines[~empty]
        begins = _shifted(ends + 1, 0)
    fields = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
    wrong = np.flatnonzero(fields != len(names))
    if len(wrong):
        row = int(wrong[0])
        raise RaggedRowError(line=int(lines[row]), fields=int(fields[row]), columns=len(names))
    behind = np.column_stack([commas.reshape(len(ends), len(names) - 1), ends])
    return CsvRows(text, begins, behind, lines, names, found)


def first_row(text: Bytes) -> int:
    """Say how many bytes the first row has with its line's end; 0 where it does not end."""
    ends = _ends(text)
    return int(ends[0]) + 1 if len(ends) else 0


def whole_rows(text: Bytes) -> int:
    """Say how many bytes from the start are whole rows."""
    ends = _ends(text)
    return int(ends[-1]) + 1 if len(ends) else 0


def _ends(text: Bytes) -> Places:
    breaks, quotes = np.flatnonzero(text == LF), np.flatnonzero(text == QUOTE)
    return breaks[_outside(quotes, breaks)] if len(quotes) else breaks


def _outside(quotes: Places, places: Places) -> NDArray[np.bool_]:
    """Say which places have an even number of quotation marks before them."""
    return np.asarray(np.searchsorted(quotes, places) % 2 == 0, dtype=np.bool_)


def _shifted(after: Places, start: int) -> Places:
    return np.concatenate([[start], after[:-1]]) if len(after) else after


def _check_quotes(text: Bytes, quotes: Places, breaks: Places, first: int) -> None:
    """Refuse marks that neither begin nor end a field nor are doubled: rows could be cut in the wrong place."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, text[opening - 1], LF)
    stray = np.concatenate(
        [opening[~AROUND_A_FIELD[before] | (before == CR)], closing[~AROUND_A_FIELD[text[closing + 1]]]]
    )
    if len(stray):
        raise StrayQuoteError(line=first + int(np.searchsorted(breaks, stray.min())))


def _cut(text: Bytes, begin: Places, end: Places, kind: pa.DataType) -> pa.Array:
    """Take stretches out of a text, in order and apart: every second of the stretches and the gaps between them."""
    if not len(begin):
        return pa.array([], kind)
    offsets = np.column_stack([begin, end]).astype(np.int32).ravel()
    both = pa.Array.from_buffers(kind, len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    return both.take(pa.array(np.arange(0, len(offsets), 2)))
