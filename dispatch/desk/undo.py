"""Undo: a hand that slipped takes back its own last act, as long as nobody has gone on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from data.book import Book
from data.clocks import Paused
from data.history import Event
from data.incidents import Status
from data.needs import NeedState
from data.rights import Permission
from data.tasks import PUT_ASIDE, Task, TaskStatus
from data.timers import Timer, TimerKind
from dispatch.city import City
from dispatch.deadlines import rewind
from dispatch.desk.case import RULES, By, Case, pick_up
from dispatch.desk.offer import fill
from dispatch.desk.send import refill
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


def last_act(lines: Sequence[Event], me: str, now: datetime) -> Event | None:
    """Return one's own last act of a history (newest first) when it can be taken back: not too long ago, nothing since."""
    latest = [line for line in lines if line.at == lines[0].at]
    act = next((line for line in latest if line.kind in NEEDED and "before" in line.facts), None)
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
    lines = await book.history.last(incident_id)
    act = last_act(lines, str(by.actor), case.now)
    if act is None or not by.actor.rights.covers(NEEDED[act.kind], case.incident.layer, case.incident.area_path):
        raise NothingToUndoError
    offered = [task for task in case.active() if task.offered_at == act.at]
    if any(task.status is not TaskStatus.OFFERED for task in offered):
        raise NothingToUndoError
    called_back = [task for task in case.tasks.values() if task.ended_at == act.at]
    await case.end(offered, TaskStatus.WITHDRAWN, book, PUT_ASIDE)
    case.incident = replace(case.incident, closed_at=None, disposition=None, duplicate_of=None)
    case.line("undone", act.status_from, next(iter(offered), None), what=act.kind)
    await _set_clocks(case, act, lines, city, book)
    await _fill_again(case, act, called_back, city, book)
    await case.put_down(book, city)
    return case


async def _set_clocks(case: Case, act: Event, lines: Sequence[Event], city: City, book: Book) -> None:
    """Let the clocks run on that the act ended or put by, set the timer anew that it ended, and drop the one it set."""
    if act.kind == "shelved":
        await book.timers.drop(case.incident.id, TimerKind.RESUME)
    case.stood = act.status_from
    for clock in case.clocks:
        put_by = act.kind == "shelved" and clock.paused is Paused.SHELVED
        if clock.ended_at == act.at or put_by:
            case.set_clock(rewind(clock, act.at, city.clockwork.calendar))
    if act.status_from is Status.SHELVED:
        until = next((line.facts.get("until") for line in lines if line.kind == "shelved"), None)
        due = None if until is None else datetime.fromisoformat(until)
        case.timers += [] if due is None else [Timer(TimerKind.RESUME, case.incident.id, None, None, due)]


async def _fill_again(case: Case, act: Event, called_back: Sequence[Task], city: City, book: Book) -> None:
    """Let each place be as it was: who was called back is asked again, what the act added is needed no more."""
    before = act.facts["before"]
    for slot, need in list(case.needs.items()):
        case.put(replace(need, state=NeedState(before.get(slot, NeedState.DROPPED))))
    for task in called_back:
        await refill(case, task, city, book)
    for slot in case.waiting():
        await fill(case, slot, city, book)
