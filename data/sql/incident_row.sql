-- id and the JSON row by which an incident is shown everywhere; names of workers are masked, who is not one's to see is null
SELECT id, (whole || jsonb_build_object('task', (
    SELECT n -> 'task' FROM jsonb_array_elements(whole -> 'needs') n WHERE n -> 'task' <> 'null' LIMIT 1)))::text AS row
FROM (
SELECT i.id, jsonb_build_object(
    'id', i.id, 'status', i.status, 'urgency', i.urgency, 'category', i.category, 'layer', i.layer,
    'description', i.description, 'address', i.address,
    'lng', st_x(i.point), 'lat', st_y(i.point),
    'grid', CASE WHEN g.id IS NOT NULL THEN jsonb_build_object('id', g.id, 'code', g.code, 'name', g.name) END,
    'nearest_grid',
        CASE WHEN n.id IS NOT NULL THEN jsonb_build_object('id', n.id, 'code', n.code, 'name', n.name) END,
    'reported_at', i.reported_at, 'filed_at', i.filed_at, 'deadline', i.deadline_at,
    'closed_at', i.closed_at, 'disposition', i.disposition, 'duplicate_of', i.duplicate_of,
    'scene_due', i.scene_due_at,
    'clocks', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'step', k.step, 'amount', k.amount, 'unit', k.unit, 'extra_s', k.extra_seconds, 'consumed_s', k.consumed_seconds,
            'since', k.running_since, 'due', k.due_at, 'resting', CASE WHEN k.ended_at IS NULL THEN k.paused END,
            'ended', k.ended_at, 'late', k.late, 'missing_year', k.missing_year) ORDER BY k.started_at, k.step)
        FROM clock k WHERE k.incident_id = i.id AND NOT EXISTS (
            SELECT FROM clock l WHERE l.incident_id = k.incident_id AND l.step = k.step AND l.round > k.round)), '[]'),
    'followers', (SELECT count(*) FROM incident d WHERE d.duplicate_of = i.id)
        + (SELECT count(r.id) FROM receipt r WHERE r.incident_id = i.id AND r.kind = 'follow'),
    'evaluation', (SELECT jsonb_build_object('stars', v.stars, 'solved', v.solved, 'words', v.words, 'at', v.at)
                   FROM evaluation v WHERE v.incident_id = i.id ORDER BY v.id DESC LIMIT 1),
    'first_on_scene_at', (SELECT min(s.on_scene_at) FROM task s WHERE s.incident_id = i.id),
    'waiting', i.status IN ('reported', 'received', 'filed', 'returned') OR (
        i.status IN ('dispatched', 'handling', 'extension_requested')
        AND EXISTS (SELECT FROM need o WHERE o.incident_id = i.id AND o.state IN ('open', 'held'))) OR (
        i.status = 'verifying' AND NOT EXISTS (SELECT FROM need o WHERE o.incident_id = i.id AND o.state = 'taken')),
    'revision', (SELECT max(e.id) FROM incident_event e WHERE e.incident_id = i.id),
    'needs', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'slot', d.slot, 'responder', d.responder, 'skill', d.skill, 'state', d.state,
            'whom', coalesce(r.whom, 'centre'), 'task', l.task) ORDER BY d.slot <> 'lead', d.slot)
        FROM need d
        LEFT JOIN ladder_rung r ON r.ladder = d.ladder AND r.rung = d.rung
        LEFT JOIN LATERAL (
            SELECT jsonb_build_object(
                'id', t.id, 'status', t.status, 'attempt_no', t.attempt_no, 'slot', t.slot, 'whom', t.whom,
                'by_hand', t.by_hand,
                'worker', CASE WHEN w.id IS NOT NULL THEN
                    jsonb_build_object('id', w.id, 'code', w.code, 'kind', w.kind, 'name',
                                       CASE w.kind WHEN 'person' THEN left(w.name, 1) || '*' ELSE w.name END) END,
                'offered_at', t.offered_at,
                'offer_expires_at', CASE WHEN t.status = 'offered' THEN t.offer_expires_at END,
                'accepted_at', t.accepted_at, 'on_scene_at', t.on_scene_at, 'ended_at', t.ended_at,
                'reason', t.reason, 'result', t.result) AS task
            FROM task t LEFT JOIN worker w ON w.id = t.worker_id
            WHERE t.incident_id = d.incident_id AND t.slot = d.slot
              AND t.status IN ('offered', 'accepted', 'on_scene', 'done')
            ORDER BY t.attempt_no DESC LIMIT 1
        ) l ON true
        WHERE d.incident_id = i.id AND d.state <> 'dropped'), '[]')
) AS whole
FROM incident i
LEFT JOIN grid g ON g.id = i.grid_id
LEFT JOIN grid n ON n.id = i.nearest_grid_id
WHERE i.id = ANY(CAST(:ids AS uuid[]))
) AS rows
