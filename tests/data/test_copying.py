"""Rows by COPY: what PostgreSQL keeps is what was given, whatever letters stand in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
from shapely import LineString, Point, from_wkb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from data.copying import AT_ONCE, copy_columns, copy_rows, indexes_later
from data.ground import street
from data.households import household
from data.incidents import incident
from data.rosters import duty_pattern
from data.schema import new_id
from data.workers import worker
from geo.cells import cell_of
from geo.point import Point as Place

NASTY = (
    "直",
    "tab\there",
    "line\nbreak\r",
    "back\\slash \\N \\. \\t",
    '"quoted", {braced}',
    "\\N",
    "NULL",
    "",
    " ",
    "'",
)


@pytest.fixture
async def connection(owner_url: str) -> AsyncIterator[AsyncConnection]:
    """Lend a connection of the owner's; what it wrote is undone."""
    engine = create_async_engine(owner_url)
    async with engine.connect() as lent:
        yield lent
    await engine.dispose()


async def read(connection: AsyncConnection, statement: str) -> list[Any]:
    """Read what a statement tells."""
    return list(await connection.execute(text(statement)))


def a_worker(number: int, name: str, skills: tuple[str, ...]) -> dict[str, object]:
    return {
        "id": new_id(),
        "code": f"C{number}",
        "name": name,
        "role": "grid_worker",
        "skills": skills,
        "capacity": 1,
    }


async def test_texts_and_lists_of_texts_come_back_letter_by_letter(connection: AsyncConnection) -> None:
    rows = [a_worker(number, said, (said, *NASTY[:number])) for number, said in enumerate(NASTY)]
    assert await copy_rows(connection, worker, rows) == len(NASTY)
    kept = {row.code: row for row in await read(connection, "SELECT code, name, skills FROM worker")}
    assert {code: (row.name, tuple(row.skills)) for code, row in kept.items()} == {
        row["code"]: (row["name"], row["skills"]) for row in rows
    }


async def test_nothing_true_false_and_times_come_back(connection: AsyncConnection) -> None:
    rows = [
        a_worker(1, "一", ()) | {"employment": None, "holds_exclusive": False, "active_tasks": 0, "rest_until": None}
    ]
    at = datetime(2026, 11, 22, 9, 30, 1, 250_000, tzinfo=UTC)
    rows.append(
        a_worker(2, "二", ()) | {"employment": "mobile", "holds_exclusive": True, "active_tasks": 1, "rest_until": at}
    )
    await copy_rows(connection, worker, rows)
    shift = {"id": new_id(), "worker_id": rows[0]["id"], "weekday": 7, "starts": time(20, 15), "ends": time(8)}
    await copy_rows(connection, duty_pattern, [shift])
    kept = await read(connection, "SELECT employment, holds_exclusive, rest_until FROM worker ORDER BY code")
    assert [tuple(row) for row in kept] == [(None, False, None), ("mobile", True, at)]
    [row] = await read(connection, "SELECT weekday, starts, ends FROM duty_pattern")
    assert tuple(row) == (7, time(20, 15), time(8))


async def test_shapes_keep_every_digit_and_their_reference_system(connection: AsyncConnection) -> None:
    spot, number = Point(85.1234567, 45.7654321), cell_of(Place(85.1234567, 45.7654321))
    row = {"id": new_id(), "address": "一号", "point": spot, "cell": number, "area_id": None, "area_path": None}
    await copy_rows(connection, household, [row])
    [kept] = await read(connection, "SELECT st_asbinary(point) AS wkb, st_srid(point) AS srid, cell FROM household")
    assert (from_wkb(kept.wkb), kept.srid, kept.cell) == (spot, 4326, number)


async def test_more_rows_than_are_sent_at_once_all_arrive_in_one_transaction(connection: AsyncConnection) -> None:
    count = AT_ONCE + 3
    given = (
        {
            "id": new_id(),
            "address": f"{number}号",
            "point": Point(85, 45),
            "cell": 1,
            "area_id": None,
            "area_path": None,
        }
        for number in range(count)
    )
    assert await copy_rows(connection, household, given) == count
    [row] = await read(connection, "SELECT count(DISTINCT address) AS n FROM household")
    assert row.n == count
    await connection.rollback()
    [row] = await read(connection, "SELECT count(*) AS n FROM household")
    assert row.n == 0


async def test_no_rows_are_no_error(connection: AsyncConnection) -> None:
    assert await copy_rows(connection, incident, []) == 0
    assert await copy_columns(connection, incident, iter(())) == 0


async def test_what_the_table_refuses_is_refused(connection: AsyncConnection) -> None:
    row = {"id": new_id(), "name": "路", "class": "motorway", "line": LineString([(1, 1), (2, 2)])}
    with pytest.raises(Exception, match="street_"):
        await copy_rows(connection, street, [row])


async def test_a_table_whose_indexes_were_made_later_is_the_same_table(connection: AsyncConnection) -> None:
    made = """
        SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename = 'household'
        UNION ALL SELECT 'key', conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'household'::regclass OR confrelid = 'household'::regclass ORDER BY 1, 2
    """
    before = [tuple(row) for row in await read(connection, made)]
    row = {"address": "一号", "point": Point(85, 45), "cell": 1, "area_id": None, "area_path": None}
    async with indexes_later(connection, household):
        assert len(await read(connection, made)) < len(before)
        await copy_rows(connection, household, [row | {"id": new_id()}])
    assert [tuple(row) for row in await read(connection, made)] == before
    with pytest.raises(Exception, match="household_address_key"):
        await copy_rows(connection, household, [row | {"id": new_id()}])
