-- the id of the first of :ranked who is still free, locked, the task already counted on the row
WITH chosen AS MATERIALIZED (
    SELECT w.id
    FROM unnest(CAST(:ranked AS uuid[])) WITH ORDINALITY AS r (id, place)
    JOIN worker w ON w.id = r.id
    WHERE NOT w.holds_exclusive
      AND w.active_tasks < CASE WHEN CAST(:exclusive AS boolean) THEN 1 ELSE w.capacity END
    ORDER BY r.place
    LIMIT 1
    FOR NO KEY UPDATE OF w SKIP LOCKED
)
UPDATE worker w
SET active_tasks = w.active_tasks + 1, holds_exclusive = CAST(:exclusive AS boolean), changed = pg_current_xact_id()
FROM chosen
WHERE w.id = chosen.id
RETURNING w.id
