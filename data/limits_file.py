"""Files of limits: a town's working hours and all of its time limits, as TOML; what is not in the file ends."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.limits import REMIND_SHARE, SUPERVISE_SHARE, Limit, LimitRow, Step, Unit

MOST = 1_000_000
KEYS = frozenset({"category", "area", "step", "amount", "unit", "remind", "supervise"})
UNKNOWN = text("""
    SELECT DISTINCT coalesce('category ' || nullif(given.category, c.code), 'area ' || given.area) AS what
    FROM unnest(CAST(:categories AS text[]), CAST(:areas AS text[])) AS given (category, area)
    LEFT JOIN category c ON c.code = given.category LEFT JOIN area a ON a.code = given.area
    WHERE given.category IS NOT NULL AND c.code IS NULL OR given.area IS NOT NULL AND a.code IS NULL ORDER BY what
""")
HOURS = text("UPDATE town SET working_hours = CAST(:hours AS jsonb)")
END_ALL = text("DELETE FROM time_limit")
ADD = text("""
    INSERT INTO time_limit (id, category, area_id, step, amount, unit, remind_share, supervise_share)
    SELECT gen_random_uuid(), g.category, a.id, g.step, g.amount, g.unit, g.remind, g.supervise
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
        category text, area text, step text, amount integer, unit text, remind float8, supervise float8)
    LEFT JOIN area a ON a.code = g.area
""")


class LimitsFileError(ValueError):
    """A file of limits that cannot be taken, and why, in a word."""


@dataclass(frozen=True, slots=True)
class LimitsFile:
    """What a file says; `hours` None: those of the town stay as they are."""

    rows: tuple[LimitRow, ...]
    hours: tuple[tuple[time, time], ...] | None = None


def read_limits(words: str) -> LimitsFile:
    """Read a file: `working_hours = [["08:00", "12:00"], …]` and one `[[limit]]` after another.

    Raises
    ------
    LimitsFileError
        If it is none, something in it is out of range, or two limits are for the same.
    """
    try:
        given = tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        raise LimitsFileError(str(error)) from None
    limits = given.get("limit", [])
    if given.keys() - {"limit", "working_hours"} or not isinstance(limits, list):
        raise LimitsFileError("only working_hours and [[limit]] stand in it")
    rows = tuple(limit_row(one, number) for number, one in enumerate(limits, 1))
    seen = {(row.category, row.area, row.limit.step) for row in rows}
    if len(seen) < len(rows):
        raise LimitsFileError("two limits for the same category, area and step")
    hours = given.get("working_hours")
    return LimitsFile(rows, None if hours is None else read_hours(hours))


def read_hours(given: Any) -> tuple[tuple[time, time], ...]:
    """Read the hours of a working day: in order, apart, at least one.

    Raises
    ------
    LimitsFileError
        If they are none.
    """
    try:
        hours = tuple((time.fromisoformat(starts), time.fromisoformat(ends)) for starts, ends in given)
    except (TypeError, ValueError):
        raise LimitsFileError("working_hours") from None
    every = [moment for span in hours for moment in span]
    aware = any(moment.tzinfo is not None for moment in every)
    if not hours or aware or any(later <= earlier for earlier, later in pairwise(every)):
        raise LimitsFileError("working_hours: in order and apart")
    return hours


def limit_row(given: Any, number: int) -> LimitRow:
    """Read one limit, the `number`-th of its file; the path of its area is not looked up.

    Raises
    ------
    LimitsFileError
        If it is none.
    """
    if not isinstance(given, dict) or given.keys() - KEYS:
        raise LimitsFileError(f"limit {number}: {', '.join(sorted(KEYS))}")
    try:
        limit = Limit(Step(given["step"]), given["amount"], Unit(given["unit"]), *_shares(given))
    except (KeyError, ValueError, TypeError):
        raise LimitsFileError(f"limit {number}: step, amount, unit, remind, supervise") from None
    named = [given.get("category"), given.get("area")]
    if type(limit.amount) is not int or not 1 <= limit.amount <= MOST:
        raise LimitsFileError(f"limit {number}: amount")
    if any(one is not None and not isinstance(one, str) for one in named):
        raise LimitsFileError(f"limit {number}: category, area")
    return LimitRow(limit, given.get("category"), None, given.get("area"))


def _shares(given: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Read at which shares it is reminded and supervised; 0 is never."""
    remind, supervise = float(given.get("remind", REMIND_SHARE)), float(given.get("supervise", SUPERVISE_SHARE))
    if not (0 <= remind < 1) or not (supervise == 0 or 1 < supervise < MOST):
        raise ValueError
    return remind or None, supervise or None


class LimitFiles:
    """Statements by which the tables' owner takes over a file."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def unknown(self, rows: Sequence[LimitRow]) -> list[str]:
        """Return the categories and areas there are none of."""
        bound = {"categories": [row.category for row in rows], "areas": [row.area for row in rows]}
        return list(await self._connection.scalars(UNKNOWN, bound))

    async def replace(self, file: LimitsFile) -> None:
        """Let a file's limits, and its hours if it has any, be the town's."""
        rows = [
            {
                "category": row.category,
                "area": row.area,
                "step": row.limit.step,
                "amount": row.limit.amount,
                "unit": row.limit.unit,
                "remind": row.limit.remind_share,
                "supervise": row.limit.supervise_share,
            }
            for row in file.rows
        ]
        await self._connection.execute(END_ALL)
        await self._connection.execute(ADD, {"rows": json.dumps(rows)})
        if file.hours is not None:
            hours = json.dumps([[starts.isoformat(), ends.isoformat()] for starts, ends in file.hours])
            await self._connection.execute(HOURS, {"hours": hours})
