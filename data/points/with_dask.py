"""Parts of a file answered as dask's tasks: on this machine, or on whatever machines its scheduler has.

Each task reads its own part, maps the index, and writes a file beside the target; joining them in order is all that is
left to do here. So the file, the index and the target lie where every machine finds them by the same path.
"""

import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import dask
from dask.delayed import delayed

from data.points.answers import Answers
from data.points.asked import Wanted
from data.points.assigning import Counts, Work, assign
from data.points.files import Sinks, parts_of, raws_of, reading, sink_for
from data.points.index import shared
from data.points.parquet_file import ParquetSink, ParquetSource
from data.points.rows import Part
from data.points.target import written
from geo.datum import Datum

PART = 64 << 20
ADDRESS = "scheduler-address"  # of dask's own settings: DASK_SCHEDULER_ADDRESS


@dataclass(frozen=True, slots=True)
class Errand:
    """What all tasks are told: the file and how to read it, where it goes, the index that answers, and its mark."""

    given: Path
    wanted: Wanted
    target: Path
    index: Path
    mark: str
    datum: Datum


def assign_in_parts(errand: Errand, stream: BinaryIO) -> Counts:
    """Write the file with its answers to `stream`, which is to become the errand's target."""
    with (
        TemporaryDirectory(prefix=f".{errand.target.name}.", dir=errand.target.parent) as folder,
        reading(errand.given, errand.wanted, PART) as opened,
    ):
        parts = parts_of(opened, errand.target)
        if not isinstance(opened, ParquetSource):
            errand = replace(errand, wanted=replace(errand.wanted, encoding=opened.encoding))
        files = [Path(folder) / f"{number}{errand.target.suffix}" for number in range(len(parts))]
        with _workers():
            tasks = [delayed(answer_part)(errand, part, file) for part, file in zip(parts, files, strict=True)]
            counted: list[Counts] = delayed(list)(tasks).compute()
        sink = sink_for(errand.target, stream, opened, Answers((), ()))
        for file in files:
            _join(sink, file, stream)
        sink.close()
    return sum(counted, Counts())


def answer_part(errand: Errand, part: Part, file: Path) -> Counts:
    """Answer one part into a file of its own, without a header."""
    index, answers = shared(errand.index, errand.mark)
    work = Work(index.locator.locate_many, errand.datum)
    with reading(errand.given, errand.wanted) as opened, written(file) as stream:
        sink = sink_for(errand.target, stream, opened, answers, header=False)
        counts = assign(opened, raws_of(opened, errand.target, part), sink, work)
        sink.close()
    return counts


def _workers() -> AbstractContextManager[Any]:
    """Take the cluster that dask's settings name; without one dask works on this machine's cores."""
    address = dask.config.get(ADDRESS, None)
    if address is None:
        return nullcontext()
    from distributed import Client

    client: AbstractContextManager[Any] = Client(address)
    return client


def _join(sink: Sinks, file: Path, stream: BinaryIO) -> None:
    if isinstance(sink, ParquetSink):
        sink.append(file)
        return
    with file.open("rb") as part:
        shutil.copyfileobj(part, stream, 1 << 20)
