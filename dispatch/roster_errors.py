"""Refusals about rosters, reservations and phones that lie still; `dispatch/errors.py` gathers them."""

from dispatch.refusal import RefusedError


class ShiftsOverlapError(RefusedError):
    """Somebody would be on duty twice at one time; `day` says on which, where it is one."""

    code = "shifts_overlap"


class NoShiftError(RefusedError):
    """Who is to give a shift has none on that day."""

    code = "no_shift"


class DayPastError(RefusedError):
    """A day before yesterday stays as it was."""

    code = "day_past"


class UnknownSwapError(RefusedError):
    """There is no such swap, or it is not the caller's to take back."""

    code = "unknown_swap"


class SwappedAgainError(RefusedError):
    """A later swap stands on this one and must be taken back first."""

    code = "swapped_again"


class UnknownReservationError(RefusedError):
    """There is no such reservation, or it is not the caller's to drop."""

    code = "unknown_reservation"


class ReservedAlreadyError(RefusedError):
    """The worker is spoken for during a part of that time."""

    code = "reserved_already"


class NeverSeenError(RefusedError):
    """A phone that has said no position yet cannot lie still at one."""

    code = "never_seen"
