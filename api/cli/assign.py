"""`wangge assign`."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from api.cli.assign_words import said
from api.cli.database import fail, logins, say
from api.cli.progress import Progress
from api.kernels import make_ready
from api.settings import Settings
from data.engine import Role
from data.importing.errors import ImportingError
from data.points.asked import Encoding, Engine, Wanted
from geo.datum import Datum

if TYPE_CHECKING:
    from data.points.assigning import Counts
    from data.points.files import Opened, Place
    from data.points.job import Job, Seen

REFUSED = 2
STRETCH, WIDE_STRETCH = 4 << 20, 64 << 20  # SedonaDB looks at all grids anew for each


def assign(  # noqa: PLR0913 - a command's options
    points: Annotated[Path, typer.Argument(help="A file .csv or .parquet; - for CSV by standard input.")],
    layer: Annotated[str, typer.Option(help="Grid layer, such as governance.")],
    datum: Annotated[Datum, typer.Option(help="Datum of the file's degrees.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A file .csv or .parquet; - for standard output.")],
    lng: Annotated[str | None, typer.Option(help="Column of longitudes, where it has no usual name.")] = None,
    lat: Annotated[str | None, typer.Option(help="Column of latitudes, where it has no usual name.")] = None,
    encoding: Annotated[Encoding | None, typer.Option(help="Of a CSV file; otherwise it is recognised.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Leave no file where a row has no position.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Folder to keep the grids' index in, for a quick start.")] = None,
    engine: Annotated[Engine, typer.Option(help="What finds the grids; the answers are the same.")] = Engine.OWN,
    threads: Annotated[int, typer.Option(min=0, max=256, help="How many at once; 0: one for each core.")] = 0,
) -> None:
    """Write a file of points again, each row with its grid_code and its areas; empty where no grid covers it.

    Columns of degrees are those that --lng and --lat name, or lng, lat, longitude, latitude, lon, x, y, 经度, 纬度.
    """
    from data.points.job import Job

    settings = Settings()
    given, target = _place(points, sys.stdin), _place(output, sys.stdout)
    wanted = Wanted(lng, lat, encoding)
    at_once = threads or len(os.sched_getaffinity(0))
    with _refusals():
        _done(Job(given, target, wanted, layer, datum, engine, at_once, keep, strict, settings.kernels), settings)


def _place(named: Path, standard: TextIO) -> "Place":
    return standard.buffer if str(named) == "-" else named


@contextmanager
def _refusals() -> Iterator[None]:
    """Say why a file is not taken, in one line."""
    try:
        yield
    except ImportingError as refusal:
        raise _refused(said(refusal)) from refusal


def _refused(line: str) -> typer.Exit:
    fail(line)
    return typer.Exit(REFUSED)


def _done(job: "Job", settings: Settings) -> None:
    from data.points.files import check_places, reading, size_of

    check_places(job.given, job.target)
    _check(job)
    stretch = WIDE_STRETCH if job.engine is Engine.SEDONADB else STRETCH
    with reading(job.given, job.wanted, stretch) as opened:
        if job.kernels and job.engine is not Engine.SEDONADB:
            make_ready(settings.home, say)
        with logins(settings) as urls:
            seen = asyncio.run(_look(job, urls.server))
        progress = Progress(size_of(job.given, opened))
        try:
            counts = _carried_out(job, opened, seen, progress)
        finally:
            progress.end()
    _tell(counts)


def _check(job: "Job") -> None:
    if job.keep is not None and not job.keep.is_dir():
        raise _refused("--keep names a folder that is there.")
    if not job.kernels and (job.keep is not None or job.engine is Engine.DASK):
        raise _refused("--keep and dask need compiled kernels, which WANGGE_KERNELS switches off.")


async def _look(job: "Job", url: str) -> "Seen":
    from data import migrate
    from data.points.job import look

    if await migrate.pending(url, Role.APP):
        raise fail("The database lacks migrations: run `wangge db upgrade` first.")
    return await look(job, url)


def _carried_out(job: "Job", opened: "Opened", seen: "Seen", progress: Progress) -> "Counts":
    from data.points.job import SpoiltError, carry_out

    try:
        return carry_out(job, opened, seen, progress.at)
    except SpoiltError as spoilt:
        progress.end()
        _tell(spoilt.counts)
        raise fail("Nothing was kept: not every row has a position.") from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read has gone; nothing more to flush
        raise typer.Exit(1) from None
    except OSError as broken:
        progress.end()
        raise _refused(f"It cannot be written ({broken.strerror or broken}).") from broken


def _tell(counts: "Counts") -> None:
    """Say what became of the rows; those without a position by their lines, never by what they hold."""
    told = [
        f"{counts.in_a_grid} in a grid",
        f"{counts.in_none} in none",
        f"{counts.without_position} without a position",
    ]
    lines = ", ".join(map(str, counts.examples))
    more = ", …" if counts.without_position > len(counts.examples) else ""
    say(f"{counts.rows} rows, {', '.join(told)}{f' (line {lines}{more})' if lines else ''}")
