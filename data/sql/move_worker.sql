-- the worker's id when the fix was newer than the one that stood; a phone that moved lies still no more
INSERT INTO worker_position AS p (worker_id, point, cell, accuracy_m, fixed_at, given_datum, heard_at)
VALUES (CAST(:id AS uuid), st_setsrid(st_makepoint(:lng, :lat), 4326), :cell, :accuracy_m, :fixed_at, :datum,
        clock_timestamp())
ON CONFLICT (worker_id) DO UPDATE
SET point = excluded.point, cell = excluded.cell, accuracy_m = excluded.accuracy_m,
    fixed_at = excluded.fixed_at, given_datum = excluded.given_datum, changed = pg_current_xact_id(),
    heard_at = excluded.heard_at, still = false
WHERE excluded.fixed_at > p.fixed_at
RETURNING p.worker_id
