"""Refusals about receipts and evaluations."""

from dispatch.refusal import RefusedError


class UnknownReceiptError(RefusedError):
    """There is no receipt of this code."""

    code = "unknown_receipt"


class NotClosedError(RefusedError):
    """It cannot be judged before it is closed, nor while it is done again; `stands` says where it is."""

    code = "not_closed"


class JudgedAlreadyError(RefusedError):
    """This receipt has judged this closing already."""

    code = "judged_already"


class JudgingEndedError(RefusedError):
    """It was closed more than `days` days ago."""

    code = "judging_ended"


class NotFollowableError(RefusedError):
    """It has ended: nothing will happen any more that one could be told."""

    code = "not_followable"
