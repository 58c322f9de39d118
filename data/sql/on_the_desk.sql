-- open incidents of a demo town as its duty officer finds them, what stood there longest first; see data.demo.doings.Standing
SELECT i.id, i.status, i.category, i.layer, st_x(i.point) AS lng, st_y(i.point) AS lat,
       extract(epoch FROM clock_timestamp() - l.at)::float8 AS seconds,
       i.deadline_at < now() AS late,
       ARRAY(SELECT DISTINCT e.kind FROM incident_event e WHERE e.incident_id = i.id) AS kinds,
       (SELECT (e.facts ->> 'until')::timestamptz FROM incident_event e
        WHERE e.incident_id = i.id AND e.kind = 'extension_requested' ORDER BY e.id DESC LIMIT 1) AS until,
       (SELECT n.slot FROM need n WHERE n.incident_id = i.id AND n.state = 'held' AND n.worker_id IS NULL
        ORDER BY n.slot <> 'lead', n.slot LIMIT 1) AS held,
       EXISTS (SELECT FROM need n WHERE n.incident_id = i.id AND n.state = 'open') AS waits,
       (SELECT o.id FROM incident o
        WHERE o.id < i.id AND o.category = i.category AND st_dwithin(o.point, i.point, 0.0002)
          AND o.status IN ('filed', 'dispatched', 'handling', 'extension_requested')
          AND o.reported_at > i.reported_at - interval '30 minutes' ORDER BY o.id LIMIT 1) AS twin
FROM incident i, LATERAL (SELECT e.at FROM incident_event e WHERE e.incident_id = i.id ORDER BY e.id DESC LIMIT 1) l
WHERE i.status NOT IN ('closed', 'rejected', 'void', 'duplicate')
ORDER BY l.at
