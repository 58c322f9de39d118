"""Time limits: within how long a step must be done, by kind of incident and by area. Rows, so that a town has its own."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, one_of


class Step(StrEnum):
    """What has a limit: reported → taken in, filed → accepted, reported → on scene, reported → handled, handled → closed."""

    RECEIVE = "receive"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    HANDLE = "handle"
    VERIFY = "verify"


class Unit(StrEnum):
    """In what a limit is counted: by the clock, or in the town's working time."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


REMIND_SHARE, SUPERVISE_SHARE = 0.8, 1.5
"""Of a limit: those who are at it are reminded when this much is used up, and supervised when it is exceeded by half."""

time_limit = Table(
    "time_limit",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("category", ForeignKey("category.code")),
    Column("area_id", ForeignKey("area.id"), index=True),
    Column("step", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("remind_share", Double, server_default=text("0.8")),
    Column("supervise_share", Double, server_default=text("1.5")),
    CheckConstraint(one_of("step", Step), name="step"),
    CheckConstraint(one_of("unit", Unit), name="unit"),
    CheckConstraint("amount BETWEEN 1 AND 1000000", name="amount"),
    CheckConstraint("remind_share > 0 AND remind_share < 1 AND supervise_share > 1", name="shares"),
    Index("time_limit_once", "category", "area_id", "step", unique=True, postgresql_nulls_not_distinct=True),
)
"""No category: all; no area: everywhere. Shares of the limit at which it is reminded and supervised; none: never."""

ALL = text("""
    SELECT l.category, ltree2text(a.path) AS area_path, a.code AS area, l.step, l.amount, l.unit, l.remind_share,
           l.supervise_share
    FROM time_limit l LEFT JOIN area a ON a.id = l.area_id
    ORDER BY l.category NULLS LAST, a.path DESC NULLS LAST, l.step
""")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a step may take. Shares are of the limit: when it is reminded, when it is supervised; None: never."""

    step: Step
    amount: int
    unit: Unit
    remind_share: float | None = REMIND_SHARE
    supervise_share: float | None = SUPERVISE_SHARE


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit and what it is for: a category (None: all) within a place in the tree (None: everywhere)."""

    limit: Limit
    category: str | None = None
    area_path: str | None = None
    area: str | None = None


class TimeLimits:
    """Statements on limits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> tuple[LimitRow, ...]:
        """Read every limit, those of a category first, of these the deepest area first."""
        rows = await self._connection.execute(ALL)
        return tuple(
            LimitRow(
                Limit(Step(row.step), row.amount, Unit(row.unit), row.remind_share, row.supervise_share),
                row.category,
                row.area_path,
                row.area,
            )
            for row in rows
        )
