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
    SELECT (clock_timestamp() AT TIME ZONE time_zone)::time AS now,
           extract(isodow FROM clock_timestamp() AT TIME ZONE time_zone) AS today,
           extract(isodow FROM clock_timestamp() AT TIME ZONE time_zone - interval '1 day') AS yesterday
    FROM town
), able AS MATERIALIZED (
    SELECT w.id, w.code, w.rest_until > clock_timestamp() IS TRUE AS rests,
           st_distance(p.point::geography, at.point::geography, false) AS metres
    FROM worker w JOIN worker_position p ON p.worker_id = w.id, rule, at, clock
    WHERE w.kind = 'person' AND w.role <> 'duty_chief' AND (rule.skill IS NULL OR rule.skill = ANY(w.skills))
      AND (rule.mobile OR w.employment IS DISTINCT FROM 'mobile')
      AND CASE WHEN p.still THEN greatest(p.fixed_at, p.heard_at) ELSE p.fixed_at END
          >= clock_timestamp() - interval '5 minutes'
      AND EXISTS (SELECT FROM duty_pattern d WHERE d.worker_id = w.id AND (
          d.weekday = clock.today AND clock.now >= d.starts AND (clock.now < d.ends OR d.ends <= d.starts)
          OR d.weekday = clock.yesterday AND d.ends <= d.starts AND clock.now < d.ends))
      AND NOT EXISTS (SELECT FROM reservation r WHERE r.worker_id = w.id AND r.during @> clock_timestamp())
), chosen AS MATERIALIZED (
    SELECT w.id, able.metres FROM able JOIN worker w ON w.id = able.id
    WHERE NOT w.holds_exclusive AND w.active_tasks < w.capacity
    ORDER BY able.rests, able.metres, able.code COLLATE "C" LIMIT 1 FOR NO KEY UPDATE OF w SKIP LOCKED
), booked AS (
    UPDATE worker w SET active_tasks = w.active_tasks + 1, changed = pg_current_xact_id()
    FROM chosen WHERE w.id = chosen.id RETURNING w.id, w.code
), filed AS (
    INSERT INTO incident (id, category, layer, urgency, status, description, address, point, cell, given_lng,
                          given_lat, given_datum, grid_id, area_path, reporter, reported_at, filed_at, deadline_at,
                          scene_due_at)
    SELECT $1, rule.code, rule.layer, rule.urgency, CASE WHEN EXISTS (SELECT FROM booked) THEN 'dispatched'
           ELSE 'filed' END, $6, $7, at.point, $5, $3, $4, 'wgs84', (SELECT id FROM here),
           (SELECT area_path FROM here), $8, now(), now(), now() + make_interval(mins => rule.deadline_minutes),
           now() + make_interval(mins => rule.scene_minutes)
    FROM rule, at
), needed AS (
    INSERT INTO need (incident_id, slot, responder, skill, ranking, exclusive, ladder, state, rung, tries, rung_since,
                      layer, area_path)
    SELECT $1, 'lead', rule.responder, rule.skill, rule.ranking, rule.exclusive, coalesce(rule.ladder, rule.urgency),
           CASE WHEN EXISTS (SELECT FROM booked) THEN 'taken' ELSE 'open' END, 0, (SELECT count(*) FROM booked), now(),
           rule.layer, (SELECT area_path FROM here)
    FROM rule
), offered AS (
    INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, metres, offered_at, offer_expires_at,
                      layer, area_path)
    SELECT $9, $1, chosen.id, 'offered', 1, false, chosen.metres, now(),
           now() + make_interval(secs => rule.offer_seconds), rule.layer, (SELECT area_path FROM here)
    FROM chosen, rule
), limited AS (
    SELECT s.step, s.minutes FROM rule, LATERAL (VALUES ('handle', rule.deadline_minutes), ('arrive', rule.scene_minutes)) s (
        step, minutes) WHERE s.minutes IS NOT NULL
), timed AS (
    INSERT INTO timer (kind, incident_id, slot, task_id, due_at)
    SELECT 'offer', $1, 'lead', $9::uuid, now() + make_interval(secs => rule.offer_seconds) FROM rule, chosen
    UNION ALL SELECT 'deadline', $1, NULL, NULL, now() + make_interval(mins => rule.deadline_minutes) FROM rule
    UNION ALL SELECT 'scene', $1, NULL, NULL, now() + make_interval(mins => rule.scene_minutes) FROM rule
              WHERE rule.scene_minutes IS NOT NULL
    UNION ALL SELECT 'remind', $1, step, NULL, now() + make_interval(secs => 48 * minutes) FROM limited
), clocked AS (
    INSERT INTO public.clock (incident_id, step, round, amount, unit, remind_share, supervise_share, started_at,
                              running_since, due_at)
    SELECT $1, step, 1, minutes, 'minutes', 0.8, 1.5, now(), now(), now() + make_interval(mins => minutes) FROM limited
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
    """A connection that files reports by the statement above: one person, the nearest, for this matter not alone."""

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
