-- nothing; writes one offer
INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, metres, offered_at, offer_expires_at)
VALUES (:id, :incident_id, :worker_id, :status, :attempt_no, :exclusive, :metres, :offered_at, :offer_expires_at)
