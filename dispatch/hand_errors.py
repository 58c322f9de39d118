"""Refusals of the dispatcher's hand and of late answers; `dispatch/errors.py` gathers them."""

from dispatch.refusal import RefusedError


class OfferWithdrawnError(RefusedError):
    """The offer was taken back before it was answered."""

    code = "offer_withdrawn"


class ChangedMeanwhileError(RefusedError):
    """Somebody else went on with the incident since the caller looked; `changed` tells what was done."""

    code = "changed_meanwhile"


class WorkerNotFreeError(RefusedError):
    """The chosen worker carries all that one may, or is at what allows nothing beside it."""

    code = "worker_not_free"


class AlreadyOnItError(RefusedError):
    """The chosen worker has a task of this incident already."""

    code = "already_on_it"


class UnknownSlotError(RefusedError):
    """The incident has no such place to fill."""

    code = "unknown_slot"


class NobodyToAddError(RefusedError):
    """A responder that is to be added needs a worker, a skill or a kind of unit."""

    code = "nobody_to_add"


class NoDepartmentsError(RefusedError):
    """Nobody is named to be called in, and the category names no department."""

    code = "no_departments"


class NotADepartmentError(RefusedError):
    """Only departments are called in by a whistle."""

    code = "not_a_department"


class NotTheOriginalError(RefusedError):
    """An incident cannot be the duplicate of itself or of one that has ended; nor, being an original itself, of any."""

    code = "not_the_original"


class NothingToUndoError(RefusedError):
    """The caller's last act on this incident is too long ago, was not the last thing done, or cannot be taken back."""

    code = "nothing_to_undo"


class DeadlineNotLaterError(RefusedError):
    """An extension must end later than the present deadline, and within a year."""

    code = "deadline_not_later"


class TimePastError(RefusedError):
    """A time was given that has passed."""

    code = "time_past"
