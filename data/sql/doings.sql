-- active tasks of demo workers for whom nobody has signed in, and a member to answer for a unit; see data.demo.doings.Doing
WITH taken AS (
    SELECT DISTINCT a.worker_id FROM access_token k JOIN account a ON a.id = k.account_id
    WHERE a.worker_id IS NOT NULL AND k.revoked_at IS NULL AND k.expires_at > now()
)
SELECT t.id, t.worker_id, w.kind, t.status, t.incident_id, i.category, i.status AS incident_status,
       greatest(i.deadline_at, now()) AS deadline_at, t.metres,
       (SELECT m.worker_id FROM membership m WHERE m.unit_id = t.worker_id
        ORDER BY md5(m.worker_id::text || t.id::text) LIMIT 1) AS member,
       extract(epoch FROM clock_timestamp() - coalesce(t.on_scene_at, t.accepted_at, t.offered_at))::float8 AS seconds,
       st_x(i.point) AS lng, st_y(i.point) AS lat
FROM task t
JOIN incident i ON i.id = t.incident_id
JOIN worker w ON w.id = t.worker_id
WHERE t.ended_at IS NULL
  AND t.worker_id NOT IN (SELECT worker_id FROM taken)
  AND NOT EXISTS (SELECT FROM membership m JOIN taken USING (worker_id) WHERE m.unit_id = t.worker_id)
ORDER BY t.id
