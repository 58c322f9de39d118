"""CSV files of any length: read in stretches of whole rows, each written again as it was with two fields more."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from data.points.answers import Answers, Rows
from data.points.asked import Encoding, Wanted
from data.points.columns import ADDED, MOST_COLUMNS, Found, find
from data.points.csv_rows import CsvRows, first_row, split, whole_rows
from data.points.errors import (
    ColumnNotTextError,
    EmptyFileError,
    HeaderUnreadableError,
    RowTooLongError,
    TextUnreadableError,
    TooManyColumnsError,
)
from data.points.rows import Part, Raw, Stretch

LONGEST_ROW = 16 << 20
STRETCH = 4 << 20


class CsvSource:
    """An open CSV file, read once from its start.

    `names` are its columns, `header` its first row as it is, with its line's end.
    """

    def __init__(self, stream: BinaryIO, file: str, wanted: Wanted, stretch: int = STRETCH) -> None:
        self._stream, self._stretch = stream, stretch
        self.header, self._rest = _header(stream, file, stretch)
        self.names, encoding = _names(self.header, file, wanted.encoding)
        self._text = Text(encoding)
        self._found = find(self.names, wanted)

    @property
    def schema(self) -> pa.Schema:
        """Return the columns, all of them texts."""
        return pa.schema([(name, pa.string()) for name in self.names])

    @property
    def encoding(self) -> Encoding | None:
        """Return the encoding, where it was said or what was read as text has shown it."""
        return self._text.encoding

    def raws(self, texts: bool, part: Part | None = None) -> Iterator[Raw]:
        """Yield stretches of whole rows in order, of all or of a part; the last row gets a line end if it has none.

        Where `texts` is true they come in UTF-8; otherwise as they are, whatever their encoding.
        """
        stream: _Reads = self._stream
        rest = b""
        if part is None:
            line, read, rest = 1 + self.header.count(b"\n"), len(self.header), self._rest
        else:
            stream, line, read = _Slice(self._stream, part), part.first, part.begin
        ended = False
        while not ended:
            more = stream.read(self._stretch)
            ended = not more
            block = rest + more
            if ended and block and not block.endswith(b"\n"):
                block += b"\n"
            size = whole_rows(np.frombuffer(block, np.uint8))
            block, rest = block[:size], block[size:]
            lines = block.count(b"\n")
            if block:
                read += size
                yield Raw(self._text.utf8(block, line) if texts else block, line, read)
            line += lines
            if len(rest) > (0 if ended else LONGEST_ROW):
                raise RowTooLongError(line=line, most=LONGEST_ROW)

    def parts(self, texts: bool) -> Iterator[Part]:
        """Yield parts of whole rows, one for each stretch; the whole file is read once for it."""
        begin = len(self.header)
        for raw in self.raws(texts):
            yield Part(begin, raw.read, raw.first)
            begin = raw.read

    def rows(self, raw: Raw) -> Stretch:
        """Take a stretch apart."""
        return split(np.frombuffer(raw.content, np.uint8), raw.first, self.names, self._found)


class Text:
    """Turns stretches of text into UTF-8; the first that is not ASCII tells which encoding a file has."""

    def __init__(self, encoding: Encoding | None) -> None:
        self.encoding = encoding

    def utf8(self, text: bytes, line: int) -> bytes:
        """Return a stretch in UTF-8, its first line being `line`."""
        if text.isascii():
            return text
        known = tuple(Encoding) if self.encoding is None else (self.encoding,)
        for encoding in known:
            try:
                decoded = text.decode(encoding)
            except UnicodeDecodeError:
                continue
            self.encoding = encoding
            return text if encoding is Encoding.UTF8 else decoded.encode()
        raise TextUnreadableError(line=line, encoding=" / ".join(known))


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Slice:
    """A part of a file, as a file."""

    def __init__(self, stream: BinaryIO, part: Part) -> None:
        stream.seek(part.begin)
        self._stream, self._left = stream, part.end - part.begin

    def read(self, size: int, /) -> bytes:
        """Read up to so many bytes, none at the end of the part."""
        found = self._stream.read(min(size, self._left))
        self._left -= len(found)
        return found


class CsvSink:
    """Rows written as CSV: those of a CSV file byte for byte, those of a table as texts."""

    def __init__(self, stream: BinaryIO, answers: Answers) -> None:
        self._stream, self._answers = stream, answers

    def begin(self, header: bytes) -> None:
        """Write the first row: a CSV file's own, with the new names behind it."""
        names = header.rstrip(b"\r\n")
        self._stream.write(names + b"," + ",".join(ADDED).encode() + (header[len(names) :] or b"\n"))

    def form(self, stretch: Stretch, rows: Rows) -> memoryview:
        """Make the bytes of a stretch with the answers for its rows."""
        lines = stretch if isinstance(stretch, CsvRows) else _as_lines(stretch.batch())
        tails = self._answers.tails(rows, lines.returns())
        whole = pc.binary_join_element_wise(lines.records(), tails, b"")
        _, offsets, text = whole.buffers()
        first, last = np.frombuffer(offsets, np.int32)[[whole.offset, whole.offset + len(whole)]]
        return memoryview(text)[first:last]

    def write(self, formed: memoryview) -> None:
        """Write what was formed."""
        self._stream.write(formed)

    def close(self) -> None:
        """Hand everything over to the stream."""
        self._stream.flush()


