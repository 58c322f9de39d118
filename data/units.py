"""Units: teams, stations and departments that answer for a task together, and who belongs to them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata

membership = Table(
    "membership",
    metadata,
    Column("unit_id", ForeignKey("worker.id"), primary_key=True),
    Column("worker_id", ForeignKey("worker.id"), primary_key=True, index=True),
    Column("part", Text),
    CheckConstraint("unit_id <> worker_id", name="not_of_itself"),
    CheckConstraint("char_length(part) <= 100", name="part"),
)
"""`part`: what a person is in the unit (doctor, nurse, grid worker, volunteer …)."""

ALL = text("SELECT unit_id, array_agg(worker_id ORDER BY worker_id) AS members FROM membership GROUP BY unit_id")


class Units:
    """Statements on who belongs to which unit."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def members(self) -> Mapping[UUID, frozenset[UUID]]:
        """Read the workers of every unit that has any."""
        return {row.unit_id: frozenset(row.members) for row in await self._connection.execute(ALL)}
