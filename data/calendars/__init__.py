"""Calendars: the days on which a year departs from Monday to Friday, by the government's yearly notice.

A file says all that departs within its own year, whichever notice said so. A year without a file is not known.
"""

from sqlalchemy import CheckConstraint, Column, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema import metadata, moment

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
