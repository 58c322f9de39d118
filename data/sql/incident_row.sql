-- id and the JSON row by which an incident is shown everywhere; names of workers are masked, who is not one's to see is null
SELECT i.id, jsonb_build_object(
    'id', i.id, 'status', i.status, 'urgency', i.urgency, 'category', i.category, 'layer', i.layer,
    'description', i.description, 'address', i.address,
    'lng', st_x(i.point), 'lat', st_y(i.point),
    'grid', CASE WHEN g.id IS NOT NULL THEN jsonb_build_object('id', g.id, 'code', g.code, 'name', g.name) END,
    'nearest_grid',
        CASE WHEN n.id IS NOT NULL THEN jsonb_build_object('id', n.id, 'code', n.code, 'name', n.name) END,
    'reported_at', i.reported_at, 'filed_at', i.filed_at, 'deadline', i.deadline_at,
    'closed_at', i.closed_at, 'disposition', i.disposition,
    'waiting', i.status = 'filed',
    'task', CASE WHEN t.id IS NOT NULL THEN jsonb_build_object(
        'id', t.id, 'status', t.status, 'attempt_no', t.attempt_no,
        'worker', CASE WHEN w.id IS NOT NULL THEN
            jsonb_build_object('id', w.id, 'code', w.code, 'name', left(w.name, 1) || '*') END,
        'offered_at', t.offered_at,
        'offer_expires_at', CASE WHEN t.status = 'offered' THEN t.offer_expires_at END,
        'accepted_at', t.accepted_at, 'on_scene_at', t.on_scene_at, 'ended_at', t.ended_at,
        'reason', t.reason, 'result', t.result) END
)::text AS row
FROM incident i
LEFT JOIN grid g ON g.id = i.grid_id
LEFT JOIN grid n ON n.id = i.nearest_grid_id
LEFT JOIN LATERAL (
    SELECT * FROM task
    WHERE task.incident_id = i.id AND task.status IN ('offered', 'accepted', 'on_scene', 'done')
    ORDER BY task.attempt_no DESC LIMIT 1
) t ON true
LEFT JOIN worker w ON w.id = t.worker_id
WHERE i.id = ANY(CAST(:ids AS uuid[]))
