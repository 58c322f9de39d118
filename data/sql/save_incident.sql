-- nothing; writes where a locked incident stands, under which rule and in which grid, and what figures know it by
UPDATE incident
SET status = :status, closed_at = :closed_at, disposition = :disposition, duplicate_of = :duplicate_of,
    deadline_at = :deadline_at, scene_due_at = :scene_due_at, category = :category, layer = :layer, urgency = :urgency,
    grid_id = :grid_id, nearest_grid_id = :nearest_grid_id, area_path = text2ltree(:area_path),
    filed_at = :filed_at, accepted_at = :accepted_at, scene_at = :scene_at, handled_at = :handled_at,
    reworks = :reworks, reopenings = :reopenings, handler_id = :handler_id, department_id = :department_id
WHERE id = :id
