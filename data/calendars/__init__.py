"""Calendars: the days on which a year departs from Monday to Friday, by the government's yearly notice.

A file says all that departs within its own year, whichever notice said so. A year without a file is not known.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import CheckConstraint, Column, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata, moment

FIRST, LAST = 1949, 2200

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("holidays", JSONB, nullable=False),
    moment("loaded_at"),
    CheckConstraint("year BETWEEN 1949 AND 2200", name="year"),
    CheckConstraint("char_length(source) BETWEEN 1 AND 300", name="source"),
)
"""A town's own years; each replaces the one that is shipped. `holidays`: as the file has them, days as ISO dates."""

ALL = text("SELECT year, source, holidays FROM calendar_year ORDER BY year")
KEEP = text("""
    INSERT INTO calendar_year (year, source, holidays, loaded_at)
    VALUES (:year, :source, CAST(:holidays AS jsonb), clock_timestamp())
    ON CONFLICT (year) DO UPDATE
    SET source = excluded.source, holidays = excluded.holidays, loaded_at = excluded.loaded_at
""")


class CalendarFileError(ValueError):
    """A calendar that cannot be taken, and why, in a word."""


@dataclass(frozen=True, slots=True)
class Year:
    """One year: where it comes from, and the days that depart from Monday to Friday, with whether they are worked."""

    year: int
    source: str
    holidays: tuple[Mapping[str, Any], ...]
    days: Mapping[date, bool]


def year_of(given: Mapping[str, Any]) -> Year:
    """Read a year as its file has it: `year`, `source`, and of each `holiday` its `name`, days of `rest` and of `work`.

    Raises
    ------
    CalendarFileError
        If something is missing, a day is of another year or said to be both, or nothing departs at all.
    """
    year, source, holidays = given.get("year"), given.get("source"), given.get("holiday")
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST <= year <= LAST:
        raise CalendarFileError("year")
    if not isinstance(source, str) or not 1 <= len(source) <= 300:
        raise CalendarFileError("source")
    if not isinstance(holidays, list) or not holidays:
        raise CalendarFileError("holiday")
    days: dict[date, bool] = {}
    for one in holidays:
        for day, works in _days(one):
            if day.year != year:
                raise CalendarFileError(f"{day}: not of {year}")
            if day in days:
                raise CalendarFileError(f"{day}: named twice")
            days[day] = works
    return Year(year, source, tuple(_plain(one) for one in holidays), days)


def _days(one: Any) -> list[tuple[date, bool]]:
    if not isinstance(one, dict) or not isinstance(one.get("name"), str):
        raise CalendarFileError("holiday: name")
    rest, work = one.get("rest"), one.get("work", [])
    if not isinstance(rest, list) or not isinstance(work, list) or not rest:
        raise CalendarFileError("holiday: rest, work")
    return [(_day(day), False) for day in rest] + [(_day(day), True) for day in work]


def _day(given: Any) -> date:
    """Take a day as TOML or JSON has it; a time of day is none."""
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise CalendarFileError(f"{given}: no day") from None
    if type(day) is not date:
        raise CalendarFileError(f"{given}: no day")
    return day


def _plain(one: Mapping[str, Any]) -> dict[str, Any]:
    named = {key: str(one[key]) for key in ("name", "name_en") if key in one}
    return named | {key: [str(day) for day in one.get(key, [])] for key in ("rest", "work")}


def read_year(words: str) -> Year:
    """Read a year from the text of its TOML file.

    Raises
    ------
    CalendarFileError
        If it is none.
    """
    try:
        return year_of(tomllib.loads(words))
    except tomllib.TOMLDecodeError as error:
        raise CalendarFileError(str(error)) from None


@cache
def shipped() -> Mapping[int, Year]:
    """Return the years that come with the program."""
    files = sorted(resources.files("data.calendars").iterdir(), key=lambda file: file.name)
    years = [read_year(file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".toml")]
    return {one.year: one for one in years}


class Calendars:
    """Statements on a town's own years."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Mapping[int, Year]:
        """Read every year that is known: the shipped ones, and the town's own instead of or beside them."""
        own = [
            year_of({"year": row.year, "source": row.source, "holiday": row.holidays})
            for row in await self._connection.execute(ALL)
        ]
        return {**shipped(), **{one.year: one for one in own}}

    async def keep(self, one: Year) -> None:
        """Keep a year, in place of what was known of it."""
        holidays = json.dumps(one.holidays, ensure_ascii=False)
        await self._connection.execute(KEEP, {"year": one.year, "source": one.source, "holidays": holidays})
