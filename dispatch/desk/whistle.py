"""Whistle: the grid whistles, departments report in; supervising and reminding are events beside the steps."""

from dataclasses import dataclass
from uuid import UUID

from data.book import Book
from data.incidents import Incident
from data.rights import Permission
from data.tasks import ACTIVE
from data.tokens import Actor
from data.workers import Kind
from dispatch.city import City
from dispatch.desk.answer import own_case
from dispatch.desk.call_in import call_in, departments_of
from dispatch.desk.case import By, Case, lay_open, pick_up_for
from dispatch.errors import (
    AlreadyOnItError,
    NoDepartmentsError,
    NotADepartmentError,
    UnknownIncidentError,
    UnknownTaskError,
)
from dispatch.workflow import Act, check


@dataclass(frozen=True, slots=True)
class Called:
    """Which departments are called in (none: those the category names), and why."""

    departments: tuple[UUID, ...]
    reason: str


async def whistle(incident_id: UUID, called: Called, by: By, city: City, book: Book) -> Case:
    """Call in departments, the chosen or those the category names; each must report in before its own clock.

    Raises
    ------
    NoDepartmentsError, NotADepartmentError, AlreadyOnItError
        If nobody is named, somebody is no department, or all of them are called already.
    """
    case = await pick_up_for(Act.WHISTLE, incident_id, by, book)
    await _call(case, called, city, book)
    return case


async def whistle_from_the_ground(task_id: UUID, called: Called, actor: Actor, city: City, book: Book) -> Case:
    """Call in departments for what one is at oneself."""
    case = await own_case(task_id, actor, book)
    if case.tasks[task_id].status not in ACTIVE:
        raise UnknownTaskError(id=task_id)
    check(Act.WHISTLE, case.incident.status)
    await _call(case, called, city, book)
    return case


async def _call(case: Case, called: Called, city: City, book: Book) -> None:
    for id_ in called.departments:
        row = city.crew.row_of.get(id_)
        if row is None or city.crew.workers[row].kind is not Kind.DEPARTMENT:
            raise NotADepartmentError
    clocks = departments_of(case, city, called.departments)
    if not clocks:
        raise NoDepartmentsError
    if not await call_in(case, clocks, city, book, called.reason):
        raise AlreadyOnItError
    await case.put_down(book, city)


async def supervise(incident_id: UUID, note: str, by: By, book: Book) -> Case:
    """Put an incident under supervision: everybody concerned is told that it is watched."""
    case = await pick_up_for(Act.SUPERVISE, incident_id, by, book)
    case.line("supervised", None, note=note)
    await case.put_down(book)
    return case


async def remind(incident_id: UUID, note: str | None, by: By, book: Book) -> Case:
    """Remind those who are at it, as its reporter or from the command centre: it is no new incident.

    Raises
    ------
    UnknownIncidentError
        If it is neither one's own report nor lies where one dispatches.
    """
    incident = await book.incidents.one(incident_id)
    if incident is None or not _may_remind(incident, by.actor):
        raise UnknownIncidentError(id=incident_id)
    if by.actor.rights.covers(Permission.INCIDENT_DISPATCH, incident.layer, incident.area_path):
        case = await pick_up_for(Act.REMIND, incident_id, by, book)
        case.line("reminded", None, note=note)
    else:
        await book.command(Permission.INCIDENT_REPORT)
        case = await lay_open(incident, str(by.actor), book)
        check(Act.REMIND, incident.status)
        case.say_aside("reminded", note=note)
    await case.put_down(book)
    return case


def _may_remind(incident: Incident, actor: Actor) -> bool:
    own = incident.reporter == str(actor) and actor.may(Permission.INCIDENT_REPORT)
    return own or actor.rights.covers(Permission.INCIDENT_DISPATCH, incident.layer, incident.area_path)
