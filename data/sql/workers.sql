-- whoever can be sent, with the last fix, as data.workers.Worker
SELECT w.id, w.code, w.role, w.skills, w.home_area_id, w.capacity, w.active_tasks, w.holds_exclusive,
       st_x(p.point) AS lng, st_y(p.point) AS lat, p.fixed_at, p.accuracy_m, ltree2text(w.area_path) AS area_path,
       w.kind, w.employment, w.station_id, w.rest_until,
       CASE WHEN p.still THEN greatest(p.fixed_at, p.heard_at) ELSE p.fixed_at END AS seen_at
FROM worker w LEFT JOIN worker_position p ON p.worker_id = w.id
