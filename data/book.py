"""The book: one transaction, on which the nouns hang. It commits on leaving and then rings the bell."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from data.accounts import Accounts
from data.answers import Answers
from data.areas import Areas
from data.attempts import Attempts
from data.audit import NOTHING, Audit
from data.board import Board
from data.calendars import Calendars
from data.categories import Categories
from data.checks import Checks
from data.clocks import Clocks
from data.evaluations import Evaluations
from data.grids import Grids
from data.history import History
from data.households import Households
from data.incidents import Incidents
from data.ladders import Ladders
from data.limits import TimeLimits
from data.needs import Needs
from data.outbox import Bell, Outbox
from data.person import command, serve
from data.positions import Positions
from data.proposals import Proposals
from data.receipts import Receipts
from data.receivers import Deliveries, Receivers
from data.rights import Permission, Roles
from data.rosters import Rosters
from data.seats import Seats
from data.tasks import Tasks
from data.timers import Timers
from data.tokens import Actor, Tokens
from data.town import Towns
from data.units import Units
from data.workers import Workers

NOW = text("SELECT clock_timestamp()")


class Book:
    """One transaction under the dispatcher role, of a person or of the rules themselves."""

    def __init__(self, connection: AsyncConnection, noted_with: Mapping[str, str] = NOTHING) -> None:
        self.connection = connection
        self.opened_at: datetime | None = None
        """What PostgreSQL's clock said when a person's book was opened."""
        self.accounts = Accounts(connection)
        self.answers = Answers(connection)
        self.areas = Areas(connection)
        self.attempts = Attempts(connection)
        self.audit = Audit(connection, noted_with)
        self.board = Board(connection)
        self.calendars = Calendars(connection)
        self.categories = Categories(connection)
        self.checks = Checks(connection)
        self.clocks = Clocks(connection)
        self.deliveries = Deliveries(connection)
        self.evaluations = Evaluations(connection)
        self.grids = Grids(connection)
        self.outbox = Outbox(connection)
        self.history = History(connection, self.outbox)
        self.households = Households(connection)
        self.incidents = Incidents(connection)
        self.ladders = Ladders(connection)
        self.limits = TimeLimits(connection)
        self.needs = Needs(connection)
        self.tasks = Tasks(connection, self.outbox)
        self.positions = Positions(connection)
        self.proposals = Proposals(connection)
        self.receipts = Receipts(connection)
        self.receivers = Receivers(connection)
        self.roles = Roles(connection)
        self.rosters = Rosters(connection)
        self.seats = Seats(connection)
        self.timers = Timers(connection)
        self.tokens = Tokens(connection)
        self.units = Units(connection)
        self.towns = Towns(connection)
        self.workers = Workers(connection)

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Do a part that may fail by itself: an exception undoes the part and leaves the book open."""
        async with self.connection.begin_nested():
            yield

    async def command(self, permission: Permission) -> None:
        """Touch rows from here on where the book's person commands them by another permission."""
        await command(self.connection, permission)

    async def now(self) -> datetime:
        """Read the only clock there is, PostgreSQL's; after a lock was waited for, later than before it."""
        moment: datetime = (await self.connection.execute(NOW)).scalar_one()
        return moment


class Books:
    """Where books come from; `noted_with` are facts that every note in them carries."""

    def __init__(self, engine: AsyncEngine, bell: Bell, noted_with: Mapping[str, str] = NOTHING) -> None:
        self._engine = engine
        self._bell = bell
        self._noted_with = noted_with

    @asynccontextmanager
    async def open(self, actor: Actor | None = None, permission: Permission | None = None) -> AsyncIterator[Book]:
        """Open a book; leaving commits, an exception leaves nothing behind.

        With an actor it is a person's: rows are touched only where the person commands them by this permission, and
        whom the rules choose is free. Without one it is the rules' own.
        """
        async with self._engine.begin() as connection:
            opened_at = None if actor is None else await serve(connection, actor, permission)
            book = Book(connection, self._noted_with)
            book.opened_at = opened_at
            yield book
        if book.outbox.stirred:
            self._bell.ring()
