"""Swap: two people trade the shifts of a day, or each of a day of his own; taken back as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from data.audit import noted
from data.book import Book
from data.rosters import DayChange, Reason
from data.schema import new_id
from data.tokens import Actor
from dispatch.desk.roster import days_of, refuse_overlap, rostered, said_of, still_to_come
from dispatch.errors import NoShiftError, SwappedAgainError, UnknownSwapError, UnknownWorkerError
from dispatch.shifts import Shift

Trade = Mapping[tuple[UUID, date], Sequence[Shift]]


@dataclass(frozen=True, slots=True)
class SwapWanted:
    """Who gives the shifts of `day` to `other` and takes those that `other` has on `other_day`."""

    worker_id: UUID
    day: date
    other_id: UUID
    other_day: date


@dataclass(frozen=True, slots=True)
class Lacking:
    """The skills that who steps in on a day lacks and who went away has."""

    day: date
    worker_id: UUID
    skills: Sequence[str]


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap that was made."""

    id: UUID
    lacking: Sequence[Lacking]


async def swap(wanted: SwapWanted, by: Actor, book: Book) -> Swapped:
    """Let two people trade shifts; who is to step in need not have the skills, but what is lost is told.

    Raises
    ------
    UnknownWorkerError
        If one of them is not there, or not in the actor's area.
    DayPastError, NoShiftError, ShiftsOverlapError
        If a day is over, somebody has no shift to give, or would be on duty twice at one time.
    """
    for id_ in (wanted.worker_id, wanted.other_id):
        await rostered(id_, by, book)
    await book.rosters.hold()
    for day in (wanted.day, wanted.other_day):
        await still_to_come(book, day)
    ids = [wanted.worker_id, wanted.other_id]
    trade = traded(wanted, await days_of(ids, [wanted.day, wanted.other_day], book))
    swap_id, now = new_id(), await book.now()
    rows = [
        row for (id_, day), shifts in trade.items() for row in said_of(id_, day, shifts, Reason.SWAP, now, swap_id)
    ]
    await book.rosters.change(rows, str(by))
    await _refuse_overlaps(rows, book)
    await book.outbox.put("roster")
    facts = {"with": str(wanted.other_id), "day": wanted.day, "with_day": wanted.other_day}
    lacking = _lacking(wanted, await book.rosters.skills(ids))
    await book.audit.note(noted(by, "shifts_swapped", f"worker:{wanted.worker_id}", swap=str(swap_id), **facts))
    return Swapped(swap_id, lacking)


async def take_back(swap_id: UUID, by: Actor, book: Book) -> None:
    """Take a swap back: everybody has again what was said of the days before.

    Raises
    ------
    UnknownSwapError
        If there is none, or not both of them are in the actor's area.
    DayPastError, SwappedAgainError, ShiftsOverlapError
        If a day is over, a later swap stands on it, or somebody would be on duty twice at one time.
    """
    await book.rosters.hold()
    rows = await book.rosters.swap(swap_id)
    if not rows:
        raise UnknownSwapError(id=swap_id)
    try:
        for id_ in {row.worker_id for row in rows}:
            await rostered(id_, by, book)
    except UnknownWorkerError:
        raise UnknownSwapError(id=swap_id) from None
    for row in rows:
        await still_to_come(book, row.day)
    if await _swapped_later(rows, book):
        raise SwappedAgainError(id=swap_id)
    await book.rosters.drop_swap(swap_id)
    await _refuse_overlaps(rows, book)
    await book.outbox.put("roster")
    await book.audit.note(noted(by, "swap_taken_back", f"worker:{rows[0].worker_id}", swap=str(swap_id)))


def traded(wanted: SwapWanted, have: Mapping[UUID, Mapping[date, Sequence[Shift]]]) -> Trade:
    """Return what each of them has on each of the days after the swap, given what they have.

    Raises
    ------
    NoShiftError
        If somebody has none to give.
    """
    one, other, day, other_day = wanted.worker_id, wanted.other_id, wanted.day, wanted.other_day
    given, taken = have[one][day], have[other][other_day]
    if not given or not taken:
        raise NoShiftError
    if day == other_day:
        return {(one, day): taken, (other, day): given}
    return {
        (one, day): (),
        (other, day): [*have[other][day], *given],
        (other, other_day): (),
        (one, other_day): [*have[one][other_day], *taken],
    }


async def _refuse_overlaps(rows: Sequence[DayChange], book: Book) -> None:
    changed: dict[UUID, set[date]] = {}
    for row in rows:
        changed.setdefault(row.worker_id, set()).add(row.day)
    have = await days_of(list(changed), {row.day for row in rows}, book)
    for id_, days in changed.items():
        refuse_overlap(have[id_], days)


async def _swapped_later(rows: Sequence[DayChange], book: Book) -> bool:
    days = {(row.worker_id, row.day) for row in rows}
    ids = {row.worker_id for row in rows}
    said = await book.rosters.changes(min(row.day for row in rows), max(row.day for row in rows), ids)
    return any(
        one.reason is Reason.SWAP and one.made_at > rows[0].made_at and (one.worker_id, one.day) in days
        for one in said
    )


def _lacking(wanted: SwapWanted, skills: Mapping[UUID, frozenset[str]]) -> list[Lacking]:
    one, other = wanted.worker_id, wanted.other_id
    steps_in = (
        (wanted.day, other, skills[one] - skills[other]),
        (wanted.other_day, one, skills[other] - skills[one]),
    )
    return [Lacking(day, id_, sorted(missing)) for day, id_, missing in steps_in if missing]
