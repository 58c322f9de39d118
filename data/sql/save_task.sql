-- nothing; writes the step a task has taken, drops the timer of an answered offer, puts the task into the outbox
WITH saved AS (
    UPDATE task
    SET status = :status, accepted_at = :accepted_at, on_scene_at = :on_scene_at, ended_at = :ended_at,
        reason = :reason, result = :result
    WHERE id = CAST(:id AS uuid)
    RETURNING id
), dropped AS (
    DELETE FROM timer WHERE id IN (SELECT t.id FROM timer t WHERE t.task_id = CAST(:id AS uuid) FOR UPDATE SKIP LOCKED)
)
INSERT INTO outbox (kind, subject_id, at) SELECT 'task', id, now() FROM saved
