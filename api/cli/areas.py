"""`wangge load areas`."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.cli.database import Logins, fail, logins, say
from api.settings import Settings
from data.grids import Purpose
from geo.datum import Datum

if TYPE_CHECKING:
    from data.importing.drawn import Written
    from data.importing.files import ReadAreas

SHOWN = 10
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]
Town = tuple[str, str, str]
Asked = tuple[str, str | None, Purpose | None, datetime | None, bool]


def load_areas(  # noqa: PLR0913 - a command's options
    file: Annotated[Path, typer.Argument(help="Any vector file GDAL reads, OpenStreetMap extracts included.")],
    level: Annotated[str, typer.Option(help="Level of the area tree.")],
    datum: Annotated[Datum, typer.Option(help="Datum of the file's degrees.")],
    layer: Annotated[str | None, typer.Option(help="Grid layer these areas are grids of.")] = None,
    dedicated: Annotated[
        Purpose | None, typer.Option(help="Dedicated grids: cut out of the layer's basic ones.")
    ] = None,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", formats=FORMATS, help="In force from then on (the town's time); else now."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="End the layer's grids that are not in the file.")
    ] = False,
    where: Annotated[str | None, typer.Option(help="Take only features that meet this (OGR SQL).")] = None,
    source_layer: Annotated[str | None, typer.Option(help="Layer of the file, where it has several.")] = None,
    code_field: Annotated[str | None, typer.Option(help="Field that holds the codes.")] = None,
    name_field: Annotated[str | None, typer.Option(help="Field that holds the names.")] = None,
    town: Annotated[str, typer.Option(help="Name of the town, where there is none yet.")] = "Wangge",
    town_code: Annotated[str, typer.Option(help="Six-digit code of the town, where there is none yet.")] = "000000",
    time_zone: Annotated[str, typer.Option(help="Time zone of the town, where there is none yet.")] = "Asia/Shanghai",
) -> None:
    """Load areas from a file: all or nothing, with a counted report.

    An OpenStreetMap extract: --level grid --layer governance --datum wgs84
    --where "admin_level='8' AND osm_id IS NOT NULL"
    """
    from data.importing.errors import ImportingError
    from data.importing.files import read_areas

    check_town(town_code, time_zone)
    with logins(Settings()) as urls:
        try:
            read = read_areas(file, datum, where, source_layer, code_field, name_field)
            asked = level, layer, dedicated, begins, replace
            loaded = asyncio.run(_load(urls, read, asked, (town_code, town, time_zone)))
        except ImportingError as error:
            raise fail(str(error)) from error
    report(read, loaded)
    if loaded.refused:
        raise fail("Nothing was written.")


def check_town(code: str, time_zone: str) -> None:
    """Stop the command where a town cannot have this code or time zone."""
    if not re.fullmatch(r"[0-9]{6}", code):
        raise fail("--town-code has six digits.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise fail("--time-zone is not an IANA time zone, as Asia/Shanghai is.") from error


async def _load(urls: Logins, read: "ReadAreas", asked: Asked, town: Town) -> "Written":
    from data import migrate
    from data.importing.areas import How, load_areas, name_town
    from data.store import transaction
    from data.town import Towns

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        there = await Towns(connection).the()
        if there is not None and there.demo:
            raise fail("This database holds a demo town. Take another home (WANGGE_HOME) or database for a real one.")
        level, layer, purpose, begins, replace = asked
        zone = ZoneInfo(there.time_zone if there else town[2])
        if begins is not None and begins.tzinfo is None:
            begins = begins.replace(tzinfo=zone)
        loaded = await load_areas(connection, read, level, layer, How(purpose, begins, replace))
        if not loaded.refused:
            await name_town(connection, *town)
        return loaded


def report(read: "ReadAreas", loaded: "Written") -> None:
    """Print what was found, counted, with the first of each kind by name."""
    ground = loaded.ground
    say(
        f"{ground.shapes} areas read from layer {read.layer}, codes from {read.code_field}, {ground.vertices} vertices"
    )
    for reason, count in Counter(one.reason for one in loaded.refused).most_common():
        codes = [one.code or f"feature {one.feature}" for one in loaded.refused if one.reason == reason]
        say(f"✗ {reason}: {count} ({_first(codes)})")
    pairs = [f"{read.codes[o.first]}/{read.codes[o.second]} {o.m2:.0f} m²" for o in ground.overlaps]
    gaps = [f"{gap.m2:.0f} m² at {gap.at.lng:.6f},{gap.at.lat:.6f} (WGS 84)" for gap in ground.gaps]
    outside = [f"{read.codes[o.row]} {o.m2:.0f} m²" for o in ground.outside_parent]
    for name, found in (("overlaps", pairs), ("gaps", gaps), ("leave their parent", outside)):
        say(f"{'!' if found else '·'} {name}: {len(found)}{f' ({_first(found)})' if found else ''}")
    if not loaded.refused:
        shown: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("cut for dedicated grids", loaded.cut),
            ("given ground back", loaded.grown),
            ("in more parts than before", loaded.exclaves),
            ("with a corner more", loaded.beside),
            ("ended", loaded.ended),
        )
        for what, those in shown:
            if those:
                say(f"· {what}: {len(those)} ({_first(those)})")
        say(f"✓ new {loaded.new}, redrawn {loaded.redrawn}, unchanged {loaded.unchanged}")


def _first(found: Sequence[str]) -> str:
    return ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
