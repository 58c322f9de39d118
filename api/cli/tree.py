"""`wangge load tree` and `wangge areas unplan`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.cli.database import fail, logins, say
from api.schemas.tree import TreeIn, written
from api.settings import Settings

MOST_BYTES = 1_000_000


def load_tree(
    file: Annotated[
        Path | None, typer.Argument(help="TOML with [levels.CODE] and [layers.CODE]; none: print them.")
    ] = None,
) -> None:
    """Say which levels and grid layers there are, what they are called, and the structure of codes; or print them so."""
    given = None if file is None else _read(file)
    with logins(Settings()) as urls:
        asyncio.run(_print(urls.owner) if given is None else _load(urls.owner, given))


def unplan(layer: Annotated[str, typer.Option(help="Grid layer.")]) -> None:
    """Take back the redraws of a layer that are planned and have not begun."""
    with logins(Settings()) as urls:
        say(f"✓ {asyncio.run(_unplan(urls.owner, layer))} planned grids taken back")


def _read(file: Path) -> TreeIn:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise fail(f"{file.name} is too large for a file of levels and layers.")
        return TreeIn.read(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]
        raise fail("; ".join(wrong)) from error
    except (OSError, ValueError) as error:
        raise fail(f"{file.name}: {error}") from error


async def _print(url: str) -> None:
    from data import migrate
    from data.importing.tree import read_tree
    from data.store import transaction

    await migrate.upgrade(url)
    async with transaction(url) as connection:
        typer.echo(written(*await read_tree(connection)))


async def _load(url: str, given: TreeIn) -> None:
    from data import migrate
    from data.importing.errors import ImportingError
    from data.importing.tree import write_tree
    from data.store import transaction

    await migrate.upgrade(url)
    levels, layers = given.rows()
    try:
        async with transaction(url) as connection:
            unfit = await write_tree(connection, levels, layers)
    except ImportingError as error:
        raise fail(str(error)) from error
    say(f"✓ levels {len(levels)}, layers {len(layers)}")
    for level, count in unfit.items():
        say(f"! {level}: {count} codes have another structure")


async def _unplan(url: str, layer: str) -> int:
    from data.importing.tree import unplan
    from data.store import transaction

    async with transaction(url) as connection:
        return await unplan(connection, layer)
