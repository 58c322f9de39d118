"""`wangge areas propose` and `wangge areas accept`."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.cli.database import Logins, fail, logins, say
from api.settings import Settings

if TYPE_CHECKING:
    from data.importing.accepting import Accepted
    from data.importing.proposing import Asked, Proposal

SHOWN = 10
COUNTED_BY = {
    "households": "their households",
    "buildings": "an estimate from the floors of buildings",
    "addresses": "an estimate of one home at each house number",
    "streets": "an estimate from the length of streets",
}
REASONS = {
    "too_few": "the whole area has too few",
    "indivisible": "the whole area has a number that cannot be divided so",
    "one_place": "homes at one place, which no line divides",
    "not_found": "no better cut was found",
}


def propose(
    layer: Annotated[str, typer.Option(help="Grid layer to draw grids for.")] = "governance",
    least: Annotated[int | None, typer.Option(min=0, help="Households of a grid at least; else the layer's.")] = None,
    most: Annotated[int | None, typer.Option(min=1, help="Households of a grid at most; else the layer's.")] = None,
    within: Annotated[str | None, typer.Option(help="Only below the area with this code.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws another map; the same seed the same.")] = 1,
    accept: Annotated[bool, typer.Option("--accept", help="Put the grids into force at once.")] = False,
) -> None:
    """Draw first grids where there are none: street blocks, merged to the wanted number of households."""
    from data.importing.proposing import Asked

    if least is not None and most is not None and least > most:
        raise fail("--least is not more than --most.")
    asked = Asked(layer, least, most, within, seed)
    with logins(Settings()) as urls:
        made, accepted = _run(_propose(urls, asked, accept=accept))
    _report(made)
    if accepted is None:
        say(f"✓ proposal {made.id}: wangge areas accept {made.id}")
    else:
        _tell(accepted)


def accept(proposal: Annotated[UUID, typer.Argument(help="Which proposal, as `areas propose` names it.")]) -> None:
    """Put the grids of a proposal into force, and settle households in them."""
    with logins(Settings()) as urls:
        _tell(_run(_accept(urls, proposal)))


def _run[T](asked: Coroutine[Any, Any, T]) -> T:
    from data.importing.errors import ImportingError

    try:
        return asyncio.run(asked)
    except ImportingError as error:
        raise fail(str(error)) from error


async def _propose(urls: Logins, asked: "Asked", *, accept: bool) -> "tuple[Proposal, Accepted | None]":
    from data import migrate
    from data.importing.accepting import accept_first_grids
    from data.importing.proposing import propose_grids
    from data.store import transaction

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        made = await propose_grids(connection, asked)
        if not accept:
            return made, None
        return made, _unrefused(await accept_first_grids(connection, made.id))


async def _accept(urls: Logins, proposal: UUID) -> "Accepted":
    from data.importing.accepting import accept_first_grids
    from data.store import transaction

    async with transaction(urls.owner) as connection:
        return _unrefused(await accept_first_grids(connection, proposal))


def _unrefused(accepted: "Accepted") -> "Accepted":
    """Stop the command, and with it the transaction, where a grid was refused."""
    for one in accepted.written.refused[:SHOWN]:
        say(f"✗ {one.reason}: {one.code}")
    if accepted.written.refused:
        raise fail("Nothing was written.")
    return accepted


def _report(made: "Proposal") -> None:
    say(f"· areas without grids: {made.areas}, with: {made.divided_before}")
    for by, names in made.counted_by.items():
        first = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
        say(f"· homes counted by {COUNTED_BY[by]}: {first}")
    say(f"· {made.grids} grids of {made.wanted.least} to {made.wanted.most} for {made.homes} homes")
    for off in made.off:
        say(f"! {off.code} {off.name}: {off.homes} homes: {REASONS[off.reason]}")
    if made.apart:
        say(f"· {made.apart} pieces of ground that lie apart joined the nearest grid of their area")
    say(f"· {made.crossed} grids have homes on both sides of water or of a main road")


def _tell(accepted: "Accepted") -> None:
    written = accepted.written
    say(f"✓ layer {accepted.layer}: {written.new} grids in force, households settled in them")
