"""The book: one transaction, on which the nouns hang. It commits on leaving and then rings the bell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from data.answers import Answers
from data.areas import Areas
from data.board import Board
from data.categories import Categories
from data.grids import Grids
from data.incidents import Incidents
from data.outbox import Bell, Outbox
from data.tasks import Tasks
from data.tokens import Tokens
from data.town import Towns
from data.workers import Workers

NOW = text("SELECT clock_timestamp()")


class Book:
    """One transaction under the dispatcher role."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.answers = Answers(connection)
        self.areas = Areas(connection)
        self.board = Board(connection)
        self.categories = Categories(connection)
        self.grids = Grids(connection)
        self.outbox = Outbox(connection)
        self.incidents = Incidents(connection, self.outbox)
        self.tasks = Tasks(connection, self.outbox)
        self.tokens = Tokens(connection)
        self.towns = Towns(connection)
        self.workers = Workers(connection)

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Do a part that may fail by itself: an exception undoes the part and leaves the book open."""
        async with self.connection.begin_nested():
            yield

    async def now(self) -> datetime:
        """Read the only clock there is, PostgreSQL's; after a lock was waited for, later than before it."""
        moment: datetime = (await self.connection.execute(NOW)).scalar_one()
        return moment


class Books:
    """Where books come from."""

    def __init__(self, engine: AsyncEngine, bell: Bell) -> None:
        self._engine = engine
        self._bell = bell

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Book]:
        """Open a book; leaving commits, an exception leaves nothing behind."""
        async with self._engine.begin() as connection:
            book = Book(connection)
            yield book
        if book.outbox.stirred:
            self._bell.ring()
