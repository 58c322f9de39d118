"""Receipts: by its code alone, whoever reported or follows a matter sees how it stands. Only a code's hash is kept."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import id_column, metadata, moment, new_id, one_of
from data.tokens import hash_of


class ReceiptKind(StrEnum):
    """Given with a report, or to somebody who follows another's."""

    REPORT = "report"
    FOLLOW = "follow"


receipt = Table(
    "receipt",
    metadata,
    id_column(),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("holder", Text),
    moment("made_at"),
    UniqueConstraint("incident_id", "holder"),
    CheckConstraint(one_of("kind", ReceiptKind), name="kind"),
    Index("receipt_follow_idx", "incident_id", postgresql_where=text("kind = 'follow'")),
)
"""`holder`: the actor whose own it is, at most one of each incident; none: given out on somebody's behalf."""

LETTERS = "23456789ACDEFGHJKMNPQRTVWXY"
"""Nothing here is taken for another: of B and 8, S and 5, Z and 2, U and V only one is used, of 0, O, 1, I, L none."""
LENGTH, GROUP = 12, 4
"""27 to the 12th: 57 bits, and whoever guesses is held back."""
READ_AS = str.maketrans("BSZU", "852V")

GIVE = text("""
    INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
    VALUES (:id, :incident_id, :kind, :hash, :holder, clock_timestamp())
""")
RENEW = text("""
    INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
    VALUES (:id, :incident_id, :kind, :hash, :holder, clock_timestamp())
    ON CONFLICT (incident_id, holder) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at
""")
FIND = text("""
    SELECT r.id, coalesce(o.duplicate_of, o.id) AS incident_id FROM receipt r JOIN incident o ON o.id = r.incident_id
    WHERE r.hash = :hash
""")
SHOWN = text("SELECT receipt_shown(:hash)")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that is given out now; its code cannot be read again."""

    id: UUID
    kind: ReceiptKind
    holder: str | None
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt that was found by its code; `incident_id`: its incident, or the one it was merged with."""

    id: UUID
    incident_id: UUID


@dataclass(frozen=True, slots=True)
class Shown:
    """What a receipt tells whoever has its code. `steps` are the lines that concern the reporter, in their order."""

    facts: dict[str, Any]

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed; None: it is not, or not any more."""
        found = self.facts["closed_at"]
        return None if found is None else datetime.fromisoformat(found)

    @property
    def read_at(self) -> datetime:
        """When this was read, by PostgreSQL's clock."""
        return datetime.fromisoformat(self.facts["now"])


def new_receipt(kind: ReceiptKind, holder: str | None) -> Receipt:
    """Make a receipt with a fresh code, `XXXX-XXXX-XXXX`."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return Receipt(new_id(), kind, holder, "-".join(drawn[at : at + GROUP] for at in range(0, LENGTH, GROUP)))


def key_of(code: str) -> bytes:
    """Return the hash of a code as somebody typed it: case, width, spaces and dashes do not matter, nor look-alikes."""
    typed = "".join(one for one in unicodedata.normalize("NFKC", code).upper() if one.isalnum())
    return hash_of(typed.translate(READ_AS))


class Receipts:
    """Statements on receipts."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def give(self, incident_id: UUID, given: Receipt) -> None:
        """Keep a receipt of an incident; a holder's second one takes the place of the first, whose code opens no more."""
        bound = {
            "id": given.id,
            "incident_id": incident_id,
            "kind": given.kind,
            "hash": key_of(given.code),
            "holder": given.holder,
        }
        await self._connection.execute(GIVE if given.holder is None else RENEW, bound)

    async def find(self, code: str) -> Held | None:
        """Find a receipt by its code."""
        row = (await self._connection.execute(FIND, {"hash": key_of(code)})).one_or_none()
        return None if row is None else Held(row.id, row.incident_id)

    async def shown(self, code: str) -> Shown | None:
        """Read what a receipt tells, by a function that reads nothing else; None: there is no such code."""
        found = (await self._connection.execute(SHOWN, {"hash": key_of(code)})).scalar_one()
        return None if found is None else Shown(found)
