"""Undo: a hand that slipped takes back its own last act, as long as nobody has gone on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from data.book import Book
from data.history import Event
from data.incidents import Status
from data.needs import NeedState
from data.rights import Permission
from data.tasks import TaskStatus
from dispatch.city import City
from dispatch.desk.case import RULES, By, Case, pick_up
from dispatch.desk.close import open_again
from dispatch.desk.offer import fill
from dispatch.desk.pause import take_up_again
from dispatch.desk.sort import PUT_ASIDE
from dispatch.errors import NothingToUndoError

WITHIN = timedelta(seconds=60)
NEEDED: Mapping[str, Permission] = {
    "closed": Permission.INCIDENT_CLOSE,
    "void": Permission.INCIDENT_SUPERVISE,
    "rejected": Permission.INCIDENT_SORT,
    "duplicate": Permission.INCIDENT_DISPATCH,
    "shelved": Permission.INCIDENT_DISPATCH,
    "dispatched": Permission.INCIDENT_DISPATCH,
    "reassigned": Permission.INCIDENT_DISPATCH,
    "added": Permission.INCIDENT_DISPATCH,
}
"""What can be taken back, and who may: whoever may do it."""
BACK_TO = {Status.HANDLED, Status.INSPECTING, Status.REPORTED, Status.RECEIVED}
"""What comes back to just where it stood; all else is filed and its places are offered anew."""


def last_act(lines: Sequence[Event], me: str, now: datetime) -> Event | None:
    """Return one's own last act of a history (newest first) when it can be taken back: not too long ago, nothing since."""
    latest = [line for line in lines if line.at == lines[0].at]
    act = next((line for line in latest if line.kind in NEEDED), None)
    by_others = any(line.actor not in (me, RULES) for line in latest)
    return act if act and act.actor == me and not by_others and now - act.at <= WITHIN else None


async def undo(incident_id: UUID, by: By, city: City, book: Book) -> Case:
    """Take back one's own last act.

    Raises
    ------
    NothingToUndoError
        If it is more than a minute ago, was not the last thing done, or cannot be taken back.
    """
    case = await pick_up(incident_id, str(by.actor), book)
    act = last_act(await book.history.last(incident_id), str(by.actor), case.now)
    if act is None or not by.actor.rights.covers(NEEDED[act.kind], case.incident.layer, case.incident.area_path):
        raise NothingToUndoError
    if act.task_id is not None:
        await _call_back(case, act, city, book)
    elif act.kind == "shelved":
        case.line("undone", None, what=act.kind)
        await take_up_again(case, None, city, book)
    else:
        to = act.status_from if act.status_from in BACK_TO else Status.FILED
        await open_again(case, "undone", to, city, book, what=act.kind)
    await case.put_down(book)
    return case


async def _call_back(case: Case, act: Event, city: City, book: Book) -> None:
    """Take back an offer that nobody has answered."""
    task = case.tasks.get(act.task_id) if act.task_id else None
    if task is None or task.status is not TaskStatus.OFFERED:
        raise NothingToUndoError
    [ended] = await case.end([task], TaskStatus.WITHDRAWN, book, PUT_ASIDE)
    added = act.kind == "added"
    case.put(replace(case.needs[task.slot], state=NeedState.DROPPED if added else NeedState.OPEN))
    case.line("undone", case.leads_to(), ended, what=act.kind)
    if not added:
        await fill(case, task.slot, city, book)
