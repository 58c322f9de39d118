"""Clocks: how long each step of an incident has taken of the time it may take. Rows, written with the case."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Double, ForeignKey, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data.limits import Limit, Step, Unit
from data.schema import metadata, moment, one_of


class Paused(StrEnum):
    """Why a clock stands still."""

    SHELVED = "shelved"
    WAITING = "waiting"


clock = Table(
    "clock",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("round", SmallInteger, primary_key=True, autoincrement=False),
    Column("amount", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("remind_share", Double),
    Column("supervise_share", Double),
    Column("extra_seconds", Double, nullable=False, server_default=text("0")),
    moment("started_at"),
    moment("running_since", required=False),
    Column("ran", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("consumed_seconds", Double, nullable=False, server_default=text("0")),
    moment("due_at"),
    Column("missing_year", SmallInteger),
    Column("paused", Text),
    moment("ended_at", required=False),
    Column("late", Boolean),
    moment("reminded_at", required=False),
    moment("overdue_at", required=False),
    moment("supervised_at", required=False),
    CheckConstraint(one_of("step", Step), name="step"),
    CheckConstraint(one_of("unit", Unit), name="unit"),
    CheckConstraint(one_of("paused", Paused), name="paused"),
    CheckConstraint("round > 0 AND amount > 0", name="numbers"),
    CheckConstraint(
        "CASE WHEN ended_at IS NULL THEN late IS NULL AND (running_since IS NULL) = (paused IS NOT NULL)"
        " ELSE running_since IS NULL END",
        name="runs_rests_or_ended",
    ),
)
"""One for each step of an incident that has a limit, and each round: a step begun anew is the next round.

`ran` are the times it ran, `[[from, until], …]`, without the present one, which began at `running_since`; from them
`consumed_seconds` is counted, in the limit's own measure. `extra_seconds`, of the same measure, were granted beside the
limit. `late` none: it has not ended, was called off before it was due, or a year is missing from the calendar.
"""
