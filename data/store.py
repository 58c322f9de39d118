"""The store: one process's connections to its town, for people who read and for the rules' own work."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from data import tiles
from data.accounts import Accounts
from data.areas import Areas
from data.audit import NOTHING, Audit
from data.board import Board
from data.book import Books
from data.calendars import Calendars
from data.checks import Checks
from data.engine import Role, engine_for
from data.feed import Feed
from data.grids import Grids
from data.households import Households
from data.incidents import Incidents
from data.ledger import LedgerRows
from data.limits import TimeLimits
from data.near import Near
from data.outbox import Bell, Cursor, Event, Outbox
from data.person import serve
from data.proposals import Proposals
from data.receipts import Receipts
from data.receivers import Deliveries, Receivers
from data.rights import Permission, Roles
from data.rosters import Rosters
from data.tokens import Actor, Tokens


class Reader:
    """One look at the database by one person: under the application role, which can read what is the person's."""

    def __init__(self, connection: AsyncConnection, actor: Actor) -> None:
        self.connection = connection
        self.board = Board(connection)
        self._shown = actor.rights.first_layer(Permission.GROUND_VIEW)

    async def tile(self, layer: str, z: int, x: int, y: int) -> bytes:
        """Draw one vector tile of a layer of `data.tiles.SOURCES`."""
        return await tiles.tile(self.connection, layer, (z, x, y), self._shown)

    async def tile_until(self, layer: str) -> datetime | None:
        """Read until when a layer's tiles stay as they are if nobody changes the ground; None: for ever."""
        return await tiles.next_change(self.connection, layer, self._shown)

    async def own_grids(self) -> str:
        """Read the grids of the person's own matters, as one text."""
        return await tiles.own_grids(self.connection)

    async def horizon(self) -> Cursor:
        """Return the place in the outbox from which to follow on after this look."""
        return await Outbox(self.connection).horizon()

    @property
    def accounts(self) -> Accounts:
        """Accounts the person may see."""
        return Accounts(self.connection)

    @property
    def receivers(self) -> Receivers:
        """Receivers of notices, for whoever manages them; without their addresses."""
        return Receivers(self.connection)

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries, for whoever manages receivers."""
        return Deliveries(self.connection)

    @property
    def areas(self) -> Areas:
        """Areas the person may see."""
        return Areas(self.connection)

    @property
    def audit(self) -> Audit:
        """The audit, for whoever may read it."""
        return Audit(self.connection)

    @property
    def checks(self) -> Checks:
        """Checks of the ground, with the faults the person may see."""
        return Checks(self.connection)

    @property
    def grids(self) -> Grids:
        """Grids and layers; of grids those the person may see."""
        return Grids(self.connection)

    @property
    def households(self) -> Households:
        """Households the person may see."""
        return Households(self.connection)

    @property
    def incidents(self) -> Incidents:
        """Incidents the person may see."""
        return Incidents(self.connection)

    @property
    def near(self) -> Near:
        """What lies near by, as the person may know it."""
        return Near(self.connection)

    @property
    def limits(self) -> TimeLimits:
        """Time limits: rules, the same for everybody."""
        return TimeLimits(self.connection)

    @property
    def calendars(self) -> Calendars:
        """The years of the calendar: the same for everybody."""
        return Calendars(self.connection)

    @property
    def proposals(self) -> Proposals:
        """Proposals to change the ground, for who checks or changes the whole town."""
        return Proposals(self.connection)

    @property
    def roles(self) -> Roles:
        """Roles and what they bundle."""
        return Roles(self.connection)

    @property
    def rosters(self) -> Rosters:
        """Rosters of those whom the person may see."""
        return Rosters(self.connection)

    @property
    def tokens(self) -> Tokens:
        """The person's own tokens."""
        return Tokens(self.connection)


class Watcher:
    """One look by the process itself, under the dispatcher role: what is read here reaches nobody unfiltered."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.board = Board(connection)
        self.ledger = LedgerRows(connection)

    async def horizon(self) -> Cursor:
        """Return the place in the outbox up to which everything is visible."""
        return await Outbox(self._connection).horizon()

    async def forgotten(self, cursor: Cursor) -> bool:
        """Say whether something after `cursor` may have been dropped from the outbox already."""
        return await Outbox(self._connection).forgotten(cursor)

    async def events(self, after: Cursor, limit: int) -> list[Event]:
        """Read what changed after a place in the outbox."""
        return await Outbox(self._connection).since(after, limit)

    async def places(self, ids: Collection[UUID]) -> dict[UUID, tuple[str, str | None]]:
        """Read layer and place in the tree of each of these incidents that there is."""
        return await Incidents(self._connection).places(ids)


class Store:
    """Two pools on one login: the application's for people who read, the dispatcher's for desk, loops and sign-in."""

    def __init__(self, url: str, pool_size: int = 12, noted_with: Mapping[str, str] = NOTHING) -> None:
        self._app = engine_for(url, Role.APP, pool_size=pool_size)
        self._dispatcher = engine_for(url, Role.DISPATCHER, pool_size=pool_size)
        self._glance = self._dispatcher.execution_options(isolation_level="AUTOCOMMIT")
        self.bell = Bell(self._dispatcher)
        self.books = Books(self._dispatcher, self.bell, noted_with)
        self._watching = engine_for(url, Role.DISPATCHER, pool_size=2)  # its own: a rush must not blind it
        self.feed = Feed(self._watching)

    async def who(self, token: str) -> Actor | None:
        """Read whose token this is, in one round trip; None when it opens nothing."""
        async with self._glance.connect() as connection:
            return await Tokens(connection).who(token)

    async def ground(self) -> tuple[str, datetime]:
        """Read what marks the ground as it is now, in one round trip: it differs after every change. And the time."""
        async with self._glance.connect() as connection:
            return await Outbox(connection).ground()

    @asynccontextmanager
    async def reader(self, actor: Actor) -> AsyncIterator[Reader]:
        """Look once for a person: every statement sees the same moment, and only what is the person's."""
        async with self._app.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            await serve(connection, actor)
            yield Reader(connection, actor)

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Receipts]:
        """Look once for somebody of whom nothing is known: what is read is what a receipt's code opens."""
        async with self._app.connect() as connection:
            yield Receipts(connection)

    @asynccontextmanager
    async def watcher(self) -> AsyncIterator[Watcher]:
        """Look once for the process: every statement sees the same moment."""
        async with self._dispatcher.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            yield Watcher(connection)

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
