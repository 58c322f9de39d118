"""Rosters in the database: what is read of a day, what replaces what, and one reservation at a time."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from data.book import Book
from data.rosters import DayChange, Pattern, People, Reason, Reservation
from data.store import Store
from tests.support.place import Place, square

MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EARLY, LATE = (time(6), time(14)), (time(14), time(22))


def weekly(worker: UUID, shift: tuple[time, time], first: date | None = None, last: date | None = None) -> Pattern:
    return Pattern(uuid4(), worker, 1, *shift, first, last)


def said(worker: UUID, day: date, reason: Reason, swap: UUID | None = None) -> DayChange:
    return DayChange(uuid4(), worker, day, None, None, reason, NOON, swap)


def spoken_for(worker: UUID, first: int, last: int) -> Reservation:
    return Reservation(uuid4(), worker, NOON + first * HOUR, NOON + last * HOUR, None, "检查消火栓")


async def test_the_patterns_read_are_those_in_force_on_one_of_the_days(place: Place, store: Store) -> None:
    worker, other = [await place.add_worker(code, shift=None) for code in ("W1", "W2")]
    over, open_, coming = (
        weekly(worker, EARLY, None, MONDAY - DAY),
        weekly(worker, LATE),
        weekly(worker, EARLY, MONDAY + 2 * DAY, MONDAY + 9 * DAY),
    )
    async with store.books.open() as book:
        await book.rosters.set_patterns(worker, [over, open_, coming])
        await book.rosters.set_patterns(other, [weekly(other, EARLY)])
    async with store.books.open() as book:
        assert await book.rosters.patterns(MONDAY, MONDAY + DAY, [worker]) == [open_]
        assert {one.id for one in await book.rosters.patterns(MONDAY - DAY, MONDAY + 2 * DAY, [worker])} == {
            over.id,
            open_.id,
            coming.id,
        }
        assert {one.worker_id for one in await book.rosters.patterns(MONDAY, MONDAY)} == {worker, other}
        await book.rosters.set_patterns(worker, [])
        assert await book.rosters.patterns(date.min, date.max, [worker]) == []
        assert len(await book.rosters.patterns(date.min, date.max)) == 1


async def test_a_day_s_changes_are_dropped_but_swaps_only_as_a_whole(place: Place, store: Store) -> None:
    worker, other = [await place.add_worker(code) for code in ("W1", "W2")]
    swap = uuid4()
    rows = [
        said(worker, MONDAY, Reason.LEAVE),
        said(worker, MONDAY, Reason.SWAP, swap),
        said(other, MONDAY + DAY, Reason.SWAP, swap),
        said(worker, MONDAY + 3 * DAY, Reason.CHANGED),
    ]
    async with store.books.open() as book:
        await book.rosters.change(rows, "account:x")
        found = await book.rosters.changes(MONDAY, MONDAY + DAY)
        assert sorted(found, key=lambda one: one.id) == sorted(rows[:3], key=lambda one: one.id)
        assert await book.rosters.drop_changes(worker, MONDAY) == 1
        assert {one.worker_id for one in await book.rosters.swap(swap)} == {worker, other}
        await book.rosters.drop_swap(swap)
        assert await book.rosters.changes(MONDAY, MONDAY + 9 * DAY) == rows[3:]


async def test_nobody_is_spoken_for_twice_at_one_time_and_two_that_meet_are_no_such_thing(
    place: Place, store: Store
) -> None:
    worker, other = [await place.add_worker(code) for code in ("W1", "W2")]
    first, meets = spoken_for(worker, 0, 2), spoken_for(worker, 2, 3)
    async with store.books.open() as book:
        assert await book.rosters.reserve(first, "account:x")
        assert not await book.rosters.reserve(spoken_for(worker, 1, 4), "account:x")
        assert await book.rosters.reserve(meets, "account:x")
        assert await book.rosters.reserve(spoken_for(other, 1, 4), "account:x")
        assert await book.rosters.reservations(NOON, NOON + HOUR, [worker]) == [first]
        assert await book.rosters.reservations(NOON + 2 * HOUR, NOON + 3 * HOUR, [worker]) == [meets]
        assert await book.rosters.reservation(first.id) == first
        await book.rosters.drop_reservation(first.id)
        assert await book.rosters.reservation(first.id) is None


async def test_of_two_who_reserve_one_worker_at_once_one_gets_him(place: Place, store: Store) -> None:
    worker = await place.add_worker("W1")

    async def reserve() -> bool:
        async with store.books.open() as book:
            kept = await book.rosters.reserve(spoken_for(worker, 0, 1), "account:x")
            await asyncio.sleep(0.05)
            return kept

    assert sorted(await asyncio.gather(*(reserve() for _ in range(5)))) == [False] * 4 + [True]


async def pages(book: Book, wanted: People) -> list[str]:
    found, after = [], wanted.after
    while True:
        page, after = await book.rosters.people(People(wanted.ids, wanted.path, wanted.search, after, wanted.limit))
        found += [one["code"] for one in page]
        if after is None:
            return found


async def test_people_come_by_home_and_code_page_by_page(place: Place, store: Store) -> None:
    await place.add_block(2, 1)
    ids = {
        code: await place.add_worker(code, home=home)
        for code, home in (("W1", "G10"), ("W2", "G00"), ("X3", "G10"), ("W4", None))
    }
    async with store.books.open() as book:
        for limit in (1, 2, 3, 4):
            assert await pages(book, People(limit=limit)) == ["W4", "W2", "W1", "X3"]
        assert await pages(book, People(path="C1.G10", limit=1)) == ["W1", "X3"]
        assert await pages(book, People(search="w")) == ["W4", "W2", "W1"]
        assert await pages(book, People(ids=[ids["X3"]])) == ["X3"]
        page, _ = await book.rosters.people(People(ids=[ids["X3"]]))
        assert (page[0]["name"], page[0]["area"]) == ("王*", "G10")
        station = await place.add_worker("S1", kind="station", name="服务站")
        page, _ = await book.rosters.people(People(ids=[station]))
        assert page[0]["name"] == "服务站"


async def test_each_grid_counts_the_persons_at_home_in_it_or_below_and_units_not(place: Place, store: Store) -> None:
    await place.add_block(2, 1)
    await place.add_area("M1", "micro_grid", "G00", square(0, 0))
    at_home, below = await place.add_worker("W1", home="G00"), await place.add_worker("W2", home="M1")
    station = await place.add_worker("S1", home="G10", kind="station")
    async with store.books.open() as book:
        counted = await book.rosters.counts("governance", [below, station])
        assert [(one["code"], one["workers"], one["on_duty"]) for one in counted] == [("G00", 2, 1), ("G10", 0, 0)]
        everybody = await book.rosters.counts("governance", [at_home, below, station], "C1.G00")
        assert [(one["code"], one["on_duty"]) for one in everybody] == [("G00", 2)]
        assert await book.rosters.counts("health", [at_home]) == []
