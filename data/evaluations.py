"""Evaluations: how whoever reported or follows a matter judges what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment, statement

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("receipt_id", ForeignKey("receipt.id"), nullable=False),
    moment("closed_at"),
    Column("stars", SmallInteger, nullable=False),
    Column("solved", Boolean, nullable=False),
    Column("words", Text),
    moment("at"),
    UniqueConstraint("receipt_id", "closed_at"),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    CheckConstraint("char_length(words) BETWEEN 1 AND 1000", name="words"),
)
"""`closed_at` says which closing was judged: one that was opened again may be judged again."""

KEEP = text(statement("keep_evaluation"))


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody said of a closed incident. `stars` 1 to 5."""

    stars: int
    solved: bool
    words: str | None = field(repr=False, default=None)


class Evaluations:
    """Statements on evaluations; whoever writes holds the incident."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep(self, receipt_id: UUID, incident_id: UUID, closed_at: datetime, judged: Judged) -> bool:
        """Keep an evaluation and note it on the incident; False when this receipt has judged this closing already."""
        bound = {
            "receipt_id": receipt_id,
            "incident_id": incident_id,
            "closed_at": closed_at,
            "stars": judged.stars,
            "solved": judged.solved,
            "words": judged.words,
        }
        return (await self._connection.execute(KEEP, bound)).first() is not None
