-- one row: the command centre's key figures; the day is the town's own
WITH open AS (
    SELECT count(*) AS open,
           count(*) FILTER (WHERE status IN ('reported', 'received', 'filed', 'returned')
                            OR (status IN ('dispatched', 'handling', 'extension_requested')
                                AND id IN (SELECT incident_id FROM need WHERE state IN ('open', 'held')))
                            OR (status = 'verifying' AND NOT EXISTS (
                                SELECT FROM need o WHERE o.incident_id = incident.id AND o.state = 'taken'))) AS waiting,
           count(*) FILTER (WHERE deadline_at < clock_timestamp() AND status NOT IN ('handled', 'inspecting', 'shelved')
                            AND id NOT IN (SELECT incident_id FROM clock WHERE paused = 'waiting' AND ended_at IS NULL))
               AS overdue
    FROM incident WHERE status NOT IN ('closed', 'rejected', 'void', 'duplicate')
), day AS (
    SELECT date_trunc('day', now() AT TIME ZONE time_zone) AT TIME ZONE time_zone AS starts FROM town
)
SELECT open.open, open.waiting, open.overdue,
       (SELECT count(*) FROM incident WHERE filed_at >= (SELECT starts FROM day)) AS reported_today,
       (SELECT count(*) FROM incident WHERE closed_at >= (SELECT starts FROM day)) AS closed_today,
       (SELECT max(closed_at) FROM incident WHERE closed_at IS NOT NULL) AS last_closed_at
FROM open
