-- tasks as data.tasks.Task
SELECT t.id, t.incident_id, t.worker_id, t.status, t.attempt_no, t.exclusive, t.metres, t.offered_at,
       t.offer_expires_at, t.accepted_at, t.on_scene_at, t.ended_at, t.reason, t.result, t.slot, t.whom, t.by_hand
FROM task t
