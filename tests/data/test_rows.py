"""Ids that rise, rows in bulk, and answers that are remembered for a while."""

import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from shapely import LineString, MultiPolygon, Point, box
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from data.bulk import insert_many
from data.ground import building, street
from data.history import incident_event
from data.incidents import incident
from data.rosters import duty_pattern
from data.schema import new_id
from data.store import Store, transaction
from data.workers import worker, worker_position
from tests.support.place import Place, middle, square


def test_ids_are_uuids_of_version_7_that_carry_the_time() -> None:
    before = datetime.now(UTC)
    id_ = new_id()
    assert (id_.version, id_.variant) == (7, "specified in RFC 4122")
    assert abs(datetime.fromtimestamp((id_.int >> 80) / 1000, UTC) - before) < timedelta(seconds=1)


def test_ids_rise_strictly_also_among_threads() -> None:
    made: list[list[UUID]] = [[] for _ in range(4)]

    def make(mine: list[UUID]) -> None:
        mine.extend(new_id() for _ in range(5000))

    threads = [threading.Thread(target=make, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in made)
    assert len({id_ for mine in made for id_ in mine}) == 20_000
    assert all(id_.version == 7 for mine in made for id_ in mine)


async def insert(owner_url: str, table: Table, rows: list[dict[str, Any]], tail: str = "") -> int:
    async with transaction(owner_url) as connection:
        return await insert_many(connection, table, rows, tail)


async def test_every_kind_of_column_goes_in_as_it_was_given(place: Place, owner_url: str) -> None:
    home = await place.add_area("A1", "grid")
    people = [
        {
            "id": new_id(),
            "code": f"W{number}",
            "name": "王\u3000明'\"\\{},",
            "role": "grid_worker",
            "skills": skills,
            "home_area_id": home if number else None,
            "area_path": "A1" if number else None,
            "capacity": 2,
            "active_tasks": 1,
            "holds_exclusive": number == 1,
            "employment": "part_time" if number else None,
        }
        for number, skills in enumerate([(), ("fire",), ("fire", "a,b{}\"'", "照料")])
    ]
    assert await insert(owner_url, worker, people) == 3
    read = await place.run("SELECT * FROM worker ORDER BY code")
    for row, given in zip(read, people, strict=True):
        for name, value in given.items():
            assert getattr(row, name) == (list(value) if name == "skills" else value), name


async def test_shapes_and_their_mercator_copies_go_in(place: Place, owner_url: str) -> None:
    house = {
        "id": new_id(),
        "code": "B1",
        "name": None,
        "kind": "home",
        "storeys": 6,
        "shape": box(118, 27, 118.001, 27.001),
    }
    lane = {"id": new_id(), "name": "学院路", "class": "lane", "line": LineString([(118, 27), (118.01, 27.02)])}
    await insert(owner_url, building, [house])
    await insert(owner_url, street, [lane])
    [row] = await place.run(
        """SELECT b.name, st_astext(b.shape) AS shape, st_srid(b.shape) AS srid, st_xmin(b.shape_3857) AS west,
            s.class, st_astext(s.line) AS line FROM building b, street s"""
    )
    assert row.name is None
    assert row.srid == 4326
    assert row.west == pytest.approx(118 * 20037508.342789244 / 180)
    assert row.shape == "POLYGON((118.001 27,118.001 27.001,118 27.001,118 27,118.001 27))"
    assert (row[4], row.line) == ("lane", "LINESTRING(118 27,118.01 27.02)")


async def test_times_numbers_and_facts_go_in(place: Place, owner_url: str) -> None:
    at = datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)
    id_ = await place.add_worker("W1")
    seen = {
        "worker_id": id_,
        "point": Point(118.3, 27.0),
        "cell": (1 << 62) + 1,
        "accuracy_m": float(np.float32(1.5)),
        "fixed_at": at,
        "given_datum": "bd09",
    }
    await insert(owner_url, worker_position, [seen])
    row = {
        "id": new_id(),
        "category": "other",
        "layer": "governance",
        "urgency": "ordinary",
        "status": "filed",
        "description": "x",
        "address": None,
        "point": Point(118.3, 27.0),
        "cell": 1,
        "given_lng": 118.3,
        "given_lat": 27.0,
        "given_datum": "wgs84",
        "reporter": "r",
        "reported_at": at,
        "filed_at": at,
        "deadline_at": at,
        "closed_at": None,
        "disposition": None,
    }
    await insert(owner_url, incident, [row])
    shift = {"id": new_id(), "worker_id": id_, "weekday": 7, "starts": time(20, 30), "ends": time(8)}
    await insert(owner_url, duty_pattern, [shift])
    [kept] = await place.run("SELECT starts, ends FROM duty_pattern WHERE weekday = 7 AND starts = '20:30'")
    assert tuple(kept) == (time(20, 30), time(8))
    facts = [{"incident_id": row["id"], "at": at, "kind": "filed", "actor": "x", "facts": '{"a": ["网", null]}'}]
    await insert(owner_url, incident_event, facts)
    [read] = await place.run(
        """SELECT p.cell, p.accuracy_m, p.fixed_at, i.closed_at, e.facts
        FROM worker_position p, incident i JOIN incident_event e ON e.incident_id = i.id"""
    )
    assert tuple(read) == ((1 << 62) + 1, 1.5, at, None, {"a": ["网", None]})


