"""Alembic's entry: runs on the connection that `data.migrate` hands over, which also commits."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from geoalchemy2 import alembic_helpers

from data.schema import Ltree, Xid8
from data.tables import metadata


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types with their import."""
    if isinstance(item, Ltree | Xid8):
        autogen.imports.add("from data.schema import Ltree, Xid8")
        return f"{type(item).__name__}()"
    found: str | Literal[False] = alembic_helpers.render_item(kind, item, autogen)
    return found


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=render_item,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
