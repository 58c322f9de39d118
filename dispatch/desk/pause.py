"""Pause: more time is asked for and granted or not; what cannot be solved now is shelved and taken up again."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from data.book import Book
from data.clocks import Paused
from data.incidents import Status
from data.limits import Step
from data.needs import NeedState
from data.rights import Permission
from data.tasks import ACTIVE, PUT_ASIDE, TaskStatus
from data.timers import Timer, TimerKind
from data.tokens import Actor
from dispatch import deadlines
from dispatch.city import City
from dispatch.clockwork import latest
from dispatch.desk.answer import own_case
from dispatch.desk.case import By, Case, pick_up, pick_up_for
from dispatch.desk.offer import fill
from dispatch.desk.sort import set_aside
from dispatch.errors import (
    AlreadyWaitingError,
    DeadlineNotLaterError,
    NotWaitingError,
    TimePastError,
    UnknownIncidentError,
    UnknownTaskError,
)
from dispatch.ladder import from_the_foot
from dispatch.workflow import MOVES, Act, check

LONGEST = timedelta(days=366)


async def ask_extension(task_id: UUID, until: datetime, reason: str, actor: Actor, book: Book) -> Case:
    """Ask for a later deadline for what one is at; work goes on meanwhile.

    Raises
    ------
    UnknownTaskError, MoveNotAllowedError, DeadlineNotLaterError
        If it is not one's own task, nothing can be asked now, or the time is no later one.
    """
    case = await own_case(task_id, actor, book)
    if case.tasks[task_id].status not in ACTIVE:
        raise UnknownTaskError(id=task_id)
    check(Act.ASK_EXTENSION, case.incident.status)
    _is_later(until, case)
    task = case.tasks[task_id]
    case.line("extension_requested", Status.EXTENSION_REQUESTED, task, until=until.isoformat(), reason=reason)
    await case.put_down(book)
    return case


async def extend(incident_id: UUID, until: datetime, reason: str, by: By, city: City, book: Book) -> Case:
    """Set a later deadline, asked for or not.

    Raises
    ------
    DeadlineNotLaterError
        If it is not later than the present one, or more than a year away.
    CalendarYearUnknownError
        If its limit is counted in working time, and the calendar lacks a year until then.
    """
    case = await pick_up_for(Act.EXTEND, incident_id, by, book)
    _is_later(until, case)
    was = case.incident.deadline_at.isoformat()
    case.incident = replace(case.incident, deadline_at=until)
    clock = latest(case.clocks, Step.HANDLE)
    if clock is not None:
        case.set_clock(deadlines.extend(clock, until, case.now, city.clockwork.calendar))
    case.line("extended", _decided(case), until=until.isoformat(), was=was, reason=reason)
    await case.put_down(book, city)
    return case


async def refuse_extension(incident_id: UUID, reason: str, by: By, book: Book) -> Case:
    """Leave the deadline as it is."""
    case = await pick_up_for(Act.REFUSE_EXTENSION, incident_id, by, book)
    case.line("extension_refused", _decided(case), reason=reason)
    await case.put_down(book)
    return case


async def give_back(incident_id: UUID, reason: str, by: By, book: Book) -> Case:
    """Return an incident to the dispatcher's hand: it was sent to the wrong ones."""
    case = await pick_up_for(Act.RETURN, incident_id, by, book)
    await set_aside(case, book, reason)
    _hold(case)
    case.line("returned", Status.RETURNED, reason=reason)
    await case.put_down(book)
    return case


async def return_own(task_id: UUID, reason: str, actor: Actor, book: Book) -> Case:
    """Return one's own task, offered or begun: it is not one's own to do. The place waits for the dispatcher's hand.

    Raises
    ------
    UnknownTaskError
        If it is not one's own task, or it has ended.
    """
    case = await own_case(task_id, actor, book)
    task = case.tasks[task_id]
    if task.status not in ACTIVE:
        raise UnknownTaskError(id=task_id)
    to = TaskStatus.DECLINED if task.status is TaskStatus.OFFERED else TaskStatus.FAILED
    [ended] = await case.end([task], to, book, "not_mine")
    case.put(replace(case.needs[task.slot], state=NeedState.HELD))
    stands = case.leads_to()
    case.line("returned", Status.RETURNED if stands is Status.FILED else stands, ended, reason=reason)
    await case.put_down(book)
    return case


async def shelve(incident_id: UUID, until: datetime | None, reason: str, by: By, city: City, book: Book) -> Case:
    """Put an incident by that cannot be solved now; with a time it is taken up again by itself.

    Raises
    ------
    TimePastError
        If the time has passed, or is more than a year away.
    """
    case = await pick_up_for(Act.SHELVE, incident_id, by, book)
    if until is not None and not case.now < until < case.now + LONGEST:
        raise TimePastError(field="until")
    await set_aside(case, book, PUT_ASIDE)
    _hold(case)
    if until is not None:
        case.timers.append(Timer(TimerKind.RESUME, incident_id, None, None, until))
    case.line("shelved", Status.SHELVED, reason=reason, until=until and until.isoformat(), before=case.before)
    await case.put_down(book, city)
    return case


