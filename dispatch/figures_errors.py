"""Refusals of figures."""

from dispatch.refusal import RefusedError


class FiguresPeriodError(RefusedError):
    """The last day is before the first, or too many days lie between them."""

    code = "figures_period"


class UnknownLevelError(RefusedError):
    """There is no such level of areas."""

    code = "unknown_level"


class FiguresLoadingError(RefusedError):
    """What figures are counted from is still being read."""

    code = "figures_loading"
