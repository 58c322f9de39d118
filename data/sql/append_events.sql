-- nothing; appends lines of history in the order given and puts their incidents into the outbox
WITH given AS (
    SELECT * FROM unnest(
        CAST(:incident_ids AS uuid[]), CAST(:task_ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:kinds AS text[]),
        CAST(:froms AS text[]), CAST(:tos AS text[]), CAST(:actors AS text[]), CAST(:facts AS text[])
    ) WITH ORDINALITY AS line (incident_id, task_id, at, kind, status_from, status_to, actor, facts, place)
), kept AS (
    INSERT INTO incident_event (incident_id, task_id, at, kind, status_from, status_to, actor, facts)
    SELECT incident_id, task_id, at, kind, status_from, status_to, actor, CAST(facts AS jsonb) FROM given ORDER BY place
)
INSERT INTO outbox (kind, subject_id, at) SELECT DISTINCT 'incident', incident_id, now() FROM given
