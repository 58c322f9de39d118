"""The read side: SQL straight to what a page or a caller is shown, as JSON text that is passed on untouched."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import statement

INCIDENT_ROWS = text(statement("incident_row"))
TASK_ROWS = text(statement("task_row") + "WHERE t.id = ANY(CAST(:ids AS uuid[]))")
TASKS_GOING_ON = text(
    "SELECT id, incident_id FROM task WHERE incident_id = ANY(:ids) AND status IN ('offered', 'accepted', 'on_scene')"
)
TASKS_OF_WORKER = text(
    statement("task_row")
    + """WHERE t.worker_id = ANY(:responders) AND (t.ended_at IS NULL OR t.ended_at > now() - interval '12 hours')
    ORDER BY t.ended_at IS NOT NULL, t.id DESC LIMIT 200"""
)
OPEN_IDS = text("""
    SELECT id FROM incident WHERE status NOT IN ('closed', 'rejected', 'void', 'duplicate')
    ORDER BY id DESC LIMIT :limit
""")
LIST_IDS = text("""
    SELECT i.id FROM incident i LEFT JOIN grid g ON g.id = i.grid_id
    WHERE (CAST(:after AS uuid) IS NULL OR i.id < :after)
      AND (CAST(:status AS text) IS NULL OR i.status = :status)
      AND (CAST(:category AS text) IS NULL OR i.category = :category)
      AND (CAST(:grid AS text) IS NULL OR g.code = :grid)
      AND (NOT CAST(:open AS boolean) OR i.status NOT IN ('closed', 'rejected', 'void', 'duplicate'))
    ORDER BY i.id DESC LIMIT :limit
""")
FIGURES = text(statement("figures"))
HISTORY = text(statement("history"))
GRIDS = text(statement("grids_geojson"))
VERSIONS = text(statement("grid_versions"))
GRID_COUNTS = text("""
    WITH here AS (SELECT * FROM grid WHERE layer = :layer AND valid @> clock_timestamp()),
    open AS (
        SELECT CASE WHEN i.layer = :layer THEN was.area_id ELSE (
            SELECT h.area_id FROM here h WHERE st_covers(h.shape, i.point) ORDER BY h.code LIMIT 1) END AS area_id
        FROM incident i LEFT JOIN grid was ON was.id = i.grid_id
        WHERE i.status NOT IN ('closed', 'rejected', 'void', 'duplicate')
    )
    SELECT here.id, here.code, here.name, count(open.area_id) AS open
    FROM here LEFT JOIN open ON open.area_id = here.area_id
    GROUP BY here.id, here.code, here.name ORDER BY here.code
""")
BOUNDS = text("""
    SELECT st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)
    FROM (SELECT coalesce((SELECT st_extent(shape) FROM grid WHERE valid @> clock_timestamp()),
                          (SELECT st_extent(shape) FROM area)) AS e) AS extent
    WHERE e IS NOT NULL
""")
CATEGORIES = text("""
    SELECT code, name, name_en, urgency, layer, kind, skill, ranking, exclusive, deadline_minutes,
           ARRAY(SELECT d.department_id FROM category_department d WHERE d.category = code ORDER BY 1) AS departments
    FROM category ORDER BY array_position(ARRAY['emergency', 'urgent', 'ordinary'], urgency), code = 'other', code
""")
WORKER_NAMES = text("""
    SELECT id, code, CASE kind WHEN 'person' THEN left(name, 1) || '*' ELSE name END AS name, role, kind FROM worker
""")
WORKER = text("""
    SELECT id, code, CASE kind WHEN 'person' THEN left(name, 1) || '*' ELSE name END AS name FROM worker WHERE id = :id
""")
NOW = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents a list shall hold; `after` is the id the last page ended with."""

    status: str | None = None
    category: str | None = None
    grid: str | None = None
    open: bool = False
    after: UUID | None = None
    limit: int = 100


