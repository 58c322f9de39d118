-- the id of a task, its worker's and the JSON row by which it is shown to the worker
SELECT t.id, t.worker_id, jsonb_build_object(
    'id', t.id, 'status', t.status, 'attempt_no', t.attempt_no, 'metres', t.metres,
    'slot', t.slot, 'whom', t.whom, 'by_hand', t.by_hand,
    'unit', CASE WHEN w.kind <> 'person' THEN jsonb_build_object('id', w.id, 'code', w.code, 'kind', w.kind, 'name', w.name) END,
    'offered_at', t.offered_at,
    'offer_expires_at', CASE WHEN t.status = 'offered' THEN t.offer_expires_at END,
    'accepted_at', t.accepted_at, 'on_scene_at', t.on_scene_at, 'ended_at', t.ended_at,
    'reason', t.reason, 'result', t.result,
    'incident', jsonb_build_object(
        'id', i.id, 'status', i.status, 'urgency', i.urgency, 'category', i.category, 'layer', i.layer,
        'description', i.description, 'address', i.address,
        'lng', st_x(i.point), 'lat', st_y(i.point),
        'grid', CASE WHEN g.id IS NOT NULL THEN jsonb_build_object('id', g.id, 'code', g.code, 'name', g.name) END,
        'nearest_grid',
            CASE WHEN n.id IS NOT NULL THEN jsonb_build_object('id', n.id, 'code', n.code, 'name', n.name) END,
        'reported_at', i.reported_at, 'filed_at', i.filed_at, 'deadline', i.deadline_at, 'closed_at', i.closed_at,
        'scene_due', i.scene_due_at,
        'evaluation', (SELECT jsonb_build_object('stars', v.stars, 'solved', v.solved, 'words', v.words, 'at', v.at)
                       FROM evaluation v WHERE v.incident_id = i.id ORDER BY v.id DESC LIMIT 1),
        'clocks', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'step', k.step, 'amount', k.amount, 'unit', k.unit, 'extra_s', k.extra_seconds, 'consumed_s', k.consumed_seconds,
                'since', k.running_since, 'due', k.due_at, 'resting', CASE WHEN k.ended_at IS NULL THEN k.paused END,
                'ended', k.ended_at, 'late', k.late, 'missing_year', k.missing_year) ORDER BY k.started_at, k.step)
            FROM clock k WHERE k.incident_id = i.id AND NOT EXISTS (
                SELECT FROM clock l WHERE l.incident_id = k.incident_id AND l.step = k.step AND l.round > k.round)), '[]'))
)::text AS row
FROM task t
JOIN incident i ON i.id = t.incident_id
LEFT JOIN worker w ON w.id = t.worker_id
LEFT JOIN grid g ON g.id = i.grid_id
LEFT JOIN grid n ON n.id = i.nearest_grid_id
