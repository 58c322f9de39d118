"""Rosters: a person's weekly shifts, and what differs on a day. The duty that they make is reckoned elsewhere."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from data.audit import noted
from data.book import Book
from data.rights import Permission
from data.rosters import DayChange, Pattern, Reason
from data.schema import new_id
from data.tokens import Actor
from dispatch.errors import DayPastError, ShiftsOverlapError, UnknownWorkerError
from dispatch.shifts import Shift, collide, patterns_overlap, shifts_on

DAY = timedelta(days=1)
Days = Mapping[date, Sequence[Shift]]


@dataclass(frozen=True, slots=True)
class WeekShift:
    """A shift of every week as it is asked for; `weekday` 1 is Monday, both days are inclusive."""

    weekday: int
    starts: time
    ends: time
    from_day: date | None = None
    until_day: date | None = None


async def set_week(worker_id: UUID, wanted: Sequence[WeekShift], by: Actor, book: Book) -> int:
    """Put a weekly pattern in the place of the one a worker has and return how many shifts it has.

    Raises
    ------
    UnknownWorkerError
        If there is no such worker, or it is not in the actor's area.
    ShiftsOverlapError
        If there is a week in which two of the shifts overlap.
    """
    await rostered(worker_id, by, book)
    patterns = [
        Pattern(new_id(), worker_id, one.weekday, one.starts, one.ends, one.from_day, one.until_day) for one in wanted
    ]
    if patterns_overlap(patterns):
        raise ShiftsOverlapError
    await book.rosters.hold()
    await book.rosters.set_patterns(worker_id, patterns)
    await book.outbox.put("roster")
    await book.audit.note(noted(by, "roster_set", f"worker:{worker_id}", shifts=len(patterns)))
    return len(patterns)


async def change_day(
    worker_id: UUID, day: date, shifts: Sequence[Shift], reason: Reason, by: Actor, book: Book
) -> list[Shift]:
    """Say what a worker's day is, in the place of all that was said of it, and return the shifts that it has then.

    An `extra` shift is added to what the day has. What was swapped away comes back only when the swap is taken back.

    Raises
    ------
    UnknownWorkerError, DayPastError, ShiftsOverlapError
        If there is no such worker in the actor's area, the day is over, or a shift would overlap another.
    """
    await rostered(worker_id, by, book)
    await book.rosters.hold()
    await still_to_come(book, day)
    if reason is not Reason.EXTRA:
        await book.rosters.drop_changes(worker_id, day)
    await book.rosters.change(said_of(worker_id, day, shifts, reason, await book.now()), str(by))
    days = (await days_of([worker_id], [day], book))[worker_id]
    refuse_overlap(days, [day])
    await book.outbox.put("roster")
    facts = {"day": day, "reason": reason, "shifts": len(shifts)}
    await book.audit.note(noted(by, "day_changed", f"worker:{worker_id}", **facts))
    return list(days[day])


async def restore_day(worker_id: UUID, day: date, by: Actor, book: Book) -> list[Shift]:
    """Take back what was said of a worker's day, but for a swap, and return the shifts that it has then.

    Raises
    ------
    UnknownWorkerError, DayPastError, ShiftsOverlapError
        If there is no such worker in the actor's area, the day is over, or a shift would overlap another.
    """
    await rostered(worker_id, by, book)
    await book.rosters.hold()
    await still_to_come(book, day)
    dropped = await book.rosters.drop_changes(worker_id, day)
    days = (await days_of([worker_id], [day], book))[worker_id]
    if dropped:
        refuse_overlap(days, [day])
        await book.outbox.put("roster")
        await book.audit.note(noted(by, "day_restored", f"worker:{worker_id}", day=day))
    return list(days[day])


async def rostered(worker_id: UUID, by: Actor, book: Book) -> None:
    """Refuse who may not make this worker's roster as if there were no such worker."""
    place = await book.workers.place(worker_id)
    if place is None or not by.rights.covers(Permission.ROSTER_MANAGE, None, place.area_path):
        raise UnknownWorkerError(id=worker_id)


async def days_of(
    ids: Collection[UUID], days: Collection[date], book: Book
) -> dict[UUID, dict[date, Sequence[Shift]]]:
    """Read the shifts of some people on some days and on the days beside them."""
    wanted = sorted({day + n * DAY for day in days for n in (-1, 0, 1)})
    patterns = await book.rosters.patterns(wanted[0], wanted[-1], ids)
    changes = await book.rosters.changes(wanted[0], wanted[-1], ids)
    return {id_: _days(id_, patterns, changes, wanted) for id_ in ids}


def said_of(
    worker_id: UUID, day: date, shifts: Iterable[Shift], reason: Reason, at: datetime, swap_id: UUID | None = None
) -> list[DayChange]:
    """Write down what a day is, as one act; without shifts: off."""
    rows = [DayChange(new_id(), worker_id, day, *shift, reason, at, swap_id) for shift in shifts]
    return rows or [DayChange(new_id(), worker_id, day, None, None, reason, at, swap_id)]


def refuse_overlap(days: Days, changed: Iterable[date]) -> None:
    """Refuse days on which somebody would be on duty twice at one time."""
    day = collide(days, changed)
    if day is not None:
        raise ShiftsOverlapError(day=str(day))


async def still_to_come(book: Book, day: date) -> None:
    """Refuse a day that is over; yesterday's night may still be under way."""
    town = await book.towns.the()
    today = (await book.now()).astimezone(ZoneInfo(town.time_zone if town else "UTC")).date()
    if day < today - DAY:
        raise DayPastError


def _days(
    id_: UUID, patterns: Iterable[Pattern], changes: Iterable[DayChange], days: Iterable[date]
) -> dict[date, Sequence[Shift]]:
    usual = [one for one in patterns if one.worker_id == id_]
    said = [one for one in changes if one.worker_id == id_]
    return {day: shifts_on(usual, said, day) for day in days}
