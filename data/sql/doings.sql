-- active tasks of demo workers for whom nobody has signed in: id, worker, step, seconds since it was taken, where
SELECT t.id, t.worker_id, t.status,
       extract(epoch FROM clock_timestamp() - coalesce(t.on_scene_at, t.accepted_at, t.offered_at))::float8 AS seconds,
       st_x(i.point) AS lng, st_y(i.point) AS lat
FROM task t
JOIN incident i ON i.id = t.incident_id
WHERE t.ended_at IS NULL
  AND t.worker_id NOT IN (
    SELECT a.worker_id FROM access_token k JOIN account a ON a.id = k.account_id
    WHERE a.worker_id IS NOT NULL AND k.revoked_at IS NULL AND k.expires_at > now()
  )
ORDER BY t.id
