"""From an error to an answer: one dictionary, one shape (application/problem+json), a stable `code`."""

import logging
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.guard import always
from api.i18n import language, said
from data.engine import BROKEN, constraint_of, is_guarded, is_passing, is_shut_out
from dispatch import errors as refused
from geo.errors import GeoError

log = logging.getLogger(__name__)

HTTP_STATUS: Mapping[type[Exception], int] = {
    refused.UnknownCategoryError: 422,
    refused.UnknownIncidentError: 404,
    refused.UnknownTaskError: 404,
    refused.UnknownWorkerError: 404,
    refused.UnknownHouseholdError: 404,
    refused.FarFromTownError: 422,
    refused.NoGroundError: 409,
    refused.MoveNotAllowedError: 409,
    refused.OfferExpiredError: 409,
    refused.OfferWithdrawnError: 409,
    refused.ChangedMeanwhileError: 409,
    refused.WorkerNotFreeError: 409,
    refused.CalendarYearUnknownError: 409,
    refused.AlreadyWaitingError: 409,
    refused.NotWaitingError: 409,
    refused.AlreadyOnItError: 409,
    refused.UnknownSlotError: 422,
    refused.NobodyToAddError: 422,
    refused.NoDepartmentsError: 422,
    refused.NotADepartmentError: 422,
    refused.NotTheOriginalError: 422,
    refused.UnknownReceiptError: 404,
    refused.NotClosedError: 409,
    refused.JudgedAlreadyError: 409,
    refused.JudgingEndedError: 409,
    refused.NotFollowableError: 409,
    refused.NothingToUndoError: 409,
    refused.DeadlineNotLaterError: 422,
    refused.TimePastError: 422,
    refused.ShiftsOverlapError: 409,
    refused.NoShiftError: 409,
    refused.DayPastError: 409,
    refused.UnknownSwapError: 404,
    refused.SwappedAgainError: 409,
    refused.UnknownReservationError: 404,
    refused.ReservedAlreadyError: 409,
    refused.NeverSeenError: 409,
    refused.TimeInFutureError: 422,
    refused.TimeTooOldError: 422,
    refused.WrongSignInError: 403,
    refused.ThrottledError: 429,
    refused.BusyError: 503,
    refused.UnknownAccountError: 404,
    refused.LoginTakenError: 409,
    refused.WorkerHasAccountError: 409,
    refused.NotYourselfError: 409,
    refused.UnknownRoleError: 422,
    refused.UnknownAreaError: 422,
    refused.UnknownLayerError: 422,
    refused.RoleHeldError: 409,
    refused.UnknownRoleHeldError: 404,
    refused.AtTheMachineOnlyError: 403,
    refused.TooManyTokensError: 409,
    refused.AdministratorsAreSeparateError: 409,
    refused.AdministratorsAreTownwideError: 409,
    refused.OutOfScopeError: 403,
    refused.WrongPasswordError: 403,
    refused.WeakPasswordError: 422,
    refused.UnknownTokenError: 404,
    refused.TooManyRightsError: 403,
    refused.SessionNeededError: 403,
    refused.UnknownReceiverError: 404,
    refused.UnknownDeliveryError: 404,
    refused.AddressRefusedError: 422,
    refused.TooManyReceiversError: 409,
    refused.CheckRunningError: 409,
    refused.UnknownAreaOfTreeError: 404,
    refused.UnknownGridError: 404,
    refused.UnknownCheckError: 404,
    refused.ProposalRunningError: 409,
    refused.UnknownProposalError: 404,
    refused.ProposalDecidedError: 409,
    refused.GroundChangedError: 409,
    refused.ShapesRefusedError: 409,
    refused.FiguresPeriodError: 422,
    refused.UnknownLevelError: 422,
    refused.FiguresLoadingError: 503,
}
CODES = {
    400: "malformed_body",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    414: "url_too_long",
    415: "unsupported_media_type",
    431: "headers_too_large",
}


class DoorError(Exception):
    """A refusal by the door itself: who is asking, or how."""

    def __init__(self, status: int, code: str, **facts: object) -> None:
        super().__init__(code)
        self.status, self.code, self.facts = status, code, facts


def problem(request: Request, status: int, code: str, facts: Mapping[str, Any] | None = None) -> Response:
    """Shape a refusal. What was sent is never repeated in it."""
    lang = language(request.headers.get("accept-language"), request.cookies.get("wangge_lang"))
    plain = {name: _plain(value) for name, value in (facts or {}).items() if value is not None}
    body = plain | {"type": "about:blank", "title": said(lang, code, plain), "status": status, "code": code}
    headers = {"content-language": "zh-Hans" if lang == "zh" else lang}
    if status in (429, 503):
        headers["retry-after"] = str(plain.get("retry_after", 1))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _plain(value: object) -> Any:
    return str(value) if isinstance(value, UUID) else value.isoformat() if isinstance(value, datetime) else value


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, refused.RefusedError)
    status = HTTP_STATUS[type(error)]
    await request.app.state.refusals.note(request, status, error.code, error.facts, error.noted)
    return problem(request, status, error.code, error.facts)


async def _off_the_map(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoError)
    return problem(request, 422, error.code, error.facts)


async def _by_the_door(request: Request, error: Exception) -> Response:
    assert isinstance(error, DoorError)
    await request.app.state.refusals.note(request, error.status, error.code, error.facts)
    return problem(request, error.status, error.code, error.facts)


async def _invalid(request: Request, error: Exception) -> Response:
    """Name the fields and what is wrong with them, never the values: they may be personal, or no JSON at all."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem(request, 400, "malformed_body")
    if any(one["loc"] == ("body",) for one in found) and "json" not in request.headers.get("content-type", "json"):
        return problem(request, 415, "unsupported_media_type")
    wrong = [{"field": _field(one["loc"]), "problem": one["type"]} for one in found[:20]]
    return problem(request, 422, "invalid_request", {"errors": wrong})


def _field(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:64] for part in loc[1:6]).encode("ascii", "replace").decode()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, CODES.get(error.status_code, "http_error"))
    answer.headers.update(error.headers or {})
    return answer


async def _broken_database(request: Request, error: Exception) -> Response:
    if is_passing(error):
        return problem(request, 503, "try_again")
    if is_shut_out(error):
        return await _unreachable(request, error)
    if is_guarded(error):
        log.error("a row was guarded that the rules should have refused: %s", request.scope["route"].path)
        await request.app.state.refusals.note(request, 403, "forbidden")
        return problem(request, 403, "forbidden")
    told = "".join(traceback.format_tb(error.__traceback__))
    log.error("statement failed: %s of %s %s", type(error).__name__, constraint_of(error), told)
    return problem(request, 500, "internal")


async def _unreachable(request: Request, error: Exception) -> Response:
    log.warning("database unreachable: %s", type(error).__name__)
    return problem(request, 503, "database_unavailable")


async def _internal(request: Request, error: Exception) -> Response:
    answer = problem(request, 500, "internal")
    answer.headers.update(
        always(request.scope) | {"cache-control": "no-store"}
    )  # this answer does not pass the guard
    return answer


def install(app: FastAPI) -> None:
    """Give the app its outermost door."""
    app.add_exception_handler(refused.RefusedError, _refused)
    app.add_exception_handler(GeoError, _off_the_map)
    app.add_exception_handler(DoorError, _by_the_door)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in BROKEN:
        app.add_exception_handler(kind, _broken_database)
    app.add_exception_handler(OSError, _unreachable)
    app.add_exception_handler(Exception, _internal)
