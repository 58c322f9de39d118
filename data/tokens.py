"""Bearer tokens: who is asking. Only a token's hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.incidents import one_of
from data.schema import id_column, metadata, moment, new_id


class ActorKind(StrEnum):
    """Who may ask."""

    DISPATCHER = "dispatcher"
    WORKER = "worker"
    REPORTER = "reporter"


access_token = Table(
    "access_token",
    metadata,
    id_column(),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("worker_id", ForeignKey("worker.id")),
    moment("expires_at"),
    moment("revoked_at", required=False),
    CheckConstraint(one_of("kind", ActorKind), name="kind"),
    CheckConstraint("(kind = 'worker') = (worker_id IS NOT NULL)", name="worker"),
)

INSERT = text("""
    INSERT INTO access_token (id, hash, kind, worker_id, expires_at)
    VALUES (:id, :hash, :kind, :worker_id, now() + make_interval(days => :days))
""")
WHO = text("""
    SELECT id, kind, worker_id FROM access_token
    WHERE hash = :hash AND revoked_at IS NULL AND expires_at > clock_timestamp()
""")
REVOKE = text("UPDATE access_token SET revoked_at = now() WHERE hash = :hash AND revoked_at IS NULL")
FORGET = text("DELETE FROM access_token WHERE least(expires_at, revoked_at) < now() - make_interval(days => :days)")
WORKER_OF_CODE = text("SELECT id FROM worker WHERE code = :code")

DEMO_WORKER = text("""
    SELECT w.id FROM worker w LEFT JOIN task t ON t.worker_id = w.id AND t.ended_at IS NULL
    ORDER BY t.status = 'offered' DESC NULLS LAST, t.offered_at DESC NULLS LAST, w.code LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a worker by the worker's id, anybody else by the token's."""

    kind: ActorKind
    id: UUID
    worker_id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.worker_id or self.id}"


def hash_of(token: str) -> bytes:
    """Hash a token. It carries 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Tokens:
    """Statements on tokens."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(self, kind: ActorKind, worker_id: UUID | None, days: int) -> str:
        """Make a token and return it; it cannot be read again."""
        token = secrets.token_urlsafe(32)
        bound = {"id": new_id(), "hash": hash_of(token), "kind": kind, "worker_id": worker_id, "days": days}
        await self._connection.execute(INSERT, bound)
        return token

    async def who(self, token: str) -> Actor | None:
        """Read whose token this is; None when it is unknown, revoked or has run out."""
        row = (await self._connection.execute(WHO, {"hash": hash_of(token)})).one_or_none()
        return None if row is None else Actor(ActorKind(row.kind), row.id, row.worker_id)

    async def revoke(self, token: str) -> None:
        """Let a token open nothing from now on; an unknown one changes nothing."""
        await self._connection.execute(REVOKE, {"hash": hash_of(token)})

    async def forget(self, days: int) -> None:
        """Drop tokens that ran out or were revoked more than so many days ago."""
        await self._connection.execute(FORGET, {"days": days})

    async def demo_worker(self) -> UUID | None:
        """Read the worker with the newest offer, else the first with a task, else any: a phone worth a look."""
        found: UUID | None = (await self._connection.execute(DEMO_WORKER)).scalar_one_or_none()
        return found

    async def worker_of_code(self, code: str) -> UUID | None:
        """Read the id of the worker with this code."""
        found: UUID | None = (await self._connection.execute(WORKER_OF_CODE, {"code": code})).scalar_one_or_none()
        return found
