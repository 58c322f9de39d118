-- nothing; writes one offer with the timer that ends it and puts it into the outbox
WITH new AS (
    INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, metres, offered_at, offer_expires_at,
                      slot, whom, by_hand, layer, area_path)
    SELECT CAST(:id AS uuid), i.id, CAST(:worker_id AS uuid), CAST(:status AS text), CAST(:attempt_no AS smallint),
           CAST(:exclusive AS boolean), CAST(:metres AS float8), CAST(:offered_at AS timestamptz),
           CAST(:offer_expires_at AS timestamptz), CAST(:slot AS text), CAST(:whom AS text), CAST(:by_hand AS boolean),
           i.layer, i.area_path
    FROM incident i WHERE i.id = CAST(:incident_id AS uuid)
    RETURNING id, incident_id, slot, offer_expires_at
), ends AS (
    INSERT INTO timer (kind, incident_id, slot, task_id, due_at) SELECT 'offer', incident_id, slot, id, offer_expires_at FROM new
)
INSERT INTO outbox (kind, subject_id, at) SELECT 'task', id, now() FROM new
