-- the JSON history of one incident, oldest first; workers by code, what they said at the end of a task in their words
-- what was said among those who are at it is not for who only reported: only why it ended, or rests
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'at', e.at, 'kind', e.kind, 'from', e.status_from, 'to', e.status_to, 'actor', split_part(e.actor, ':', 1),
    'worker', w.code, 'id', e.id, 'slot', t.slot, 'facts', CASE
        WHEN inside.sees THEN e.facts - '{candidates,before,instead_of}'::text[] || jsonb_strip_nulls(jsonb_build_object(
            'instead_of', (SELECT s.code FROM worker s WHERE s.id = (e.facts ->> 'instead_of')::uuid)))
        WHEN e.kind IN ('rejected', 'void', 'closed', 'shelved', 'extended') THEN
            e.facts - '{candidates,before,was}'::text[]
        ELSE '{}' END,
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
CROSS JOIN (
    SELECT EXISTS (SELECT FROM incident i WHERE i.id = :id AND (
        place_key(i.layer, i.area_path) <@ ANY (scope('incident.view')) OR i.id = ANY (my_incidents()))) AS sees) AS inside
WHERE e.incident_id = :id
