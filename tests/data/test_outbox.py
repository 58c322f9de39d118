"""Nothing that changed is ever missed, though transactions commit in another order than they began."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from data import outbox
from data.engine import Role, engine_for
from data.outbox import Cursor, Event, Outbox, latest
from data.schema import new_id
from tests.support.place import Place

WITHOUT_HORIZON = text(str(outbox.SINCE).replace("AND xid < pg_snapshot_xmin(pg_current_snapshot())", ""))
BY_ID_ALONE = text("SELECT id, subject_id FROM outbox WHERE id > :id ORDER BY id")
Reading = Callable[[AsyncConnection], Awaitable[list[UUID | None]]]


class Follower:
    """Read as the feed does, from a cursor onwards."""

    def __init__(self) -> None:
        self.cursor = Cursor(0, 0)

    async def __call__(self, connection: AsyncConnection) -> list[UUID | None]:
        events = await Outbox(connection).since(self.cursor)
        if events:
            self.cursor = events[-1].cursor
        return [event.subject_id for event in events]


class NaiveFollower:
    """Read by id alone."""

    def __init__(self) -> None:
        self.last = 0

    async def __call__(self, connection: AsyncConnection) -> list[UUID | None]:
        rows = (await connection.execute(BY_ID_ALONE, {"id": self.last})).all()
        self.last = max([self.last, *(row.id for row in rows)])
        return [row.subject_id for row in rows]


@pytest.fixture
async def engine(server_url: str) -> Any:
    lent = engine_for(server_url, Role.DISPATCHER, pool_size=12)
    yield lent
    await lent.dispose()


async def look(engine: AsyncEngine, reading: Reading) -> list[UUID | None]:
    async with engine.connect() as connection:
        return await reading(connection)


async def overtaken(engine: AsyncEngine, reading: Reading) -> tuple[list[UUID | None], list[UUID]]:
    """Let a later transaction commit before an earlier one, looking after each; return what was seen and written."""
    first, second = new_id(), new_id()
    async with engine.connect() as slow, engine.connect() as fast:
        await Outbox(slow).put("incident", first)
        await Outbox(fast).put("incident", second)
        await fast.commit()
        seen = await look(engine, reading)
        await slow.commit()
    seen += await look(engine, reading)
    return seen, [first, second]


async def test_a_transaction_that_commits_late_is_not_overtaken(engine: AsyncEngine) -> None:
    seen, written = await overtaken(engine, Follower())
    assert seen == written


async def test_without_the_horizon_the_late_one_is_lost(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(WITHOUT_HORIZON) != str(outbox.SINCE)
    monkeypatch.setattr(outbox, "SINCE", WITHOUT_HORIZON)
    seen, written = await overtaken(engine, Follower())
    assert seen == written[1:]


async def write(engine: AsyncEngine, chance: random.Random, written: list[UUID]) -> None:
    for _ in range(30):
        async with engine.begin() as connection:
            id_ = new_id()
            await Outbox(connection).put("incident", id_)
            await asyncio.sleep(chance.random() * 0.01)
        written.append(id_)


async def followed(engine: AsyncEngine, reading: Reading) -> tuple[list[UUID | None], list[UUID]]:
    """Follow eight writers whose transactions overlap; return what was seen and what was written."""
    written: list[UUID] = []
    writers = [asyncio.create_task(write(engine, random.Random(n), written)) for n in range(8)]
    seen: list[UUID | None] = []
    while not all(writer.done() for writer in writers):
        seen += await look(engine, reading)
        await asyncio.sleep(0.002)
    await asyncio.gather(*writers)
    return seen + await look(engine, reading), written


async def test_eight_writers_lose_nothing_and_nothing_comes_twice(engine: AsyncEngine) -> None:
    seen, written = await followed(engine, Follower())
    assert len(written) == 240
    assert sorted(map(str, seen)) == sorted(map(str, written))


async def test_reading_by_id_alone_loses_events(engine: AsyncEngine) -> None:
    """Shows that the test above can fail."""
    seen, written = await followed(engine, NaiveFollower())
    assert len(set(written) - set(seen)) > 0


async def test_what_was_open_at_the_horizon_comes_after_it(engine: AsyncEngine) -> None:
    follower, id_ = Follower(), new_id()
    async with engine.connect() as slow:
        await Outbox(slow).put("incident", id_)
        async with engine.connect() as connection:
            follower.cursor = await Outbox(connection).horizon()
        assert await look(engine, follower) == []
        await slow.commit()
    assert await look(engine, follower) == [id_]


async def test_a_change_that_is_rolled_back_never_comes(engine: AsyncEngine, place: Place) -> None:
    async with engine.connect() as connection:
        await Outbox(connection).put("incident", new_id())
        await connection.rollback()
    assert await look(engine, Follower()) == []


async def test_what_is_old_is_dropped_but_for_a_mark_by_which_a_late_reader_knows(
    engine: AsyncEngine, place: Place
) -> None:
    for hours in (80, 70, 60, 2, 1):
        await place.run("INSERT INTO outbox (kind, at) VALUES ('rules', now() - make_interval(hours => :h))", h=hours)
    everything = await look_at(engine, Cursor(0, 0))
    assert len(everything) == 5
    for _ in range(2):
        async with engine.begin() as connection:
            await Outbox(connection).forget()
    assert await look_at(engine, Cursor(0, 0)) == everything[2:]
    async with engine.connect() as connection:
        late = [await Outbox(connection).forgotten(cursor) for cursor in (Cursor(0, 0), *everything)]
    assert late == [True, True, True, False, False, False]


async def look_at(engine: AsyncEngine, cursor: Cursor) -> list[Cursor]:
    async with engine.connect() as connection:
        return [event.cursor for event in await Outbox(connection).since(cursor)]


@pytest.mark.parametrize(("given", "read"), [("7:41", Cursor(7, 41)), ("0:0", Cursor(0, 0))])
def test_a_cursor_is_written_and_read_alike(given: str, read: Cursor) -> None:
    assert Cursor.parse(given) == read
    assert str(read) == given


@pytest.mark.parametrize(
    "given",
    ["", ":", "7", "7:", ":7", "-1:2", "1:-2", "1:2:3", "a:b", "٣:٤", "1e3:1", f"{1 << 63}:0", "1 :2", "9" * 60],
)
def test_what_is_no_cursor_is_known_as_none(given: str) -> None:
    assert Cursor.parse(given) is None


def test_of_each_subject_the_last_change_counts_and_gives_the_order() -> None:
    one, two, task = new_id(), new_id(), new_id()
    events = [
        Event(Cursor(1, 1), "incident", one),
        Event(Cursor(1, 2), "incident", two),
        Event(Cursor(2, 3), "task", task),
        Event(Cursor(3, 4), "incident", one),
        Event(Cursor(3, 5), "rules", None),
    ]
    assert list(latest(events, "incident").items()) == [(two, Cursor(1, 2)), (one, Cursor(3, 4))]
    assert latest(events, "task") == {task: Cursor(2, 3)}


def test_cursors_are_ordered_by_transaction_before_id() -> None:
    assert Cursor(2, 1) > Cursor(1, 9)
    assert Cursor(2, 2) > Cursor(2, 1)
