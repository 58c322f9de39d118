"""Refusals: one class each, with a stable `code` and the facts. The door turns them into status and words."""

from dispatch.clock_errors import AlreadyWaitingError as AlreadyWaitingError
from dispatch.clock_errors import CalendarYearUnknownError as CalendarYearUnknownError
from dispatch.clock_errors import NotWaitingError as NotWaitingError
from dispatch.figures_errors import FiguresLoadingError as FiguresLoadingError
from dispatch.figures_errors import FiguresPeriodError as FiguresPeriodError
from dispatch.figures_errors import UnknownLevelError as UnknownLevelError
from dispatch.ground_errors import CheckRunningError as CheckRunningError
from dispatch.ground_errors import GroundChangedError as GroundChangedError
from dispatch.ground_errors import ProposalDecidedError as ProposalDecidedError
from dispatch.ground_errors import ProposalRunningError as ProposalRunningError
from dispatch.ground_errors import ShapesRefusedError as ShapesRefusedError
from dispatch.ground_errors import UnknownAreaOfTreeError as UnknownAreaOfTreeError
from dispatch.ground_errors import UnknownCheckError as UnknownCheckError
from dispatch.ground_errors import UnknownGridError as UnknownGridError
from dispatch.ground_errors import UnknownProposalError as UnknownProposalError
from dispatch.hand_errors import AlreadyOnItError as AlreadyOnItError
from dispatch.hand_errors import ChangedMeanwhileError as ChangedMeanwhileError
from dispatch.hand_errors import DeadlineNotLaterError as DeadlineNotLaterError
from dispatch.hand_errors import NobodyToAddError as NobodyToAddError
from dispatch.hand_errors import NoDepartmentsError as NoDepartmentsError
from dispatch.hand_errors import NotADepartmentError as NotADepartmentError
from dispatch.hand_errors import NothingToUndoError as NothingToUndoError
from dispatch.hand_errors import NotTheOriginalError as NotTheOriginalError
from dispatch.hand_errors import OfferWithdrawnError as OfferWithdrawnError
from dispatch.hand_errors import TimePastError as TimePastError
from dispatch.hand_errors import UnknownSlotError as UnknownSlotError
from dispatch.hand_errors import WorkerNotFreeError as WorkerNotFreeError
from dispatch.receipt_errors import JudgedAlreadyError as JudgedAlreadyError
from dispatch.receipt_errors import JudgingEndedError as JudgingEndedError
from dispatch.receipt_errors import NotClosedError as NotClosedError
from dispatch.receipt_errors import NotFollowableError as NotFollowableError
from dispatch.receipt_errors import UnknownReceiptError as UnknownReceiptError
from dispatch.refusal import RefusedError as RefusedError
from dispatch.roster_errors import DayPastError as DayPastError
from dispatch.roster_errors import NeverSeenError as NeverSeenError
from dispatch.roster_errors import NoShiftError as NoShiftError
from dispatch.roster_errors import ReservedAlreadyError as ReservedAlreadyError
from dispatch.roster_errors import ShiftsOverlapError as ShiftsOverlapError
from dispatch.roster_errors import SwappedAgainError as SwappedAgainError
from dispatch.roster_errors import UnknownReservationError as UnknownReservationError
from dispatch.roster_errors import UnknownSwapError as UnknownSwapError


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


class UnknownHouseholdError(RefusedError):
    """There is no such household, or it is not the caller's to see."""

    code = "unknown_household"


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


class WrongSignInError(RefusedError):
    """Login and password open nothing together; why not is never said."""

    code = "wrong_sign_in"


class ThrottledError(RefusedError):
    """Too many tries to sign in failed: by this login or from this address."""

    code = "throttled"


class BusyError(RefusedError):
    """Too many others wait for the same; nothing was done."""

    code = "try_again"


class UnknownAccountError(RefusedError):
    """There is no such account, or it is not the caller's to see."""

    code = "unknown_account"


class LoginTakenError(RefusedError):
    """Somebody has this login."""

    code = "login_taken"


class WorkerHasAccountError(RefusedError):
    """The worker has an account already."""

    code = "worker_has_account"


class NotYourselfError(RefusedError):
    """Nobody locks or resets the own account, or changes the own roles."""

    code = "not_yourself"
    noted = True


class UnknownRoleError(RefusedError):
    """There is no such role."""

    code = "unknown_role"


class UnknownAreaError(RefusedError):
    """There is no such area, or it is not the caller's to see."""

    code = "unknown_area"
    noted = True


class UnknownLayerError(RefusedError):
    """There is no such grid layer."""

    code = "unknown_layer"


class RoleHeldError(RefusedError):
    """The account holds this role there already."""

    code = "role_held"


class UnknownRoleHeldError(RefusedError):
    """The account does not hold this role."""

    code = "unknown_role_held"


class AtTheMachineOnlyError(RefusedError):
    """Administrators are made, changed and locked at the server's command line only."""

    code = "at_the_machine_only"
    noted = True


class TooManyTokensError(RefusedError):
    """The account has as many programs' tokens as one may have."""

    code = "too_many_tokens"


class AdministratorsAreSeparateError(RefusedError):
    """One account is not two administrators."""

    code = "administrators_are_separate"
    noted = True


class AdministratorsAreTownwideError(RefusedError):
    """An administrator's role is held for the whole town or not at all."""

    code = "administrators_are_townwide"
    noted = True


class OutOfScopeError(RefusedError):
    """The permission is held, but not for so much of the town."""

    code = "out_of_scope"
    noted = True


class WrongPasswordError(RefusedError):
    """The present password is another."""

    code = "wrong_password"
    noted = True


class WeakPasswordError(RefusedError):
    """The password is too short, or one of the first that anybody tries."""

    code = "weak_password"


class UnknownTokenError(RefusedError):
    """The account has no such token that is good."""

    code = "unknown_token"


class TooManyRightsError(RefusedError):
    """A token may narrow what its account may do, never widen it."""

    code = "too_many_rights"
    noted = True


class SessionNeededError(RefusedError):
    """Only a person who signed in makes tokens: one that leaked must not make others."""

    code = "session_needed"
    noted = True


class UnknownReceiverError(RefusedError):
    """There is no such receiver, or it is not the caller's to see."""

    code = "unknown_receiver"


class UnknownDeliveryError(RefusedError):
    """There is no such delivery, or it is not the caller's to see."""

    code = "unknown_delivery"


class AddressRefusedError(RefusedError):
    """Nothing is sent to this address; `hint` says why."""

    code = "address_refused"


class TooManyReceiversError(RefusedError):
    """The town has as many receivers as one may have."""

    code = "too_many_receivers"
