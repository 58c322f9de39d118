"""Very many rows by COPY: column by column into text, some thousands of rows at a time, so that memory stays flat."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import batched
from typing import Any

import numpy as np
import shapely
from asyncpg import Connection
from geoalchemy2 import Geometry
from sqlalchemy import Boolean, Column, Table, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

AT_ONCE = 10_000
WGS84 = 4326
NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
QUOTES = str.maketrans({"\\": r"\\", '"': r"\""})

KEYS = text("""
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = CAST(:table AS regclass) AND contype IN ('f', 'u') ORDER BY contype DESC, conname
""")
INDEXES = text("""
    SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = CAST(:table AS regclass) AND NOT i.indisunique ORDER BY c.relname
""")
BEGUN = text("SELECT 1")
"""SQLAlchemy begins a transaction with its own first statement; COPY goes past it."""

type Columns = Mapping[str, Sequence[Any]]


@asynccontextmanager
async def indexes_later(connection: AsyncConnection, table: Table) -> AsyncIterator[None]:
    """Take a table's foreign and unique keys and its indexes away, but for the primary key, and make them anew at the end.

    To look each of a million rows up in six indexes takes longer than to sort them once. Only for the table's owner,
    and where nobody else reads the table meanwhile: it is locked.
    """
    keys = (await connection.execute(KEYS, {"table": table.name})).all()
    indexes = (await connection.execute(INDEXES, {"table": table.name})).all()
    for name, _ in keys:
        await connection.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{name}"'))
    for name, _ in indexes:
        await connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    for _, made in indexes:
        await connection.execute(text(made))
    for name, made in keys:
        await connection.execute(text(f'ALTER TABLE {table.name} ADD CONSTRAINT "{name}" {made}'))


async def copy_rows(connection: AsyncConnection, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows that all have the same columns, in one transaction with what the connection did before; count them."""
    chunks = ({name: [row[name] for row in few] for name in few[0]} for few in batched(rows, AT_ONCE))
    return await copy_columns(connection, table, chunks)


async def copy_columns(connection: AsyncConnection, table: Table, chunks: Iterable[Columns]) -> int:
    """Write rows that come as columns, some at a time; return how many there were.

    Shapes are shapely geometries in WGS 84, JSON is text. A chunk is let go before the next is taken. Only for whoever
    row security does not hold back: COPY is refused to others.
    """
    written, waiting = 0, iter(chunks)
    first = next(waiting, None)
    if first is None:
        return 0
    names = list(first)
    await connection.execute(BEGUN)
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, Connection)

    async def lines() -> AsyncIterator[bytes]:
        nonlocal written
        chunk: Columns | None = first
        while chunk is not None:
            columns = [_text(table.c[name], chunk[name]) for name in names]
            written += len(columns[0])
            yield ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()
            chunk = next(waiting, None)

    await raw.copy_to_table(table.name, source=lines(), columns=names, format="text")
    return written


def _text(column: Column[Any], values: Sequence[Any]) -> list[str]:
    """Write one column's values as COPY reads them."""
    if isinstance(column.type, Geometry):
        shapes = shapely.set_srid(np.asarray(values, dtype=np.object_), WGS84)
        wkb = shapely.to_wkb(shapes, hex=True, include_srid=True).tolist()
        return [NULL if shape is None else shape for shape in wkb]
    if isinstance(column.type, ARRAY):
        return [NULL if value is None else _array(value) for value in values]
    if isinstance(column.type, Boolean):
        return [NULL if value is None else "t" if value else "f" for value in values]
    return [NULL if value is None else str(value).translate(ESCAPES) for value in values]


def _array(values: Sequence[str]) -> str:
    inner = ",".join(f'"{value.translate(QUOTES)}"' for value in values)
    return f"{{{inner}}}".translate(ESCAPES)