def header_of(schema: pa.Schema) -> bytes:
    """Write a table's names as the first row of a CSV file.

    Raises
    ------
    ColumnNotTextError
        If a column's values cannot be written as CSV.
    """
    for column in schema:
        if not _can_be_text(column.type):
            raise ColumnNotTextError(column=column.name, type=str(column.type)[:100])
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(schema.names)
    return line.getvalue().encode()


def _can_be_text(kind: pa.DataType) -> bool:
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return False
    try:
        arrow_csv.write_csv(pa.table({"a": pa.nulls(1, kind)}), io.BytesIO())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _as_lines(batch: pa.RecordBatch) -> CsvRows:
    text = io.BytesIO()
    plain = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    arrow_csv.write_csv(batch, text, plain)
    return split(np.frombuffer(text.getbuffer(), np.uint8), 1, tuple(batch.schema.names), Found(0, 0))


def _header(stream: BinaryIO, file: str, stretch: int) -> tuple[bytes, bytes]:
    """Read the first row with its line's end, and what came with it."""
    text, end = b"", 0
    while not end:
        more = stream.read(stretch)
        text += more or b"\n"
        if text == b"\n":
            raise EmptyFileError(file=file)
        end = first_row(np.frombuffer(text, np.uint8))
        if not end and (len(text) > LONGEST_ROW or not more):
            raise HeaderUnreadableError(file=file, detail="it does not end")
    return text[:end], text[end:]


def _names(header: bytes, file: str, encoding: Encoding | None) -> tuple[tuple[str, ...], Encoding | None]:
    """Read the names of the columns, and the encoding where they tell it."""
    if b"\0" in header:
        raise HeaderUnreadableError(file=file, detail="zero bytes, as UTF-16 has; save it as UTF-8")
    if b"\r" in header.removesuffix(b"\r\n"):
        raise HeaderUnreadableError(file=file, detail="a carriage return alone ends no line")
    if header.count(b",") >= MOST_COLUMNS:
        raise TooManyColumnsError(columns=header.count(b",") + 1, most=MOST_COLUMNS)
    for known in Encoding if encoding is None else (encoding,):
        try:
            text = header.decode(known).removeprefix("\ufeff")
            [names] = csv.reader([text], strict=True)
        except UnicodeDecodeError:
            continue
        except (csv.Error, ValueError) as wrong:
            raise HeaderUnreadableError(file=file, detail=str(wrong)) from wrong
        return tuple(names), known if encoding or not header.isascii() else None
    raise HeaderUnreadableError(file=file, detail=f"no text in {encoding or 'UTF-8 or GB 18030'}")
