"""What every table shares: one metadata, own column types, ids, and the checked point columns."""

import secrets
import threading
import time
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Text,
    Uuid,
    func,
)
from sqlalchemy.types import UserDefinedType

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
metadata = MetaData(naming_convention=NAMES)


class Ltree(UserDefinedType[str]):
    """A path in the area tree: codes joined by dots."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "ltree"


class Xid8(UserDefinedType[int]):
    """A 64-bit transaction id, PostgreSQL's own order of things."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class _Ids:
    """Make UUIDv7 ids that rise strictly within this process (RFC 9562, 6.2 method 3)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> UUID:
        ticks = (time.time_ns() << 12) // 1_000_000  # 48 bits of milliseconds, 12 of fraction
        with self._lock:
            self._last = ticks = max(ticks, self._last + 1)
        head = (ticks >> 12) << 80 | 7 << 76 | (ticks & 0xFFF) << 64
        return UUID(int=head | 2 << 62 | secrets.randbits(62))


new_id = _Ids()
"""Make an id whose order is the order of making. The clock in it is no fact: nothing reads it back."""


def id_column() -> Column[UUID]:
    """Return the primary key: a UUIDv7 that the application makes."""
    return Column("id", Uuid, primary_key=True)


def one_of(column: str, values: type[StrEnum]) -> str:
    """Write the CHECK that keeps a text column to an enum."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


def moment(name: str, *, required: bool = True) -> Column[Any]:
    """Return a column for a point in time, with its offset."""
    return Column(name, DateTime(timezone=True), nullable=not required)


def area_path_column(*, required: bool = False) -> Column[str]:
    """Return the place in the tree by which row security decides who may see a row; none lies nowhere."""
    return Column("area_path", Ltree, nullable=not required)


def in_the_tree(area_id: str) -> ForeignKeyConstraint:
    """Return the key that keeps `area_path` true to an area column, also when the tree is rearranged."""
    return ForeignKeyConstraint([area_id, "area_path"], ["area.id", "area.path"], onupdate="CASCADE", match="FULL")


def changed_column() -> Column[int]:
    """Return the transaction that last touched a row: readers ask for all since a snapshot's horizon."""
    return Column("changed", Xid8, nullable=False, server_default=func.pg_current_xact_id())


def point_columns() -> list[Any]:
    """Return a WGS 84 point, its H3 cell (resolution 11) beside it, and the gate that keeps it on Earth."""
    return [
        Column("point", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        Column("cell", BigInteger, nullable=False),
        CheckConstraint(
            "NOT st_isempty(point) AND st_x(point) BETWEEN -180 AND 180 AND st_y(point) BETWEEN -90 AND 90",
            name="point_on_earth",
        ),
    ]


def shape_columns(kind: str, name: str = "shape", *, required: bool = True) -> list[Any]:
    """Return a WGS 84 shape and its generated Web Mercator copy, from which tiles are drawn."""
    return [
        Column(name, Geometry(kind, srid=4326, spatial_index=False), nullable=not required),
        Column(
            f"{name}_3857",
            Geometry(kind, srid=3857, spatial_index=False),
            Computed(f"st_transform({name}, 3857)", persisted=True),
        ),
        CheckConstraint(f"NOT st_isempty({name})", name=f"{name}_not_empty"),
    ]


def outline_columns() -> list[Column[Any]]:
    """Return a shape simplified for far (z ≤ 10), middle (11–12) and near (13–14) zooms; none: drawn as it is."""
    return [
        Column(f"outline_{zoom}", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False))
        for zoom in ("far", "middle", "near")
    ]


def source_ref_column() -> Column[str]:
    """Return what a loader knows a thing by in the file it came from, as `osm:w123`; none: drawn here."""
    return Column("source_ref", Text, unique=True)


@cache
def statement(name: str) -> str:
    """Read one of `data/sql/*.sql`."""
    return resources.files("data").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
