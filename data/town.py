"""The town: one row, one district per database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, SmallInteger, Table, Text, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment

USUAL_HOURS = '[["08:00", "12:00"], ["14:00", "18:00"]]'
"""Eight hours a day: docs/sources.md#eight-hours."""

town = Table(
    "town",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False, server_default=text("1")),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("demo", Boolean, nullable=False, server_default=text("false")),
    Column("demo_seed", Integer),
    moment("demo_clock", required=False),
    Column("working_hours", JSONB, nullable=False, server_default=text(f"'{USUAL_HOURS}'::jsonb")),
    CheckConstraint("id = 1", name="one_town"),
    CheckConstraint("code ~ '^[0-9]{6}$'", name="code"),
)

YEAR = text("SELECT extract(year FROM clock_timestamp() AT TIME ZONE time_zone)::int FROM town")
THERE = text("SELECT to_regclass('town')")


@dataclass(frozen=True, slots=True)
class Town:
    """The district this database belongs to. `time_zone` is an IANA name; `hours` are those of a working day."""

    code: str
    name: str
    name_en: str
    time_zone: str
    demo: bool
    hours: tuple[tuple[time, time], ...] = ()


class Towns:
    """Statements on the town."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def the(self) -> Town | None:
        """Read the town, or None when nothing has been loaded yet, not even the tables."""
        if (await self._connection.execute(THERE)).scalar_one() is None:
            return None
        columns = (town.c.code, town.c.name, town.c.name_en, town.c.time_zone, town.c.demo, town.c.working_hours)
        row = (await self._connection.execute(select(*columns))).one_or_none()
        return None if row is None else Town(*row[:-1], hours=hours_of(row.working_hours))

    async def year(self) -> int:
        """Return the present year in the town, by PostgreSQL's clock."""
        found: int = (await self._connection.execute(YEAR)).scalar_one()
        return found


def hours_of(given: Sequence[Sequence[str]]) -> tuple[tuple[time, time], ...]:
    """Read the hours of a working day, as `[["08:00", "12:00"], …]`."""
    return tuple((time.fromisoformat(starts), time.fromisoformat(ends)) for starts, ends in given)
