"""Categories of incident and, on each row, the rule by which it is dispatched."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata


class Urgency(StrEnum):
    """How soon somebody must be there."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ORDINARY = "ordinary"


class RankBy(StrEnum):
    """Who goes first: whoever is nearest, or the grid's own people, then neighbours, then the parent area."""

    NEAREST = "nearest"
    OWN_GRID_FIRST = "own_grid_first"


category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True),
    Column("standard_ref", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("standard_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("layer", Text, ForeignKey("grid_layer.code"), nullable=False),
    Column("skill", Text),
    Column("urgency", Text, nullable=False),
    Column("ranking", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("deadline_minutes", Integer, nullable=False),
    Column("offer_seconds", Integer, nullable=False),
    UniqueConstraint("standard_ref", "kind", "standard_code"),
    CheckConstraint("kind IN ('component', 'matter')", name="kind"),
    CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name="urgency"),
    CheckConstraint("ranking IN ('nearest', 'own_grid_first')", name="ranking"),
    CheckConstraint("deadline_minutes > 0 AND offer_seconds > 0", name="clocks"),
)


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of incident with its rule. `skill` None: anybody will do."""

    code: str
    layer: str
    skill: str | None
    urgency: Urgency
    ranking: RankBy
    exclusive: bool
    deadline: timedelta
    offer: timedelta


class Categories:
    """Statements on categories."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> dict[str, Category]:
        """Read every category by its code."""
        c = category.c
        rows = await self._connection.execute(
            select(
                c.code,
                c.layer,
                c.skill,
                c.urgency,
                c.ranking,
                c.exclusive,
                c.deadline_minutes,
                c.offer_seconds,
            )
        )
        return {
            row.code: Category(
                row.code,
                row.layer,
                row.skill,
                Urgency(row.urgency),
                RankBy(row.ranking),
                row.exclusive,
                timedelta(minutes=row.deadline_minutes),
                timedelta(seconds=row.offer_seconds),
            )
            for row in rows
        }
