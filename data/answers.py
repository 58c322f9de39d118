"""Idempotency: the answer that was given under an actor's key, so that a repeated request changes nothing."""

from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment

answer = Table(
    "answer",
    metadata,
    Column("actor", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("body", Text),
    moment("made_at"),
    PrimaryKeyConstraint("actor", "key"),
)

RESERVE = text("""
    INSERT INTO answer (actor, key, request_hash, made_at) VALUES (:actor, :key, :hash, now())
    ON CONFLICT DO NOTHING RETURNING true
""")
READ = text("SELECT request_hash, status, body FROM answer WHERE actor = :actor AND key = :key")
KEEP = text("UPDATE answer SET status = :status, body = :body WHERE actor = :actor AND key = :key")
FORGET = text("DELETE FROM answer WHERE made_at < now() - make_interval(hours => :hours)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and answered under a key before."""

    request_hash: bytes
    status: int
    body: str


class Answers:
    """Statements on kept answers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def before(self, actor: str, key: str, request_hash: bytes) -> Answer | None:
        """Return the earlier answer, or reserve the key for this transaction and return None.

        A second request under the same key waits here until the first has committed or failed.
        """
        bound = {"actor": actor, "key": key, "hash": request_hash}
        if (await self._connection.execute(RESERVE, bound)).first() is not None:
            return None
        row = (await self._connection.execute(READ, {"actor": actor, "key": key})).one()
        return Answer(row.request_hash, row.status, row.body)

    async def keep(self, actor: str, key: str, status: int, body: str) -> None:
        """Store the answer (JSON text) given under a reserved key."""
        await self._connection.execute(KEEP, {"actor": actor, "key": key, "status": status, "body": body})

    async def forget(self, hours: int) -> None:
        """Drop answers older than `hours`."""
        await self._connection.execute(FORGET, {"hours": hours})