async def test_nothing_given_writes_nothing_and_a_double_is_refused_or_passed_over(
    place: Place, owner_url: str
) -> None:
    row = {"id": new_id(), "name": "路", "class": "main", "line": LineString([(0, 0), (1, 1)])}
    assert await insert(owner_url, street, []) == 0
    await insert(owner_url, street, [row])
    with pytest.raises(IntegrityError):
        await insert(owner_url, street, [row])
    await insert(owner_url, street, [row], "DO NOTHING")
    assert len(await place.run("SELECT id FROM street")) == 1


async def test_many_rows_go_in_by_parts(place: Place, owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.bulk.AT_ONCE", 7)
    rows = [
        {"id": new_id(), "name": str(number), "class": "main", "line": LineString([(0, 0), (1, 1)])}
        for number in range(50)
    ]
    assert await insert(owner_url, street, rows) == 50
    assert len(await place.run("SELECT id FROM street")) == 50


async def test_an_answer_is_kept_for_its_actor_and_key_and_forgotten_after_its_time(
    place: Place, store: Store
) -> None:
    async with store.books.open() as book:
        assert await book.answers.before("worker:1", "k", b"hash") is None
        await book.answers.keep("worker:1", "k", 201, '{"a":1}')
        assert await book.answers.before("worker:2", "k", b"hash") is None
    async with store.books.open() as book:
        kept = await book.answers.before("worker:1", "k", b"other")
        assert kept is not None
        assert (kept.request_hash, kept.status, kept.body) == (b"hash", 201, '{"a":1}')
        await book.answers.forget(1)
        assert await book.answers.before("worker:1", "k", b"hash") is not None
    await place.run("UPDATE answer SET made_at = now() - interval '61 minutes' WHERE actor = 'worker:1'")
    async with store.books.open() as book:
        await book.answers.forget(1)
        assert await book.answers.before("worker:1", "k", b"hash") is None


async def test_a_key_of_a_request_that_failed_is_free_again(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.books.open() as book:
            await book.answers.before("a", "k", b"hash")
            raise ZeroDivisionError
    async with store.books.open() as book:
        assert await book.answers.before("a", "k", b"hash") is None


async def test_grids_are_read_as_they_stand_now(place: Place, store: Store) -> None:
    await place.add_block(1, 1)
    await place.run("UPDATE grid SET valid = tstzrange('2020-01-01', '2021-01-01')")
    new = await place.add_grid("G00", square(5, 5), valid="[2021-01-01,)")
    await place.add_grid("G77", square(7, 7), valid="[2099-01-01,)")
    async with store.books.open() as book:
        found = await book.grids.in_force()
    assert [(grid.id, grid.code) for grid in found] == [(new, "G00")]
    assert isinstance(found[0].shape, MultiPolygon)
    assert found[0].shape.covers(Point(middle(5, 5)))
    assert found[0].parent_id == place.areas["C1"]
