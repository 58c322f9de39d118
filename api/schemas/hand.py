"""What the command centre's hand asks for, and what it is answered."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.once import Command
from api.schemas.fields import Code, Incoming, Moment
from api.schemas.tasks import Because, Departments, ReasonIn
from data.incidents import Disposition
from data.workers import Kind
from dispatch.desk.case import By, Case
from dispatch.desk.send import Added, Chosen, Taken
from dispatch.desk.sort import Sight
from dispatch.desk.undo import WITHIN, last_act
from dispatch.desk.whistle import Called

Slot = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Hand(Incoming):
    """`seen`: the incident's `revision` the caller looked at; when somebody else went on since, the act is refused."""

    seen: int | None = Field(default=None, ge=0, lt=1 << 63)

    def by(self, command: Command) -> By:
        """Say who acts, and what that person had seen."""
        return By(command.actor, self.seen)


class NoteIn(Hand):
    """An act with a note."""

    note: Because | None = None


class VerifyIn(NoteIn):
    """Who is sent to look."""

    worker: UUID | None = None

    def sight(self) -> Sight:
        """Turn it into what the desk takes."""
        return Sight(self.worker, self.note)


class FileIn(Hand):
    """Under which category; none: the one it was reported under."""

    category: Code | None = None


class WhyIn(Hand):
    """An act with its reason."""

    reason: Because


class SuperviseIn(Hand):
    """What is to be watched."""

    note: Because


class DispatchIn(WhyIn):
    """Whom to send, for which place."""

    worker: UUID
    slot: Slot | None = None

    def chosen(self) -> Chosen:
        """Turn it into what the desk takes."""
        return Chosen(self.worker, self.reason, self.slot)


class WithdrawIn(WhyIn):
    """Whose task to take back; `hold` keeps the place for the dispatcher's hand."""

    task: UUID
    hold: bool = False

    def taken(self) -> Taken:
        """Turn it into what the desk takes."""
        return Taken(self.task, self.reason, self.hold)


class AddIn(WhyIn):
    """Whom to add: a worker, or whoever the rules find of a kind and with a skill."""

    responder: Kind = Kind.PERSON
    skill: Code | None = None
    worker: UUID | None = None

    def added(self) -> Added:
        """Turn it into what the desk takes."""
        return Added(self.responder, self.reason, self.skill, self.worker)


class MergeIn(Hand):
    """Which incident it is a duplicate of."""

    original: UUID
    reason: Because | None = None


class ShelveIn(WhyIn):
    """Until when; none: until somebody takes it up."""

    until: Moment | None = None


class WhistleIn(WhyIn):
    """Whom to call in."""

    departments: Departments = Field(default_factory=list)

    def called(self) -> Called:
        """Turn it into what the desk takes."""
        return Called(tuple(self.departments), self.reason)


class WhistleTaskIn(ReasonIn):
    """Whom to call in for what one is at."""

    departments: Departments = Field(default_factory=list)

    def called(self) -> Called:
        """Turn it into what the desk takes."""
        return Called(tuple(self.departments), self.reason)


class ExtendIn(WhyIn):
    """The new deadline."""

    until: Moment


class CloseIn(Hand):
    """What came of an incident."""

    disposition: Disposition


async def done(case: Case, by: Command) -> dict[str, Any]:
    """Shape the answer to an act: where the incident now stands, and until when the act can be taken back."""
    incident, book = case.incident, by.book
    act = last_act(await book.history.last(incident.id), str(by.actor), case.now)
    return {
        "id": incident.id,
        "status": incident.status,
        "deadline": incident.deadline_at,
        "disposition": incident.disposition,
        "needs": [{"slot": need.slot, "state": need.state} for need in case.needs.values()],
        "revision": await book.history.revision(incident.id),
        "undo_until": act and act.at + WITHIN,
    }
