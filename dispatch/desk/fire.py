"""Fire: what is due happens. Any process may fire any timer; effect and timer end in one transaction."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from data.book import Book, Books
from data.clocks import Clock
from data.engine import is_lost, is_passing
from data.incidents import ENDED, Status
from data.limits import Step
from data.needs import NeedState
from data.tasks import TaskStatus
from data.timers import Timer, TimerKind
from dispatch.city import City
from dispatch.clockwork import DUE, latest
from dispatch.deadlines import remind_at, supervise_at
from dispatch.desk.answer import Said, step
from dispatch.desk.case import RULES, Case, pick_up
from dispatch.desk.offer import fill
from dispatch.desk.pause import take_up_again
from dispatch.desk.send import offer_to_the_reserved

log = logging.getLogger(__name__)

SETTLED = ENDED | {Status.HANDLED, Status.INSPECTING}
PUT_OFF_S, SOON_S = 30, 1


async def fire(city: City, books: Books) -> int:
    """Do all that is due, the longest due first; return how many timers ended.

    One that fails is named in the log, put off — for half a minute, or for a second where a lock was in the way — and
    holds nobody else up.
    """
    fired = 0
    while True:
        async with books.open() as book:
            timer = await book.timers.claim()
            if timer is None:
                return fired
            try:
                async with book.step():
                    await _happen(timer, city, book)
                    await book.timers.end(timer)
            except Exception as error:
                if is_lost(error):
                    raise  # nothing can be written any more; the timer stands as it stood
                log.exception("timer %s of incident %s failed", timer.kind, timer.incident_id)
                await book.timers.put_off(timer, SOON_S if is_passing(error) else PUT_OFF_S)
        fired += 1


async def seconds_to_next(books: Books) -> float | None:
    """Return the seconds until something is due; None when nothing is."""
    async with books.open() as book:
        return await book.timers.seconds_to_next()


async def _happen(timer: Timer, city: City, book: Book) -> None:
    case = await pick_up(timer.incident_id, RULES, book)
    await EFFECTS[timer.kind](case, timer, city, book)
    await case.put_down(book, city)


async def _offer_ends(case: Case, timer: Timer, city: City, book: Book) -> None:
    task = None if timer.task_id is None else case.tasks.get(timer.task_id)
    if task is not None and task.status is TaskStatus.OFFERED:
        await step(case, task, Said(TaskStatus.EXPIRED), city, book)


async def _patience_ends(case: Case, timer: Timer, city: City, book: Book) -> None:
    need = case.needs.get(timer.slot or "")
    if need is not None and need.state is NeedState.OPEN and case.incident.status not in SETTLED:
        await fill(case, need.slot, city, book)


async def _soon(case: Case, timer: Timer, city: City, book: Book) -> None:
    clock = _running(case, timer)
    if clock is None or clock.reminded_at is not None or clock.due_at <= case.now:
        return
    at = remind_at(clock, city.clockwork.calendar)
    if at is not None and at <= case.now:
        case.line("due_soon", step=clock.step, due=clock.due_at.isoformat())
        case.set_clock(replace(clock, reminded_at=case.now))


async def _due(case: Case, timer: Timer, city: City, book: Book) -> None:
    clock = _running(case, timer)
    if clock is None or clock.overdue_at is not None or clock.due_at > case.now:
        return
    kind = "scene_late" if clock.step is Step.ARRIVE else "overdue"
    step = None if clock.step in DUE else clock.step
    case.line(kind, step=step, missing_year=clock.missing_year)
    case.set_clock(replace(clock, overdue_at=case.now))


async def _supervise(case: Case, timer: Timer, city: City, book: Book) -> None:
    clock = _running(case, timer)
    if clock is None or clock.supervised_at is not None:
        return
    at = supervise_at(clock, city.clockwork.calendar)
    if at is not None and at <= case.now:
        case.line("supervised", step=clock.step)
        case.set_clock(replace(clock, supervised_at=case.now))


def _running(case: Case, timer: Timer) -> Clock | None:
    """Return the clock a timer is of, while it runs: one that rests or has ended has nothing to say."""
    step = Step(timer.slot) if timer.slot else Step.ARRIVE if timer.kind is TimerKind.SCENE else Step.HANDLE
    clock = latest(case.clocks, step)
    return clock if clock is not None and clock.running_since is not None else None


async def _resume(case: Case, timer: Timer, city: City, book: Book) -> None:
    if case.incident.status is Status.SHELVED:
        await take_up_again(case, None, city, book)


async def _reserved(case: Case, timer: Timer, city: City, book: Book) -> None:
    await offer_to_the_reserved(case, city, book)


EFFECTS: Mapping[TimerKind, Callable[[Case, Timer, City, Book], Awaitable[None]]] = {
    TimerKind.OFFER: _offer_ends,
    TimerKind.CLIMB: _patience_ends,
    TimerKind.SCENE: _due,
    TimerKind.DEADLINE: _due,
    TimerKind.REMIND: _soon,
    TimerKind.SUPERVISE: _supervise,
    TimerKind.RESUME: _resume,
    TimerKind.RESERVED: _reserved,
}
