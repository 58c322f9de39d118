"""One batch of positions: read from JSON, and written under row security from arrays or by COPY into a table beside."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import numpy as np
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.schemas.fields import Incoming, Moment, Position
from api.schemas.positions import gathered_in
from benchmarks.rows import Row, Side, interleave
from benchmarks.town import Bed
from data.engine import Role, engine_for
from data.person import anybody_with, serve
from data.positions import Fixes, Positions
from data.rights import EVERYWHERE, Permission, Rights
from geo.cells import cells_of

COPIED, MODELS = "COPY, then INSERT", "json, then models"
COLUMNS = ("worker_id", "lng", "lat", "cell", "accuracy_m", "fixed_at", "datum")
STAGED = """
    CREATE UNLOGGED TABLE staged (worker_id uuid, lng float8, lat float8, cell bigint, accuracy_m float8,
                                  fixed_at float8, datum text);
    GRANT SELECT, INSERT, TRUNCATE ON staged TO wangge_dispatcher;
"""
TAKE = text("""
    INSERT INTO worker_position AS p (worker_id, point, cell, accuracy_m, fixed_at, given_datum, heard_at)
    SELECT worker_id, st_setsrid(st_makepoint(lng, lat), 4326), cell, accuracy_m, to_timestamp(fixed_at), datum,
           clock_timestamp()
    FROM staged ORDER BY worker_id
    ON CONFLICT (worker_id) DO UPDATE
    SET point = excluded.point, cell = excluded.cell, accuracy_m = excluded.accuracy_m,
        fixed_at = excluded.fixed_at, given_datum = excluded.given_datum, changed = pg_current_xact_id(),
        heard_at = excluded.heard_at, still = false
    WHERE excluded.fixed_at > p.fixed_at
""")
SOMEBODY = anybody_with(Rights({Permission.WORKER_MOVE.value: (EVERYWHERE,)}))
HOW = "Within a person's transaction, row security on, fsync on; seconds from the first statement to the commit."
ROUNDS = 10


async def written(place: Bed, workers: Sequence[UUID], repetitions: int) -> list[Row]:
    """Write the same batch both ways, in turns."""
    await place.owner.execute(STAGED)
    engine = engine_for(place.url("wangge_server"), Role.DISPATCHER, pool_size=1)
    rng, n = np.random.default_rng(3), len(workers)
    ids = sorted(str(id_) for id_ in workers)
    lng, lat = 118.3 + rng.random(n) / 10, 27.0 + rng.random(n) / 10
    fixes = Fixes(ids, lng, lat, ["wgs84"] * n, np.full(n, time.time()), [8.0] * n)
    try:
        sides = {"ours": partial(_unnested, engine, fixes), COPIED: partial(_copied, engine, fixes)}
        for side in sides.values():
            await side()
        found = await interleave(sides, repetitions)
    finally:
        await engine.dispose()
    ours, peer = (
        Side(name, [sum(run) / len(run) * 1e3 for run in runs], [sum(run) for run in runs])
        for name, runs in found.items()
    )
    return [*_read(ids, repetitions), Row(f"one batch of {n:,}, written", "mean", "ms", ours, peer, how=HOW)]


class _Model(Position):
    worker: UUID
    fixed_at: Moment
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False, strict=True)] | None = None


class _Body(Incoming):
    positions: list[_Model]


def _read(ids: Sequence[str], repetitions: int) -> list[Row]:
    """Read the same body our way, and as FastAPI does."""
    fix = {"lng": 118.3512345, "lat": 27.0512345, "datum": "wgs84", "accuracy_m": 8.0}
    fixes = [fix | {"worker": id_, "fixed_at": "2026-11-20T12:00:00.123456+00:00"} for id_ in ids]
    body = json.dumps({"positions": fixes}).encode()
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: gathered_in(body),
        MODELS: lambda: _Body.model_validate(json.loads(body)),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions):
        for name, way in ways.items():
            began = time.process_time()
            for _ in range(ROUNDS):
                way()
            found[name].append((time.process_time() - began) / ROUNDS)
    ours, peer = (Side(name, [each * 1e3 for each in runs], runs) for name, runs in found.items())
    return [Row(f"one batch of {len(ids):,}, read", "CPU", "ms", ours, peer, how="Body to columns, or to models.")]


def _now(fixes: Fixes) -> Fixes:
    return replace(fixes, fixed_at=np.full(len(fixes.ids), time.time()))


async def _unnested(engine: AsyncEngine, fixes: Fixes) -> list[float]:
    each = []
    for _ in range(ROUNDS):
        newer, began = _now(fixes), time.perf_counter()
        async with engine.begin() as connection:
            await serve(connection, SOMEBODY, Permission.WORKER_MOVE)
            kept = await Positions(connection).keep(newer)
        each.append(time.perf_counter() - began)
        assert kept == len(fixes.ids), kept
    return each


async def _copied(engine: AsyncEngine, fixes: Fixes) -> list[float]:
    each = []
    for _ in range(ROUNDS):
        newer, began = _now(fixes), time.perf_counter()
        async with engine.begin() as connection:
            await serve(connection, SOMEBODY, Permission.WORKER_MOVE)
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cells = cells_of(newer.lng, newer.lat).tolist()
            columns = (newer.ids, newer.lng.tolist(), newer.lat.tolist(), cells, newer.accuracy_m)
            rows = list(zip(*columns, newer.fixed_at.tolist(), newer.datum, strict=True))
            await connection.execute(text("TRUNCATE staged"))
            await raw.copy_records_to_table("staged", records=rows, columns=COLUMNS)
            kept = (await connection.execute(TAKE)).rowcount
        each.append(time.perf_counter() - began)
        assert kept == len(fixes.ids), kept
    return each
