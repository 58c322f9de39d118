"""`wangge replay`: a past or a made-up time once more, under the rules as they are and as they would be."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.cli.database import fail, logins, say
from api.i18n import LANGUAGES, said
from api.settings import Settings
from geo.datum import Datum

if TYPE_CHECKING:
    from data.changed_grids import Drawing
    from data.record import Record
    from dispatch.replay.difference import Setting

WRITERS = {".json": "as_json", ".csv": "as_csv", ".html": "as_html"}
MOST_DAYS = 366
MOST_MADE_UP = 100_000
SHOWN = 10


def replay(  # noqa: PLR0913 - a command's options
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, the town's.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, inclusive.")],
    rules: Annotated[Path | None, typer.Option(help="Changed categories, ladders and limits, TOML.")] = None,
    roster: Annotated[Path | None, typer.Option(help="Who is on duty when instead, CSV or TOML.")] = None,
    grids: Annotated[
        str | None, typer.Option(help="A file of another layer of grids, or the id of a proposal.")
    ] = None,
    layer: Annotated[str, typer.Option(help="The grid layer that --grids draws.")] = "governance",
    generate: Annotated[
        int | None, typer.Option(min=1, max=MOST_MADE_UP, help="Make up so many incidents like those of the period.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="With --generate: the same seed makes up the same.")] = 1,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="FILE.json, .csv or .html.")] = None,
) -> None:
    """Go through a period once more under another setting, and put response, closure and load side by side.

    The town is read and nothing is written into it; no server need run. The same question has the same answer, byte
    for byte.
    """
    _check(first.date(), last.date(), lang, output)
    with logins(Settings()) as urls:
        record = asyncio.run(_record(urls.server, first.date(), last.date()))
        shapes = None if grids is None else _shapes(urls.server, grids, layer)
    setting = _setting(record, rules, roster, shapes)
    result = _replayed(record, setting, None if generate is None else (generate, seed), lang)
    _write(result, output, lang)


def _check(first: date, last: date, lang: str, output: Path | None) -> None:
    if lang not in LANGUAGES:
        raise fail(f"--lang is one of {', '.join(LANGUAGES)}.")
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise fail(said(lang, "replay.bad_period", {"days": MOST_DAYS}))
    if output is not None and output.suffix not in WRITERS:
        raise fail(said(lang, "replay.bad_output", {"known": ", ".join(WRITERS)}))


async def _record(url: str, first: date, last: date) -> "Record":
    from data import migrate
    from data.engine import Role
    from data.record import read_record

    if await migrate.pending(url, Role.APP):
        raise fail("The database lacks migrations: run `wangge db upgrade` first.")
    return await read_record(url, first, last)


def _shapes(url: str, given: str, layer: str) -> "Drawing":
    """Read the grids of a file, or of a proposal that is kept under an id."""
    from data.changed_grids import Drawing
    from data.importing.errors import ImportingError
    from data.importing.files import read_areas
    from data.record import read_proposal

    try:
        id_ = UUID(given)
    except ValueError:
        id_ = None
    if id_ is not None:
        proposed = asyncio.run(read_proposal(url, id_))
        if proposed is None:
            raise fail("There is no such proposal.")
        return Drawing(proposed[0], tuple((one.code, one.name, one.shape) for one in proposed[1]), whole=False)
    try:
        read = read_areas(Path(given), Datum.WGS84)
    except ImportingError as error:
        raise fail(str(error)) from None
    for one in read.refused[:SHOWN]:
        say(f"✗ {one.feature} {one.code or ''} {one.reason}")
    if read.refused:
        raise fail("Nothing was replayed.")
    return Drawing(layer, tuple(zip(read.codes, read.names, read.shapes, strict=True)), whole=True)


def _setting(record: "Record", rules: Path | None, roster: Path | None, shapes: "Drawing | None") -> "Setting":
    """Put what files say over the town's own setting."""
    from data.changed_grids import changed_grids
    from data.changed_roster import changed_roster
    from data.changed_rules import ChangedFileError, ChangedRules, changed_rules
    from dispatch.replay.difference import as_it_is

    setting, kept = as_it_is(record), record.kept
    try:
        if rules is not None:
            was = ChangedRules(kept.rules, kept.ladders, kept.limits)
            new = changed_rules(_words(rules), was, kept.areas)
            setting = replace(setting, rules=new.rules, ladders=new.ladders, limits=new.limits)
        if roster is not None:
            shifts = changed_roster(
                _words(roster), roster.suffix == ".toml", record.workers, (kept.patterns, kept.changes)
            )
            setting = replace(setting, patterns=shifts[0], changes=shifts[1])
        if shapes is not None:
            setting = replace(setting, grids=changed_grids(kept.grids, shapes))
    except ChangedFileError as error:
        raise fail(str(error)) from None
    return setting


def _words(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file.name}: {type(error).__name__}") from None


def _replayed(record: "Record", setting: "Setting", made_up: tuple[int, int] | None, lang: str) -> dict[str, Any]:
    from dispatch.replay.models import NothingToLearnError
    from dispatch.replay.replaying import replay as gone_through
    from dispatch.replay.replaying import replay_made_up

    try:
        return gone_through(record, setting) if made_up is None else replay_made_up(record, setting, *made_up)
    except NothingToLearnError as error:
        raise fail(said(lang, error.code, {})) from None


def _write(result: dict[str, Any], output: Path | None, lang: str) -> None:
    from api import replayed

    typer.echo(replayed.as_text(result, lang))
    if output is not None:
        write: Callable[[dict[str, Any], str], str] = getattr(replayed, WRITERS[output.suffix])
        output.write_text(write(result, lang), encoding="utf-8")
        say(f"✓ {output}")