class Board:
    """What can be read."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def now(self) -> datetime:
        """Read PostgreSQL's clock."""
        moment: datetime = (await self._connection.execute(NOW)).scalar_one()
        return moment

    async def incidents(self, ids: Sequence[UUID]) -> list[str]:
        """Return the JSON rows of these incidents, in the order asked; unknown ids are left out."""
        found = await self.rows(ids)
        return [found[id_] for id_ in ids if id_ in found]

    async def rows(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """Return the JSON row of each of these incidents that there is."""
        rows = await self._connection.execute(INCIDENT_ROWS, {"ids": list(ids)})
        return {row.id: row.row for row in rows}

    async def open_incidents(self, limit: int = 2000) -> list[str]:
        """Return the JSON rows of what is open, the newest first."""
        ids = (await self._connection.execute(OPEN_IDS, {"limit": limit})).scalars().all()
        return await self.incidents(ids)

    async def page(self, wanted: Wanted) -> tuple[list[str], UUID | None]:
        """Return one page of JSON rows, the newest first, and the id after which the next page starts."""
        bound = {
            "after": wanted.after,
            "status": wanted.status,
            "category": wanted.category,
            "grid": wanted.grid,
            "open": wanted.open,
            "limit": wanted.limit + 1,
        }
        ids = list((await self._connection.execute(LIST_IDS, bound)).scalars())
        page = ids[: wanted.limit]
        return await self.incidents(page), page[-1] if len(ids) > len(page) else None

    async def history(self, id_: UUID) -> tuple[str, str]:
        """Return an incident's history and its last list of candidates, both as JSON text."""
        row = (await self._connection.execute(HISTORY, {"id": id_})).one()
        return row.history, row.candidates or "[]"

    async def tasks(self, ids: Collection[UUID]) -> dict[UUID, tuple[UUID, str]]:
        """Return for each of these tasks that there is its worker and its JSON row."""
        rows = await self._connection.execute(TASK_ROWS, {"ids": list(ids)})
        return {row.id: (row.worker_id, row.row) for row in rows}

    async def tasks_going_on(self, incidents: Collection[UUID]) -> dict[UUID, UUID]:
        """Return the tasks somebody has at these incidents, each with its incident."""
        rows = await self._connection.execute(TASKS_GOING_ON, {"ids": list(incidents)})
        return {row.id: row.incident_id for row in rows}

    async def tasks_of(self, responders: Collection[UUID]) -> list[str]:
        """Return the active tasks of a worker and its units and those ended within twelve hours, active and newest first."""
        rows = await self._connection.execute(TASKS_OF_WORKER, {"responders": list(responders)})
        return [row.row for row in rows]

    async def figures(self) -> dict[str, Any]:
        """Return the key figures that are counted over incidents."""
        return dict((await self._connection.execute(FIGURES)).one()._mapping)

    async def grid_counts(self, layer: str) -> list[dict[str, Any]]:
        """Return the layer's grids with the number of open incidents in each, by code.

        An incident stays with its grid's area through a redraw; one of another layer counts where it lies.
        """
        return _dicts(await self._connection.execute(GRID_COUNTS, {"layer": layer}))

    async def grids(self, layer: str, at: datetime | None = None) -> list[str]:
        """Return the layer's grids in force at a moment, or now, as GeoJSON features (text), by code."""
        return list((await self._connection.execute(GRIDS, {"layer": layer, "at": at})).scalars())

    async def versions(self, code: str, layer: str | None) -> list[str]:
        """Return every version of the grids under a code, with where their ground came from and went (JSON text)."""
        return list((await self._connection.execute(VERSIONS, {"code": code, "layer": layer})).scalars())

    async def bounds(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of all grids in degrees; None when there are none."""
        row = (await self._connection.execute(BOUNDS)).one_or_none()
        return None if row is None else (row[0], row[1], row[2], row[3])

    async def categories(self) -> list[dict[str, Any]]:
        """Return every category, the most urgent first, `other` last."""
        return _dicts(await self._connection.execute(CATEGORIES))

    async def worker_names(self) -> dict[UUID, dict[str, Any]]:
        """Return code, name (a person's masked), role and kind of every worker."""
        rows = await self._connection.execute(WORKER_NAMES)
        return {row.id: {"code": row.code, "name": row.name, "role": row.role, "kind": row.kind} for row in rows}

    async def worker(self, id_: UUID) -> dict[str, Any] | None:
        """Return id, code and masked name of one worker."""
        row = (await self._connection.execute(WORKER, {"id": id_})).one_or_none()
        return None if row is None else dict(row._mapping)


def _dicts(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in rows]
