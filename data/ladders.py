"""Ladders: whom an incident is offered to when the first do not go, rung by rung. Rows, so that a town has its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, one_of


class Whom(StrEnum):
    """Who is asked on a rung."""

    RANKED = "ranked"
    BUILDING_HEAD = "building_head"
    HUB_HOUSEHOLD = "hub_household"
    GRID_LEADER = "grid_leader"
    DUTY_CHIEF = "duty_chief"
    DEPARTMENTS = "departments"
    CENTRE = "centre"


ladder = Table(
    "ladder",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    CheckConstraint("code ~ '^[a-z0-9_]{1,64}$'", name="code"),
)

ladder_rung = Table(
    "ladder_rung",
    metadata,
    Column("ladder", ForeignKey("ladder.code"), primary_key=True),
    Column("rung", SmallInteger, primary_key=True, autoincrement=False),
    Column("whom", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default=text("1")),
    Column("offer_seconds", Integer),
    Column("wait_seconds", Integer, nullable=False, server_default=text("0")),
    CheckConstraint(one_of("whom", Whom), name="whom"),
    CheckConstraint("rung >= 0 AND tries > 0 AND offer_seconds > 0 AND wait_seconds >= 0", name="numbers"),
)

RUNGS = text("SELECT ladder, whom, tries, offer_seconds, wait_seconds FROM ladder_rung ORDER BY ladder, rung")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: `tries` offers, each of them open for `offer` (None: as long as the category says).

    With nobody free it is left after `wait`.
    """

    whom: Whom
    tries: int
    offer: timedelta | None
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """A ladder's rungs from the bottom; the last one is never left."""

    rungs: tuple[Rung, ...]


class Ladders:
    """Statements on ladders."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Mapping[str, Ladder]:
        """Read every ladder that has rungs, by its code."""
        found: dict[str, tuple[Rung, ...]] = {}
        for row in await self._connection.execute(RUNGS):
            offer = None if row.offer_seconds is None else timedelta(seconds=row.offer_seconds)
            rung = Rung(Whom(row.whom), row.tries, offer, timedelta(seconds=row.wait_seconds))
            found[row.ladder] = (*found.get(row.ladder, ()), rung)
        return {code: Ladder(rungs) for code, rungs in found.items()}
