"""Copies of a migrated database, quickly: one kept connection instead of a program for each statement."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import asyncpg

from data.cluster import Cluster


class Copies:
    """Makes and drops databases while no test runs: transactions beside a test would hold its outbox back.

    Its loop has a thread of its own, for a loop of Playwright may be running in the tests'.
    """

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._template = template
        self._numbers = count()
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()
        url = cluster.url("postgres", "postgres").replace("+asyncpg", "")
        self._connection: asyncpg.Connection = self._thread.submit(self._runner.run, asyncpg.connect(url)).result()

    @contextmanager
    def lent(self, like: str | None = None) -> Iterator[str]:
        """Lend a copy of the migrated database, or of one `like` it; it is gone afterwards, whoever is still connected."""
        name, template = f"town_{next(self._numbers)}", like or self._template
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} OWNER wangge_owner STRATEGY = FILE_COPY")
        try:
            yield name
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._thread.submit(self._runner.run, self._connection.close()).result()
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _do(self, statement: str) -> None:
        self._thread.submit(self._runner.run, self._connection.execute(statement)).result()
