"""Tokens: who is asking. Only a token's hash is kept."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import Permission, Rights
from data.schema import id_column, metadata, moment, new_id, one_of, statement


class TokenKind(StrEnum):
    """A person's visit, or a program's key."""

    SESSION = "session"
    PROGRAM = "program"


access_token = Table(
    "access_token",
    metadata,
    id_column(),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("label", Text),
    Column("permissions", ARRAY(Text)),
    moment("created_at"),
    moment("used_at"),
    moment("expires_at"),
    moment("revoked_at", required=False),
    CheckConstraint(one_of("kind", TokenKind), name="kind"),
    CheckConstraint("char_length(label) <= 100", name="label"),
)
"""`permissions` narrows what the account's roles allow; none: all of it."""

SESSION_IDLE_HOURS = 12
INSERT = text("""
    INSERT INTO access_token (id, hash, account_id, kind, label, permissions, created_at, used_at, expires_at)
    VALUES (:id, :hash, :account_id, :kind, :label, :permissions, now(), now(), now() + make_interval(days => :days))
""")
WHO = text(statement("who"))
USED = text("UPDATE access_token SET used_at = now() WHERE id = :id")
REVOKE = text(
    "UPDATE access_token SET revoked_at = now() WHERE hash = :hash AND revoked_at IS NULL RETURNING account_id"
)
REVOKE_ID = text("""
    UPDATE access_token SET revoked_at = now()
    WHERE id = :id AND account_id = :account_id AND revoked_at IS NULL RETURNING id
""")
REVOKE_ALL = text("""
    UPDATE access_token SET revoked_at = now()
    WHERE account_id = :account_id AND revoked_at IS NULL AND id IS DISTINCT FROM CAST(:but AS uuid)
      AND kind = coalesce(CAST(:kind AS text), kind)
""")
OF = text("""
    SELECT id, kind, label, permissions, created_at, used_at, expires_at FROM access_token
    WHERE account_id = :account_id AND revoked_at IS NULL AND expires_at > clock_timestamp()
      AND (kind <> 'session' OR used_at > clock_timestamp() - make_interval(hours => :idle))
    ORDER BY used_at DESC, id
""")
FORGET = text("DELETE FROM access_token WHERE least(expires_at, revoked_at) < now() - make_interval(days => :days)")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and what that account may do where. `address` is from where, for the audit."""

    account_id: UUID
    token_id: UUID | None
    worker_id: UUID | None
    rights: Rights
    address: str | None = field(default=None, compare=False)
    program: bool = False
    """Whether a program's token asks, not a person who has signed in."""
    units: frozenset[UUID] = frozenset()
    """Teams, stations and departments the worker belongs to."""

    @property
    def responders(self) -> frozenset[UUID]:
        """Return as whom the actor answers tasks: the own worker and its units."""
        return self.units if self.worker_id is None else self.units | {self.worker_id}

    def __str__(self) -> str:
        return f"worker:{self.worker_id}" if self.worker_id else f"account:{self.account_id}"

    def may(self, *any_of: Permission) -> bool:
        """Say whether any of these permissions is held anywhere."""
        return self.rights.may(*any_of)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is good, without what it opens with."""

    id: UUID
    kind: TokenKind
    label: str | None
    permissions: tuple[str, ...] | None
    created_at: object
    used_at: object
    expires_at: object


def hash_of(token: str) -> bytes:
    """Hash a token. It carries 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Tokens:
    """Statements on tokens."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(
        self,
        account_id: UUID,
        kind: TokenKind,
        days: int,
        label: str | None = None,
        permissions: Sequence[Permission] | None = None,
    ) -> tuple[str, UUID]:
        """Make a token and return it with its id; it cannot be read again."""
        token, id_ = secrets.token_urlsafe(32), new_id()
        bound = {
            "id": id_,
            "hash": hash_of(token),
            "account_id": account_id,
            "kind": kind,
            "label": label,
            "permissions": None if permissions is None else list(permissions),
            "days": days,
        }
        await self._connection.execute(INSERT, bound)
        return token, id_

    async def who(self, token: str) -> Actor | None:
        """Read whose token this is and what it opens.

        None when it is unknown, revoked, has run out, or its account is locked; a session also after
        `SESSION_IDLE_HOURS` without use.
        """
        bound = {"hash": hash_of(token), "idle": SESSION_IDLE_HOURS}
        row = (await self._connection.execute(WHO, bound)).one_or_none()
        if row is None:
            return None
        if row.used_long_ago:
            await self._connection.execute(USED, {"id": row.id})
        rights, program = Rights.read(row.rights), row.kind == TokenKind.PROGRAM
        return Actor(row.account_id, row.id, row.worker_id, rights, program=program, units=frozenset(row.units))

    async def of(self, account_id: UUID) -> list[Token]:
        """Read the tokens of an account that are good, the one used last first."""
        rows = await self._connection.execute(OF, {"account_id": account_id, "idle": SESSION_IDLE_HOURS})
        return [Token(row[0], TokenKind(row[1]), row[2], row[3] and tuple(row[3]), *row[4:]) for row in rows]

    async def revoke(self, token: str) -> UUID | None:
        """Let a token open nothing from now on; return whose it was, None when it was no good already."""
        found: UUID | None = (await self._connection.execute(REVOKE, {"hash": hash_of(token)})).scalar_one_or_none()
        return found

    async def revoke_id(self, account_id: UUID, id_: UUID) -> bool:
        """End one token of an account; False when there is no such."""
        bound = {"id": id_, "account_id": account_id}
        return (await self._connection.execute(REVOKE_ID, bound)).first() is not None

    async def revoke_all(self, account_id: UUID, but: UUID | None = None, kind: TokenKind | None = None) -> None:
        """End all tokens of an account, or all of a kind, but one."""
        await self._connection.execute(REVOKE_ALL, {"account_id": account_id, "but": but, "kind": kind})

    async def forget(self, days: int) -> None:
        """Drop tokens that ran out or were revoked more than so many days ago."""
        await self._connection.execute(FORGET, {"days": days})


def rights_for(*held: Permission, keys: Sequence[str] = ("",)) -> Rights:
    """Return rights to some permissions, everywhere unless keys are named."""
    return Rights.read(json.dumps({code: list(keys) for code in held}))
