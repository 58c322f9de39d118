"""The peer of a report: the same work as one statement written by hand for PostGIS, in one round trip."""

from typing import Any

import asyncpg

from data.demo.reports import Report
from data.schema import new_id
from geo.cells import cell_of
from geo.point import Point

RECEIVE = """
WITH at AS (
    SELECT st_setsrid(st_makepoint($3::float8, $4::float8), 4326) AS point
), rule AS (
    SELECT * FROM category WHERE code = $2
), here AS (
    SELECT g.id, g.code, g.area_path FROM grid g, rule, at
    WHERE g.layer = rule.layer AND g.valid @> clock_timestamp() AND st_covers(g.shape, at.point)
    ORDER BY g.code COLLATE "C" LIMIT 1
), clock AS (
    SELECT (clock_timestamp() AT TIME ZONE time_zone)::time AS now FROM town
), able AS MATERIALIZED (
    SELECT w.id, w.code, st_distance(p.point::geography, at.point::geography, false) AS metres
    FROM worker w JOIN worker_position p ON p.worker_id = w.id, rule, at, clock
    WHERE rule.skill = ANY(w.skills) AND p.fixed_at >= clock_timestamp() - interval '5 minutes'
      AND CASE WHEN w.shift_starts < w.shift_ends THEN clock.now >= w.shift_starts AND clock.now < w.shift_ends
               ELSE clock.now >= w.shift_starts OR clock.now < w.shift_ends OR w.shift_starts = w.shift_ends END
), chosen AS MATERIALIZED (
    SELECT w.id, able.metres FROM able JOIN worker w ON w.id = able.id
    WHERE NOT w.holds_exclusive AND w.active_tasks < w.capacity
    ORDER BY able.metres, able.code COLLATE "C" LIMIT 1 FOR UPDATE OF w SKIP LOCKED
), booked AS (
    UPDATE worker w SET active_tasks = w.active_tasks + 1, changed = pg_current_xact_id()
    FROM chosen WHERE w.id = chosen.id RETURNING w.id, w.code
), filed AS (
    INSERT INTO incident (id, category, layer, urgency, status, description, address, point, cell, given_lng,
                          given_lat, given_datum, grid_id, area_path, reporter, reported_at, filed_at, deadline_at)
    SELECT $1, rule.code, rule.layer, rule.urgency, CASE WHEN EXISTS (SELECT FROM booked) THEN 'dispatched'
           ELSE 'filed' END, $6, $7, at.point, $5, $3, $4, 'wgs84', (SELECT id FROM here),
           (SELECT area_path FROM here), $8, now(), now(), now() + make_interval(mins => rule.deadline_minutes)
    FROM rule, at
), offered AS (
    INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, metres, offered_at, offer_expires_at,
                      layer, area_path)
    SELECT $9, $1, chosen.id, 'offered', 1, false, chosen.metres, now(),
           now() + make_interval(secs => rule.offer_seconds), rule.layer, (SELECT area_path FROM here)
    FROM chosen, rule
), shown AS (
    SELECT jsonb_build_object('candidates', jsonb_agg(jsonb_build_object('code', code, 'metres', metres))) AS facts
    FROM (SELECT code, metres FROM able ORDER BY metres, code COLLATE "C" LIMIT 12) AS first
), lines AS (
    INSERT INTO incident_event (incident_id, task_id, at, kind, status_from, status_to, actor, facts)
    SELECT $1, NULL, now(), 'filed', NULL, 'filed', $8, '{}'::jsonb
    UNION ALL SELECT $1, $9, now(), 'offered', 'filed', 'dispatched', 'rules', shown.facts FROM shown, chosen
), told AS (
    INSERT INTO outbox (kind, subject_id, at)
    SELECT 'incident', $1::uuid, now() UNION ALL SELECT 'task', $9::uuid, now() FROM chosen
)
SELECT (SELECT code FROM here) AS grid, (SELECT code FROM booked) AS worker
"""


class Hand:
    """A connection that files reports by the statement above, for categories that are nearest and not exclusive."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection

    async def report(self, told: Report) -> tuple[str | None, str | None]:
        """File one report; return the codes of its grid and of the worker it was offered to."""
        cell = cell_of(Point(told.lng, told.lat))
        where = (told.lng, told.lat, cell, told.description, told.address, told.reporter)
        row = await self._connection.fetchrow(RECEIVE, new_id(), told.category, *where, new_id())
        assert row is not None
        return row["grid"], row["worker"]

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()
