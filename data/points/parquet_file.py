"""Parquet files of any length: read in stretches of rows, written with two columns more."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from data.importing.errors import FileUnreadableError
from data.points.answers import Answers, Rows
from data.points.asked import Wanted
from data.points.columns import ADDED, Found, find
from data.points.errors import ColumnNotNumbersError, EmptyFileError
from data.points.rows import Degrees, Part, Raw, Stretch, degrees_of

ROWS = 131_072
BUFFER = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """Rows of a table; `first` is the number of the first, from 1."""

    content: pa.RecordBatch
    first: int
    found: Found

    @property
    def lines(self) -> NDArray[np.int64]:
        """The rows' numbers."""
        return np.arange(self.first, self.first + len(self.content))

    def degrees(self) -> tuple[Degrees, Degrees]:
        """Return longitudes and latitudes as they stand in the file, NaN where none is."""
        return self._column(self.found.lng), self._column(self.found.lat)

    def batch(self) -> pa.RecordBatch:
        """Return the rows."""
        return self.content

    def _column(self, place: int) -> Degrees:
        found = degrees_of(self.content.column(place))
        if found is None:
            column = self.content.schema.field(place)
            raise ColumnNotNumbersError(column=column.name, type=str(column.type)[:100])
        return found


class ParquetSource:
    """An open parquet file."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        if path.stat().st_size == 0:
            raise EmptyFileError(file=path.name)
        self._path = path
        try:
            self._file = parquet.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as broken:
            raise _unreadable(path, broken) from broken
        self._found = find(self.schema.names, wanted)
        TableRows(pa.RecordBatch.from_pylist([], schema=self.schema), 1, self._found).degrees()

    @property
    def schema(self) -> pa.Schema:
        """Return the columns."""
        return self._file.schema_arrow

    def raws(self, part: Part | None = None) -> Iterator[Raw]:
        """Yield stretches of rows in order, of all or of a part."""
        first = part.first if part else 1
        groups = range(part.begin, part.end) if part else range(self._file.num_row_groups)
        try:
            for batch in self._file.iter_batches(batch_size=ROWS, row_groups=list(groups)):
                yield Raw(batch, first, first + len(batch) - 1)
                first += len(batch)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as broken:
            raise _unreadable(self._path, broken) from broken

    def parts(self) -> Iterator[Part]:
        """Yield a part for each row group."""
        first = 1
        for group in range(self._file.num_row_groups):
            yield Part(group, group + 1, first)
            first += int(self._file.metadata.row_group(group).num_rows)

    def rows(self, raw: Raw) -> Stretch:
        """Look at a stretch."""
        return TableRows(raw.content, raw.first, self._found)

    @property
    def count(self) -> int:
        """Return how many rows there are."""
        return int(self._file.metadata.num_rows)


class ParquetSink:
    """Rows written as a table: the columns there are, with the new ones behind them."""

    def __init__(self, stream: BinaryIO, answers: Answers, schema: pa.Schema) -> None:
        self._answers = answers
        for name in ADDED:
            schema = schema.append(pa.field(name, pa.string()))
        self._schema = schema
        self._writer = parquet.ParquetWriter(stream, schema, compression="zstd")

    def form(self, stretch: Stretch, rows: Rows) -> pa.RecordBatch:
        """Make the columns of a stretch with the answers for its rows."""
        columns = [*stretch.batch().columns, *self._answers.columns(rows)]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def write(self, formed: pa.RecordBatch) -> None:
        """Write what was formed, as a row group."""
        self._writer.write_batch(formed)

    def append(self, file: Path) -> None:
        """Write what another of these files holds, row group for row group."""
        with parquet.ParquetFile(file) as part:
            for group in range(part.num_row_groups):
                self._writer.write_table(part.read_row_group(group))

    def close(self) -> None:
        """Write the file's end."""
        self._writer.close()


def _unreadable(path: Path, broken: Exception) -> FileUnreadableError:
    return FileUnreadableError(file=path.name, detail=" ".join(str(broken).split())[:200])
