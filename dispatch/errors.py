"""Refusals: one class each, with a stable `code` and the facts. The door turns them into status and words."""

from typing import ClassVar


class RefusedError(Exception):
    """A request that the rules refuse."""

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts


class UnknownCategoryError(RefusedError):
    """There is no such category."""

    code = "unknown_category"


class UnknownIncidentError(RefusedError):
    """There is no such incident, or it is not the caller's to see."""

    code = "unknown_incident"


class UnknownTaskError(RefusedError):
    """There is no such task, or it is not the caller's."""

    code = "unknown_task"


class UnknownWorkerError(RefusedError):
    """There is no such worker, or it is not the caller's to move."""

    code = "unknown_worker"


class FarFromTownError(RefusedError):
    """The point lies too far from the town's ground; `hint` says which slip would bring it inside."""

    code = "far_from_town"


class NoGroundError(RefusedError):
    """The layer that is responsible for the category has no grids yet."""

    code = "no_ground"


class MoveNotAllowedError(RefusedError):
    """The incident or task cannot take this step from where it stands."""

    code = "move_not_allowed"


class OfferExpiredError(RefusedError):
    """The offer ran out before it was answered."""

    code = "offer_expired"


class TimeInFutureError(RefusedError):
    """A time was given that lies ahead of PostgreSQL's clock."""

    code = "time_in_future"


class TimeTooOldError(RefusedError):
    """A time of reporting was given that lies too far back."""

    code = "time_too_old"
