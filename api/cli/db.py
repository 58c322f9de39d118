"""`wangge db upgrade`."""

import asyncio

from api.cli.database import logins, say
from api.settings import Settings


def upgrade() -> None:
    """Bring the database to the shape this version needs."""
    from data import migrate

    with logins(Settings()) as urls:
        missing = asyncio.run(migrate.pending(urls.owner))
        asyncio.run(migrate.upgrade(urls.owner))
    say(f"✓ migrations applied: {', '.join(missing) or 'none were missing'}")
