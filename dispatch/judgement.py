"""Judgement: whoever reported a matter or follows it says what came of it. Silence is no consent: it counts as nothing."""

from datetime import datetime, timedelta

from data.evaluations import Judged
from data.incidents import Status
from dispatch.errors import JudgingEndedError, NotClosedError

WITHIN = timedelta(days=30)
LEAST_CONTENT = 3
"""Stars of five with which somebody is content."""


def discontent(judged: Judged) -> bool:
    """Say whether it is to be done again: not solved, or two stars and fewer."""
    return not judged.solved or judged.stars < LEAST_CONTENT


def closing_to_judge(status: Status, closed_at: datetime | None, now: datetime) -> datetime:
    """Return which closing is judged.

    Raises
    ------
    NotClosedError
        If it is not closed, or is being done again.
    JudgingEndedError
        If it was closed more than thirty days ago.
    """
    if status is not Status.CLOSED or closed_at is None:
        raise NotClosedError(stands=status)
    if now - closed_at > WITHIN:
        raise JudgingEndedError(days=WITHIN.days)
    return closed_at
