"""The store: one process's connections to its town, for reading and for the rules' own work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from data import tiles
from data.board import Board
from data.book import Books
from data.engine import Role, engine_for
from data.feed import Feed
from data.outbox import Bell, Cursor, Event, Outbox
from data.tokens import Actor, Tokens


class Reader:
    """One look at the database under the application role, which can read and nothing else."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.board = Board(connection)

    async def tile(self, layer: str, z: int, x: int, y: int) -> bytes:
        """Draw one vector tile of a layer of `data.tiles.SOURCES`."""
        return await tiles.tile(self._connection, layer, z, x, y)

    async def horizon(self) -> Cursor:
        """Return the place in the outbox from which to follow on after this look."""
        return await Outbox(self._connection).horizon()

    async def forgotten(self, cursor: Cursor) -> bool:
        """Say whether something after `cursor` may have been dropped from the outbox already."""
        return await Outbox(self._connection).forgotten(cursor)

    async def events(self, after: Cursor, limit: int) -> list[Event]:
        """Read what changed after a place in the outbox."""
        return await Outbox(self._connection).since(after, limit)


class Store:
    """Two small pools on one login: `reader` for pages, `books` for the desk; the feed and the bell beside them."""

    def __init__(self, url: str, pool_size: int = 12) -> None:
        self._app = engine_for(url, Role.APP, pool_size=pool_size)
        self._glance = self._app.execution_options(isolation_level="AUTOCOMMIT")
        self._dispatcher = engine_for(url, Role.DISPATCHER, pool_size=pool_size)
        self.bell = Bell(self._dispatcher)
        self.books = Books(self._dispatcher, self.bell)
        self._watching = engine_for(url, Role.APP, pool_size=2)  # its own: a rush at the doors must not blind it
        self.feed = Feed(self._watching)

    async def who(self, token: str) -> Actor | None:
        """Read whose token this is, in one round trip; None when it opens nothing."""
        async with self._glance.connect() as connection:
            return await Tokens(connection).who(token)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """Look once: every statement sees the same moment."""
        async with self._app.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            yield Reader(connection)

    async def close(self) -> None:
        """Let all connections go."""
        await self._app.dispose()
        await self._dispatcher.dispose()
        await self._watching.dispose()


@asynccontextmanager
async def transaction(url: str, role: Role | None = None) -> AsyncIterator[AsyncConnection]:
    """Open one transaction, as the tables' owner for loading or in a role; it commits on leaving."""
    engine = engine_for(url, role, pool_size=1)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()
