"""The same server on connections of the tables' owner, whom no row policy concerns: a peer to measure against.

It is not part of the product and not in the wheel; the product has no switch for it.
"""

import sys
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine

from api.cli.serve import serve_until_stopped
from api.settings import Settings
from data import store
from data.engine import Role, engine_for

AS_OWNER = "from benchmarks.as_owner import main; main()"


def as_owner(url: str, role: Role | None, *, pool_size: int = 12) -> AsyncEngine:
    """Make the engine that a store asks for, taking no role."""
    return engine_for(url, None, pool_size=pool_size)


def main() -> None:
    """Serve on the port that stands last on the command line."""
    settings = Settings()
    assert settings.owner_database_url is not None, "the benchmark names it"
    url = settings.owner_database_url.get_secret_value()
    with patch.object(store, "engine_for", as_owner):
        serve_until_stopped(settings, url, ("127.0.0.1", int(sys.argv[-1])))
