"""Bring a database to the shape this version needs."""

from collections.abc import Callable
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from data.engine import Role
from data.tables import metadata

LIMITS = {"lock_timeout": "3s", "statement_timeout": "10min", "application_name": "wangge migrate"}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("data") / "migrations"))
    config.attributes["connection"] = connection
    return config


async def _with_connection[T](url: str, work: Callable[[Connection], T], role: Role | None = None) -> T:
    """Run `work` in one transaction; limits are set at connect, for a statement would begin one unseen."""
    settings = LIMITS | ({"role": role.value} if role else {})
    engine = create_async_engine(url, hide_parameters=True, connect_args={"server_settings": settings})
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up. All or nothing; the login must own the tables."""
    await _with_connection(url, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """Migrate down."""
    await _with_connection(url, lambda connection: command.downgrade(_config(connection), revision))


async def write_revision(url: str, message: str, revision_id: str) -> None:
    """Write the migration that leads from the database at `url` to the tables in the code."""
    await _with_connection(
        url,
        lambda connection: command.revision(_config(connection), message, autogenerate=True, rev_id=revision_id),
    )


async def differences(url: str) -> list[object]:
    """List what autogenerate would still change."""

    def compare(connection: Connection) -> list[object]:
        options = {"include_object": alembic_helpers.include_object, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    return await _with_connection(url, compare)


async def pending(url: str, role: Role | None = None) -> list[str]:
    """List the revisions a database still lacks, oldest first; the server's login asks as `wangge_app`."""

    def missing(connection: Connection) -> list[str]:
        now = MigrationContext.configure(connection).get_current_revision()
        script = ScriptDirectory.from_config(_config())
        steps = script.iterate_revisions("head", now or "base")
        return [step.revision for step in reversed(list(steps)) if step.revision != now]

    return await _with_connection(url, missing, role)
