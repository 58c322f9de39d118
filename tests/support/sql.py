"""Programs and statements beside the application's own: pg_dump, and connections under any role."""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from data.cluster import HOST, Cluster
from data.postgres import run

NO_PART = ("\\restrict", "\\unrestrict", "--", "SET ")
HEADING = re.compile(r"^-- Name: .*; Type: ([A-Z ]+);.*$", re.MULTILINE)
BESIDE_TABLES = {"FUNCTION", "POLICY", "ROW SECURITY", "TRIGGER"}


def dumped(cluster: Cluster, database: str, leave_out: Collection[str] = ()) -> list[str]:
    """Return the schema's parts as pg_dump writes them: no owners, grants or comments, nor what alembic keeps.

    `leave_out` names kinds of parts by pg_dump's own words; those of `BESIDE_TABLES` stand in migrations alone. Parts
    are sorted: pg_dump puts a table before a function that returns its rows.
    """
    command = [cluster.binaries.path("pg_dump"), "-s", "--no-owner", "--no-privileges", "-T", "alembic_version"]
    command += ["-h", HOST, "-p", str(cluster.port), "-U", "postgres", "-d", database]
    out = run(command, environment={"PGPASSWORD": cluster.secrets.passwords["postgres"], "PGSSLMODE": "disable"})
    _, *parts = HEADING.split(out)  # kind, text, kind, text, …
    return sorted(
        _statement(said) for kind, said in zip(parts[::2], parts[1::2], strict=True) if kind not in leave_out
    )


def _statement(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if line.strip() and not line.startswith(NO_PART))


@asynccontextmanager
async def acting(url: str, role: str | None = None) -> AsyncIterator[AsyncConnection]:
    """Lend a connection that acts as a role; every statement commits by itself."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            if role is not None:
                await connection.execute(text(f"SET ROLE {role}"))
            yield connection
    finally:
        await engine.dispose()


async def rows(connection: AsyncConnection, statement: str, **bound: Any) -> Sequence[Any]:
    """Run a query and return what comes out."""
    return (await connection.execute(text(statement), bound)).all()
