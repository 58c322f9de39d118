"""A real PostgreSQL with PostGIS for the whole run; every test gets its own migrated database."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpcore2
import pytest
from pydantic import SecretStr

from api.settings import Settings
from data import cluster as clusters
from data import migrate
from data.cluster import Cluster
from data.locators import made_by
from data.store import Store
from tests.support.client import Client, serving
from tests.support.copies import Copies
from tests.support.memory import in_memory
from tests.support.place import Place

TEMPLATE = "wangge_template"
MANY = 1_000_000
"""Requests that one caller of the tests may send at once."""
ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Let the programs that tests start keep what Python compiles, also where the machine would not: 1 s each."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / "var" / "pycache")
    os.environ["NUMBA_CACHE_DIR"] = str(ROOT / "var" / "kernels" / made_by())
    os.environ.setdefault("WANGGE_KERNELS", "0")  # loading them is a second for each of the many servers started
    context = httpcore2.default_ssl_context()
    httpcore2.default_ssl_context = lambda **_: context  # 16 ms for each client, of which none speaks TLS


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Lend one fast, throw-away cluster."""
    with clusters.temporary(within=in_memory()) as lent:
        yield lent


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Migrate one database, of which every test gets a copy."""
    clusters.provision(cluster, TEMPLATE)
    asyncio.run(migrate.upgrade(cluster.url("wangge_owner", TEMPLATE)))
    return TEMPLATE


@pytest.fixture(scope="session")
def copies(cluster: Cluster, template: str) -> Iterator[Copies]:
    """Lend what makes the copies."""
    lent = Copies(cluster, template)
    yield lent
    lent.close()


@pytest.fixture
def database(copies: Copies) -> Iterator[str]:
    """Lend a copy of the migrated database: real commits, and nothing left of them."""
    with copies.lent() as name:
        yield name


@pytest.fixture
def owner_url(cluster: Cluster, database: str) -> str:
    """Return the owner's address of this test's database."""
    return cluster.url("wangge_owner", database)


@pytest.fixture
def server_url(cluster: Cluster, database: str) -> str:
    """Return the server's address of this test's database."""
    return cluster.url("wangge_server", database)


@pytest.fixture
async def place(owner_url: str) -> AsyncIterator[Place]:
    """Lend a builder of rows, as the owner."""
    async with Place.at(owner_url) as lent:
        yield lent


@pytest.fixture
async def store(server_url: str) -> AsyncIterator[Store]:
    """Lend a server's connections."""
    lent = Store(server_url)
    yield lent
    await lent.close()


@pytest.fixture
def settings(server_url: str) -> Settings:
    """Return settings for this test's database, by which nobody asks too fast."""
    return Settings(
        database_url=SecretStr(server_url),
        sweep_seconds=0.2,
        rate_per_second=1e6,
        rate_burst=1_000_000,
        anonymous_rate_per_second=1e6,
        anonymous_burst=1_000_000,
    )


@pytest.fixture
async def client(place: Place, settings: Settings) -> AsyncIterator[Client]:
    """Lend a client of a served application, signed in as the command centre.

    The place must be built before the first request; the city follows what is built later.
    """
    async with serving(settings, await place.token("dispatcher")) as lent:
        yield lent
