"""Files of points by their names: .csv or .parquet, and streams, which are CSV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from data.importing.errors import FileMissingError, FileUnreadableError
from data.points.answers import Answers
from data.points.asked import Wanted
from data.points.csv_file import STRETCH, CsvSink, CsvSource, header_of
from data.points.errors import SameFileError, UnknownKindError
from data.points.parquet_file import ParquetSink, ParquetSource
from data.points.rows import Part, Raw

type Place = Path | BinaryIO
type Opened = CsvSource | ParquetSource
type Sinks = CsvSink | ParquetSink
KINDS = {".csv": "csv", ".parquet": "parquet"}


def kind_of(place: Place) -> str:
    """Say whether a file is CSV or parquet; a stream is CSV."""
    if not isinstance(place, Path):
        return "csv"
    kind = KINDS.get(place.suffix.lower())
    if kind is None:
        raise UnknownKindError(file=place.name)
    return kind


def check_places(given: Place, target: Place) -> None:
    """Refuse files of another kind, none to read, and one that would be written over itself."""
    kind_of(given)
    kind_of(target)
    if isinstance(given, Path) and not given.is_file():
        raise FileMissingError(file=given.name)
    if isinstance(given, Path) and isinstance(target, Path) and given.resolve() == target.resolve():
        raise SameFileError(file=given.name)


@contextmanager
def reading(given: Place, wanted: Wanted, stretch: int = STRETCH) -> Iterator[Opened]:
    """Lend a file or a stream, opened for reading."""
    if not isinstance(given, Path):
        yield CsvSource(given, "-", wanted, stretch)
        return
    try:
        stream = given.open("rb")
    except OSError as broken:
        raise FileUnreadableError(file=given.name, detail=broken.strerror) from broken
    with stream:
        if kind_of(given) == "parquet":
            yield ParquetSource(given, wanted)
        else:
            yield CsvSource(stream, given.name, wanted, stretch)


def size_of(given: Place, opened: Opened) -> int | None:
    """Return up to which number `Raw.read` will count; None where nobody knows."""
    if isinstance(opened, ParquetSource):
        return opened.count
    return given.stat().st_size if isinstance(given, Path) else None


def raws_of(opened: Opened, target: Place, part: Part | None = None) -> Iterator[Raw]:
    """Read a file, or a part of it, as what is to be written needs it."""
    if isinstance(opened, ParquetSource):
        return opened.raws(part)
    return opened.raws(kind_of(target) == "parquet", part)


def parts_of(opened: Opened, target: Place) -> list[Part]:
    """Divide a file into parts that can be read apart."""
    if isinstance(opened, ParquetSource):
        return list(opened.parts())
    return list(opened.parts(kind_of(target) == "parquet"))


def sink_for(target: Place, stream: BinaryIO, opened: Opened, answers: Answers, header: bool = True) -> Sinks:
    """Begin to write what is read: the header where one is wanted, or the table's columns."""
    if kind_of(target) == "parquet":
        return ParquetSink(stream, answers, opened.schema)
    sink = CsvSink(stream, answers)
    if header:
        sink.begin(opened.header if isinstance(opened, CsvSource) else header_of(opened.schema))
    return sink
