"""A course: an incident on its way through a replay, beside what the record says of it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from data.clocks import Paused
from data.incidents import Incident, Status
from data.limits import Step as LimitStep
from data.needs import NeedState
from data.record import Line
from data.tasks import ACTIVE, Task, TaskStatus
from dispatch.clockwork import Moved, follow, latest, with_dues
from dispatch.deadlines import extend, go_on, pause
from dispatch.desk.case import RULES, Case
from dispatch.errors import CalendarYearUnknownError
from dispatch.facts import with_facts
from dispatch.ladder import from_the_foot, offered
from dispatch.replay.side import Side
from dispatch.replay.world import Step, Story, at_the_foot

AFTER = {
    TaskStatus.DONE: NeedState.DONE,
    TaskStatus.DECLINED: NeedState.OPEN,
    TaskStatus.EXPIRED: NeedState.OPEN,
    TaskStatus.FAILED: NeedState.OPEN,
    TaskStatus.WITHDRAWN: NeedState.OPEN,
}


class Cause(StrEnum):
    """Why an incident went another way than in the record."""

    PLACES = "places"
    CHOICE = "choice"
    OFFER = "offer"
    BUSY = "busy"
    SOONER = "sooner"
    MADE_UP = "made_up"


@dataclass(slots=True)
class Course:
    """An incident in a replay. `then` is what the rules of the record know of it, `case` what those of the other setting do.

    `cause` None: it goes as in the record. `shift` is by how much what came after it was handled comes later,
    `modelled` how many answers a model gave, `left_out` how many acts of a hand could not be
    repeated; `timed` is the incident as its clocks were set last.
    """

    story: Story
    case: Case
    then: Case | None = None
    cause: Cause | None = None
    shift: timedelta | None = None
    opened: bool = False
    ended: bool = False
    left_out: int = 0
    modelled: int = 0
    number: int = 0
    timed: Incident | None = None

    @property
    def follows(self) -> bool:
        """Whether it goes as in the record."""
        return self.cause is None

    @property
    def cases(self) -> tuple[Case, ...]:
        """What is known of it on each side that goes by the record."""
        return (self.case,) if self.then is None else (self.then, self.case)


def begin(story: Story, now: datetime) -> Case:
    """Return the case of an incident of which nothing has been done yet."""
    blank = replace(
        story.incident,
        tried=(),
        closed_at=None,
        disposition=None,
        duplicate_of=None,
        accepted_at=None,
        scene_at=None,
        handled_at=None,
        reworks=0,
        reopenings=0,
        handler_id=None,
        department_id=None,
        status=Status.REPORTED,
    )
    return Case(blank, {}, {}, now, RULES, blank)


def open_places(case: Case, story: Story, now: datetime) -> None:
    """Open the places that an incident had, at the foot of their ladders."""
    case.needs.update(at_the_foot(story.needs, now))


def as_offered(task: Task) -> Task:
    """Return a task as it was when it was offered."""
    return replace(
        task,
        status=TaskStatus.OFFERED,
        accepted_at=None,
        on_scene_at=None,
        ended_at=None,
        reason=None,
        result=None,
    )


def put_offer(case: Case, task: Task, answered: Case | None = None) -> None:
    """Give a place to whom the record gave it; the rung is what the rules `answered`, where they would offer it too."""
    said = None if answered is None else answered.needs.get(task.slot)
    need = case.needs.get(task.slot)
    if need is not None:
        taken = said if said is not None and said.state is NeedState.TAKEN else None
        waits = said if said is not None and said.state is NeedState.OPEN else need
        case.needs[task.slot] = taken or offered(waits)
    case.tasks[task.id] = as_offered(task)


def put_step(case: Case, task: Task, to: TaskStatus, at: datetime) -> None:
    """Take a task one step further as the record says, and its place with it."""
    known = case.tasks[task.id]
    if to is TaskStatus.ACCEPTED:
        case.tasks[task.id] = replace(known, status=to, accepted_at=at)
    elif to is TaskStatus.ON_SCENE:
        case.tasks[task.id] = replace(known, status=to, on_scene_at=at)
    else:
        case.tasks[task.id] = replace(known, status=to, ended_at=at, reason=task.reason)
        if task.slot in case.needs:
            case.needs[task.slot] = replace(case.needs[task.slot], state=AFTER[to])


def put_line(case: Case, step: Step, at: datetime) -> None:
    """Take over what a line of the record says of an incident: where it stands, and the facts that follow."""
    assert step.line is not None
    was, status = case.incident.status, step.line.status_to or case.incident.status
    moved = replace(case.incident, status=status)
    case.incident = with_facts(moved, step.line.kind, was, case.tasks.values(), at)
    if step.line.kind == "closed":
        case.incident = replace(case.incident, closed_at=at)
    elif step.line.kind in ("reopened", "undone"):
        case.incident = replace(case.incident, closed_at=None)


def keep_time(course: Course, side: Side, now: datetime) -> None:
    """Let the clocks of an incident follow it here, once it is known."""
    case, city = course.case, side.city
    moved = Moved(course.timed, case.incident, case.tasks.values(), city.rules.get(case.incident.category), now)
    case.clocks = follow(case.clocks, moved, city.clockwork)
    course.timed = case.incident = with_dues(case.incident, case.clocks)


def tell_clocks(course: Course, line: Line, side: Side, now: datetime) -> None:
    """Let clocks rest while the reporter is waited for, go on after that, and end as late as was granted."""
    clocks, calendar = course.case.clocks, side.city.clockwork.calendar
    if line.kind == "awaiting":
        clocks = tuple(
            one if one.running_since is None else pause(one, now, Paused.WAITING, calendar) for one in clocks
        )
    elif line.kind == "went_on":
        clocks = tuple(go_on(one, now, calendar) if one.paused is Paused.WAITING else one for one in clocks)
    elif line.kind == "extended" and line.until is not None:
        handle, until = latest(clocks, LimitStep.HANDLE), line.until
        later = handle is not None and handle.ended_at is None and handle.due_at < until
        with suppress(CalendarYearUnknownError):
            clocks = tuple(extend(one, until, now, calendar) if later and one is handle else one for one in clocks)
    course.case.clocks = clocks


def hold(case: Case, now: datetime, *, again: bool) -> None:
    """Keep every place that is not done for later, or open those that are held anew."""
    for slot, need in list(case.needs.items()):
        if again and need.state is NeedState.HELD:
            case.needs[slot] = from_the_foot(need, now)
        elif not again and need.state in (NeedState.OPEN, NeedState.TAKEN):
            case.needs[slot] = replace(need, state=NeedState.HELD)


def drop_open(case: Case) -> None:
    """Need nobody any more."""
    for slot, need in list(case.needs.items()):
        if need.state is not NeedState.DONE:
            case.needs[slot] = replace(need, state=NeedState.DROPPED)


def active(case: Case) -> list[Task]:
    """Return the tasks somebody has."""
    return [task for task in case.tasks.values() if task.status in ACTIVE]
