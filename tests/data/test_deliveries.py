"""Deliveries: made with the event, claimed by one at a time, in order, given back when their lease ends."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from data.book import Books
from data.history import Event
from data.receivers import NewReceiver, ReceiverKind
from data.schema import new_id
from data.store import Store
from tests.support.place import Place

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(hours=7)


@pytest.fixture
async def town(place: Place) -> Place:
    """Lend a town of two communities with a grid each, and an incident in each grid, `A` and `B`, and one in none."""
    await place.add_block(1, 1)
    await place.add_area("C2")
    await place.add_category("noise")
    for _, path, layer in (("A", "C1.G00", "governance"), ("B", "C2", "governance"), ("N", None, "health")):
        await add_incident(place, path, layer)
    return place


async def add_incident(place: Place, path: str | None, layer: str) -> UUID:
    id_ = new_id()
    await place.run(
        """INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat,
            given_datum, reporter, reported_at, filed_at, deadline_at, area_path)
        VALUES (:id, 'noise', :layer, 'urgent', 'filed', '路灯不亮', ST_SetSRID(ST_MakePoint(118.3, 27), 4326), 0, 118.3, 27,
            'wgs84', 'x', now(), now(), now(), CAST(CAST(:path AS text) AS ltree))""",
        id=id_,
        layer=layer,
        path=path,
    )
    return id_


async def incidents(place: Place) -> list[UUID]:
    return [row.id for row in await place.run("SELECT id FROM incident ORDER BY id")]


async def add_receiver(books: Books, label: str = "r", **given: Any) -> UUID:
    whole = {
        "kind": ReceiverKind.WEBHOOK,
        "address": "https://a.example/",
        "secret": None,
        "host": "a.example",
        "lang": "zh",
        "events": ("reported", "offered"),
    }
    async with books.open() as book:
        return await book.receivers.add(NewReceiver(label=label, **whole | given))


async def tell(books: Books, incident: UUID, *kinds: str, **given: Any) -> None:
    async with books.open() as book:
        now = await book.now()
        await book.history.append(*(Event(incident, now, kind, "rules", **given) for kind in kinds))


async def rows(place: Place) -> list[Any]:
    return await place.run("SELECT *, due_at - clock_timestamp() AS left FROM delivery ORDER BY id")


async def claim(books: Books, limit: int = 10) -> list[Any]:
    async with books.open() as book:
        return await book.deliveries.claim(limit, MINUTE)


async def let_pass(place: Place, seconds: float) -> None:
    await place.run("UPDATE delivery SET due_at = due_at - make_interval(secs => :s)", s=seconds)


async def test_an_event_is_queued_once_for_each_receiver_that_asked_for_it(town: Place, store: Store) -> None:
    a, b, n = await incidents(town)
    area = (town.areas["C1"], "C1")
    ids = {
        "all": await add_receiver(store.books, "all"),
        "C1": await add_receiver(store.books, "C1", area=area),
        "health": await add_receiver(store.books, "health", layer="health"),
        "both": await add_receiver(store.books, "both", layer="governance", area=area),
        "closed": await add_receiver(store.books, "closed", events=("closed",)),
    }
    paused = await add_receiver(store.books, "paused")
    async with store.books.open() as book:
        await book.receivers.change(paused, {"paused": True})
    for incident in (a, b, n):
        await tell(store.books, incident, "reported", "received")
    told: dict[UUID, list[UUID]] = {}
    for row in await rows(town):
        assert (row.event, row.state, row.tries) == ("reported", "waiting", 0)
        told.setdefault(row.receiver_id, []).append(row.incident_id)
    assert told == {ids["all"]: [a, b, n], ids["C1"]: [a], ids["health"]: [n], ids["both"]: [a]}


async def test_nothing_is_queued_by_a_transaction_that_is_undone(town: Place, store: Store) -> None:
    await add_receiver(store.books)
    [a, *_] = await incidents(town)
    with pytest.raises(ZeroDivisionError):
        async with store.books.open() as book:
            await book.history.append(Event(a, await book.now(), "reported", "rules"))
            raise ZeroDivisionError
    assert await rows(town) == []


async def test_what_is_claimed_tells_the_event_and_the_place_and_no_person(town: Place, store: Store) -> None:
    await add_receiver(store.books, secret="k" * 16)
    [a, *_] = await incidents(town)
    await tell(store.books, a, "reported")
    [due] = await claim(store.books)
    assert (due.kind, due.address, due.secret, due.lang, due.tries) == (
        ReceiverKind.WEBHOOK,
        "https://a.example/",
        "k" * 16,
        "zh",
        1,
    )
    told = dict(due.told)
    assert told.pop("at") is not None
    assert told.pop("deadline_at") is not None
    assert told == {
        "event": "reported",
        "incident_id": a,
        "category": "noise",
        "category_name": "noise",
        "category_name_en": "noise",
        "urgency": "urgent",
        "status": "filed",
        "area": "G00",
        "area_name": "G00区",
        "status_from": None,
        "slot": None,
        "attempt": None,
    }


async def test_a_receiver_is_told_one_thing_after_the_other_in_order(town: Place, store: Store) -> None:
    first, second = await add_receiver(store.books, "1"), await add_receiver(store.books, "2")
    a, b, _ = await incidents(town)
    await tell(store.books, a, "reported", "offered")
    await tell(store.books, b, "reported")
    order: dict[UUID, list[int]] = {first: [], second: []}
    whose = {row.id: row.receiver_id for row in await rows(town)}
    for _ in range(3):
        taken = await claim(store.books)
        assert {whose[due.id] for due in taken} == {first, second}
        assert await claim(store.books) == [], "one at a time"
        for due in taken:
            order[whose[due.id]].append(due.id)
            async with store.books.open() as book:
                await book.deliveries.delivered(due)
    assert all(order[one] == sorted(order[one]) and len(order[one]) == 3 for one in order)
    assert {row.state for row in await rows(town)} == {"delivered"}


async def test_of_many_who_claim_at_once_each_gets_another(town: Place, store: Store, server_url: str) -> None:
    for number in range(20):
        await add_receiver(store.books, str(number))
    [a, *_] = await incidents(town)
    await tell(store.books, a, "reported")
    other = Store(server_url)
    taken = await asyncio.gather(*(claim((store if n % 2 else other).books, 5) for n in range(8)))
    await other.close()
    ids = [due.id for part in taken for due in part]
    assert len(ids) == len(set(ids))
    assert max(len(part) for part in taken) <= 5
    while more := await claim(store.books):
        ids += [due.id for due in more]
    assert sorted(ids) == [row.id for row in await rows(town)]


async def test_who_claimed_and_died_leaves_it_to_others_when_the_lease_ends_and_comes_too_late(
    town: Place, store: Store
) -> None:
    await add_receiver(store.books)
    [a, *_] = await incidents(town)
    await tell(store.books, a, "reported")
    [lost] = await claim(store.books)
    await let_pass(town, 59)
    assert await claim(store.books) == []
    await let_pass(town, 1)
    [again] = await claim(store.books)
    assert (again.id, again.tries) == (lost.id, 2)
    async with store.books.open() as book:
        await book.deliveries.failed(lost, "timeout", None, PATIENCE)
    assert [row.state for row in await rows(town)] == ["waiting"], "the try before has nothing to say any more"
    async with store.books.open() as book:
        await book.deliveries.delivered(again)
    assert [(row.state, row.trouble) for row in await rows(town)] == [("delivered", None)]


async def test_a_receiver_that_failed_waits_as_a_whole(town: Place, store: Store) -> None:
    await add_receiver(store.books)
    a, b, _ = await incidents(town)
    await tell(store.books, a, "reported")
    await tell(store.books, b, "reported")
    [due] = await claim(store.books)
    async with store.books.open() as book:
        await book.deliveries.failed(due, "http_500", timedelta(seconds=10), PATIENCE)
    first, second = await rows(town)
    assert (first.state, first.trouble, first.tries) == ("waiting", "http_500", 1)
    assert timedelta(seconds=9) < first.left < timedelta(seconds=10)
    assert (second.trouble, second.tries) == (None, 0)
    assert await claim(store.books) == []
    await let_pass(town, 10)
    assert [one.id for one in await claim(store.books)] == [first.id]


async def test_what_waited_long_behind_one_that_is_given_up_is_given_up_with_it(town: Place, store: Store) -> None:
    await add_receiver(store.books)
    a, b, n = await incidents(town)
    for incident in (a, b, n):
        await tell(store.books, incident, "reported")
    await town.run("UPDATE delivery SET made_at = made_at - interval '8 hours' WHERE incident_id <> :n", n=n)
    [due] = await claim(store.books)
    async with store.books.open() as book:
        await book.deliveries.failed(due, "timeout", None, PATIENCE)
    assert [(row.state, row.trouble) for row in await rows(town)] == [
        ("given_up", "timeout"),
        ("given_up", "timeout"),
        ("waiting", None),
    ]
    [row, *_] = await rows(town)
    async with store.books.open() as book:
        assert await book.deliveries.again(row.id) == row.receiver_id
    assert [one.id for one in await claim(store.books)] == [row.id]


async def test_while_a_receiver_is_paused_nothing_is_claimed_and_afterwards_it_is(town: Place, store: Store) -> None:
    id_ = await add_receiver(store.books)
    [a, *_] = await incidents(town)
    await tell(store.books, a, "reported")
    for paused, count in ((True, 0), (False, 1)):
        async with store.books.open() as book:
            await book.receivers.change(id_, {"paused": paused})
        assert len(await claim(store.books)) == count


async def test_an_event_told_while_its_receiver_is_taken_away_is_not_held_up(town: Place, store: Store) -> None:
    id_ = await add_receiver(store.books)
    [a, *_] = await incidents(town)
    async with store.books.open() as book:
        await book.history.append(Event(a, await book.now(), "reported", "rules"))
        async with store.books.open() as other:
            assert await asyncio.wait_for(other.receivers.remove(id_), 1)
    assert await claim(store.books) == []
    async with store.books.open() as book:
        await book.deliveries.forget(30)
    assert await rows(town) == []


async def test_what_ended_long_ago_is_forgotten(town: Place, store: Store) -> None:
    await add_receiver(store.books)
    a, b, _ = await incidents(town)
    await tell(store.books, a, "reported")
    [due] = await claim(store.books)
    async with store.books.open() as book:
        await book.deliveries.delivered(due)
    await tell(store.books, b, "reported")
    await town.run(
        "UPDATE delivery SET ended_at = ended_at - interval '31 days', made_at = made_at - interval '31 days'"
    )
    async with store.books.open() as book:
        await book.deliveries.forget(30)
    assert [row.incident_id for row in await rows(town)] == [b]
