-- nothing; writes the step a locked task has taken
UPDATE task
SET status = :status, accepted_at = :accepted_at, on_scene_at = :on_scene_at, ended_at = :ended_at,
    reason = :reason, result = :result
WHERE id = :id
