-- incidents filed in a period, without a word of what was said, as data.record reads them: the earliest first
SELECT i.id, i.category, i.layer, i.urgency, i.status, st_x(i.point) AS lng, st_y(i.point) AS lat, i.grid_id, g.area_id,
       i.nearest_grid_id, i.reported_at, i.filed_at, i.deadline_at, i.scene_due_at, i.closed_at, i.disposition,
       ltree2text(i.area_path) AS area_path, i.duplicate_of, i.accepted_at, i.scene_at, i.handled_at, i.reworks,
       i.reopenings, i.handler_id, i.department_id
FROM incident i LEFT JOIN grid g ON g.id = i.grid_id
WHERE i.filed_at >= :since AND i.filed_at < :until
ORDER BY i.filed_at, i.id
