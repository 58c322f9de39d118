-- the worker's id when the fix was newer than the one that stood
INSERT INTO worker_position AS p (worker_id, point, cell, accuracy_m, fixed_at, given_datum)
VALUES (CAST(:id AS uuid), st_setsrid(st_makepoint(:lng, :lat), 4326), :cell, :accuracy_m, :fixed_at, :datum)
ON CONFLICT (worker_id) DO UPDATE
SET point = excluded.point, cell = excluded.cell, accuracy_m = excluded.accuracy_m,
    fixed_at = excluded.fixed_at, given_datum = excluded.given_datum, changed = pg_current_xact_id()
WHERE excluded.fixed_at > p.fixed_at
RETURNING p.worker_id
