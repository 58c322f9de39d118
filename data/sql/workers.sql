-- workers with their last fix, as data.workers.Worker
SELECT w.id, w.code, w.role, w.skills, w.home_area_id, w.capacity, w.active_tasks, w.holds_exclusive,
       w.shift_starts, w.shift_ends,
       st_x(p.point) AS lng, st_y(p.point) AS lat, p.fixed_at, p.accuracy_m, ltree2text(w.area_path) AS area_path
FROM worker w LEFT JOIN worker_position p ON p.worker_id = w.id
