"""What a worker says to a task."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.fields import Incoming, Moment, Text
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


Because = Annotated[Text, StringConstraints(max_length=900)]
Departments = Annotated[list[UUID], Field(max_length=20, description="ids; none: those the category names")]


class ReasonIn(Incoming):
    """Why."""

    reason: Because


class ExtensionIn(ReasonIn):
    """Until when more time is asked for, and why."""

    until: Moment


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
