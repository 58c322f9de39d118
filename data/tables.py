"""Every table, so that the metadata is whole."""

from data import (
    accounts,
    answers,
    areas,
    attempts,
    audit,
    categories,
    grids,
    ground,
    households,
    incidents,
    outbox,
    rights,
    tasks,
    tokens,
    town,
    workers,
)
from data.schema import metadata

__all__ = [
    "accounts",
    "answers",
    "areas",
    "attempts",
    "audit",
    "categories",
    "grids",
    "ground",
    "households",
    "incidents",
    "metadata",
    "outbox",
    "rights",
    "tasks",
    "tokens",
    "town",
    "workers",
]
