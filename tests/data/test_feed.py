"""The feed tells every process what changed, and after a lost connection says so and loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from data import feed as feeds
from data.cluster import Cluster
from data.feed import Change
from data.person import anybody_with
from data.schema import new_id
from data.store import Store
from data.tokens import rights_for
from tests.support.place import Place, middle


class Heard:
    """What a feed has told so far."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._more = asyncio.Event()

    def take(self, change: Change) -> None:
        self.changes.append(change)
        self._more.set()

    async def until(self, holds: Any, seconds: float = 5.0) -> list[Change]:
        async with asyncio.timeout(seconds):
            while not holds(self.changes):
                self._more.clear()
                await self._more.wait()
        return self.changes


@asynccontextmanager
async def following(store: Store) -> AsyncIterator[Heard]:
    """Follow a store's feed, its bell ringing."""
    heard = Heard()

    async def follow() -> None:
        async for change in store.feed.follow():
            heard.take(change)

    tasks = [asyncio.create_task(follow()), asyncio.create_task(store.bell.keep_ringing())]
    try:
        await heard.until(len)
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)


def incidents(changes: list[Change]) -> set[Any]:
    return {id_ for change in changes for id_ in change.incidents}


async def test_the_first_thing_told_is_to_load_everything(place: Place, store: Store) -> None:
    await place.add_worker("W1", middle(0, 0))
    async with following(store) as heard:
        assert heard.changes[0].fresh
        assert heard.changes[0].workers == ()


async def test_a_committed_change_is_told_at_once_and_in_order(place: Place, store: Store) -> None:
    async with following(store) as heard:
        ids = [new_id() for _ in range(3)]
        began = asyncio.get_running_loop().time()
        async with store.books.open() as book:
            await book.outbox.put("incident", ids[0])
            await book.outbox.put("incident", ids[1])
            await book.outbox.put("incident", ids[0])
            await book.outbox.put("task", ids[2])
            await book.outbox.put("ground")
        await heard.until(lambda changes: len(changes) > 1)
        assert asyncio.get_running_loop().time() - began < feeds.POLL_S * 0.8
    told = heard.changes[1]
    assert (list(told.incidents), list(told.tasks)) == ([ids[1], ids[0]], [ids[2]]), "in the order of the last change"
    assert told.incidents[ids[1]] < told.incidents[ids[0]] < told.tasks[ids[2]] < told.cursor
    assert (told.ground, told.rules, told.fresh) == (True, False, False)


async def test_a_worker_who_moves_or_takes_a_task_is_told(place: Place, store: Store) -> None:
    one, other = await place.add_worker("W1", middle(0, 0)), await place.add_worker("W2", middle(1, 0))
    async with following(store) as heard:
        async with store.books.open() as book:
            assert await book.workers.claim([other], exclusive=False) == other
        await heard.until(
            lambda changes: any(w.id == other and w.active_tasks == 1 for c in changes for w in c.workers)
        )
        await place.put(one, middle(3, 0))
        await heard.until(
            lambda changes: any((one, middle(3, 0)[0]) in zip(c.moved.ids, c.moved.lng, strict=True) for c in changes)
        )


async def test_who_moves_and_takes_a_task_at_once_is_told_as_one_who_changed(place: Place, store: Store) -> None:
    one = await place.add_worker("W1", middle(0, 0))
    async with following(store) as heard:
        async with store.books.open() as book:
            await book.workers.claim([one], exclusive=False)
            await book.workers.move_all([one], np.array([118.5]), np.array([27.5]), np.array([8.0]))
            book.outbox.stir()
        await heard.until(lambda changes: any(w.lng == 118.5 and w.active_tasks for c in changes for w in c.workers))
        assert not any(one in change.moved.ids for change in heard.changes)


async def test_a_worker_whose_transaction_is_still_open_is_told_when_it_commits(place: Place, store: Store) -> None:
    slow, fast = await place.add_worker("W1"), await place.add_worker("W2")
    async with following(store) as heard:
        async with store.books.open() as book:
            await book.workers.claim([slow], exclusive=False)
            async with store.books.open() as other:
                await other.workers.claim([fast], exclusive=False)
            store.bell.ring()
            await heard.until(lambda changes: any(w.id == fast for c in changes for w in c.workers))
            assert not any(w.id == slow and w.active_tasks for c in heard.changes for w in c.workers)
        store.bell.ring()
        await heard.until(lambda changes: any(w.id == slow and w.active_tasks for c in changes for w in c.workers))


async def test_nothing_is_told_while_nothing_changes(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "POLL_S", 0.02)
    await place.add_worker("W1", middle(0, 0))
    async with following(store) as heard:
        await asyncio.sleep(0.3)
        assert len(heard.changes) == 1


async def test_a_change_without_a_bell_is_found_by_looking(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "POLL_S", 0.05)
    async with following(store) as heard:
        await place.run("INSERT INTO outbox (kind, at) VALUES ('rules', now())")
        await heard.until(lambda changes: any(change.rules for change in changes), 2)


async def test_after_its_connection_was_killed_it_comes_back_fresh_and_nothing_is_lost(
    place: Place, store: Store, cluster: Cluster, database: str
) -> None:
    killed = f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = '{database}' AND query ILIKE 'LISTEN%'"""
    async with following(store) as heard:
        before, during, after = new_id(), new_id(), new_id()
        async with store.books.open() as book:
            await book.outbox.put("incident", before)
        await heard.until(lambda changes: before in incidents(changes))
        assert cluster.psql("postgres", killed).strip() == "t"
        async with store.books.open() as book:
            await book.outbox.put("incident", during)
        await heard.until(lambda changes: sum(change.fresh for change in changes) == 2)
        async with store.books.open() as book:
            await book.outbox.put("incident", after)
        await heard.until(lambda changes: after in incidents(changes))

    fresh = [change for change in heard.changes if change.fresh][1]
    place_of_fresh = heard.changes.index(fresh)
    told_before = during in incidents(heard.changes[:place_of_fresh])
    async with store.watcher() as look:
        [row] = [event for event in await look.events(heard.changes[0].cursor, 100) if event.subject_id == during]
    assert told_before or row.cursor < fresh.cursor or during in incidents(heard.changes[place_of_fresh:])


async def test_a_lost_pool_does_not_end_the_feed(place: Place, store: Store, cluster: Cluster, database: str) -> None:
    async with following(store) as heard:
        cluster.psql(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )
        await heard.until(lambda changes: sum(change.fresh for change in changes) == 2)
        async with store.watcher() as look:
            assert await look.board.now()


async def test_the_feed_goes_on_while_every_other_connection_is_taken(place: Place, server_url: str) -> None:
    store = Store(server_url, pool_size=1)
    async with following(store) as heard, store.books.open(), store.reader(anybody_with(rights_for())):
        await place.run("INSERT INTO outbox (kind, at) VALUES ('rules', now())")
        await heard.until(lambda changes: any(change.rules for change in changes), 3)
    await store.close()


async def test_the_bell_rings_once_for_many_commits(place: Place, store: Store) -> None:
    rung = 0

    def count(*_: object) -> None:
        nonlocal rung
        rung += 1

    async with following(store), place.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await raw.add_listener("wangge", count)
        for _ in range(20):
            async with store.books.open() as book:
                await book.outbox.put("rules")
        await asyncio.sleep(0.2)
        await connection.execute(text("SELECT 1"))
        assert 1 <= rung <= 10
