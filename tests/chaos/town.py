"""A throw-away cluster with both communities, served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from api.settings import Settings
from data import cluster, migrate
from tests.support.place import Place
from tests.support.server import Listening, listening
from tests.support.two_towns import TwoTowns

DATABASE = "chaos"
AT_ONCE = 1_000_000
"""Nobody is held back: what is looked for is not hidden behind 429."""


@asynccontextmanager
async def town(pool_size: int) -> AsyncIterator[tuple[TwoTowns, Listening]]:
    """Lend both communities and the server before them, on so many connections for each role."""
    with cluster.temporary() as lent:
        cluster.provision(lent, DATABASE)
        owner_url = lent.url("wangge_owner", DATABASE)
        await migrate.upgrade(owner_url)
        url = SecretStr(lent.url("wangge_server", DATABASE))
        settings = Settings(
            database_url=url,
            pool_size=pool_size,
            sweep_seconds=0.5,
            rate_per_second=AT_ONCE,
            rate_burst=AT_ONCE,
            anonymous_rate_per_second=AT_ONCE,
            anonymous_burst=AT_ONCE,
        )
        async with Place.at(owner_url) as place:
            towns = await TwoTowns.build(place)
            async with listening(settings) as server:
                yield towns, server
