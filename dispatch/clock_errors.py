"""Refusals about clocks, limits and calendars."""

from dispatch.refusal import RefusedError


class CalendarYearUnknownError(RefusedError):
    """Working time is to be counted in a year of which no calendar is loaded: it is never taken as Monday to Friday."""

    code = "calendar_year_unknown"

    def __init__(self, *, year: int) -> None:
        super().__init__(year=year)
        self.year = year


class AlreadyWaitingError(RefusedError):
    """The incident waits for its reporter already."""

    code = "already_waiting"


class NotWaitingError(RefusedError):
    """The incident does not wait for its reporter."""

    code = "not_waiting"
