"""Mend the ground: ask for a proposal, make it where it can be ended, and accept or reject it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon

from data.audit import noted
from data.book import Book, Books
from data.looking import Looked, read_ground
from data.proposals import ProposalKind, ProposalStatus, Proposed, ProposedShape
from data.rights import Permission
from data.tokens import Actor
from dispatch.errors import (
    GroundChangedError,
    OutOfScopeError,
    ProposalDecidedError,
    ProposalRunningError,
    ShapesRefusedError,
    UnknownLayerError,
    UnknownProposalError,
)
from geo.locate import Locator
from geo.mending import Mended, mend
from geo.quality.faults import Findings, Kind
from geo.quality.sheet import Sheet, faults_of

MEND_S = 120.0
"""How long mending may take: the wall time after which it is ended."""
LONGEST = timedelta(seconds=MEND_S + 60)
NAMED = 10
MENDED = (Kind.SHAPE_INVALID, Kind.OVERLAP, Kind.GAP, Kind.SLIVER, Kind.OUTSIDE_PARENT, Kind.PARENT_UNCOVERED)


async def ask_for_repair(layer: str, by: Actor | None, book: Book) -> UUID:
    """Note that a repair of a layer is to be proposed and return the proposal's id; None asks at the command line.

    Raises
    ------
    UnknownLayerError, ProposalRunningError, OutOfScopeError
        If there is no such layer or it has no grids, another proposal is being made, or it is not the caller's.
    """
    _changes_all(by)
    if layer not in {grid.layer for grid in await book.grids.in_force()}:
        raise UnknownLayerError
    id_ = await book.proposals.begin(ProposalKind.REPAIR, layer, by.account_id if by else None, LONGEST)
    if id_ is None:
        raise ProposalRunningError
    if by is not None:
        await book.audit.note(noted(by, "proposal_asked", f"proposal:{id_}", layer=layer))
    return id_


async def carry_out_repair(proposal_id: UUID, books: Books) -> None:
    """Mend the layer of a proposal and write down what would change; takes what it takes and blocks.

    Only for a process of its own, which is ended when it takes too long or too much.

    Raises
    ------
    NotMendableError
        If nothing good comes out.
    """
    async with books.open() as book:
        known = await book.proposals.one(proposal_id)
        if known is None:
            raise UnknownProposalError(id=proposal_id)
        looked = await read_ground(book.connection, ())
        names = {grid.code: grid.name for grid in await book.grids.in_force() if grid.layer == known.layer}
    sheet = next(one for one in looked.ground.sheets if one.layer == known.layer)
    mended = mend(sheet.shapes)
    counts, moved = _moved(sheet, mended, looked)
    rows = list(_rows(sheet, mended, names, counts))
    told = _summary(sheet, mended, moved)
    async with books.open() as book:
        await book.proposals.put(proposal_id, rows, told)


async def give_up_repair(proposal_id: UUID, reason: str, books: Books) -> None:
    """Note that a proposal comes to nothing."""
    async with books.open() as book:
        await book.proposals.fail(proposal_id, reason)


async def accept(proposal_id: UUID, by: Actor, book: Book) -> int:
    """Put the shapes of a proposal in force as new versions from now on and return how many there are.

    Raises
    ------
    UnknownProposalError, ProposalDecidedError, GroundChangedError, ShapesRefusedError, OutOfScopeError
        If there is no such proposal, it is not open, the ground is another by now, its shapes cannot be taken in, or
        it is not the caller's.
    """
    from data.importing.writing import Drawn, write_drawn  # what reads files takes a second to import

    found = await _open(proposal_id, by, book)
    shapes = await book.proposals.shapes(proposal_id)
    await _refuse_changed(found, shapes, book)
    drawn = np.empty(len(shapes), dtype=np.object_)
    drawn[:] = [one.shape for one in shapes]
    codes, names = [one.code for one in shapes], [one.name for one in shapes]
    repair = Drawn(found.level, codes, names, drawn, found.layer, keeps_kind=True)
    written = await write_drawn(book.connection, repair)
    if written.refused:
        some = [one.code for one in written.refused[:NAMED]]
        raise ShapesRefusedError(reason=written.refused[0].reason, codes=some)
    await book.outbox.put("ground")
    await book.proposals.decide(proposal_id, ProposalStatus.ACCEPTED, by.account_id)
    await book.audit.note(
        noted(by, "proposal_accepted", f"proposal:{proposal_id}", layer=found.layer, grids=len(codes))
    )
    return len(codes)


async def reject(proposal_id: UUID, by: Actor, book: Book) -> None:
    """Let a proposal come to nothing.

    Raises
    ------
    UnknownProposalError, ProposalDecidedError, OutOfScopeError
        If there is no such proposal, it is not open, or it is not the caller's.
    """
    found = await _open(proposal_id, by, book)
    await book.proposals.decide(proposal_id, ProposalStatus.REJECTED, by.account_id)
    await book.audit.note(noted(by, "proposal_rejected", f"proposal:{proposal_id}", layer=found.layer))


def _changes_all(by: Actor | None) -> None:
    """Refuse who may change a part of the ground only: a layer is mended as a whole."""
    if by is not None and not by.rights.may_everywhere(Permission.GROUND_CHANGE):
        raise OutOfScopeError


async def _open(proposal_id: UUID, by: Actor, book: Book) -> Proposed:
    _changes_all(by)
    found = await book.proposals.one(proposal_id)
    if found is None:
        raise UnknownProposalError(id=proposal_id)
    if found.status is not ProposalStatus.PROPOSED:
        raise ProposalDecidedError(status=found.status)
    return found


async def _refuse_changed(found: Proposed, shapes: list[ProposedShape], book: Book) -> None:
    """Refuse a proposal for ground that is not as it was: what it redraws must be what it saw, what it divides undivided."""
    now = await book.proposals.in_force(found.layer)
    differ = [one.code for one in shapes if not _same(one.was, now.get(one.code))]
    if found.kind is ProposalKind.FIRST_GRIDS:
        differ += await book.proposals.divided(found.id, NAMED)
    if differ:
        raise GroundChangedError(codes=differ[:NAMED])


def _same(was: MultiPolygon | None, now: MultiPolygon | None) -> bool:
    """Compare corner by corner: what is mended may be invalid, and then has no ground to compare."""
    return was is now if was is None or now is None else was.wkb == now.wkb


def _moved(sheet: Sheet, mended: Mended, looked: Looked) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Count the households of each new shape (n,) and, by the code of the grid they leave, those that change grid."""
    homes = looked.homes
    before, after = (
        Locator(sheet.codes, shapes, kernels=False).locate_many(homes.lng, homes.lat)
        for shapes in (sheet.shapes, mended.shapes)
    )
    counts = np.bincount(after[after >= 0], minlength=len(sheet.codes))
    leaving = np.bincount(before[(before != after) & (before >= 0)], minlength=len(sheet.codes))
    return counts, {sheet.codes[row]: int(leaving[row]) for row in np.flatnonzero(leaving).tolist()}


def _rows(
    sheet: Sheet, mended: Mended, names: Mapping[str, str], counts: NDArray[np.int64]
) -> Iterator[Mapping[str, Any]]:
    for row in np.flatnonzero(mended.changed).tolist():
        yield {
            "code": sheet.codes[row],
            "name": names[sheet.codes[row]],
            "parent_id": None,
            "shape": mended.shapes[row],
            "was": sheet.shapes[row],
            "moved_m2": float(mended.moved_m2[row]),
            "households": int(counts[row]),
        }


def _summary(sheet: Sheet, mended: Mended, leaving: Mapping[str, int]) -> dict[str, Any]:
    after = Sheet(sheet.layer, sheet.level, sheet.codes, mended.shapes, sheet.above, sheet.parents)
    return {
        "grids": int(mended.changed.sum()),
        "moved_m2": float(mended.moved_m2.sum()),
        "households_moved": sum(leaving.values()),
        "leaving": dict(leaving),
        "before": _counted(sheet),
        "after": _counted(after),
    }


def _counted(sheet: Sheet) -> dict[str, int]:
    found = Findings()
    found.add(faults_of(sheet))
    return {kind.value: found.counts[kind] for kind in MENDED}
