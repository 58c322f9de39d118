-- nothing; writes where a locked incident stands, under which rule and in which grid
UPDATE incident
SET status = :status, closed_at = :closed_at, disposition = :disposition, duplicate_of = :duplicate_of,
    deadline_at = :deadline_at, scene_due_at = :scene_due_at, category = :category, layer = :layer, urgency = :urgency,
    grid_id = :grid_id, nearest_grid_id = :nearest_grid_id, area_path = text2ltree(:area_path)
WHERE id = :id
