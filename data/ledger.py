"""What figures are made of: every incident as a row of equal length, read as arrays without a Python object for each."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.incidents import Disposition, Status
from data.limits import Step
from data.schema import statement

AT_ONCE = 100_000
"""Rows read by one statement: some 30 MB on the way."""
STATUSES, DISPOSITIONS, STEPS = tuple(Status), tuple(Disposition), tuple(Step)
MOMENTS = ("reported_at", "filed_at", "closed_at", "accepted_at", "scene_at", "handled_at")
NONE = np.iinfo(np.int64).min
"""A moment that has not come: '-infinity' to PostgreSQL, not a time to numpy."""
EPOCH_US = 946_684_800_000_000
"""PostgreSQL counts microseconds from the beginning of 2000, numpy from that of 1970."""
_FIELDS = (
    ("id", "V16"),
    *((name, ">i4") for name in ("category", "layer", "area")),
    *((name, ">i2") for name in ("status", "disposition")),
    *((name, ">i8") for name in MOMENTS),
    *((name, ">i2") for name in ("reworks", "reopenings")),
    *((name, ">i4") for name in ("handler", "department")),
    *((name, ">i2") for name in ("stars", "solved")),
    *((f"late_{step}", ">i2") for step in STEPS),
    *((f"due_{step}", ">i8") for step in STEPS),
)
ROW = np.dtype(
    [("fields", ">i2"), *(part for name, kind in _FIELDS for part in ((f"{name}_long", ">i4"), (name, kind)))]
)
COPY_HEAD, COPY_TAIL = 19, 2
TIMES = frozenset({*MOMENTS, *(f"due_{step}" for step in STEPS)})

_CLOCKS = ", ".join(
    f"max(late::int4) FILTER (WHERE step = '{step}' AND ended_at IS NOT NULL) AS late_{step}, "
    f"min(due_at) FILTER (WHERE step = '{step}' AND ended_at IS NULL AND paused IS NULL AND missing_year IS NULL)"
    f" AS due_{step}"
    for step in STEPS
)
_OUTCOMES = ", ".join(
    [f"coalesce(k.late_{step}, -1)::int2" for step in STEPS]
    + [f"coalesce(k.due_{step}, '-infinity')" for step in STEPS]
)


def _statement(which: str, also: str = "", also_clocks: str = "") -> str:
    return statement("ledger").format(
        which=which.format("id") + also,
        which_clocks=which.format("incident_id") + also_clocks,
        clocks=_CLOCKS,
        outcomes=_OUTCOMES,
        statuses="{" + ",".join(STATUSES) + "}",
        dispositions="{" + ",".join(DISPOSITIONS) + "}",
    )


BETWEEN = _statement("{0} >= $1 AND {0} < $2")
TOUCHED = _statement(
    "{0} >= $1 AND {0} < $2",
    " AND (reported_at BETWEEN $3 AND $4 OR filed_at BETWEEN $3 AND $4 OR closed_at BETWEEN $3 AND $4)",
    " AND incident_id IN (SELECT id FROM chosen)",
)
OF = _statement("{0} = ANY($1)")
STARTS = text("""
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM incident) AS numbered
    WHERE place % :at_once = 0 ORDER BY id
""")
NAMES = {
    "category": text("SELECT code FROM category ORDER BY code"),
    "layer": text("SELECT code FROM grid_layer ORDER BY code"),
    "area": text("SELECT ltree2text(path) FROM area ORDER BY path"),
    "worker": text("SELECT id FROM worker ORDER BY id"),
}
BEYOND = UUID(int=(1 << 128) - 1)
CODED = {"category": "category", "layer": "layer", "area": "area", "handler": "worker", "department": "worker"}
"""Columns that hold a place in a list of names, and in which; -1: none."""


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Incidents as columns (k,) by the fields of ROW: ids as 16 bytes, moments as microseconds since 1970, `NONE` for none.

    `late_<step>`: 1 if any round of that clock ended late, 0 if all that ended were in time, -1 if none has;
    `due_<step>`: when the round that runs is due. `solved`: 1, 0, -1 for nobody has said; `stars` 0: nobody has.
    """

    columns: Mapping[str, NDArray[Any]]
    names: Mapping[str, Sequence[Any]]
    """What codes stand for: codes of categories and layers, paths of areas, ids of workers."""


def entries_of(copied: bytes, names: Mapping[str, Sequence[Any]]) -> Entries:
    """Read what COPY wrote."""
    rows = np.frombuffer(copied, dtype=ROW)
    columns: dict[str, NDArray[Any]] = {"id": np.ascontiguousarray(rows["id"]).view("S16")}
    for name, _ in _FIELDS[1:]:
        column = rows[name].astype(rows[name].dtype.newbyteorder("="))
        if name in TIMES:
            column[column != NONE] += EPOCH_US
        columns[name] = column
    return Entries(columns, names)


class LedgerRows:
    """Statements on what figures are made of. All that is read at one moment needs one snapshot."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def names(self) -> dict[str, list[Any]]:
        """Read what the codes of rows read in this snapshot stand for."""
        return {kind: list((await self._connection.execute(wanted)).scalars()) for kind, wanted in NAMES.items()}

    async def all(self, touching: tuple[datetime, datetime] | None = None) -> AsyncIterator[bytes]:
        """Read every incident, or those reported, filed or closed in a period; some at a time, by id: for `entries_of`."""
        await self._connection.execute(text("SET LOCAL statement_timeout = 0"))
        starts = list((await self._connection.execute(STARTS, {"at_once": AT_ONCE})).scalars())
        for start, end in pairwise([*starts, BEYOND]):
            page = self._copied(TOUCHED, start, end, *touching) if touching else self._copied(BETWEEN, start, end)
            yield await page

    async def of(self, ids: Collection[UUID]) -> bytes:
        """Read these incidents, by id; those that there are not are left out."""
        return await self._copied(OF, list(ids))

    async def _copied(self, query: str, *bound: object) -> bytes:
        raw: Any = (await self._connection.get_raw_connection()).driver_connection
        read = bytearray()

        async def take(part: bytes) -> None:
            read.extend(part)

        await raw.copy_from_query(query, *bound, output=take, format="binary")
        return bytes(read[COPY_HEAD:-COPY_TAIL])
