"""`wangge load osm`."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.areas import Town, check_town
from api.cli.database import Logins, fail, logins, say
from api.settings import Settings

if TYPE_CHECKING:
    from data.importing.osm import Extract
    from data.importing.osm_load import LoadedExtract

WORDS = {
    "streets": "streets",
    "buildings": "buildings",
    "ground": "water, green, plazas",
    "addresses": "house numbers",
}


def load_osm(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract: .osm.pbf or .osm. Its degrees are WGS 84.")],
    levels: Annotated[
        str, typer.Option(help="Which admin_level is which level of the tree; empty: take no areas.")
    ] = "6=district,8=street,10=community",
    town: Annotated[str, typer.Option(help="Name of the town, where there is none yet.")] = "Wangge",
    town_code: Annotated[str, typer.Option(help="Six-digit code of the town, where there is none yet.")] = "000000",
    time_zone: Annotated[str, typer.Option(help="Time zone of the town, where there is none yet.")] = "Asia/Shanghai",
) -> None:
    """Load a town's map from an OpenStreetMap extract: all or nothing, counted; a newer file brings it up to date.

    Areas of administration, streets, buildings, water, green and house numbers. Then `wangge areas propose`.
    """
    from data.importing.errors import ImportingError
    from data.importing.osm import Extract

    check_town(town_code, time_zone)
    asked = read_levels(levels)
    with logins(Settings()) as urls:
        extract = Extract(file, asked)
        try:
            loaded = asyncio.run(_load(urls, extract, asked, (town_code, town, time_zone)))
        except ImportingError as error:
            raise fail(str(error)) from error
    report(extract, loaded)


def read_levels(told: str) -> dict[int, str]:
    """Read "6=district,8=street"; stop the command where it is no such list."""
    found: dict[int, str] = {}
    for one in filter(None, told.replace(" ", "").split(",")):
        pair = re.fullmatch(r"([1-9][0-9]?)=([A-Za-z0-9_]+)", one)
        if pair is None or int(pair[1]) in found or pair[2] in found.values():
            raise fail("--levels is a list as 6=district,8=street: each number and each level once.")
        found[int(pair[1])] = pair[2]
    return found


async def _load(urls: Logins, extract: "Extract", levels: dict[int, str], town: Town) -> "LoadedExtract":
    from data import migrate
    from data.importing.areas import name_town
    from data.importing.osm_load import load_extract
    from data.store import transaction
    from data.town import Towns

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        there = await Towns(connection).the()
        if there is not None and there.demo:
            raise fail("This database holds a demo town. Take another home (WANGGE_HOME) or database for a real one.")
        await name_town(connection, *town)
        loaded = await load_extract(connection, extract, levels)
        if loaded.areas.refused:
            for one in loaded.areas.refused:
                say(f"✗ {one.reason}: {one.code}")
            raise fail("Nothing was written.")
        return loaded


def report(extract: "Extract", loaded: "LoadedExtract") -> None:
    """Print what came in and what was left out, counted, with the first of each kind by the map's reference."""
    for name, merged in loaded.tables.items():
        kept = f", {merged.kept} gone but lived in, kept" if merged.kept else ""
        twice = f", {merged.doubled} told twice" if merged.doubled else ""
        say(
            f"✓ {WORDS[name]}: new {merged.new}, changed {merged.changed}, unchanged {merged.unchanged},"
            f" gone {merged.gone}{kept}{twice}"
        )
    areas = loaded.areas
    gone = f", {areas.gone} no longer in the file, kept" if areas.gone else ""
    say(f"✓ areas: new {areas.new}, redrawn {areas.redrawn}, unchanged {areas.unchanged}{gone}")
    if areas.root:
        say("! the file has no whole area of administration: one area was drawn around all streets and buildings")
    for (what, reason), count in sorted(extract.left_out.counts.items()):
        first = extract.left_out.first[what, reason]
        say(f"· left out: {what} {reason}: {count} ({', '.join(first)}{' …' if count > len(first) else ''})")
