-- nothing; writes the step a locked task has taken and puts it into the outbox
WITH saved AS (
    UPDATE task
    SET status = :status, accepted_at = :accepted_at, on_scene_at = :on_scene_at, ended_at = :ended_at,
        reason = :reason, result = :result
    WHERE id = CAST(:id AS uuid)
    RETURNING id
)
INSERT INTO outbox (kind, subject_id, at) SELECT 'task', id, now() FROM saved
