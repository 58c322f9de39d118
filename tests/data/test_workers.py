"""The claim: decided under the worker's row lock, on the load that stands on the row."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from data.store import Store
from data.workers import Fix
from geo.point import Point
from tests.support.place import Place, middle

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


async def claimed(store: Store, ranked: list[UUID], *, exclusive: bool = False) -> UUID | None:
    async with store.books.open() as book:
        return await book.workers.claim(ranked, exclusive=exclusive)


async def load(place: Place, worker: UUID) -> tuple[int, bool]:
    [row] = await place.run("SELECT active_tasks, holds_exclusive FROM worker WHERE id = :id", id=worker)
    return row.active_tasks, row.holds_exclusive


async def test_the_first_of_the_ranking_who_is_free_is_claimed_and_counted(place: Place, store: Store) -> None:
    full = await place.add_worker("W1", active_tasks=1)
    free, next_free = await place.add_worker("W2"), await place.add_worker("W3")
    assert await claimed(store, [full, free, next_free]) == free
    assert [await load(place, worker) for worker in (full, free, next_free)] == [(1, False), (1, False), (0, False)]


async def test_the_ranking_decides_and_not_the_code(place: Place, store: Store) -> None:
    low, high = await place.add_worker("A"), await place.add_worker("Z")
    assert await claimed(store, [high, low]) == high


async def test_nobody_is_claimed_when_nobody_is_free(place: Place, store: Store) -> None:
    full = await place.add_worker("W1", active_tasks=1)
    assert await claimed(store, [full]) is None
    assert await claimed(store, []) is None
    assert await load(place, full) == (1, False)


async def test_a_worker_is_claimed_up_to_capacity_and_no_further(place: Place, store: Store) -> None:
    worker = await place.add_worker("W1", capacity=3)
    assert [await claimed(store, [worker]) for _ in range(4)] == [worker] * 3 + [None]
    assert await load(place, worker) == (3, False)


async def test_an_exclusive_task_needs_hands_that_are_quite_empty(place: Place, store: Store) -> None:
    busy = await place.add_worker("W1", capacity=3, active_tasks=1)
    empty = await place.add_worker("W2", capacity=3)
    assert await claimed(store, [busy, empty], exclusive=True) == empty
    assert await load(place, empty) == (1, True)


async def test_who_holds_an_exclusive_task_is_offered_nothing_else_until_it_ends(place: Place, store: Store) -> None:
    worker = await place.add_worker("W1", capacity=3)
    await claimed(store, [worker], exclusive=True)
    assert await claimed(store, [worker]) is None
    async with store.books.open() as book:
        await book.workers.release([worker])
    assert await load(place, worker) == (0, False)
    assert await claimed(store, [worker]) == worker


async def test_a_worker_another_transaction_holds_is_passed_over_without_waiting(place: Place, store: Store) -> None:
    first, second = await place.add_worker("W1", capacity=2), await place.add_worker("W2")
    async with store.books.open() as book:
        assert await book.workers.claim([first], exclusive=False) == first
        async with asyncio.timeout(1):
            assert await claimed(store, [first, second]) == second
            assert await claimed(store, [first]) is None
    assert await claimed(store, [first]) == first


async def test_a_first_fix_or_a_token_being_written_does_not_make_a_worker_pass_for_taken(
    place: Place, store: Store
) -> None:
    """Both refer to the worker's row, and so hold a lock on its key."""
    worker = await place.add_worker("W1")
    async with store.books.open() as book:
        await book.workers.move(worker, Fix(Point(*middle(0, 0)), NOW, None, "wgs84"))
        assert await claimed(store, [worker]) == worker


async def test_sixteen_at_once_never_claim_more_than_there_is(place: Place, store: Store) -> None:
    workers = [await place.add_worker(f"W{number}", capacity=number) for number in (1, 2, 3)]
    got = await asyncio.gather(*(claimed(store, workers) for _ in range(16)))
    held = [await load(place, worker) for worker in workers]
    assert all(tasks <= capacity for (tasks, _), capacity in zip(held, (1, 2, 3), strict=True))
    assert sum(tasks for tasks, _ in held) == sum(worker is not None for worker in got)


async def test_nothing_remains_of_a_claim_that_is_rolled_back(place: Place, store: Store) -> None:
    worker = await place.add_worker("W1")
    with pytest.raises(ZeroDivisionError):
        async with store.books.open() as book:
            await book.workers.claim([worker], exclusive=True)
            raise ZeroDivisionError
    assert await load(place, worker) == (0, False)


async def moved(store: Store, worker: UUID, fixed_at: datetime, column: float) -> bool:
    async with store.books.open() as book:
        return await book.workers.move(worker, Fix(Point(*middle(column, 0)), fixed_at, 5.0, "gcj02"))


async def test_only_a_newer_fix_is_kept(place: Place, store: Store) -> None:
    worker = await place.add_worker("W1")
    assert await moved(store, worker, NOW, 0)
    assert not await moved(store, worker, NOW - timedelta(seconds=1), 1)
    assert not await moved(store, worker, NOW, 2)
    assert await moved(store, worker, NOW + timedelta(seconds=1), 3)
    [row] = await place.run("SELECT st_x(point) AS lng, fixed_at, given_datum FROM worker_position")
    assert (row.lng, row.fixed_at, row.given_datum) == (middle(3, 0)[0], NOW + timedelta(seconds=1), "gcj02")


async def test_workers_are_read_in_the_order_of_their_codes_with_their_last_fix(place: Place, store: Store) -> None:
    for code in ("W9", "W10", "w1", "W2"):
        await place.add_worker(code, middle(0, 0) if code == "W9" else None, skills=("fire", "care"))
    async with store.books.open() as book:
        found = await book.workers.all()
    assert [worker.code for worker in found] == sorted(["W9", "W10", "w1", "W2"])
    assert [worker.code for worker in found if worker.lng is not None] == ["W9"]
    assert {worker.skills for worker in found} == {("fire", "care")}


async def test_changed_workers_are_those_touched_since_and_only_those(place: Place, store: Store) -> None:
    ids = [await place.add_worker(f"W{number}", middle(0, 0)) for number in range(4)]
    async with store.watcher() as look:
        since = (await look.horizon()).xid
    await moved(store, ids[1], datetime.now(UTC), 1)
    await claimed(store, [ids[2]])
    await moved(store, ids[2], datetime.now(UTC), 1)
    async with store.books.open() as book:
        assert [worker.id for worker in await book.workers.changed(since)] == [ids[2]]
        assert list((await book.positions.moved(since)).ids) == [ids[1]], "whose row changed comes with it alone"
        await book.workers.release([ids[2]])
        again = (await book.outbox.horizon()).xid
    async with store.books.open() as book:
        assert [worker.id for worker in await book.workers.changed(again)] == [ids[2]]
        assert (await book.positions.moved(again)).ids == ()
