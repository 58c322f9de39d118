"""One file of points, answered from its beginning to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from data.engine import Role
from data.locators import KeptError
from data.points.answers import Answers
from data.points.asked import Engine, Wanted
from data.points.assigning import Counts, Work, assign
from data.points.errors import EngineMissingError, EngineNeedsFilesError
from data.points.files import Opened, Place, raws_of, sink_for
from data.points.ground import Ground, GroundReader
from data.points.index import Index, store, stored
from data.points.target import written
from data.store import transaction
from geo.datum import Datum
from geo.locate import Locator

INSTALL = "var/tools/bin/uv pip install --python .venv/bin/python"

type Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is read, how, where it goes, and what answers."""

    given: Place
    target: Place
    wanted: Wanted
    layer: str
    datum: Datum
    engine: Engine = Engine.OWN
    threads: int = 1
    keep: Path | None = None
    """Folder in which indexes of the layers are kept."""
    strict: bool = False
    """Whether a row without a position spoils the whole."""
    kernels: bool = True
    """Whether the index has compiled loops; without them none can be kept, and dask has none to share."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A layer's grids: their shapes, or the index that was kept of the same ones."""

    ground: Ground
    shapes: NDArray[np.object_] | None
    kept: Index | None


class SpoiltError(Exception):
    """Rows without a position in a job that is strict; nothing was left of it."""

    def __init__(self, counts: Counts) -> None:
        super().__init__("rows without a position")
        self.counts = counts


async def look(job: Job, url: str) -> Seen:
    """Read the grids of the job's layer, as the process itself sees them: the whole town's."""
    async with transaction(url, Role.DISPATCHER) as connection:
        reader = GroundReader(connection)
        ground = await reader.ground(job.layer)
        kept = None if job.engine is Engine.SEDONADB else _kept(job, ground)
        return Seen(ground, None if kept else await reader.shapes(ground), kept)


def carry_out(job: Job, opened: Opened, seen: Seen, told: Told) -> Counts:
    """Write the job's target: whole, or not at all.

    Raises
    ------
    SpoiltError
        If the job is strict and a row has no position.
    EngineMissingError, EngineNeedsFilesError
        If the engine cannot do it.
    """
    with written(job.target) as stream:
        dask = job.engine is Engine.DASK
        counts = _by_dask(job, seen, stream) if dask else _here(job, opened, seen, stream, told)
        if job.strict and counts.without_position:
            raise SpoiltError(counts)
    return counts


def _here(job: Job, opened: Opened, seen: Seen, stream: BinaryIO, told: Told) -> Counts:
    if job.engine is Engine.SEDONADB:
        work, answers = _by_sedonadb(job, seen), Answers(seen.ground.codes, seen.ground.areas)
    else:
        index = _index(job, seen)
        work, answers = Work(index.locator.locate_many, job.datum, job.threads), index.answers()
    sink = sink_for(job.target, stream, opened, answers)
    counts = assign(opened, raws_of(opened, job.target), sink, work, told)
    sink.close()
    return counts


def _by_sedonadb(job: Job, seen: Seen) -> Work:
    try:
        from data.points.with_sedonadb import SedonaDb
    except ModuleNotFoundError as missing:
        raise EngineMissingError(engine="SedonaDB", install=f"{INSTALL} sedonadb") from missing
    return Work(SedonaDb(seen.ground.codes, _shapes(seen)), job.datum)  # it has threads of its own


def _by_dask(job: Job, seen: Seen, stream: BinaryIO) -> Counts:
    try:
        from data.points.with_dask import Errand, assign_in_parts
    except ModuleNotFoundError as missing:
        raise EngineMissingError(engine="dask", install=f"{INSTALL} dask distributed") from missing
    if not isinstance(job.given, Path) or not isinstance(job.target, Path):
        raise EngineNeedsFilesError(engine="dask")
    target = job.target.resolve()
    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        kept = _file(job) if job.keep else Path(folder) / "locator"
        index = _index(job, seen)
        if not job.keep:
            store(index, seen.ground, kept)
        errand = Errand(job.given.resolve(), job.wanted, target, kept.resolve(), seen.ground.mark, job.datum)
        return assign_in_parts(errand, stream)


def _index(job: Job, seen: Seen) -> Index:
    """Take the index that was kept, or make one and keep it where that is wanted."""
    if seen.kept is not None:
        return seen.kept
    made = Index(_locator(job, seen), seen.ground.areas)
    if job.keep is not None:
        store(made, seen.ground, _file(job))
    return made


def _locator(job: Job, seen: Seen) -> Locator:
    return Locator(seen.ground.codes, _shapes(seen), kernels=job.kernels, threads=job.threads)


def _shapes(seen: Seen) -> NDArray[np.object_]:
    if seen.shapes is None:
        raise ValueError("the shapes were not read")
    return seen.shapes


def _kept(job: Job, ground: Ground) -> Index | None:
    try:
        return stored(_file(job), ground.mark) if job.keep else None
    except KeptError:
        return None


def _file(job: Job) -> Path:
    return (job.keep or Path()) / f"{job.layer}.locator"
