"""The audit: who did what to whom, when, from where, with which result; a chain that only grows."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    case,
    cast,
    extract,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data import chain
from data.accounts import account
from data.chain import Head, Line, Verified
from data.schema import metadata, moment
from data.tokens import Actor

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    moment("at"),
    Column("account_id", Uuid),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text),
    Column("result", Text, nullable=False),
    Column("code", Text),
    Column("address", Text),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("result IN ('done', 'refused', 'failed')", name="result"),
    Index("audit_account_id_idx", "account_id", "id"),
    Index("audit_action_idx", "action", "id"),
    Index("audit_not_done_idx", "result", "id", postgresql_where=text("result <> 'done'")),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False, server_default=text("1")),
    Column("rows", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("one = 1", name="one"),
)
"""How long the chain is and how it ends, so that a tail that was cut off is missed."""

AT_ONCE = 500
NOTHING: Mapping[str, str] = MappingProxyType({})
APPEND = text("""
    SELECT audit_append(:account_id, :actor, :action, :subject, :result, :code, :address, CAST(:facts AS jsonb))
""")
STILL = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
WHO = func.jsonb_build_object("id", audit.c.account_id, "login", account.c.login)
ROW = func.jsonb_build_object(
    *("id", audit.c.id, "at", audit.c.at, "actor", audit.c.actor, "action", audit.c.action),
    *("subject", audit.c.subject, "result", audit.c.result, "code", audit.c.code, "address", audit.c.address),
    *("facts", audit.c.facts, "account", case((audit.c.account_id.is_not(None), WHO))),
)
PAGE = select(audit.c.id, cast(ROW, Text).label("row")).outerjoin(account, account.c.id == audit.c.account_id)
MICROSECONDS = cast(extract("epoch", audit.c.at) * 1_000_000, BigInteger)
LINES = select(
    audit.c.id,
    case((func.isfinite(audit.c.at), MICROSECONDS)),
    *(audit.c.account_id, audit.c.actor, audit.c.action, audit.c.subject, audit.c.result, audit.c.code),
    audit.c.address,
    cast(audit.c.facts, Text),
    func.coalesce(audit.c.hash, b""),
)
"""Rows for `Line`; also where somebody put in a time or a hash that no row can have."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be noted. `facts` hold ids, codes and counts, nobody's name and nothing anybody wrote."""

    action: str
    actor: str
    account_id: UUID | None = None
    subject: str | None = None
    result: str = "done"
    code: str | None = None
    address: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def noted(actor: Actor, action: str, subject: object = None, **facts: object) -> Note:
    """Say what a person has done, to the thing with the id `subject`."""
    about = None if subject is None else str(subject)
    return Note(action, str(actor), actor.account_id, about, address=actor.address, facts=facts)


@dataclass(frozen=True, slots=True)
class WantedNotes:
    """Which rows a page shall hold; `after` is the id the last page ended with."""

    action: str | None = None
    account_id: UUID | None = None
    result: str | None = None
    after: int | None = None
    limit: int = 100


class Audit:
    """Statements on the audit; `always` are facts that every row noted here carries."""

    def __init__(self, connection: AsyncConnection, always: Mapping[str, str] = NOTHING) -> None:
        self._connection = connection
        self._always = always

    async def note(self, note: Note) -> int:
        """Append a row and return its id. No other transaction can until this one ends: note last, just before it."""
        bound = {name: getattr(note, name) for name in Note.__slots__ if name != "facts"}
        facts = json.dumps({**note.facts, **self._always}, default=str, ensure_ascii=False, allow_nan=False)
        appended: int = (await self._connection.execute(APPEND, bound | {"facts": facts})).scalar_one()
        return appended

    async def head(self) -> Head:
        """Read how long the chain is and how it ends; one that is not there fits no chain."""
        row = (await self._connection.execute(select(audit_head.c.rows, audit_head.c.hash))).one_or_none()
        return Head(0, b"") if row is None else Head(row.rows, row.hash)

    async def page(self, wanted: WantedNotes) -> tuple[list[str], int | None]:
        """Return one page of JSON rows, the newest first, and the id after which the next page starts."""
        query = PAGE.order_by(audit.c.id.desc()).limit(wanted.limit + 1)
        for name in ("action", "account_id", "result"):
            value = getattr(wanted, name)
            query = query if value is None else query.where(audit.c[name] == value)
        if wanted.after is not None:
            query = query.where(audit.c.id < wanted.after)
        found = (await self._connection.execute(query)).all()
        page = found[: wanted.limit]
        return [row.row for row in page], page[-1].id if len(found) > len(page) else None

    async def lines(self) -> AsyncIterator[list[Line]]:
        """Yield all rows by id, `AT_ONCE` together."""
        after: int | None = None
        while True:
            query = LINES.order_by(audit.c.id).limit(AT_ONCE)
            query = query if after is None else query.where(audit.c.id > after)
            batch = [Line(*row) for row in await self._connection.execute(query)]
            if batch:
                yield batch
            if len(batch) < AT_ONCE:
                return
            after = batch[-1].id

    async def hold_still(self) -> None:
        """Let the transaction see one moment; only as its first statement."""
        await self._connection.execute(STILL)

    async def verify(self, kept_elsewhere: bytes | None = None) -> Verified:
        """Verify the whole chain as `data.chain.verify`; the transaction must see one moment."""
        return await chain.verify(self.lines(), await self.head(), kept_elsewhere)
