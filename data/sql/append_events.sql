-- nothing; appends lines of history in the order given, puts their incidents into the outbox, and queues who is told of them
WITH given AS (
    SELECT * FROM unnest(
        CAST(:incident_ids AS uuid[]), CAST(:task_ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:kinds AS text[]),
        CAST(:froms AS text[]), CAST(:tos AS text[]), CAST(:actors AS text[]), CAST(:facts AS text[])
    ) WITH ORDINALITY AS line (incident_id, task_id, at, kind, status_from, status_to, actor, facts, place)
), kept AS (
    INSERT INTO incident_event (incident_id, task_id, at, kind, status_from, status_to, actor, facts)
    SELECT incident_id, task_id, at, kind, status_from, status_to, actor, CAST(facts AS jsonb) FROM given ORDER BY place
), told AS (
    INSERT INTO delivery (receiver_id, incident_id, event, facts, made_at, due_at)
    SELECT r.id, g.incident_id, g.kind, jsonb_strip_nulls(jsonb_build_object(
        'status_from', g.status_from, 'status_to', g.status_to, 'slot', t.slot, 'attempt', t.attempt_no)), g.at, now()
    FROM receiver r
    JOIN given g ON g.kind = ANY (r.events)
    JOIN incident i ON i.id = g.incident_id
    LEFT JOIN task t ON t.id = g.task_id
    WHERE r.paused_at IS NULL AND (r.layer IS NULL OR r.layer = i.layer)
      AND (r.area_path IS NULL OR i.area_path <@ r.area_path)
    ORDER BY g.place, r.id
)
INSERT INTO outbox (kind, subject_id, at) SELECT DISTINCT 'incident', incident_id, now() FROM given
