"""The outbox: what changed, written with the change, read in the order in which transactions became visible."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from data.schema import Xid8, metadata, moment

CHANNEL = "wangge"
DEBOUNCE_S = 0.02

outbox = Table(
    "outbox",
    metadata,
    Column("xid", Xid8, nullable=False, server_default=func.pg_current_xact_id()),
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid),
    moment("at"),
    PrimaryKeyConstraint("xid", "id"),
    CheckConstraint("kind IN ('incident', 'task', 'ground', 'rules', 'rights', 'roster')", name="kind"),
    Index("outbox_ground_idx", "xid", "id", postgresql_where=text("kind = 'ground'")),
)

PUT = text("INSERT INTO outbox (kind, subject_id, at) VALUES (:kind, :subject_id, now())")
SINCE = text("""
    SELECT xid, id, kind, subject_id FROM outbox
    WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), CAST(:id AS bigint))
      AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT :limit
""")
SAID_SINCE = text("SELECT true FROM outbox WHERE kind = :kind AND at >= :at LIMIT 1")
KEPT_HOURS = 48
FORGET = text("""
    DELETE FROM outbox o WHERE o.at < now() - make_interval(hours => :hours)
      AND EXISTS (SELECT FROM outbox n WHERE (n.xid, n.id) > (o.xid, o.id) AND n.at < now() - make_interval(hours => :hours))
""")
FORGOTTEN = text("""
    SELECT true FROM outbox WHERE at < now() - make_interval(hours => :hours)
      AND (xid, id) > (CAST(CAST(:xid AS text) AS xid8), CAST(:id AS bigint)) LIMIT 1
""")
GROUND = text("SELECT count(*) || ':' || coalesce(sum(id), 0), clock_timestamp() FROM outbox WHERE kind = 'ground'")
HORIZON = text("SELECT pg_snapshot_xmin(pg_current_snapshot())")


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the outbox: everything up to and including (`xid`, `id`) has been seen."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}:{self.id}"

    @classmethod
    def parse(cls, given: str) -> "Cursor | None":
        """Read `xid:id`; None when it is not a cursor."""
        head, _, tail = given.partition(":")
        if not (head.isascii() and head.isdigit() and tail.isascii() and tail.isdigit()):
            return None
        cursor = cls(int(head), int(tail))
        return cursor if cursor.xid < 1 << 63 and cursor.id < 1 << 63 else None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that changed."""

    cursor: Cursor
    kind: str
    subject_id: UUID | None


def latest(events: Iterable[Event], kind: str) -> dict[UUID, Cursor]:
    """Return the place of each subject's last change, in that order.

    Whoever has been told of the subjects in this order up to one of them has missed nothing up to its place: what
    was passed over changed again later.
    """
    found: dict[UUID, Cursor] = {}
    for event in events:
        if event.kind == kind and event.subject_id is not None:
            found.pop(event.subject_id, None)
            found[event.subject_id] = event.cursor
    return found


class Outbox:
    """Statements on the outbox."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.stirred = False
        """Whether this transaction changed something that others wait for."""

    def stir(self) -> None:
        """Note that this transaction changes something that others wait for."""
        self.stirred = True

    async def put(self, kind: str, subject_id: UUID | None = None) -> None:
        """Say that something changed, in the transaction that changes it."""
        self.stir()
        await self._connection.execute(PUT, {"kind": kind, "subject_id": subject_id})

    async def said_since(self, kind: str, at: datetime) -> bool:
        """Say whether a change of this kind was told at a moment or later."""
        return (await self._connection.execute(SAID_SINCE, {"kind": kind, "at": at})).first() is not None

    async def since(self, cursor: Cursor, limit: int = 1000) -> list[Event]:
        """Read what came after `cursor`, oldest first.

        Only transactions below the snapshot's horizon are read, so none that is still open can slip in behind the
        cursor later: reading by id alone loses events.
        """
        bound = {"xid": str(cursor.xid), "id": cursor.id, "limit": limit}
        rows = await self._connection.execute(SINCE, bound)
        return [Event(Cursor(row.xid, row.id), row.kind, row.subject_id) for row in rows]

    async def forgotten(self, cursor: Cursor) -> bool:
        """Say whether something after `cursor` may have been dropped already."""
        bound = {"xid": str(cursor.xid), "id": cursor.id, "hours": KEPT_HOURS}
        return (await self._connection.execute(FORGOTTEN, bound)).first() is not None

    async def forget(self) -> None:
        """Drop what is older than `KEPT_HOURS`, but for the newest of it: a mark of how far it went."""
        await self._connection.execute(FORGET, {"hours": KEPT_HOURS})

    async def ground(self) -> tuple[str, datetime]:
        """Read a mark that differs once another change of the ground has become visible, in whatever order; and the time."""
        mark, now = (await self._connection.execute(GROUND)).one()
        return mark, now

    async def horizon(self) -> Cursor:
        """Return the place from which to follow after this snapshot: what was still open then comes again."""
        return Cursor((await self._connection.execute(HORIZON)).scalar_one(), 0)


class Bell:
    """Wake every process's feed, at most once per `DEBOUNCE_S`: a NOTIFY in each commit would serialise them all."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ask for a wake-up after a commit."""
        self._rung.set()

    async def keep_ringing(self) -> None:
        """Send the asked-for wake-ups until cancelled."""
        while True:
            await self._rung.wait()
            await asyncio.sleep(DEBOUNCE_S)
            self._rung.clear()
            async with self._engine.begin() as connection:
                await connection.execute(text(f"NOTIFY {CHANNEL}"))
