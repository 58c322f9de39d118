"""Every table, so that the metadata is whole."""

from data import (
    answers,
    areas,
    categories,
    grids,
    ground,
    households,
    incidents,
    outbox,
    tasks,
    tokens,
    town,
    workers,
)
from data.schema import metadata

__all__ = [
    "answers",
    "areas",
    "categories",
    "grids",
    "ground",
    "households",
    "incidents",
    "metadata",
    "outbox",
    "tasks",
    "tokens",
    "town",
    "workers",
]
