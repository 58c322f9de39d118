"""Check the ground: ask for a look at its quality, and carry it out where it disturbs nobody."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from shapely import Point, is_valid

from data.audit import noted
from data.book import Book, Books
from data.checks import CheckStatus
from data.looking import Looked, read_ground
from data.rights import GOVERNANCE
from data.tokens import Actor
from dispatch.city import zone_of
from dispatch.errors import CheckRunningError
from dispatch.roster import duty_of
from geo.locate import Locator
from geo.quality.faults import Fault, Findings
from geo.quality.homes import Homes
from geo.quality.look import Look
from geo.quality.sheet import middle

CHECK_S = 600.0
"""How long a look may take: the wall time after which it is ended."""
LONGEST = timedelta(seconds=CHECK_S + 60)
AT_ONCE = 250_000  # households


async def ask_for_check(by: Actor | None, book: Book) -> UUID:
    """Note that the ground is to be looked at and return the check's id; None asks at the command line.

    Raises
    ------
    CheckRunningError
        If it is being looked at already.
    """
    id_ = await book.checks.begin(by.account_id if by else None, LONGEST)
    if id_ is None:
        raise CheckRunningError
    if by is not None:
        await book.audit.note(noted(by, "ground_checked", f"check:{id_}"))
    return id_


async def carry_out_check(check_id: UUID, books: Books) -> Findings:
    """Look at all the ground and write down what is found; takes a minute and blocks: for a process of its own."""
    async with books.open() as book:
        looked = await read_ground(book.connection, await on_duty(book))
    found = findings_of(looked)
    rows = list(_rows(found, looked))
    async with books.open() as book:
        await book.checks.write(check_id, rows)
        counts = {kind.value: count for kind, count in found.counts.items()}
        await book.checks.end(check_id, CheckStatus.DONE, None, counts, looked.seen)
    return found


async def give_up_check(check_id: UUID, status: CheckStatus, reason: str, books: Books) -> None:
    """Note that a check was ended before it was done."""
    async with books.open() as book:
        await book.checks.end(check_id, status, reason)


async def on_duty(book: Book) -> list[UUID]:
    """Return who is on duty now, by the same reckoning as everywhere."""
    now = await book.now()
    zone = zone_of(await book.towns.the())
    today = now.astimezone(zone).date()
    first, last = today - timedelta(days=1), today + timedelta(days=1)
    patterns, changes = await book.rosters.patterns(first, last), await book.rosters.changes(first, last)
    return duty_of(patterns, changes, first, last, zone).on(now)


def findings_of(looked: Looked) -> Findings:
    """Look at what was read, the households in parts."""
    homes = looked.homes
    look = Look(looked.ground)
    for begin in range(0, len(homes), AT_ONCE):
        few = slice(begin, begin + AT_ONCE)
        look.at_homes(Homes(homes.lng[few], homes.lat[few], homes.grid[few], homes.building[few], begin))
    return look.done()


def _rows(found: Findings, looked: Looked) -> Iterator[Mapping[str, Any]]:
    faults = [_placed(fault, looked) for fault in found.all]
    paths = _paths(faults, looked)
    for (fault, at, shape), path in zip(faults, paths, strict=True):
        household = None if fault.row is None else UUID(bytes=looked.home_ids[fault.row].tobytes())
        yield {
            "kind": fault.kind.value,
            "layer": fault.layer,
            "level": fault.level,
            "code": fault.code,
            "other": fault.other,
            "amount": fault.amount,
            "unit": fault.unit,
            "place": None if at is None else Point(at),
            "shape": shape,
            "household_id": household,
            "area_path": path,
        }


def _placed(fault: Fault, looked: Looked) -> tuple[Fault, tuple[float, float] | None, Any]:
    """Return a fault with its place and shape; what is told of an area alone lies in the middle of it."""
    shape = looked.shapes.get(fault.code or "")
    if fault.at is not None or fault.shape is not None or shape is None:
        return fault, fault.at, fault.shape
    return fault, middle(shape) if is_valid(shape) else None, shape


def _paths(faults: list[tuple[Fault, tuple[float, float] | None, Any]], looked: Looked) -> list[str | None]:
    """Return where in the tree each fault is seen from: its area, else the grid that covers its place."""
    layer = next((one for one in looked.ground.layers if one.grids.layer == GOVERNANCE), None)
    places = np.array([at or (np.nan, np.nan) for _, at, _ in faults], np.float64).reshape(-1, 2)
    rows = np.full(len(faults), -1)
    if layer is not None:
        rows = Locator(layer.grids.codes, layer.shapes, kernels=False).locate_many(*places.T)
    return [
        looked.paths[str(fault.code)]
        if (fault.layer or fault.level) and fault.code in looked.paths
        else (layer.paths[row] if layer is not None and row >= 0 else None)
        for (fault, _, _), row in zip(faults, rows.tolist(), strict=True)
    ]
