"""`wangge audit`."""

import asyncio
from typing import Annotated

import typer

from api.cli.database import fail, logins
from api.settings import Settings
from data.audit import Audit, WantedNotes
from data.chain import MOST_FAULTS, Verified
from data.engine import Role
from data.store import transaction


def verify(
    head: Annotated[str | None, typer.Option(help="A last hash noted down earlier: it must still be in.")] = None,
) -> None:
    """Reckon the chain anew and print rows, last hash and faults; exit code 1 for any fault."""
    kept = _hash(head)
    with logins(Settings()) as urls:
        found = asyncio.run(_verify(urls.server, kept))
    typer.echo(f"rows {found.rows}")
    typer.echo(f"hash {found.hash.hex()}")
    for fault in found.faults:
        typer.echo(f"{fault.fault} {fault.id}")
    if len(found.faults) == MOST_FAULTS:
        typer.echo("…")
    if not found.holds:
        typer.echo("the given hash is not in the chain")
    raise typer.Exit(0 if found.whole else 1)


def show(last: Annotated[int, typer.Option(help="How many rows.", min=1, max=10_000)] = 20) -> None:
    """Print the last rows as JSON lines, the newest last."""
    with logins(Settings()) as urls:
        for row in reversed(asyncio.run(_rows(urls.server, last))):
            typer.echo(row)


def _hash(given: str | None) -> bytes | None:
    try:
        found = None if given is None else bytes.fromhex(given)
    except ValueError:
        found = b""
    if found is not None and len(found) != 32:
        raise fail("A hash has 64 hexadecimal digits.")
    return found


async def _verify(url: str, kept: bytes | None) -> Verified:
    async with transaction(url, Role.DISPATCHER) as connection:
        audit = Audit(connection)
        await audit.hold_still()
        return await audit.verify(kept)


async def _rows(url: str, last: int) -> list[str]:
    async with transaction(url, Role.DISPATCHER) as connection:
        rows, _ = await Audit(connection).page(WantedNotes(limit=last))
    return rows
