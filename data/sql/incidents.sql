-- incidents as data.incidents.Incident, with the workers each is or was lately offered to: after a while they are asked again
SELECT i.id, i.category, i.layer, i.urgency, i.status, st_x(i.point) AS lng, st_y(i.point) AS lat,
       i.given_lng, i.given_lat, i.given_datum, i.grid_id, g.area_id, i.nearest_grid_id, i.reporter,
       i.reported_at, i.filed_at, i.deadline_at, i.description, i.address, ltree2text(i.area_path) AS area_path,
       i.closed_at, i.disposition, i.duplicate_of, i.scene_due_at,
       i.accepted_at, i.scene_at, i.handled_at, i.reworks, i.reopenings, i.handler_id, i.department_id,
       ARRAY(SELECT t.worker_id FROM task t WHERE t.incident_id = i.id
             AND (t.ended_at IS NULL
                  OR t.status <> 'done' AND t.reason IS DISTINCT FROM 'put_aside' AND t.ended_at > clock_timestamp() - interval '30 minutes')
             ORDER BY t.attempt_no) AS tried
FROM incident i LEFT JOIN grid g ON g.id = i.grid_id
