-- nothing; writes one offer and puts it into the outbox
WITH new AS (
    INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, metres, offered_at, offer_expires_at)
    VALUES (CAST(:id AS uuid), :incident_id, :worker_id, :status, :attempt_no, :exclusive, :metres,
            :offered_at, :offer_expires_at)
    RETURNING id
)
INSERT INTO outbox (kind, subject_id, at) SELECT 'task', id, now() FROM new
