"""Categories of incident and, on each row, the rule by which it is dispatched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, one_of, statement
from data.workers import Kind


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
    Column("responder", Text, nullable=False, server_default="person"),
    Column("ladder", ForeignKey("ladder.code")),
    Column("mobile", Boolean, nullable=False, server_default=text("false")),
    Column("rest_minutes", Integer, nullable=False, server_default=text("0")),
    Column("scene_minutes", Integer),
    Column("sorted_by_hand", Boolean, nullable=False, server_default=text("false")),
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("standard_ref", "kind", "standard_code"),
    CheckConstraint("kind IN ('component', 'matter')", name="kind"),
    CheckConstraint("urgency IN ('emergency', 'urgent', 'ordinary')", name="urgency"),
    CheckConstraint("ranking IN ('nearest', 'own_grid_first')", name="ranking"),
    CheckConstraint("deadline_minutes > 0 AND offer_seconds > 0", name="clocks"),
    CheckConstraint(one_of("responder", Kind), name="responder"),
    CheckConstraint("rest_minutes >= 0 AND scene_minutes > 0", name="rest_and_scene"),
)
"""`ladder` none: the one named after the urgency. `mobile`: suits mobile workers. `scene_minutes`: somebody must be there.

`sorted_by_hand`: waits for the command centre to file it before anybody is sent. `shared`: lies in public and is nobody's own;
whoever reports the like near by is told that it is known.
"""
LEAD = "lead"
"""The slot of whoever goes first."""

category_slot = Table(
    "category_slot",
    metadata,
    Column("category", ForeignKey("category.code"), primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("responder", Text, nullable=False),
    Column("skill", Text),
    Column("ranking", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False, server_default=text("false")),
    Column("ladder", ForeignKey("ladder.code")),
    CheckConstraint("slot ~ '^[a-z][a-z0-9_]{0,63}$' AND slot <> 'lead'", name="slot"),
    CheckConstraint(one_of("responder", Kind), name="responder"),
    CheckConstraint(one_of("ranking", RankBy), name="ranking"),
)
"""Who else goes, beside the first."""

category_department = Table(
    "category_department",
    metadata,
    Column("category", ForeignKey("category.code"), primary_key=True),
    Column("department_id", ForeignKey("worker.id"), primary_key=True),
    Column("report_in_minutes", Integer, nullable=False),
    CheckConstraint("report_in_minutes > 0", name="report_in"),
)
"""Whom a whistle calls in, and within how long each must report in."""


ALL = text(statement("categories"))


@dataclass(frozen=True, slots=True)
class Slot:
    """One responder that a kind of incident needs. `skill` None: anybody will do."""

    code: str
    responder: Kind
    skill: str | None
    ranking: RankBy
    exclusive: bool
    ladder: str


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of incident with its rule. `skill` None: anybody will do.

    `also` are the slots beside the first; `departments` whom a whistle calls in, and how long each has to report in.
    `scene` is how soon after the report somebody must be there.
    """

    code: str
    layer: str
    skill: str | None
    urgency: Urgency
    ranking: RankBy
    exclusive: bool
    deadline: timedelta
    offer: timedelta
    responder: Kind = Kind.PERSON
    ladder: str | None = None
    mobile: bool = False
    rest: timedelta = timedelta(0)
    scene: timedelta | None = None
    sorted_by_hand: bool = False
    shared: bool = False
    also: tuple[Slot, ...] = ()
    departments: Mapping[UUID, timedelta] = field(default_factory=dict)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return all responders that are needed, the first one first."""
        ladder = self.ladder or self.urgency.value
        return (Slot(LEAD, self.responder, self.skill, self.ranking, self.exclusive, ladder), *self.also)


def _slot(row: Mapping[str, Any], urgency: str) -> Slot:
    return Slot(
        row["slot"],
        Kind(row["responder"]),
        row["skill"],
        RankBy(row["ranking"]),
        row["exclusive"],
        row["ladder"] or urgency,
    )


def _category(row: Any) -> Category:
    return Category(
        code=row.code,
        layer=row.layer,
        skill=row.skill,
        urgency=Urgency(row.urgency),
        ranking=RankBy(row.ranking),
        exclusive=row.exclusive,
        deadline=timedelta(minutes=row.deadline_minutes),
        offer=timedelta(seconds=row.offer_seconds),
        responder=Kind(row.responder),
        ladder=row.ladder,
        mobile=row.mobile,
        rest=timedelta(minutes=row.rest_minutes),
        scene=None if row.scene_minutes is None else timedelta(minutes=row.scene_minutes),
        sorted_by_hand=row.sorted_by_hand,
        shared=row.shared,
        also=tuple(_slot(one, row.urgency) for one in row.also),
        departments={UUID(id_): timedelta(minutes=minutes) for id_, minutes in row.departments.items()},
    )


class Categories:
    """Statements on categories."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> dict[str, Category]:
        """Read every category by its code."""
        return {row.code: _category(row) for row in await self._connection.execute(ALL)}
