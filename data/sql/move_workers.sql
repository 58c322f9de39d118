-- nothing; keeps newer fixes of many workers at once, all taken now
INSERT INTO worker_position AS p (worker_id, point, cell, accuracy_m, fixed_at, given_datum)
SELECT id, st_setsrid(st_makepoint(lng, lat), 4326), cell, accuracy_m, clock_timestamp(), 'wgs84'
FROM unnest(CAST(:ids AS uuid[]), CAST(:lng AS float8[]), CAST(:lat AS float8[]), CAST(:cells AS bigint[]),
            CAST(:accuracy_m AS float8[])) AS seen (id, lng, lat, cell, accuracy_m)
ON CONFLICT (worker_id) DO UPDATE
SET point = excluded.point, cell = excluded.cell, accuracy_m = excluded.accuracy_m,
    fixed_at = excluded.fixed_at, given_datum = excluded.given_datum, changed = pg_current_xact_id(), still = false
WHERE excluded.fixed_at > p.fixed_at