async def resume(incident_id: UUID, note: str | None, by: By, city: City, book: Book) -> Case:
    """Take up again what was shelved: every place that was not done is offered anew."""
    case = await pick_up_for(Act.RESUME, incident_id, by, book)
    await book.timers.drop(incident_id, TimerKind.RESUME)
    await take_up_again(case, note, city, book)
    await case.put_down(book, city)
    return case


async def await_reporter(incident_id: UUID, note: str | None, by: By, city: City, book: Book) -> Case:
    """Let the clocks rest while the reporter must say or do something: nothing else can be done meanwhile.

    Raises
    ------
    UnknownIncidentError
        If the actor neither has a task of it nor dispatches there.
    MoveNotAllowedError, AlreadyWaitingError
        If nobody is to be at it now, or it waits already.
    """
    case = await _at_it(Act.AWAIT, incident_id, by, book)
    if _waits(case):
        raise AlreadyWaitingError
    for clock in [clock for clock in case.clocks if clock.running_since is not None]:
        case.set_clock(deadlines.pause(clock, case.now, Paused.WAITING, city.clockwork.calendar))
    case.line(MOVES[Act.AWAIT].line, None, note=note)
    await case.put_down(book, city)
    return case


async def go_on(incident_id: UUID, note: str | None, by: By, city: City, book: Book) -> Case:
    """Let the clocks run on: the reporter has answered, or is waited for no longer.

    Raises
    ------
    UnknownIncidentError, MoveNotAllowedError
        As when the wait began.
    NotWaitingError
        If it does not wait for its reporter.
    """
    case = await _at_it(Act.GO_ON, incident_id, by, book)
    if not _waits(case):
        raise NotWaitingError
    for clock in [clock for clock in case.clocks if clock.paused is Paused.WAITING and clock.ended_at is None]:
        case.set_clock(deadlines.go_on(clock, case.now, city.clockwork.calendar))
    case.line(MOVES[Act.GO_ON].line, None, note=note)
    await case.put_down(book, city)
    return case


def _waits(case: Case) -> bool:
    return any(clock.paused is Paused.WAITING and clock.ended_at is None for clock in case.clocks)


async def _at_it(act: Act, incident_id: UUID, by: By, book: Book) -> Case:
    """Pick up an incident on which the actor has a task, or which lies where the actor dispatches."""
    incident = await book.incidents.one(incident_id)
    if incident is None:
        raise UnknownIncidentError(id=incident_id)
    if by.actor.rights.covers(MOVES[act].permission, incident.layer, incident.area_path):
        return await pick_up_for(act, incident_id, by, book)
    await book.command(Permission.TASK_ANSWER)
    case = await pick_up(incident_id, str(by.actor), book)
    if not by.actor.may(Permission.TASK_ANSWER) or not _has_a_task(case, by.actor):
        raise UnknownIncidentError(id=incident_id)
    check(act, case.incident.status)
    return case


def _has_a_task(case: Case, actor: Actor) -> bool:
    return any(task.worker_id in actor.responders for task in case.active())


async def take_up_again(case: Case, note: str | None, city: City, book: Book) -> None:
    """Open every place that is held, at the foot of its ladder, and fill it; with none left to fill it is handled."""
    case.line("resumed", case.standing(), note=note)
    for need in [one for one in case.needs.values() if one.state is NeedState.HELD]:
        case.put(from_the_foot(need, case.now))
    for slot in case.waiting():
        await fill(case, slot, city, book)


def _hold(case: Case) -> None:
    """Keep every place for later; departments that were called in are called anew when they are needed.

    Where all of it had gone up to departments, the first place is kept: somebody must have it when it goes on.
    """
    for need in list(case.needs.values()):
        if need.state in (NeedState.OPEN, NeedState.TAKEN, NeedState.HELD):
            case.put(replace(need, state=NeedState.HELD if need.worker_id is None else NeedState.DROPPED))
    if case.standing() is Status.FILED and not case.unfilled():
        case.put(replace(next(iter(case.needs.values())), state=NeedState.HELD))


def _decided(case: Case) -> Status:
    """Say where an incident stands once its request is decided."""
    stands = case.standing()
    return stands if case.incident.status is Status.EXTENSION_REQUESTED else case.incident.status


def _is_later(until: datetime, case: Case) -> None:
    if not max(case.incident.deadline_at, case.now) < until < case.now + LONGEST:
        raise DeadlineNotLaterError(deadline=case.incident.deadline_at)
