"""Programs and statements beside the application's own: pg_dump, and connections under any role."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from data.cluster import HOST, Cluster
from data.postgres import run

RANDOM = ("\\restrict", "\\unrestrict", "--")


def dumped(cluster: Cluster, database: str) -> list[str]:
    """Return the schema as pg_dump writes it: no owners, grants or comments, nor what alembic keeps for itself."""
    command = [cluster.binaries.path("pg_dump"), "-s", "--no-owner", "--no-privileges", "-T", "alembic_version"]
    command += ["-h", HOST, "-p", str(cluster.port), "-U", "postgres", "-d", database]
    out = run(command, environment={"PGPASSWORD": cluster.secrets.passwords["postgres"], "PGSSLMODE": "disable"})
    return [line for line in out.splitlines() if line.strip() and not line.startswith(RANDOM)]


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
