"""What a worker says to a task."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from api.schemas.fields import Incoming, Text
from data.tasks import TaskStatus
from dispatch.desk.answer import DeclineReason, Said

Note = Annotated[Text, StringConstraints(max_length=900)]


class Nothing(Incoming):
    """An empty body."""


class DeclineIn(Incoming):
    """Why not."""

    reason: DeclineReason
    note: Note | None = None

    def said(self) -> Said:
        """Turn it into what the desk takes."""
        return Said(TaskStatus.DECLINED, reason=self.reason, result=self.note)


class Result(StrEnum):
    """How a task ended."""

    DONE = "done"
    FAILED = "failed"


class FinishIn(Incoming):
    """How it went."""

    result: Result
    note: Note | None = None

    def said(self) -> Said:
        """Turn it into what the desk takes."""
        return Said(TaskStatus(self.result), result=self.note)
