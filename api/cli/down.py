"""`wangge down`."""

from typing import Annotated

import typer

from api.cli.database import fail, say
from api.settings import Settings
from data import cluster


def down(
    delete: Annotated[bool, typer.Option("--delete", help="Delete the private database and all it holds.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
) -> None:
    """Stop the private database."""
    settings = Settings()
    say("✓ stopped" if cluster.stop(settings.home) else "✓ was not running")
    if delete:
        if not yes and not typer.confirm("Delete the private database and everything in it?"):
            raise fail("Nothing was deleted.")
        cluster.remove(settings.home)
        say("✓ deleted")
