"""Incidents drawn by numpy as rows of the ledger's own COPY format, and from them the rows of a town's tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import numpy as np
from numpy.typing import NDArray

from data.incidents import Disposition, Status
from data.ledger import COPY_HEAD, DISPOSITIONS, EPOCH_US, NONE, ROW, STATUSES, STEPS, TIMES

FIRST, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 365
DAY_US, HOUR_US, MINUTE_US = 86_400_000_000, 3_600_000_000, 60_000_000
AT_ONCE = 100_000
KINDS = {"V16": "uuid", ">i2": "int2", ">i4": "int4", ">i8": "int8"}
NAMES = tuple(name for name in ROW.names or () if name != "fields" and not name.endswith("_long"))
STAGED = f"""
    CREATE UNLOGGED TABLE drawn ({
    ", ".join(f"{name} {'timestamptz' if name in TIMES else KINDS[ROW[name].str.replace('|', '')]}" for name in NAMES)
})
"""
INTO_INCIDENT = f"""
    WITH c AS (SELECT code, layer, urgency, row_number() OVER (ORDER BY code) - 1 AS n FROM category),
    a AS (SELECT path, row_number() OVER (ORDER BY path) - 1 AS n FROM area),
    w AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM worker)
    INSERT INTO incident (id, category, layer, urgency, status, disposition, description, point, cell, given_lng,
        given_lat, given_datum, reporter, reported_at, filed_at, deadline_at, closed_at, area_path, accepted_at,
        scene_at, handled_at, reworks, reopenings, handler_id, stars, solved)
    SELECT d.id, c.code, c.layer, c.urgency, ('{{{",".join(STATUSES)}}}'::text[])[d.status + 1],
        ('{{{",".join(DISPOSITIONS)}}}'::text[])[nullif(d.disposition, -1) + 1], 'x',
        st_setsrid(st_makepoint(118.3, 27.0), 4326), 1, 118.3, 27.0, 'wgs84', 'account:1', d.reported_at, d.filed_at,
        d.reported_at + interval '2 hours', nullif(d.closed_at, '-infinity'), a.path,
        nullif(d.accepted_at, '-infinity'), nullif(d.scene_at, '-infinity'), nullif(d.handled_at, '-infinity'),
        d.reworks, d.reopenings, w.id, nullif(d.stars, 0), CASE WHEN d.stars > 0 THEN d.solved = 1 END
    FROM drawn d JOIN c ON c.n = d.category LEFT JOIN a ON a.n = d.area LEFT JOIN w ON w.n = d.handler
    ORDER BY d.id
"""
INTO_CLOCK = """
    INSERT INTO clock (incident_id, step, round, amount, unit, started_at, running_since, due_at, ended_at, late)
    SELECT d.id, 'handle', 1, 120, 'minutes', d.reported_at,
        CASE WHEN d.late_handle < 0 THEN d.reported_at END, d.reported_at + interval '2 hours',
        CASE WHEN d.late_handle >= 0 THEN d.handled_at END, CASE WHEN d.late_handle >= 0 THEN d.late_handle = 1 END
    FROM drawn d ORDER BY d.id
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many categories, areas and workers there are to draw from; `grids` are the places of areas that are grids."""

    categories: int
    grids: NDArray[np.int64]
    workers: int


def drawn(count: int, extent: Extent, seed: int = 8) -> Iterator[NDArray[np.void]]:
    """Draw a year of incidents, some at a time, their ids in the order of reporting."""
    rng = np.random.default_rng(seed)
    start = int(FIRST.timestamp()) * 1_000_000 - EPOCH_US
    for first in range(0, count, AT_ONCE):
        here = min(AT_ONCE, count - first)
        share = np.arange(first, first + here) / count
        reported = start + (share * DAYS * DAY_US).astype(np.int64)
        yield _rows(rng, first, reported, extent)


def _rows(rng: np.random.Generator, first: int, reported: NDArray[np.int64], extent: Extent) -> NDArray[np.void]:
    count = len(reported)
    rows = np.zeros(count, ROW)
    rows["fields"] = len(NAMES)
    for name in NAMES:
        rows[f"{name}_long"] = ROW[name].itemsize
    ids = np.zeros((count, 16), np.uint8)
    ids[:, :8] = ((np.arange(first, first + count) + 1) << 16).astype(">u8").view(np.uint8).reshape(-1, 8)
    ids[:, 6], ids[:, 8] = 0x70, 0x80  # as of UUIDv7, whose first 48 bits rise
    rows["id"] = ids.view("V16").ravel()
    closed, aside, open_ = (STATUSES.index(one) for one in (Status.CLOSED, Status.VOID, Status.DISPATCHED))
    status = rng.choice([closed, aside, open_], count, p=[0.92, 0.03, 0.05])
    accepted = reported + (rng.exponential(4, count) * MINUTE_US).astype(np.int64)
    scene = accepted + (rng.exponential(10, count) * MINUTE_US).astype(np.int64)
    handled = scene + (rng.exponential(3, count) * HOUR_US).astype(np.int64)
    is_closed = status == closed
    judged = is_closed & (rng.random(count) < 0.4)
    late = np.where(is_closed, handled > reported + 2 * HOUR_US, -1)
    facts: dict[str, Any] = {
        "category": rng.integers(0, extent.categories, count),
        "area": rng.choice(extent.grids, count),
        "status": status,
        "disposition": np.where(is_closed, DISPOSITIONS.index(Disposition.RESOLVED), -1),
        "reported_at": reported,
        "filed_at": reported,
        "closed_at": np.where(is_closed, handled + (rng.exponential(9, count) * HOUR_US).astype(np.int64), NONE),
        "accepted_at": accepted,
        "scene_at": np.where(status == open_, NONE, scene),
        "handled_at": np.where(is_closed, handled, NONE),
        "reworks": rng.random(count) < 0.03,
        "reopenings": rng.random(count) < 0.02,
        "handler": np.where(is_closed, rng.integers(0, extent.workers, count), -1),
        "department": -1,
        "stars": np.where(judged, rng.integers(1, 6, count), 0),
        "solved": np.where(judged, rng.random(count) < 0.95, -1),
    }
    for step in STEPS:
        facts |= {f"late_{step}": late if step == "handle" else -1, f"due_{step}": NONE}
    for name, values in facts.items():
        rows[name] = values
    return rows


async def stage(owner: "asyncpg.Connection[Any]", count: int) -> None:
    """Put so many incidents with their clocks into a town's tables."""
    places = await owner.fetch("SELECT level = 'grid' AS is_grid FROM area ORDER BY path")
    grids = np.flatnonzero([row["is_grid"] for row in places])
    sizes = [int(await owner.fetchval(f"SELECT count(*) FROM {table}")) for table in ("category", "worker")]
    await owner.execute(STAGED)

    async def parts() -> Any:
        yield b"PGCOPY\n\xff\r\n\0".ljust(COPY_HEAD, b"\0")
        for rows in drawn(count, Extent(sizes[0], grids, sizes[1])):
            yield rows.tobytes()
        yield b"\xff\xff"

    await owner.copy_to_table("drawn", source=parts(), format="binary")
    for statement in (
        INTO_INCIDENT,
        INTO_CLOCK,
        "DROP TABLE drawn",
        "VACUUM ANALYZE incident",
        "VACUUM ANALYZE clock",
    ):
        await owner.execute(statement)
