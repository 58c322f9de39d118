"""Move: a worker's phone says where it is, and that it lives while it lies still."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from data.book import Book
from data.incidents import Given
from data.rights import Permission
from data.tokens import Actor
from data.workers import Fix
from dispatch.errors import NeverSeenError, UnknownWorkerError
from dispatch.gathered import Bools, Gathered, Refusals, newest, refusals
from dispatch.triage import in_time
from geo.datum import point_in


@dataclass(frozen=True, slots=True)
class Seen:
    """A position as the phone gives it; `fixed_at` None is now."""

    given: Given
    accuracy_m: float | None = None
    fixed_at: datetime | None = None


async def move(worker_id: UUID, seen: Seen, actor: Actor, book: Book) -> bool:
    """Keep a worker's fix; return False when a newer one stood already: a late point never moves a marker back.

    Raises
    ------
    UnknownWorkerError
        If there is no such worker, or it is neither the actor's own nor in the actor's area.
    TimeInFutureError, TimeTooOldError
        If the fix is more than two minutes ahead of PostgreSQL's clock, or more than seven days back.
    """
    if not await _may_move(worker_id, actor, book):
        raise UnknownWorkerError(id=worker_id)
    point = point_in(seen.given.lng, seen.given.lat, seen.given.datum)
    now = await book.now()
    fixed_at = in_time(seen.fixed_at or now, now, "fixed_at")
    book.outbox.stir()
    return await book.workers.move(worker_id, Fix(point, fixed_at, seen.accuracy_m, seen.given.datum))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of positions sent together: `kept` stand now, `older` gave way to newer ones, the others were refused."""

    kept: int
    older: int
    refused: Refusals


async def move_all(gathered: Gathered, actor: Actor, book: Book) -> Taken:
    """Keep of each worker the newest of the fixes, where it is newer than what stands; what is refused hinders no other.

    Sent again they change nothing.
    """
    may_move = await _may_move_each(gathered, actor, book)
    now = book.opened_at or await book.now()
    refused = refusals(gathered, may_move, now)
    kept = await book.positions.keep(newest(gathered, refused, now))
    if kept:
        book.outbox.stir()
    return Taken(kept, len(gathered) - len(refused) - kept, refused)


async def _may_move_each(gathered: Gathered, actor: Actor, book: Book) -> Bools:
    """Say of each fix whether there is the worker and it is the actor's to move, bool (k,)."""
    ids = list(dict.fromkeys(gathered.workers))
    places, mine = await book.positions.places(ids), str(actor.worker_id)
    may: set[str] = set()
    for path, rows in places.items():
        covered = actor.rights.covers(Permission.WORKER_MOVE, None, path)
        own = actor.may(Permission.TASK_ANSWER)
        may.update(ids[row] for row in rows if covered or (own and ids[row] == mine))
    return np.fromiter((id_ in may for id_ in gathered.workers), np.bool_, len(gathered))


async def hear(worker_id: UUID, still: bool, actor: Actor, book: Book) -> None:
    """Keep that a worker's phone lives; while it lies still, its last fix counts as true.

    Raises
    ------
    UnknownWorkerError
        If there is no such worker, or it is neither the actor's own nor in the actor's area.
    NeverSeenError
        If the phone has never said where it is.
    """
    if not await _may_move(worker_id, actor, book):
        raise UnknownWorkerError(id=worker_id)
    book.outbox.stir()
    if not await book.workers.hear(worker_id, still=still):
        raise NeverSeenError(id=worker_id)


async def _may_move(worker_id: UUID, actor: Actor, book: Book) -> bool:
    place = await book.workers.place(worker_id)
    if place is None:
        return False
    own = actor.worker_id == worker_id and actor.may(Permission.TASK_ANSWER)
    return own or actor.rights.covers(Permission.WORKER_MOVE, None, place.area_path)
