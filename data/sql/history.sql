-- the JSON history of one incident, oldest first; workers by code, what they said at the end of a task in their words
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'at', e.at, 'kind', e.kind, 'from', e.status_from, 'to', e.status_to, 'actor', split_part(e.actor, ':', 1),
    'worker', w.code, 'id', e.id, 'slot', t.slot, 'facts', e.facts - 'candidates',
    'reason', CASE WHEN e.kind IN ('declined', 'failed', 'done') THEN t.reason END,
    'note', CASE WHEN e.kind IN ('declined', 'failed', 'done') THEN t.result END) ORDER BY e.id), '[]')::text AS history,
    (SELECT jsonb_agg(one ORDER BY place)
     FROM (SELECT c.facts FROM incident_event c
           WHERE c.incident_id = :id AND c.facts ? 'candidates' ORDER BY c.id DESC LIMIT 1) AS last,
          jsonb_array_elements(last.facts -> 'candidates') WITH ORDINALITY AS listed (one, place)
     WHERE EXISTS (SELECT FROM worker s WHERE s.id = (one #>> '{worker,id}')::uuid))::text AS candidates
FROM incident_event e
LEFT JOIN task t ON t.id = e.task_id
LEFT JOIN worker w ON w.id = t.worker_id
WHERE e.incident_id = :id
