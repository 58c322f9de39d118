"""Accept first grids that were proposed: they come into force, and households are settled."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.audit import Audit, Note
from data.importing.errors import ImportingError
from data.importing.writing import Drawn, Written, write_drawn
from data.proposals import ProposalKind, Proposals, ProposalStatus

BY = "cli"
NAMED = 10
ACCEPT = text("UPDATE proposal SET status = 'accepted', decided = clock_timestamp() WHERE id = :id")


class UnknownProposalError(ImportingError):
    """There is no proposal of first grids with this id; fact `proposal`."""

    code = "unknown_proposal"


class ProposalDecidedError(ImportingError):
    """It was accepted or rejected before, or never became ready; facts `proposal` and `status`."""

    code = "proposal_decided"


class DividedMeanwhileError(ImportingError):
    """Grids came into force on ground that the proposal divides; facts `proposal` and `grids`, its first ones."""

    code = "divided_meanwhile"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a proposal: nothing was written where anything was refused."""

    layer: str
    written: Written


async def accept_first_grids(connection: AsyncConnection, id_: UUID) -> Accepted:
    """Write the grids of a proposal into the tree and its layer, in force from now on.

    Raises
    ------
    UnknownProposalError, ProposalDecidedError, DividedMeanwhileError
        Where it is not to be accepted any more.
    """
    proposals = Proposals(connection)
    found = await proposals.one(id_)
    if found is None or found.kind is not ProposalKind.FIRST_GRIDS:
        raise UnknownProposalError(proposal=id_)
    if found.status is not ProposalStatus.PROPOSED:
        raise ProposalDecidedError(proposal=id_, status=found.status.value)
    divided = await proposals.divided(id_, NAMED)
    if divided:
        raise DividedMeanwhileError(proposal=id_, grids=", ".join(divided))
    proposed = await proposals.shapes(id_)
    shapes = np.empty(len(proposed), dtype=np.object_)
    shapes[:] = [one.shape for one in proposed]
    drawn = Drawn(
        level=found.level,
        codes=[one.code for one in proposed],
        names=[one.name for one in proposed],
        shapes=shapes,
        layer=found.layer,
    )
    written = await write_drawn(connection, drawn)
    if not written.refused:
        await connection.execute(ACCEPT, {"id": id_})
        facts = {"layer": found.layer, "grids": written.new}
        await Audit(connection).note(Note("proposal_accepted", BY, subject=f"proposal:{id_}", facts=facts))
    return Accepted(found.layer, written)
