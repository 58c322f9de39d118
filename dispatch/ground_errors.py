"""Refusals about checks of the ground and proposals to change it; `dispatch/errors.py` gathers them."""

from dispatch.refusal import RefusedError


class CheckRunningError(RefusedError):
    """The ground is being looked at already."""

    code = "check_running"


class UnknownCheckError(RefusedError):
    """There is no such check, or it is not the caller's to see."""

    code = "unknown_check"


class ProposalRunningError(RefusedError):
    """A proposal is being made already."""

    code = "proposal_running"


class UnknownProposalError(RefusedError):
    """There is no such proposal, or it is not the caller's to see."""

    code = "unknown_proposal"


class ProposalDecidedError(RefusedError):
    """The proposal is not open: it is being made, came to nothing, or was decided; `status` says which."""

    code = "proposal_decided"


class GroundChangedError(RefusedError):
    """The ground is not as it was when the proposal was made; `codes` are the first grids that differ."""

    code = "ground_changed"


class ShapesRefusedError(RefusedError):
    """The shapes of the proposal cannot be taken in; `reason` says why, `codes` which."""

    code = "shapes_refused"


class UnknownAreaOfTreeError(RefusedError):
    """There is no such area, or it is not the caller's to see."""

    code = "unknown_area_of_tree"


class UnknownGridError(RefusedError):
    """No grid ever had that code, or none is the caller's to see."""

    code = "unknown_grid"
