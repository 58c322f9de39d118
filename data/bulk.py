"""Many rows in one statement: columns as arrays, geometry as WKB."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from geoalchemy2 import Geometry
from sqlalchemy import Column, Dialect, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import Ltree

POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
SEPARATOR = "\x1f"
AT_ONCE = 20_000


async def insert_many(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], on_conflict: str = ""
) -> int:
    """Insert rows that all have the same columns; return how many were given.

    Shapes are shapely geometries in WGS 84. `on_conflict` is the tail of the statement, as `DO NOTHING`.
    """
    if not rows:
        return 0
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(f'"{column.name}"' for column in columns)
    taken = ", ".join(_taken(column) for column in columns)
    arrays = ", ".join(f"CAST(:{column.name} AS {_kind(column)}[])" for column in columns)
    inner = ", ".join(f'"{column.name}"' for column in columns)
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    insert = text(
        f"INSERT INTO {table.name} ({names}) SELECT {taken} FROM unnest({arrays}) AS given ({inner}){tail}"  # noqa: S608 - names of our own tables
    )
    for start in range(0, len(rows), AT_ONCE):
        few = rows[start : start + AT_ONCE]
        await connection.execute(insert, {c.name: [_given(c, row[c.name]) for row in few] for c in columns})
    return len(rows)


def _kind(column: Column[Any]) -> str:
    if isinstance(column.type, Geometry):
        return "bytea"
    if isinstance(column.type, ARRAY | JSONB | Ltree):
        return "text"
    return str(column.type.compile(dialect=POSTGRES))


def _taken(column: Column[Any]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, Geometry):
        return f"st_geomfromwkb({name}, 4326)"
    if isinstance(column.type, ARRAY):
        return f"string_to_array({name}, '{SEPARATOR}')"
    if isinstance(column.type, JSONB):
        return f"CAST({name} AS jsonb)"
    return f"CAST({name} AS ltree)" if isinstance(column.type, Ltree) else name


def _given(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, Geometry):
        return shapely.to_wkb(value)
    if value is not None and isinstance(column.type, ARRAY):
        return SEPARATOR.join(value)
    return value
